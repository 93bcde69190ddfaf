"""The desk's pages of cases."""

from claims.admin.cases import ClaimAdmin
from claims.admin.file import (
    AppealAdmin,
    AssessmentAdmin,
    ClaimEventAdmin,
    DeadlineAdmin,
    LetterAdmin,
    MaterialAdmin,
    ObjectionAdmin,
    ProcedureAdmin,
    PublicityAdmin,
    ReminderAdmin,
)

__all__ = [
    "AppealAdmin",
    "AssessmentAdmin",
    "ClaimAdmin",
    "ClaimEventAdmin",
    "DeadlineAdmin",
    "LetterAdmin",
    "MaterialAdmin",
    "ObjectionAdmin",
    "ProcedureAdmin",
    "PublicityAdmin",
    "ReminderAdmin",
]
