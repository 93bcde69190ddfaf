"""The tables that hang on a case, to be read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims.admin.board import BoardAdmin
from claims.admin.look_filters import ReturnFilter
from claims.admin.searching import FoundByCase
from claims.enums import OUTCOMES
from claims.forms import words
from claims.models import (
    Assessment,
    ClaimEvent,
    Deadline,
    Letter,
    Material,
    Procedure,
    Publicity,
    Reminder,
)
from config.kernel.admin import ReadOnlyAdmin
from config.kernel.display import day, yuan_or_dash
from config.kernel.pages import verb_label


class OfACase(FoundByCase, ReadOnlyAdmin):
    """Newest first, found by the number of the case."""

    ordering: tuple[str, ...] = ("-id",)
    list_select_related: tuple[str, ...] = ("claim",)


@admin.register(Material)
class MaterialAdmin(OfACase):
    list_display = ("claim", "kind", "received_at", "received_by", "replaced_at")
    list_filter = ("kind",)
    list_select_related = ("claim", "received_by")


@admin.register(Assessment)
class AssessmentAdmin(OfACase):
    list_display = ("claim", "at", "outcome_shown", "codes_shown", "net")

    @admin.display(description=_("outcome"))
    def outcome_shown(self, said: Assessment) -> str:
        return str(OUTCOMES.get(said.outcome, said.outcome))

    @admin.display(description=_("codes"))
    def codes_shown(self, said: Assessment) -> str:
        return ", ".join(words.code(code) for code in said.codes) or "—"

    @admin.display(description=_("net amount"))
    def net(self, said: Assessment) -> str:
        return yuan_or_dash(said.net_fen)


@admin.register(ClaimEvent)
class ClaimEventAdmin(OfACase):
    list_display = ("claim", "version", "at", "verb_shown", "from_shown", "to_shown", "by", "reason_shown")
    list_select_related = ("claim", "by")
    list_filter = (ReturnFilter,)

    @admin.display(description=_("move"))
    def verb_shown(self, event: ClaimEvent) -> str:
        return str(verb_label(event.verb))

    @admin.display(description=pgettext_lazy("step", "from"))
    def from_shown(self, event: ClaimEvent) -> str:
        return words.state(event.from_state)

    @admin.display(description=pgettext_lazy("step", "to"))
    def to_shown(self, event: ClaimEvent) -> str:
        return words.state(event.to_state)

    @admin.display(description=_("reason"))
    def reason_shown(self, event: ClaimEvent) -> str:
        return " · ".join(part for part in (words.reason_code(event.reason_code), event.reason) if part)


@admin.register(Publicity)
class PublicityAdmin(OfACase):
    list_display = ("claim", "starts_on", "ends_on_shown", "extension_days", "suspended_on", "ended_at")

    @admin.display(description=_("last day"))
    def ends_on_shown(self, publicity: Publicity) -> str:
        return day(publicity.ends_on) if publicity.ends_on else "—"


@admin.register(Procedure)
class ProcedureAdmin(OfACase):
    list_display = ("claim", "kind", "opened_at", "sent_at", "closed_at")
    list_filter = ("kind",)


@admin.register(Deadline)
class DeadlineAdmin(BoardAdmin, OfACase):
    list_display = ("claim", "kind", "generation", "opened_at", "due_at", "status", "closed_at")
    list_filter = ("kind", "status")


@admin.register(Reminder)
class ReminderAdmin(OfACase):
    list_display = ("claim", "kind", "days_before", "to", "due_at", "sent_at", "cancelled_at")
    list_filter = ("to",)
    list_select_related = ("deadline__claim",)
    way_to_case = "deadline__claim"

    @admin.display(description=_("case"))
    def claim(self, reminder: Reminder) -> str:
        return str(reminder.deadline.claim)

    @admin.display(description=_("deadline"))
    def kind(self, reminder: Reminder) -> str:
        return str(reminder.deadline)


@admin.register(Letter)
class LetterAdmin(OfACase):
    list_display = ("claim", "kind", "written_at", "written_by")
    list_filter = ("kind",)
    list_select_related = ("claim", "written_by")
