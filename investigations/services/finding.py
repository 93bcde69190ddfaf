"""What an investigation found, and whether the case goes by it: a person says so, the report itself changes nothing."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from claims.enums import State
from claims.gate import moving
from claims.models import Claim
from claims.services.assessing import establish, established
from claims.services.reasons import required
from config.kernel.models import User
from config.kernel.refusals import InvalidInput, WrongState
from investigations.enums import CommissionState
from investigations.models import FoundFact
from investigations.policies import may_accept_report

WHILE = (State.INVESTIGATING, State.DECIDING)
"""Steps in which facts are still weighed: afterwards an amount was put before the members."""


def take_over(found_id: int, *, reason: str = "", by: User, at: datetime, version: int | None = None) -> FoundFact:
    """Let the case go by what was found; the rules are asked again.

    Refused: `NotPermitted`, `WrongState` (the step of the case, a report that was not accepted), `InvalidInput`.
    """
    return _answer(found_id, True, reason, by=by, at=at, version=version)


def leave_aside(found_id: int, *, reason: str, by: User, at: datetime, version: int | None = None) -> FoundFact:
    """Let the case go by what it went by before. Refused as `take_over`, and without a reason."""
    return _answer(found_id, False, required(reason), by=by, at=at, version=version)


def differing(claim: Claim, found: Iterable[FoundFact]) -> list[FoundFact]:
    """Those that the case does not go by and that nobody has answered."""
    return [one for one in found if one.is_taken_over is None and one.value != established(claim, one.key)]


def _answer(
    found_id: int, is_taken_over: bool, reason: str, *, by: User, at: datetime, version: int | None
) -> FoundFact:
    claim_id = FoundFact.objects.values_list("report__commission__claim", flat=True).get(pk=found_id)
    verb = "take_over_fact" if is_taken_over else "leave_fact_aside"
    with moving(claim_id, verb, by=by, at=at, version=version) as claim:
        found = FoundFact.objects.select_related("report__commission").get(pk=found_id)
        _check(claim, found, by=by, at=at)
        if is_taken_over:
            _establish(claim, found, at=at)
        claim.because(reason=reason, fact=found.key, report=found.report_id)
        found.is_taken_over, found.answered_by, found.answered_at, found.answer_reason = is_taken_over, by, at, reason
        found.save(update_fields=["is_taken_over", "answered_by", "answered_at", "answer_reason"])
    return found


def _check(claim: Claim, found: FoundFact, *, by: User, at: datetime) -> None:
    may_accept_report(claim, by=by, at=at)
    if claim.state not in WHILE:
        raise WrongState(state=claim.get_state_display())
    if found.report.commission.state != CommissionState.ACCEPTED:
        raise WrongState(state=found.report.commission.get_state_display())
    if found.is_taken_over is not None:
        raise InvalidInput(field=_("Fact"), why=_("it was answered already."))


def _establish(claim: Claim, found: FoundFact, *, at: datetime) -> None:
    try:
        establish(claim, found.key, found.value, at=at)
    except ValueError as error:
        why = _("the rules cannot go by it: leave it aside, with the reason.")
        raise InvalidInput(field=_("Fact"), why=why) from error
