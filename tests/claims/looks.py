"""Cases that came to their end, and second looks at them, for the tests of quality."""

from datetime import date, datetime, timedelta
from typing import Any

from claims.enums import State, Verdict
from claims.models import Claim, Drawing, SecondLook
from claims.services import deciding, reviewing
from config.kernel.models import User
from payouts import services as payouts
from tests.factories import APPROVED, REVIEWED, at, case_in, membership, staff

MAY, JUNE = date(2025, 5, 1), date(2025, 6, 1)
PAID = at("2025-05-06 10:00")
CLOSED = at("2025-05-20 10:00")
NOW = at("2025-06-02 09:00")
"""The cases of the factories are paid, and their refusals become final, in May 2025; it is June now."""


def paid(*, tier_yuan: int = 100_000, when: datetime = PAID) -> Claim:
    """A case whose aid was paid out: thirty percent of the tier."""
    claim = case_in(State.APPROVED, of=membership(tier_fen=tier_yuan * 100))
    one, two, three = (staff("finance") for _ in range(3))
    payout = payouts.prepare(claim.pk, by=one, at=APPROVED + timedelta(hours=1))
    payouts.approve(payout.pk, by=two, at=APPROVED + timedelta(hours=2))
    payouts.release(payout.pk, by=three, at=APPROVED + timedelta(hours=3))
    payouts.settle(payout.pk, by=one, at=when)
    return Claim.objects.get(pk=claim.pk)


def refused() -> Claim:
    """A case that the first reviewer refused, on the day of its papers, and that nobody appealed."""
    claim = case_in(State.REVIEWING)
    reviewing.refuse_in_review(
        claim.pk, ground="LATE_REPORT", contrary="looked", reason="x", by=staff("reviewer"), at=REVIEWED
    )
    deadline = claim.deadlines.get(kind="appeal_window")
    return deciding.close(claim.pk, by=staff("supervisor"), at=deadline.due_at)


def drawing(month: date = MAY, **others: Any) -> Drawing:
    """A drawing of a month with nothing drawn."""
    return Drawing.objects.create(
        month=month, **{"seed": "0", "drawn_at": NOW, "drawn_by": User.objects.system(), **others}
    )


def drawn(claim: Claim, *, of: Drawing | None = None, by: User | None = None, **others: Any) -> SecondLook:
    """The case in a sample, given to somebody new unless `by` says to whom."""
    is_refused = claim.rejected_at is not None
    decision = {
        "outcome": Verdict.REFUSAL if is_refused else Verdict.AID,
        "amount_fen": None if is_refused else claim.decided_fen,
        "ground": claim.ground,
        "decided_by_id": claim.rejected_by_id or claim.published_by_id,
        "decided_at": claim.rejected_at or claim.published_at,
        "reasons": ["random"],
    }
    given = {} if "given_to" in others else {"given_to": by or staff("reviewer"), "given_at": NOW, "due_on": NOW.date()}
    return SecondLook.objects.create(drawing=of or drawing(), claim=claim, **{**decision, **given, **others})
