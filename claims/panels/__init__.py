"""The page of a case, and this app's part of the pages of memberships and covenants.

Loaded by autodiscovery; upper apps add theirs.
"""

from claims.panels import (
    appeals,
    case_moves,
    case_panels,
    disputes,
    evidence,
    letters,
    membership_parts,
    papers,
    signals,
    trials,
)

__all__ = [
    "appeals",
    "case_moves",
    "case_panels",
    "disputes",
    "evidence",
    "letters",
    "membership_parts",
    "papers",
    "signals",
    "trials",
]
