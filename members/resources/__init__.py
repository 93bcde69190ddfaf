"""What of members and of the registers can be exported."""

from members.resources import exports

__all__ = ["exports"]
