"""Plans, and the versions of their covenants: each has a page on which it is read, compared and published."""

from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from config.kernel.admin import PageAdmin, ReadOnlyAdmin
from config.kernel.admin.paging import Answer
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.pages import Look, Move
from config.kernel.refusals import InvalidInput, Stale
from members.forms.drafts import DraftForm
from members.models import Covenant, Plan

DRAFT, TO_COME, IN_FORCE, SUPERSEDED, TRIED_OUT = "draft", "to_come", "in_force", "superseded", "tried_out"

STATES = {
    DRAFT: (_("draft"), "warning"),
    TO_COME: (_("published, to come"), "info"),
    IN_FORCE: (_("in force"), "success"),
    SUPERSEDED: (_("superseded for whoever joins now"), "plain"),
    TRIED_OUT: (_("tries out other figures"), "plain"),
}


def with_state(rows: QuerySet[Covenant]) -> QuerySet[Covenant]:
    """Each with `has_begun` and `has_successor`, as of today."""
    today = civil_date(database_now())
    later = Covenant.objects.in_force_on(today).order_by().filter(plan=OuterRef("plan"))
    newer = Q(in_force_from__gt=OuterRef("in_force_from")) | Q(
        in_force_from=OuterRef("in_force_from"), pk__gt=OuterRef("pk")
    )
    return rows.annotate(has_begun=Q(in_force_from__lte=today), has_successor=Exists(later.filter(newer)))


def state_of(covenant: Any) -> str:
    if covenant.derived_from_id is not None:
        return TRIED_OUT
    if covenant.published_at is None:
        return DRAFT
    if not covenant.has_begun:
        return TO_COME
    return SUPERSEDED if covenant.has_successor else IN_FORCE


class Versions(admin.SimpleListFilter):
    """Versions that only try out other figures stay away until they are asked for."""

    title = _("versions")
    parameter_name = "versions"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("drafts", _("drafts")), ("tried_out", _("try-outs"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Covenant]) -> QuerySet[Covenant]:
        if self.value() == "tried_out":
            return queryset.filter(derived_from__isnull=False)
        real = queryset.filter(derived_from__isnull=True)
        return real.filter(published_at__isnull=True) if self.value() == "drafts" else real


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    is_small = True
    list_display = ("code", "name_zh", "name_en")


@admin.register(Covenant)
class CovenantAdmin(PageAdmin):
    is_small = True
    head_template = "desk/covenant/head.html"
    list_display = ("version", "plan", "state", "in_force_from", "drafted_by", "published_by", "published_at")
    list_filter = (Versions, "plan")
    list_select_related = ("plan", "drafted_by", "published_by")
    ordering = ("-in_force_from", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Covenant]:
        return with_state(super().get_queryset(request)).defer("terms", "clauses", "term_clauses", "questions")

    def page_rows(self, look: Look) -> QuerySet[Covenant]:
        rows = Covenant.objects.select_related("plan", "drafted_by", "published_by", "derived_from__plan")
        return with_state(rows)

    def head(self, row: Any, look: Look) -> dict[str, Any]:
        label, colour = STATES[state_of(row)]
        return {"state": label, "colour": colour}

    @admin.display(description=_("state"))
    def state(self, covenant: Covenant) -> str:
        return str(STATES[state_of(covenant)][0])

    def move_page(
        self, request: HttpRequest, page_row: Any, move: Move, row: Any, look: Look, answer: Answer
    ) -> HttpResponse:
        """As every move; after another's change the form shows what the draft says now beside what was typed."""
        form = answer.form
        for no in answer.refusals:
            if isinstance(no, Stale) and isinstance(form, DraftForm):
                form = form.merged(page_row)
            elif isinstance(no, InvalidInput) and form.is_bound and no.data.get("field") in form.fields:
                form.add_error(no.data["field"], str(no.data["why"]))
        return super().move_page(request, page_row, move, row, look, replace(answer, form=form))
