"""What all apps share: people, calendar, outbox, and the base of every event table."""

from config.kernel.models.calendar import CalendarDay
from config.kernel.models.events import Event
from config.kernel.models.files import StoredFile
from config.kernel.models.imports import Import, ImportEvent, ImportLine, ImportStatus
from config.kernel.models.outbox import Outbox, OutboxState
from config.kernel.models.people import Absence, AbsenceQuerySet, Team, User, UserManager
from config.kernel.models.views import SavedView

__all__ = [
    "Absence",
    "AbsenceQuerySet",
    "CalendarDay",
    "Event",
    "Import",
    "ImportEvent",
    "ImportLine",
    "ImportStatus",
    "Outbox",
    "OutboxState",
    "SavedView",
    "StoredFile",
    "Team",
    "User",
    "UserManager",
]
