"""A payout moves inside the gate of its case: the case is locked first, then the payout, then the book."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from claims import gate as claims_gate
from claims.models import Claim
from config.kernel.gate import asking, lock
from payouts.models import Payout
from payouts.models.payout import CONTENT

if TYPE_CHECKING:
    from config.kernel.models import User

MOVING = [field.name for field in Payout._meta.concrete_fields if field.name not in ("id", "payee_card", *CONTENT)]
"""What a move may write; the rest is frozen when the payout is prepared."""


@contextmanager
def moving(
    payout_id: int, verb: str, *, by: "User", at: datetime, version: int | None = None
) -> Iterator[tuple[Claim, Payout]]:
    """Open the case of a payout, and the payout's own guards; both are saved when the body is through.

    Raises `Payout.DoesNotExist`, and what the case's gate raises.
    """
    claim_id = Payout.objects.values_list("claim_id", flat=True).get(pk=payout_id)  # frozen: it needs no lock
    with claims_gate.moving(claim_id, verb, by=by, at=at, version=version) as claim:
        payout = lock(Payout.objects.all(), payout_id)
        with opened(payout, claim, by=by, at=at):
            yield claim, payout


@contextmanager
def opened(payout: Payout, claim: Claim, *, by: "User", at: datetime) -> Iterator[None]:
    """Open the guards of a locked payout whose case is open; it is saved when the body is through."""
    payout.claim = claim
    with asking(payout, by=by, at=at):
        yield
    payout.save(update_fields=MOVING)
