"""What an investigation found, and whether the case goes by it: a person says so, the report itself changes nothing."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from claims.enums import State
from claims.gate import moving
from claims.models import Claim
from claims.services.establishing import differs, establish, established
from claims.services.reasons import required
from config.kernel.models import User
from config.kernel.refusals import InvalidInput, WrongState
from investigations.models import FoundFact
from investigations.policies import may_accept_report

WHILE = (State.INVESTIGATING, State.DECIDING)
"""Steps in which facts are still weighed: afterwards an amount was put before the members."""


def take_over(found_id: int, *, reason: str = "", by: User, at: datetime, version: int | None = None) -> FoundFact:
    """Let the case go by what was found; the rules are asked again. Who does so makes no final decision.

    Refused: `NotPermitted`, `WrongState` (the step of the case, a report that does not stand), `InvalidInput`.
    """
    return _answer(found_id, True, reason, by=by, at=at, version=version)


def leave_aside(found_id: int, *, reason: str, by: User, at: datetime, version: int | None = None) -> FoundFact:
    """Let the case go by what it went by before, also where it was taken over. Refused as `take_over`, and without a
    reason."""
    return _answer(found_id, False, required(reason), by=by, at=at, version=version)


def mark_open(claim: Claim, found: Iterable[FoundFact]) -> None:
    """Say of each fact whether it wants an answer: it differs from what the case goes by, and nobody has answered."""
    for one in found:
        is_open = one.is_taken_over is None and differs(claim, one.key, one.value)
        if one.is_open != is_open:
            one.is_open = is_open
            one.save(update_fields=["is_open"])


def _answer(
    found_id: int, is_taken_over: bool, reason: str, *, by: User, at: datetime, version: int | None
) -> FoundFact:
    claim_id = FoundFact.objects.values_list("report__commission__claim", flat=True).get(pk=found_id)
    verb = "take_over_fact" if is_taken_over else "leave_fact_aside"
    with moving(claim_id, verb, by=by, at=at, version=version) as claim:
        found = FoundFact.objects.select_related("report__commission").get(pk=found_id)
        _check(claim, found, is_taken_over, by=by, at=at)
        if is_taken_over:
            found.replaced = established(claim, found.key)
            establish(claim, found.key, found.value, at=at)
        elif found.is_taken_over and not differs(claim, found.key, found.value):
            establish(claim, found.key, found.replaced, at=at)
        claim.because(reason=reason, fact=found.key, report=found.report_id)
        found.is_taken_over, found.answered_by, found.answered_at, found.answer_reason = is_taken_over, by, at, reason
        found.save(update_fields=["replaced", "is_taken_over", "answered_by", "answered_at", "answer_reason"])
        mark_open(claim, standing(claim))
    return found


def standing(claim: Claim) -> list[FoundFact]:
    """The facts of the case's accepted reports."""
    rows = FoundFact.objects.standing().filter(report__commission__claim=claim)
    return list(rows.select_related("report__commission__agency", "report__filed_by", "answered_by").order_by("pk"))


def _check(claim: Claim, found: FoundFact, is_taken_over: bool, *, by: User, at: datetime) -> None:
    may_accept_report(claim, by=by, at=at)
    if claim.state not in WHILE:
        raise WrongState(state=claim.get_state_display())
    if not FoundFact.objects.standing().filter(pk=found.pk).exists():
        raise WrongState(state=found.report.commission.get_state_display())
    if found.is_taken_over is is_taken_over:
        raise InvalidInput(field=_("Fact"), why=_("it was answered so already."))
