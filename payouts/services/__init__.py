"""The use cases of a payout; each opens the gate of its case. Lock order: case, payout, book."""

from payouts.services.banking import bounce, mark_unknown, settle
from payouts.services.ordering import approve, cancel, prepare, release

__all__ = ["approve", "bounce", "cancel", "mark_unknown", "prepare", "release", "settle"]
