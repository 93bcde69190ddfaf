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
from claims.admin.second_looks import DrawingAdmin, MonthlyReportAdmin, SecondLookAdmin

__all__ = [
    "AppealAdmin",
    "AssessmentAdmin",
    "ClaimAdmin",
    "ClaimEventAdmin",
    "DeadlineAdmin",
    "DrawingAdmin",
    "LetterAdmin",
    "MaterialAdmin",
    "MonthlyReportAdmin",
    "ObjectionAdmin",
    "ProcedureAdmin",
    "PublicityAdmin",
    "ReminderAdmin",
    "SecondLookAdmin",
]
