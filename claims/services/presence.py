"""Who looks at a case: one row for each person, which counts for a few minutes."""

from datetime import datetime

from claims.models import Presence
from config.kernel.models import User


def see(claim_id: int, *, by: User, at: datetime) -> None:
    """Note that `by` looks at the case; it changes nothing about it, so it needs no gate and leaves no event."""
    Presence.objects.bulk_create(
        [Presence(claim_id=claim_id, user=by, seen_at=at)],
        update_conflicts=True,
        unique_fields=["claim", "user"],
        update_fields=["seen_at"],
    )
