"""The signed letter of authorisation: put on file before anybody is sent to a hospital."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from claims.enums import Reporter
from claims.gate import moving
from claims.models import Claim
from claims.policies import check_unsettled
from claims.services.reading import PAPER, note_opening
from claims.services.reasons import required
from config.kernel.civil import civil_date
from config.kernel.gate import busy_when_locked
from config.kernel.models import StoredFile, User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput
from investigations import policies
from investigations.models import Authorisation

LETTER = "letter_of_authorisation"


def record_authorisation(
    claim_id: int,
    *,
    signed_as: str,
    signed_on: date,
    scan: StoredFile | None = None,
    by: User,
    at: datetime,
    version: int | None = None,
) -> Authorisation:
    """Put a letter on file; `signed_as` is one of `Reporter`, `scan` is missing where it lies on paper alone.

    Refused: `NotPermitted`, `WrongState` on a settled case, `InvalidInput` (unknown signer, a day to come).
    """
    with moving(claim_id, "record_authorisation", by=by, at=at, version=version) as claim:
        _check(claim, by=by, at=at)
        if signed_as not in Reporter.values:
            raise InvalidInput(field=_("Signed by"), why=_("choose one of those in the list."))
        if signed_on > civil_date(at):
            raise InvalidInput(field=_("Signed on"), why=_("this day is still to come."))
        letter = Authorisation.objects.create(
            claim=claim, signed_as=signed_as, signed_on=signed_on, scan=scan, recorded_by=by, recorded_at=at
        )
        claim.because(signed_as=signed_as, signed_on=signed_on.isoformat())
    return letter


def withdraw_authorisation(
    authorisation_id: int, *, reason: str, by: User, at: datetime, version: int | None = None
) -> Authorisation:
    """Take back a letter that was recorded by mistake; what is out already stays out.

    Refused: `NotPermitted`, `WrongState` on a settled case, `InvalidInput` (no reason, taken back already).
    """
    claim_id = Authorisation.objects.values_list("claim_id", flat=True).get(pk=authorisation_id)
    with moving(claim_id, "withdraw_authorisation", by=by, at=at, version=version) as claim:
        _check(claim, by=by, at=at)
        letter = Authorisation.objects.get(pk=authorisation_id)
        if letter.withdrawn_at is not None:
            raise InvalidInput(field=_("Letter of authorisation"), why=_("it was taken back already."))
        claim.because(reason=required(reason))
        letter.withdrawn_by, letter.withdrawn_at = by, at
        letter.save(update_fields=["withdrawn_by", "withdrawn_at"])
    return letter


def open_authorisation(claim_id: int, authorisation_id: int, *, by: User, at: datetime) -> Authorisation:
    """A letter of this case that was scanned, and the note that `by` read it; DoesNotExist for any other."""
    check_permission("claims.view_material", by)
    check_permission("investigations.view_authorisation", by)
    with busy_when_locked(), transaction.atomic():
        letters = Authorisation.objects.select_for_update(of=("self",), no_key=True).select_related("scan")
        letter = letters.get(pk=authorisation_id, claim=claim_id, scan__isnull=False)
        note_opening(claim_id, PAPER, by=by, at=at, about=LETTER)
    return letter


def _check(claim: Claim, *, by: User, at: datetime) -> None:
    policies.may_record_authorisation(claim, by=by, at=at)
    check_unsettled(claim, by=by, at=at)
