"""The monthly report: asked for, made in the background, one for a month unless its figures changed."""

from claims.services.monthly.composing import compose
from claims.services.monthly.making import NAMES, VIEW, ask, carry_on, check_may_read
from claims.services.monthly.measuring import measure

__all__ = ["NAMES", "VIEW", "ask", "carry_on", "check_may_read", "compose", "measure"]
