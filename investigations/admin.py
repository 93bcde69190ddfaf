"""Agencies and their people, and what they were asked."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from claims.enums import ProcedureKind
from config.kernel.admin import DeskAdmin, ReadOnlyAdmin
from config.kernel.models import User
from investigations.models import Agency, Commission, Investigator, Report


class AgencyForm(forms.ModelForm):  # type: ignore[type-arg]
    kinds = forms.MultipleChoiceField(
        label=_("procedures it does"), choices=ProcedureKind.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = Agency
        fields = ("name", "uscc", "kinds", "region", "active")


@admin.register(Agency)
class AgencyAdmin(DeskAdmin):
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
    list_display = ("user", "agency")
    list_select_related = ("user", "agency")
    ordering = ("-id",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(groups__name="investigator").order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Commission)
class CommissionAdmin(ReadOnlyAdmin):
    list_display = ("claim", "kind", "agency", "state", "sent_at", "sent_by", "deadline_due")
    list_filter = ("kind", "state")
    list_select_related = ("claim", "agency", "sent_by", "deadline")
    search_fields = ("=claim__number",)
    search_help_text = _("Whole case number")
    ordering = ("-id",)

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
