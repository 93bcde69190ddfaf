"""Appeals against a refusal (SR-26 to SR-28, AMB-20)."""

from datetime import datetime

from claims.enums import AppealFinding, Channel, DeadlineKind, ProcedureKind, State
from claims.gate import moving
from claims.models import Appeal, Claim
from claims.refusals import DepositNotPaid
from claims.services import assigning, clocks, letters
from claims.services.investigating import close_procedure, open_procedure
from config.kernel.display import yuan
from config.kernel.models import User
from config.kernel.refusals import WrongState
from members.rules.findings import Code
from members.services.plans import terms_of


def appeal(
    claim_id: int,
    *,
    channel: Channel,
    deposit_fen: int = 0,
    text: str = "",
    by: User,
    at: datetime,
    version: int | None = None,
) -> Appeal:
    """Record an appeal; an arbitration starts with its deposit (`DepositNotPaid`) and asks a third party."""
    with moving(claim_id, "appeal", by=by, at=at, version=version) as claim:
        claim.appeal(by=by, at=at)
        deposit = terms_of(claim.covenant).appeal.deposit_fen
        if channel is Channel.ARBITRATION and deposit_fen < deposit:
            raise DepositNotPaid(deposit=yuan(deposit))
        claim.because(code=channel)
        filed = Appeal.objects.create(
            claim=claim, channel=channel, deposit_fen=deposit_fen, text=text, filed_at=at, filed_by=by
        )
        if channel is Channel.ARBITRATION:
            open_procedure(claim, ProcedureKind.ARBITRATION, at=at, appeal=filed)
        clocks.stop(claim, DeadlineKind.APPEAL_WINDOW, at=at)
        clocks.start(claim, DeadlineKind.APPEAL_DECISION, at=at)
    return filed


def decide(claim: Claim, finding: AppealFinding, *, by: User, at: datetime, reason: str = "") -> Appeal:
    """Decide the appeal of an open case, by somebody who had no part in the refusal (`SamePerson`)."""
    if claim.state != State.APPEALING:
        raise WrongState(state=claim.get_state_display())
    if finding is AppealFinding.UPHELD:
        claim.uphold(by=by, at=at)
    else:
        claim.forgery_found &= claim.ground != Code.FORGED_MATERIAL  # the finding falls with its refusal
        claim.overturn(by=by, at=at)
        assigning.release(claim, State.DECIDING)  # whoever refused does not get it back
    decided = claim.appeals.get(decided_at__isnull=True)
    decided.finding, decided.decided_by, decided.decided_at = finding, by, at
    decided.save(update_fields=["finding", "decided_by", "decided_at"])
    for procedure in decided.procedures.filter(closed_at__isnull=True):
        close_procedure(procedure, at=at)
    claim.because(code=finding, reason=reason)
    clocks.stop(claim, DeadlineKind.APPEAL_DECISION, at=at)
    clocks.start(claim, DeadlineKind.APPEAL_WINDOW if claim.state == State.REJECTED else DeadlineKind.DECISION, at=at)
    letters.appeal_result(claim, decided, reason, by=by, at=at)
    return decided
