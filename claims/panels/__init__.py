"""The page of a case, and this app's part of the desk and of the pages of memberships and covenants.

Loaded by autodiscovery; upper apps add theirs.
"""

from claims.panels import (
    appeals,
    case_moves,
    case_panels,
    clock_moves,
    deadlines,
    desk_parts,
    disputes,
    evidence,
    figures,
    letters,
    membership_parts,
    papers,
    quality_parts,
    second_looks,
    signals,
    trials,
    work_moves,
)

__all__ = [
    "appeals",
    "case_moves",
    "case_panels",
    "clock_moves",
    "deadlines",
    "desk_parts",
    "disputes",
    "evidence",
    "figures",
    "letters",
    "membership_parts",
    "papers",
    "quality_parts",
    "second_looks",
    "signals",
    "trials",
    "work_moves",
]
