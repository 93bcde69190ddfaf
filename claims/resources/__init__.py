"""What of cases can be exported."""

from claims.resources import exports

__all__ = ["exports"]
