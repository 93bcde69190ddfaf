"""Export of sheets: what an app declares (`Sheet` and its columns) and the registry of what there is."""

from config.kernel.exporting.columns import (
    BirthDay,
    CivilDay,
    Code,
    Column,
    Day,
    Flag,
    Moment,
    Money,
    Name,
    Number,
    Secret,
    Text,
    choices,
)
from config.kernel.exporting.sheets import Sheet, may_export, may_read, of_model, register, registered

__all__ = [
    "BirthDay",
    "CivilDay",
    "Code",
    "Column",
    "Day",
    "Flag",
    "Moment",
    "Money",
    "Name",
    "Number",
    "Secret",
    "Sheet",
    "Text",
    "choices",
    "may_export",
    "may_read",
    "of_model",
    "register",
    "registered",
]
