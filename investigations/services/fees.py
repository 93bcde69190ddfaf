"""What agencies are paid: agreements, the months they earned it in, and who took a sheet of it out of the house."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from claims.enums import ProcedureKind
from config.kernel.civil import add_months, civil_date
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput
from investigations import policies
from investigations.models import Agency, Commission, FeeAgreement, FeeSheet
from investigations.services.scoring import finished_in


def agree_fee(agency_id: int, *, kind: str, fee_fen: int, valid_from: date, by: User, at: datetime) -> FeeAgreement:
    """From a day on a commission of a kind earns this; what went out before keeps the fee of its own day.

    Refused: `NotPermitted`, `InvalidInput` (unknown kind, negative, a day that has one already, or that is past and had
    a fee: what was sent out since would be paid otherwise than it was agreed).
    """
    with transaction.atomic():
        agency = Agency.objects.select_for_update(of=("self",)).get(pk=agency_id)
        policies.may_agree_fee(agency, by=by, at=at)
        if kind not in ProcedureKind.values or fee_fen < 0:
            raise InvalidInput(field=_("Fee"), why=_("name a kind of commission and an amount."))
        known = agency.fees.filter(kind=kind)
        if known.filter(valid_from=valid_from).exists():
            raise InvalidInput(field=_("Valid from"), why=_("a fee was agreed for this day already."))
        if valid_from < civil_date(at) and known.filter(valid_from__lt=valid_from).exists():
            why = _("a fee was in force on this day: a new one begins today or later.")
            raise InvalidInput(field=_("Valid from"), why=why)
        return FeeAgreement.objects.create(
            agency=agency, kind=kind, fee_fen=fee_fen, valid_from=valid_from, agreed_by=by, agreed_at=at
        )


def take_fee_sheet(agency_id: int, month: date, *, by: User, at: datetime) -> Sequence[Commission]:
    """What an agency is paid for in a month, and the note that `by` took it out; `month` is its first day.

    Refused: `NotPermitted`, `InvalidInput` (a month that is still to come). Agency.DoesNotExist.
    """
    check_permission("investigations.download_fee_sheet", by)
    agency = Agency.objects.get(pk=agency_id)
    if month > civil_date(at):
        raise InvalidInput(field=_("Month"), why=_("it is still to come."))
    lines = list(finished_in(agency.pk, month).select_related("claim", "agency"))
    FeeSheet.objects.create(agency=agency, month=month, rows=len(lines), by=by, at=at)
    return lines


def months_until(at: datetime, *, count: int) -> list[date]:
    """The first days of this month and of those before it, newest first."""
    first = civil_date(at).replace(day=1)
    return [add_months(first, -back) for back in range(count)]
