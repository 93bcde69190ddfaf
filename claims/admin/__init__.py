"""The desk's pages of cases."""

from claims.admin.appeals import AppealAdmin
from claims.admin.cases import ClaimAdmin
from claims.admin.file import (
    AssessmentAdmin,
    ClaimEventAdmin,
    DeadlineAdmin,
    LetterAdmin,
    MaterialAdmin,
    ProcedureAdmin,
    PublicityAdmin,
    ReminderAdmin,
)
from claims.admin.objections import ObjectionAdmin

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
