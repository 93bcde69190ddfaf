"""What all apps share: people, calendar, outbox, and the base of every event table."""

from config.kernel.models.calendar import CalendarDay
from config.kernel.models.events import Event
from config.kernel.models.exports import (
    IN_TURN,
    UNFINISHED,
    ColumnSet,
    Export,
    ExportEvent,
    ExportSchedule,
    ExportStatus,
    FileFormat,
    Rhythm,
)
from config.kernel.models.files import StoredFile
from config.kernel.models.imports import Import, ImportEvent, ImportLine, ImportStatus
from config.kernel.models.outbox import Outbox, OutboxState
from config.kernel.models.people import Absence, AbsenceQuerySet, Team, User, UserManager
from config.kernel.models.views import SavedView

__all__ = [
    "IN_TURN",
    "UNFINISHED",
    "Absence",
    "AbsenceQuerySet",
    "CalendarDay",
    "ColumnSet",
    "Event",
    "Export",
    "ExportEvent",
    "ExportSchedule",
    "ExportStatus",
    "FileFormat",
    "Import",
    "ImportEvent",
    "ImportLine",
    "ImportStatus",
    "Outbox",
    "OutboxState",
    "Rhythm",
    "SavedView",
    "StoredFile",
    "Team",
    "User",
    "UserManager",
]
