"""The list of appeals: what is open by the day on which it is to be decided, and whose turn it is."""

from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from claims.admin.look_filters import OverturnedFilter
from claims.admin.objections import DisputeAdmin, OpenFilter
from claims.enums import DeadlineKind, DeadlineStatus
from claims.models import Appeal, Deadline
from claims.panels import disputes
from config.kernel.display import late_label, yuan


class OpenAppeals(OpenFilter):
    closed = {"decided_at__isnull": False}


@admin.register(Appeal)
class AppealAdmin(DisputeAdmin):
    list_display = ("case", "channel", "filed_at", "due", "deposit", "third_party", "worker", "next_step")
    list_filter = (OpenAppeals, "channel", OverturnedFilter)
    place = "appeal"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        clock = Deadline.objects.filter(
            claim=OuterRef("claim"), kind=DeadlineKind.APPEAL_DECISION, status=DeadlineStatus.OPEN
        )
        return super().get_queryset(request).annotate(due_at=Subquery(clock.values("due_at")[:1]))

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """The few open ones by their day; all that ever were by place, newest first."""
        if request.GET.get(OpenAppeals.parameter_name):
            return ["-id"]
        return [F("due_at").asc(nulls_last=True), "id"]

    @display(description=_("to be decided by"), label={"late": "danger", "open": ""})
    def due(self, appeal: Any) -> tuple[str, str]:
        return late_label(None if appeal.decided_at else appeal.due_at, at=appeal.read_at)

    @admin.display(description=_("deposit"))
    def deposit(self, appeal: Appeal) -> str:
        return yuan(appeal.deposit_fen) if appeal.deposit_fen else "—"

    @admin.display(description=_("next step"))
    def next_step(self, appeal: Any) -> str:
        if appeal.decided_at is not None:
            return appeal.get_finding_display()
        last = gettext("to be decided by somebody who had no part in the refusal")
        return disputes.wanted(list(appeal.procedures.all()), appeal.told, last=last)
