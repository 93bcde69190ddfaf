"""The case and everything that hangs on it."""

from claims.models.claim import Claim
from claims.models.clocks import Deadline, Reminder
from claims.models.disputes import Appeal, Objection, Procedure
from claims.models.file import Assessment, ClaimEvent, Letter, Material
from claims.models.publicity import Publicity

__all__ = [
    "Appeal",
    "Assessment",
    "Claim",
    "ClaimEvent",
    "Deadline",
    "Letter",
    "Material",
    "Objection",
    "Procedure",
    "Publicity",
    "Reminder",
]
