"""What of the money can be exported."""

from payouts.resources import exports

__all__ = ["exports"]
