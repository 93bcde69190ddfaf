"""Findings on objections and appeals: they end what was asked of third parties about them, whatever has come in."""

from datetime import datetime

from claims.enums import AppealFinding, ObjectionFinding, ObjectionKind
from claims.gate import moving
from claims.models import Claim
from claims.services import appealing, objecting
from config.kernel.models import User
from investigations.services.commissioning import close_left_over


def resolve_objection(
    claim_id: int,
    *,
    kind: ObjectionKind,
    finding: ObjectionFinding,
    by: User,
    at: datetime,
    reason: str = "",
    version: int | None = None,
) -> Claim:
    """Dismiss or uphold the open objections of a kind (SR-25). Refused: `NotPermitted`, `WrongState`."""
    with moving(claim_id, "resolve", by=by, at=at, version=version) as claim:
        objecting.resolve(claim, kind, finding, by=by, at=at, reason=reason)
        close_left_over(claim, by=by, at=at)
    return claim


def decide_appeal(
    claim_id: int, *, finding: AppealFinding, by: User, at: datetime, reason: str = "", version: int | None = None
) -> Claim:
    """The refusal stands or falls (SR-26 to SR-28). Refused: `NotPermitted`, `SamePerson`, `WrongState`."""
    with moving(claim_id, "decide_appeal", by=by, at=at, version=version) as claim:
        appealing.decide(claim, finding, by=by, at=at, reason=reason)
        close_left_over(claim, by=by, at=at)
    return claim
