"""The list of objections: what is open, what it does to the clock, and whose turn it is."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import CharField, F, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from claims.admin.file import OfACase
from claims.models import Assignment, Objection, Procedure
from claims.panels import disputes
from config.kernel.admin.listing import LongList
from config.kernel.civil import civil_date, days_between
from config.kernel.clock import database_now


class OpenFilter(admin.SimpleListFilter):
    """What waits for somebody, unless another part is asked for."""

    title = _("open")
    parameter_name = "open"
    closed: dict[str, Any] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("ended")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("open")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(**self.closed) if self.value() == "no" else queryset.exclude(**self.closed)


class WithThirdParties(LongList):
    """The rows of a page with what third parties answered, asked for once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        told = disputes.third_parties([one for row in rows for one in row.procedures.all()])
        for row in rows:
            row.told = told
        self.result_list = rows


class DisputeAdmin(OfACase):
    """What somebody holds against a case, or against its refusal; each line leads to the page of the case."""

    list_display_links = None
    place: str
    """The panel of the case's page that tells more."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[LongList]:
        return WithThirdParties

    def rows_shown(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        at_work = Assignment.objects.filter(claim=OuterRef("claim"), step=OuterRef("claim__state"))
        name = Coalesce(NullIf("user__display_name", Value("")), F("user__username"), output_field=CharField())
        return rows.prefetch_related(Prefetch("procedures", Procedure.objects.order_by("id"))).annotate(
            works_on=Subquery(at_work.values_list(name)[:1]), read_at=Value(database_now())
        )

    @admin.display(description=_("case"))
    def case(self, row: Any) -> str:
        page = reverse("admin:claims_claim_change", args=[row.claim_id])
        return format_html('<a class="desk-case-link" href="{}#{}">{}</a>', page, self.place, row.claim)

    @admin.display(description=_("third party"))
    def third_party(self, row: Any) -> str:
        return "; ".join(disputes.progress(one, row.told) for one in row.procedures.all()) or "—"

    @admin.display(description=_("works on it"))
    def worker(self, row: Any) -> str:
        return row.works_on or "—"


class OpenObjections(OpenFilter):
    closed = {"resolved_at__isnull": False}


@admin.register(Objection)
class ObjectionAdmin(DisputeAdmin):
    list_display = ("case", "kind", "received_at", "days_open", "effect", "third_party", "worker", "next_step")
    list_filter = (OpenObjections, "kind")
    list_select_related = ("claim__covenant", "publicity")
    ordering = ("received_at", "id")
    place = "disputes"

    @admin.display(description=_("days open"))
    def days_open(self, objection: Any) -> int:
        until: datetime = objection.resolved_at or objection.read_at
        return days_between(civil_date(objection.received_at), civil_date(until))

    @admin.display(description=_("effect on the clock"))
    def effect(self, objection: Objection) -> str:
        return disputes.effect(objection)

    @admin.display(description=_("next step"))
    def next_step(self, objection: Any) -> str:
        if objection.resolved_at is not None:
            return objection.get_finding_display()
        return disputes.next_step(objection, list(objection.procedures.all()), objection.told) or "—"
