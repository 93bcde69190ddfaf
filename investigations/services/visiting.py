"""What a visit needs of the case and nothing more; every reading is written down."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from claims.enums import Number
from claims.services import reading
from config.kernel.gate import busy_when_locked
from config.kernel.models import User
from config.kernel.refusals import InvalidInput
from investigations.enums import ON_THE_SPOT
from investigations.models import Commission
from investigations.policies import check_own_agency

COMMISSION = "commission"
"""The part of a case that an investigator reads."""


def note_visit(commission: Commission, *, by: User, at: datetime) -> None:
    """Somebody of the agency opened the page that names the member."""
    reading.note_opening(commission.claim_id, COMMISSION, by=by, at=at)


def numbers_needed(commission: Commission) -> dict[str, str]:
    """The numbers that a records office asks for, in full, by their key: never the phone or the bank card.

    None where nobody goes to one.
    """
    if commission.kind not in ON_THE_SPOT:
        return {}
    return {key: number for key, number in reading.numbers_of(commission.claim).items() if _is_needed(key)}


def reveal(commission: Commission, *, number: str, reason: str, by: User, at: datetime) -> str:
    """One number in full, after it was written down who asked for it and why.

    `NotPermitted` (another agency, a colleague's); `InvalidInput` without a reason, and for any other number.
    Commission.DoesNotExist where it ended meanwhile.
    """
    with busy_when_locked(), transaction.atomic():
        hold_at_work(commission, by=by, at=at)
        return _reveal(commission, number=number, reason=reason, by=by, at=at)


def hold_at_work(commission: Commission, *, by: User, at: datetime) -> None:
    """Whoever reads for a commission does so while it is at work, and it does not end before the reading is noted.

    `NotPermitted` (another agency, a colleague's); Commission.DoesNotExist where it ended meanwhile.
    """
    check_own_agency(commission, by=by, at=at)
    rows = Commission.objects.at_work().select_for_update(of=("self",), no_key=True)
    check_own_agency(rows.select_related("agency").get(pk=commission.pk), by=by, at=at)


def _reveal(commission: Commission, *, number: str, reason: str, by: User, at: datetime) -> str:
    if not reason.strip():
        raise InvalidInput(field=_("Reason"), why=_("is needed: it stays with the case."))
    known = numbers_needed(commission)
    if number not in known:
        raise InvalidInput(field=_("Number"), why=_("is not on file."))
    reading.note_reading(commission.claim, by=by, at=at, what=reading.NUMBER, about=number, reason=reason.strip())
    return known[number]


def _is_needed(key: str) -> bool:
    return key.partition(":")[0] in (Number.ID_NUMBER, Number.RECORD_NUMBER)
