"""Letters to the applicant: written with a move, composed when they are read, printed afterwards."""

from claims.services.letters.composing import compose
from claims.services.letters.printing import TOPIC, print_letter
from claims.services.letters.writing import (
    appeal_result,
    approve,
    ask_for_papers,
    gaps_of,
    last_supplement,
    objection_result,
    refuse,
    sent_back,
    tell,
)

__all__ = [
    "TOPIC",
    "appeal_result",
    "approve",
    "ask_for_papers",
    "compose",
    "gaps_of",
    "last_supplement",
    "objection_result",
    "print_letter",
    "refuse",
    "sent_back",
    "tell",
]
