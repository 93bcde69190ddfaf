"""The first review (初审), the way back to an earlier step, and the waiver of a late report."""

from datetime import datetime

from django.utils.translation import gettext as _

from claims import policies
from claims.enums import Approvals, DeadlineKind, DeadlineStatus, ProcedureKind, ReturnReason, State
from claims.gate import moving
from claims.models import Claim
from claims.querysets import CLOCK_OF
from claims.services import clocks, deciding, letters
from claims.services.assessing import assess, assess_again
from claims.services.investigating import open_procedure
from claims.services.reasons import AGAINST_PASSING, check_reason_against, required
from config.kernel.models import User
from config.kernel.refusals import InvalidInput, WrongState
from members.enums import Recipient
from members.services.plans import terms_of

EARLIER = {
    State.REVIEWING: (State.COLLECTING,),
    State.DECIDING: (State.COLLECTING, State.REVIEWING, State.INVESTIGATING),
}
"""The steps that a case can be sent back to from each."""


def pass_review(claim_id: int, *, reason: str = "", by: User, at: datetime, version: int | None = None) -> Claim:
    """The first reviewer is content; against a `reject` or `wait` of the rules only with a reason (`NotAccepted`)."""
    with moving(claim_id, "pass_review", by=by, at=at, version=version) as claim:
        _check_reviewing(claim)
        said = assess_again(claim, at=at)
        investigate = terms_of(claim.covenant).investigation.required and claim.investigated_at is None
        claim.pass_review(investigate=investigate, by=by, at=at)
        check_reason_against(said, AGAINST_PASSING, reason)
        claim.because(reason=reason)
        clocks.stop(claim, DeadlineKind.REVIEW, at=at)
        if claim.state == State.DECIDING:
            clocks.start(claim, DeadlineKind.DECISION, at=at)
    return claim


def refuse_in_review(
    claim_id: int, *, ground: str, contrary: str, reason: str = "", by: User, at: datetime, version: int | None = None
) -> Claim:
    """The first reviewer refuses, on a coded ground; `contrary` is as in `deciding.reject`."""
    with moving(claim_id, "reject", by=by, at=at, version=version) as claim:
        _check_reviewing(claim)
        deciding.refuse(claim, ground, reason, contrary=contrary, by=by, at=at)
    return claim


def return_to(
    claim_id: int,
    *,
    to: State,
    reason: str,
    code: ReturnReason = ReturnReason.OTHER,
    approvals: Approvals = Approvals.REDO,
    by: User,
    at: datetime,
    version: int | None = None,
) -> Claim:
    """Send the case back to an earlier step; `approvals` says whether those given since then stand."""
    with moving(claim_id, "return", by=by, at=at, version=version) as claim:
        was = State(claim.state)
        if was not in EARLIER:
            raise WrongState(state=claim.get_state_display())
        if to not in EARLIER[was]:
            raise InvalidInput(field=_("Step"), why=_("choose a step that this case has been through."))
        claim.because(code=code, reason=required(reason), approvals=approvals)
        back_to = _who_had(claim, to)
        claim.return_to(to, redo=approvals is Approvals.REDO, by=by, at=at)
        clocks.stop(claim, CLOCK_OF[was], status=DeadlineStatus.CANCELLED, at=at)
        if to is State.INVESTIGATING:
            open_procedure(claim, ProcedureKind.FIELD, at=at)
        else:
            clocks.start(claim, CLOCK_OF[to], at=at)  # an investigation's begins with its commission
        if to is State.COLLECTING:
            letters.ask_for_papers(claim, by=by, at=at)
        if back_to != by:
            letters.tell(claim, "case_returned", to=Recipient.REVIEWER, user=back_to, at=at, step=to, code=code)
    return claim


def waive_late_report(claim_id: int, *, reason: str, by: User, at: datetime, version: int | None = None) -> Claim:
    """A supervisor accepts a report that came too late (AMB-04); the step stays, the rules are asked again."""
    with moving(claim_id, "waive_late_report", by=by, at=at, version=version) as claim:
        policies.may_waive(claim, by=by, at=at)
        claim.because(reason=required(reason))
        claim.late_waived_by, claim.late_waived_at = by, at
        assess(claim, at=at)
        if claim.state == State.COLLECTING:
            letters.ask_for_papers(claim, by=by, at=at)
    return claim


def _who_had(claim: Claim, step: State) -> User | None:
    """Who works on that step of the case, or did: whoever passed the first review, or took in papers last."""
    given = claim.assignments.filter(step=step).select_related("user").first()
    if given is not None:
        return given.user
    if step is State.COLLECTING:
        last = claim.materials.select_related("received_by").order_by("received_at", "id").last()
        return last.received_by if last else claim.reported_by
    return claim.passed_by if step is State.REVIEWING else None


def _check_reviewing(claim: Claim) -> None:
    if claim.state != State.REVIEWING:
        raise WrongState(state=claim.get_state_display())
