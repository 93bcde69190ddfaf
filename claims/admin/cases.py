"""The list of cases, and the head of their pages."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from claims.admin.assigning import WorkAdmin
from claims.admin.filters import WORK_FILTERS
from claims.admin.letters import letter_pdf
from claims.admin.papers import paper_urls
from claims.admin.revealing import revealing_urls
from claims.enums import ENDED, DeadlineStatus, State
from claims.models import Claim, Deadline
from claims.panels import clocks, stepping
from claims.panels.case_panels import disease_name
from claims.panels.work_lists import COLOURS
from claims.services.reading import PAGE, note_opening
from config.kernel import masks
from config.kernel.admin import PageAdmin, PeopleAdmin
from config.kernel.civil import civil_date, days_between
from config.kernel.clock import database_now
from config.kernel.display import day, language, yuan
from config.kernel.identity import InvalidIdentity, resident_id
from config.kernel.models import User
from members.models import Disease

TOLD_TO_ALL = ("state", "overdue", "work")
"""What every reader of the list may filter by."""

CASE_NUMBER = re.compile(r"MA\d{8}-\d{6,}", re.IGNORECASE | re.ASCII)


class OverdueFilter(admin.SimpleListFilter):
    """Cases whose step should have been through by now."""

    title = _("deadline")
    parameter_name = "overdue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("overdue"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        if self.value() != "1":
            return queryset
        return queryset.filter(pk__in=Claim.objects.overdue(at=database_now()).values("pk"))


def _may_read_illness(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("claims.view_material"))  # type: ignore[union-attr]


@admin.register(Claim)
class ClaimAdmin(WorkAdmin, PeopleAdmin, PageAdmin):
    """Cases are moved on their pages, and nowhere else."""

    head_template = "desk/case/head.html"
    list_display = ("number", "name", "disease_shown", "step", "days_in_step", "due", "amount")
    list_display_links = ("number",)
    list_filter = ("state", OverdueFilter, *WORK_FILTERS, "cause")
    search_fields = ("number",)
    search_help_text = _("Whole case number, or whole resident ID number")
    ordering = ("-id",)
    list_select_related = ("membership__member", "assessment")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = super().get_list_display(request)
        return [column for column in columns if column != "disease_shown" or _may_read_illness(request)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters = super().get_list_filter(request)
        return [one for one in filters if one != "cause" or _may_read_illness(request)]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whoever may not read of the illness does not learn it by asking which cases have it."""
        if not _may_read_illness(request) and lookup.partition("__")[0] not in TOLD_TO_ALL:
            return False
        return bool(super().lookup_allowed(lookup, value, request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        running = Deadline.objects.filter(claim=OuterRef("pk"), status=DeadlineStatus.OPEN, due_at__isnull=False)
        name = "name_en" if language() == "en" else "name_zh"
        disease = Disease.objects.filter(code=OuterRef("disease")).values(name)[:1]
        claims: QuerySet[Claim] = super().get_queryset(request)
        return claims.annotate(
            next_due=Subquery(running.order_by("due_at").values("due_at")[:1]),
            disease_words=Coalesce(Subquery(disease), F("disease"), output_field=CharField()),
            read_at=Value(database_now()),
        )

    def is_public(self, text: str) -> bool:
        return CASE_NUMBER.fullmatch(text.strip()) is not None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Claim], search_term: str
    ) -> tuple[QuerySet[Claim], bool]:
        """Exact only: the number of the case, or the member's, which the blind index finds."""
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            number = resident_id(term, today=civil_date(database_now())).number
        except InvalidIdentity:
            return queryset.filter(number=term.upper()), False
        return queryset.filter(membership__member__id_number=number), False

    def page_rows(self) -> QuerySet[Claim]:
        return Claim.objects.select_related(
            "membership__member",
            "membership__plan",
            "membership__covenant",
            "covenant__plan",
            "assessment__covenant__plan",
        ).select_related("passed_by", "investigated_by", "published_by", "rejected_by", "late_waived_by", "reported_by")

    def opened(self, row: Any, *, by: User, at: datetime) -> None:
        note_opening(row.pk, PAGE, by=by, at=at)

    def get_urls(self) -> list[URLPattern]:
        pdf = self.admin_site.admin_view(letter_pdf)
        return [
            path("<int:page_id>/letters/<int:letter_id>.pdf", pdf, name="claims_claim_letter"),
            *revealing_urls(self),
            *paper_urls(self.admin_site),
            *super().get_urls(),
        ]

    def head(self, row: Any) -> dict[str, Any]:
        at = database_now()
        return {
            "state": row.get_state_display(),
            "colour": COLOURS.get(row.state, ""),
            "days": days_between(civil_date(row.state_since), civil_date(at)),
            "clocks": clocks.running(row, at=at),
            "steps": stepping.steps(row),
            "is_ended": row.state in ENDED,
            "amount": amount_of(row),
            "is_decided": row.decided_fen is not None,
            "member": row.membership.member,
            "disease": disease_name(row.disease),
        }

    @admin.display(description=_("member"))
    def name(self, claim: Claim) -> str:
        return masks.name(claim.membership.member.name)

    @admin.display(description=_("disease"))
    def disease_shown(self, claim: Any) -> str:
        return str(claim.disease_words)

    @display(description=_("step"), ordering="state", label={state.value: COLOURS.get(state, "") for state in State})
    def step(self, claim: Claim) -> tuple[str, str]:
        return claim.state, claim.get_state_display()

    @admin.display(description=_("days in this step"), ordering="-state_since")
    def days_in_step(self, claim: Any) -> int:
        return days_between(civil_date(claim.state_since), civil_date(claim.read_at))

    @display(description=_("next deadline"), ordering="next_due", label={"late": "danger", "open": ""})
    def due(self, claim: Any) -> tuple[str, str]:
        if claim.next_due is None:
            return ("open", "")
        last = day(claim.next_due - timedelta(microseconds=1))
        return ("late", f"{last} · {_('overdue')}") if claim.next_due <= claim.read_at else ("open", last)

    @admin.display(description=_("amount"))
    def amount(self, claim: Claim) -> str:
        return amount_of(claim)


def amount_of(claim: Claim) -> str:
    """The decided amount, or what the rules would give; a dash where neither is known."""
    fen = claim.decided_fen
    if fen is None and claim.assessment is not None:
        fen = claim.assessment.net_fen
    return "—" if fen is None else yuan(fen)
