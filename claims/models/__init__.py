"""The case and everything that hangs on it."""

from claims.models.claim import Claim
from claims.models.clocks import Deadline, Reminder
from claims.models.disputes import Appeal, Objection, Procedure
from claims.models.evidence import Evidence, SignalAnswer
from claims.models.file import Assessment, ClaimEvent, Letter, Material, PaperFile
from claims.models.ladder import Digest, Rung
from claims.models.publicity import Publicity
from claims.models.quality import Drawing, MonthlyReport, SecondLook
from claims.models.trials import Trial, TrialChange
from claims.models.work import Assignment, Presence, Reading

__all__ = [
    "Appeal",
    "Assessment",
    "Assignment",
    "Claim",
    "ClaimEvent",
    "Deadline",
    "Digest",
    "Drawing",
    "Evidence",
    "Letter",
    "Material",
    "MonthlyReport",
    "Objection",
    "PaperFile",
    "Presence",
    "Procedure",
    "Publicity",
    "Reading",
    "Reminder",
    "Rung",
    "SecondLook",
    "SignalAnswer",
    "Trial",
    "TrialChange",
]
