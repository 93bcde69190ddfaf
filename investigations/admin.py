"""Agencies and their people, and what they were asked."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from claims.admin.searching import FoundByCase
from claims.enums import ProcedureKind
from config.kernel.admin import DeskAdmin, PageAdmin, ReadOnlyAdmin
from config.kernel.admin.paging import look_of, person
from config.kernel.civil import last_day
from config.kernel.models import User
from config.kernel.pages import Look
from investigations.models import Agency, Commission, Investigator, Report
from investigations.querysets import CommissionQuerySet


class AgencyForm(forms.ModelForm):
    kinds = forms.MultipleChoiceField(
        label=_("procedures it does"), choices=ProcedureKind.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = Agency
        fields = ("name", "uscc", "kinds", "region", "active")


@admin.register(Agency)
class AgencyAdmin(DeskAdmin):
    is_small = True
    form = AgencyForm
    list_display = ("name", "region", "does", "active")
    list_filter = ("active",)
    search_fields = ("name",)
    ordering = ("name",)

    @admin.display(description=_("procedures it does"))
    def does(self, agency: Agency) -> str:
        return ", ".join(str(ProcedureKind(kind).label) for kind in agency.kinds)


@admin.register(Investigator)
class InvestigatorAdmin(DeskAdmin):
    is_small = True
    list_display = ("user", "agency")
    list_select_related = ("user", "agency")
    ordering = ("-id",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(groups__name="investigator").order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Commission)
class CommissionAdmin(FoundByCase, PageAdmin):
    """The desk reads all of them; an investigator those of the own agency that are open, and files reports there."""

    head_template = "desk/commission/head.html"
    list_display = ("claim", "kind", "agency", "state", "sent_at", "sent_by", "deadline_due")
    list_filter = ("kind", "state")
    list_select_related = ("claim", "agency", "sent_by", "deadline")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> CommissionQuerySet:
        rows: CommissionQuerySet = super().get_queryset(request)
        return rows if _is_of_the_desk(request) else rows.at_work().for_investigator(person(request))

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """An agency needs neither its own name nor that of the reviewer."""
        return self.list_display if _is_of_the_desk(request) else ("claim", "kind", "state", "sent_at", "deadline_due")

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.row_of(request, object_id, look_of(request))
        return super().history_view(request, object_id, extra_context)

    def page_rows(self, look: Look) -> QuerySet[Commission]:
        return Commission.objects.select_related("claim", "agency", "deadline")

    def head(self, row: Any, look: Look) -> dict[str, Any]:
        due_at = row.deadline.due_at
        return {"last_day": last_day(due_at) if due_at else None}

    def row_of(self, request: HttpRequest, pk: str, look: Look) -> Commission:
        """Another agency's is not found. What is posted about an own one that ended meanwhile gets its answer."""
        row: Commission = super().row_of(request, pk, look)
        if not _is_of_the_desk(request):
            own = CommissionQuerySet(Commission).for_investigator(person(request))
            if not (own if request.method == "POST" else own.at_work()).filter(pk=row.pk).exists():
                raise Http404
        return row

    @admin.display(description=_("due at"))
    def deadline_due(self, commission: Commission) -> Any:
        return commission.deadline.due_at


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("claim", "commission", "version", "conclusion", "filed_by", "filed_at", "returned_at")
    list_filter = ("conclusion",)
    list_select_related = ("commission__claim", "commission__agency", "filed_by")
    ordering = ("-id",)

    @admin.display(description=_("case"))
    def claim(self, report: Report) -> models.Model:
        return report.commission.claim


def _is_of_the_desk(request: HttpRequest) -> bool:
    """Whoever may read cases; everybody else with a view on commissions works for an agency."""
    return request.user.has_perm("claims.view_claim")
