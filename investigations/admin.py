"""Agencies and their people, and what they were asked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from claims.admin.searching import FoundByCase
from claims.enums import ProcedureKind
from config.kernel.admin import DeskAdmin, PageAdmin, ReadOnlyAdmin
from config.kernel.admin.paging import look_of
from config.kernel.civil import last_day
from config.kernel.forms import Text
from config.kernel.models import User
from config.kernel.pages import Look
from config.kernel.refusals import Refusal
from investigations.models import Agency, Commission, Investigator, Report
from investigations.services import second_factor

admin.site.unregister([TOTPDevice, StaticDevice])  # their keys are on no screen


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


class Reason(forms.Form):
    reason = Text(label=_("Reason"), help_text=_("How you knew who was asking."), is_private=False)


@admin.register(Investigator)
class InvestigatorAdmin(DeskAdmin):
    is_small = True
    list_display = ("user", "agency", "is_coordinator")
    list_select_related = ("user", "agency")
    ordering = ("-id",)
    fields = ("user", "agency", "is_coordinator", "second_factor")
    readonly_fields = ("second_factor",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.reset_view)
        name = "investigations_investigator_reset"
        return [path("<int:pk>/second-factor/", view, name=name), *super().get_urls()]

    @admin.display(description=_("second factor"))
    def second_factor(self, investigator: Investigator) -> str:
        if investigator.pk is None:
            return "—"
        said = gettext("set up") if second_factor.is_set_up(investigator.user) else gettext("not set up yet")
        url = reverse("admin:investigations_investigator_reset", args=[investigator.pk])
        return format_html('{} · <a href="{}">{}</a>', said, url, gettext("Take it away"))

    def reset_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What happened to somebody's second factor, and the form that takes a lost one away."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        investigator = get_object_or_404(Investigator.objects.select_related("user", "agency"), pk=pk)
        form, look = Reason(request.POST or None), look_of(request)
        if form.is_valid():
            try:
                second_factor.reset(investigator, reason=form.cleaned_data["reason"], by=look.by, at=look.at)
            except Refusal as no:
                form.add_error("reason", str(no))
            else:
                messages.success(request, gettext("Taken away: the next sign-in sets up another."))
                return HttpResponseRedirect(reverse("admin:investigations_investigator_change", args=[pk]))
        events = investigator.factor_events.select_related("by")
        context = {**self.admin_site.each_context(request), "title": gettext("Second factor"), "opts": self.opts}
        context |= {"investigator": investigator, "form": form, "events": events}
        return TemplateResponse(request, "desk/second_factor.html", context, status=409 if form.errors else 200)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(groups__name="investigator").order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Commission)
class CommissionAdmin(FoundByCase, PageAdmin):
    """The desk reads all of them; agencies answer on their own pages (`investigations.views`)."""

    head_template = "desk/commission/head.html"
    list_display = ("claim", "kind", "agency", "state", "sent_at", "sent_by", "deadline_due")
    list_filter = ("kind", "state")
    list_select_related = ("claim", "agency", "sent_by", "deadline")
    ordering = ("-id",)

    def page_rows(self, look: Look) -> QuerySet[Commission]:
        return Commission.objects.select_related("claim", "agency", "deadline")

    def head(self, row: Any, look: Look) -> dict[str, Any]:
        due_at = row.deadline.due_at
        return {"last_day": last_day(due_at) if due_at else None}

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
