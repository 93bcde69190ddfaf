"""A commission moves inside the gate of its case: the case is locked first, then the commission."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from claims import gate as claims_gate
from claims.models import Claim
from config.kernel.gate import asking, lock
from investigations.models import Commission

if TYPE_CHECKING:
    from config.kernel.models import User


@contextmanager
def moving(
    commission_id: int, verb: str, *, by: "User", at: datetime, version: int | None = None
) -> Iterator[tuple[Claim, Commission]]:
    """Open the case of a commission, and the commission's own guards; both are saved when the body is through.

    Raises `Commission.DoesNotExist`, and what the case's gate raises.
    """
    claim_id = Commission.objects.values_list("claim_id", flat=True).get(pk=commission_id)  # frozen: it needs no lock
    with claims_gate.moving(claim_id, verb, by=by, at=at, version=version) as claim:
        commission = lock(Commission.objects.select_related("agency", "deadline", "procedure"), commission_id)
        with asking(commission, by=by, at=at):
            yield claim, commission
        commission.save()
