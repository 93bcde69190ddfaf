"""The list of cases, and the head of their pages."""

from typing import Any

from django.contrib import admin
from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from claims.admin.assigning import WorkAdmin
from claims.admin.case_filters import (
    AssignmentFilter,
    DiseaseFilter,
    FigureFilter,
    PlanFilter,
    ReportedFilter,
    WorkFilter,
    parameters,
)
from claims.admin.figures import figure_urls
from claims.admin.letters import letter_pdf
from claims.admin.papers import paper_urls
from claims.admin.revealing import revealing_urls
from claims.enums import ENDED, State
from claims.models import Claim
from claims.panels import clocks, stepping
from claims.panels.case_panels import disease_name
from claims.panels.work_lists import COLOURS, with_people
from claims.panels.working import work
from claims.querysets import ClaimQuerySet
from claims.services import searching
from claims.services.reading import PAGE, note_opening
from config.kernel import masks
from config.kernel.admin import PageAdmin, PeopleAdmin
from config.kernel.civil import civil_date, days_between
from config.kernel.clock import database_now
from config.kernel.display import language, late_label, yuan_or_dash
from config.kernel.pages import Look
from members.models import Disease

UNSHOWN = (
    *("facts", "notes", "reporter_phone", "membership__documents"),
    *(f"membership__member__{name}" for name in ("id_number", "phone", "bank_card")),
    *(f"assessment__{name}" for name in ("facts", "findings", "steps", "codes")),
)
"""Large or encrypted columns that no list shows: reading them takes longer than all the others."""

OF_ILLNESS = ("cause", DiseaseFilter)
"""Filters for those alone who may read of the illness."""


def _may_read_illness(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("claims.view_material"))


@admin.register(Claim)
class ClaimAdmin(WorkAdmin, PeopleAdmin, PageAdmin):
    """Cases are moved on their pages, and nowhere else."""

    head_template = "desk/case/head.html"
    list_display = ("number", "name", "disease_shown", "step", "days_in_step", "due", "amount")
    list_display_links = ("number",)
    list_filter = (
        "state",
        WorkFilter,
        FigureFilter,
        AssignmentFilter,
        ReportedFilter,
        PlanFilter,
        DiseaseFilter,
        "cause",
    )
    search_fields = ("number",)
    search_help_text = _("Case number, part of the name, ID number, phone or hospital record number")
    ordering = ("-reported_at",)
    list_select_related = ("membership__member", "assessment")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = super().get_list_display(request)
        return [column for column in columns if column != "disease_shown" or _may_read_illness(request)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters = super().get_list_filter(request)
        return [one for one in filters if one not in OF_ILLNESS or _may_read_illness(request)]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whoever may not read of the illness does not learn it by asking which cases have it."""
        if not _may_read_illness(request) and lookup.partition("__")[0] not in self._told_to_all(request):
            return False
        return bool(super().lookup_allowed(lookup, value, request))

    def _told_to_all(self, request: HttpRequest) -> set[str]:
        """The parameters of the filters that this reader is shown."""
        shown = self.get_list_filter(request)
        return {name for one in shown for name in ([one] if isinstance(one, str) else parameters(one))}

    def rows_shown(self, rows: Any) -> QuerySet[Claim]:
        name = "name_en" if language() == "en" else "name_zh"
        disease = Disease.objects.filter(code=OuterRef("disease")).values(name)[:1]
        claims: ClaimQuerySet = rows.defer(*UNSHOWN).with_due()
        return claims.annotate(
            disease_words=Coalesce(Subquery(disease), F("disease"), output_field=CharField()),
            read_at=Value(database_now()),
        )

    def is_public(self, text: str) -> bool:
        return searching.is_number(text)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Claim], search_term: str
    ) -> tuple[QuerySet[Claim], bool]:
        if not search_term.strip():
            return queryset, False
        today = civil_date(database_now())
        reads_papers = _may_read_illness(request)
        return self.found(request, queryset, searching.meanings(search_term, today=today, reads_papers=reads_papers))

    def page_rows(self, look: Look) -> QuerySet[Claim]:
        return (
            with_people(Claim.objects.all(), look.by, at=look.at)
            .select_related(
                "membership__member",
                "membership__plan",
                "membership__covenant",
                "covenant__plan",
                "assessment__covenant__plan",
            )
            .select_related(
                "passed_by", "investigated_by", "published_by", "rejected_by", "late_waived_by", "reported_by"
            )
        )

    def opened(self, row: Any, look: Look) -> None:
        note_opening(row.pk, PAGE, by=look.by, at=look.at)

    def get_urls(self) -> list[URLPattern]:
        pdf = self.admin_site.admin_view(letter_pdf)
        return [
            path("<int:page_id>/letters/<int:letter_id>.pdf", pdf, name="claims_claim_letter"),
            *figure_urls(self.admin_site),
            *revealing_urls(self),
            *paper_urls(self.admin_site),
            *super().get_urls(),
        ]

    def head(self, row: Any, look: Look) -> dict[str, Any]:
        return {
            "state": row.get_state_display(),
            "colour": COLOURS.get(row.state, ""),
            "days": days_between(civil_date(row.state_since), civil_date(look.at)),
            "clocks": clocks.running(row, at=look.at),
            "steps": stepping.steps(row),
            "is_ended": row.state in ENDED,
            "amount": amount_of(row),
            "is_decided": row.decided_fen is not None,
            "member": row.membership.member,
            "disease": disease_name(row.disease),
            "work": work(row, look),
        }

    @admin.display(description=_("member"))
    def name(self, claim: Claim) -> str:
        return masks.name(claim.membership.member.name)

    @admin.display(description=_("disease"))
    def disease_shown(self, claim: Any) -> str:
        return str(claim.disease_words)

    @display(description=_("step"), label={state.value: COLOURS.get(state, "") for state in State})
    def step(self, claim: Claim) -> tuple[str, str]:
        return claim.state, str(State(claim.state).label)

    @admin.display(description=_("days in this step"), ordering="-state_since")
    def days_in_step(self, claim: Any) -> int:
        return days_between(civil_date(claim.state_since), civil_date(claim.read_at))

    @display(description=_("deadline of the step"), label={"late": "danger", "open": ""})
    def due(self, claim: Any) -> tuple[str, str]:
        return late_label(claim.due, at=claim.read_at)

    @admin.display(description=_("amount"))
    def amount(self, claim: Claim) -> str:
        return amount_of(claim)


def amount_of(claim: Claim) -> str:
    """The decided amount, or what the rules would give; a dash where neither is known."""
    fen = claim.decided_fen
    if fen is None and claim.assessment is not None:
        fen = claim.assessment.net_fen
    return yuan_or_dash(fen)
