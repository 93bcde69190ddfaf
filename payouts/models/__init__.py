"""Money that leaves the house, and the book that it is written in."""

from payouts.models.ledger import Leg, Posting
from payouts.models.payout import Payout

__all__ = ["Leg", "Payout", "Posting"]
