"""What the clock decides: a publicity that is over approves its case, an appeal window that is over closes it."""

from datetime import datetime

from claims.enums import DeadlineKind, DeadlineStatus
from claims.gate import moving
from claims.services import clocks, letters
from claims.services.objecting import take_effect
from config.kernel.models import User
from members.enums import Recipient


def extend_for_objections(claim_id: int, *, by: User, at: datetime) -> int:
    """Let the objections that wait take effect on the publicity; how many there were."""
    with moving(claim_id, "extend_for_objections", by=by, at=at) as claim:
        return take_effect(claim, by=by, at=at)


def close_publicity(claim_id: int, *, by: User, at: datetime) -> None:
    """Approve a case whose publicity is over (AMB-12); objections take effect first, however late that is."""
    with moving(claim_id, "approve", by=by, at=at) as claim:
        take_effect(claim, by=by, at=at)
        claim.approve(by=by, at=at)
        claim.publicities.filter(ended_at__isnull=True).update(ended_at=at)
        clocks.elapse(claim, DeadlineKind.PUBLICITY, status=DeadlineStatus.MET, at=at)
        clocks.start(claim, DeadlineKind.PAYMENT, at=at)
        letters.approve(claim, by=by, at=at)
        letters.tell(claim, "payment_due", to=Recipient.FINANCE, at=at)


def close_rejected(claim_id: int, *, by: User, at: datetime) -> None:
    """Close a refused case whose appeal window went by unused."""
    with moving(claim_id, "close", by=by, at=at) as claim:
        claim.close(by=by, at=at)
        clocks.elapse(claim, DeadlineKind.APPEAL_WINDOW, status=DeadlineStatus.MISSED, at=at)
        clocks.stop_all(claim, at=at)
