"""Agencies and their people, and what they were asked."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_safe
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from claims.admin.papers import ENDINGS, guarded, opened
from claims.admin.searching import FoundByCase
from claims.enums import ProcedureKind
from config.kernel import files as store
from config.kernel import rendering
from config.kernel.admin import DeskAdmin, PageAdmin, ReadOnlyAdmin
from config.kernel.admin.paging import look_of, person
from config.kernel.civil import last_day
from config.kernel.clock import database_now
from config.kernel.files import FileLost
from config.kernel.forms import Text
from config.kernel.models import User
from config.kernel.pages import Look
from config.kernel.refusals import InvalidInput, NotPermitted, Refusal
from investigations import services
from investigations.enums import AT_WORK, PROVINCES
from investigations.models import Agency, Commission, Exhibit, Investigator, Report
from investigations.policies import EXPORT_CUSTODY
from investigations.resources import FORMATS, written
from investigations.services import exporting, playing, second_factor
from investigations.services.authorising import open_authorisation

admin.site.unregister([TOTPDevice, StaticDevice])  # their keys are on no screen


class AgencyForm(forms.ModelForm):
    kinds = forms.MultipleChoiceField(
        label=_("procedures it does"), choices=ProcedureKind.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    provinces = forms.MultipleChoiceField(
        label=_("provinces it goes to"),
        choices=[(name, name) for name in PROVINCES],
        required=False,
        help_text=_("None: it goes everywhere."),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Agency
        fields = ("name", "uscc", "kinds", "region", "provinces", "capacity", "active")


@admin.register(Agency)
class AgencyAdmin(PageAdmin):
    """Whoever keeps the register edits an agency; everybody else reads its page."""

    is_small = True
    form = AgencyForm
    head_template = "desk/agency/head.html"
    list_display = ("name", "region", "does", "active")
    list_filter = ("active",)
    search_fields = ("name",)
    ordering = ("name",)

    def get_urls(self) -> list[URLPattern]:
        sheet = self.admin_site.admin_view(require_GET(fee_sheet))
        name = "investigations_agency_fees"
        return [path("<int:agency_id>/fees/<int:year>/<int:month>/", sheet, name=name), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return bool(request.user.has_perm("investigations.add_agency"))

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return bool(request.user.has_perm("investigations.change_agency"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_change_permission(request):
            response: HttpResponse = super(PageAdmin, self).change_view(request, object_id, form_url, extra_context)
            return response
        return super().change_view(request, object_id, form_url, extra_context)

    def head(self, row: Any, look: Look) -> dict[str, Any]:
        return {
            "does": self.does(row),
            "provinces": "、".join(row.provinces) or _("everywhere"),
            "load": row.commissions.filter(state__in=AT_WORK).count(),
        }

    @admin.display(description=_("procedures it does"))
    def does(self, agency: Agency) -> str:
        return ", ".join(str(ProcedureKind(kind).label) for kind in agency.kinds)


def fee_sheet(request: HttpRequest, agency_id: int, year: int, month: int) -> HttpResponse:
    """What an agency earned in a month, as a spreadsheet to be saved; every download is noted."""
    ending = request.GET.get("as", "csv")
    if not (1 <= month <= 12 and 2000 <= year <= 2999) or ending not in FORMATS:
        raise Http404
    try:
        lines = services.take_fee_sheet(agency_id, date(year, month, 1), by=person(request), at=database_now())
    except NotPermitted as no:
        raise PermissionDenied from no
    except (InvalidInput, Agency.DoesNotExist) as no:
        raise Http404 from no
    response = HttpResponse(written(lines, ending), content_type=FORMATS[ending])
    response["Content-Disposition"] = f'attachment; filename="fees-{agency_id}-{year}-{month:02}.{ending}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


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

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "investigations_commission_letter"
        of_case = "letters/<int:claim_id>/<int:letter_id>/"
        return [
            path(f"{of_case}page/<int:page>/", view(require_safe(letter_page)), name=f"{name}_page"),
            path(of_case, view(require_safe(letter_original)), name=name),
            path(
                "<int:page_id>/play/<int:pk>/",
                view(require_GET(self.play_view)),
                name="investigations_commission_play",
            ),
            path("<int:page_id>/export/", view(self.export_view), name="investigations_commission_export"),
            *super().get_urls(),
        ]

    def play_view(self, request: HttpRequest, page_id: int, pk: int) -> HttpResponse:
        """A recording of this commission, with the browser's own player; that it was opened is in the log."""
        look = look_of(request)
        row = self.row_of(request, str(page_id), look)
        try:
            player = playing.open_player(pk, commission_id=row.pk, by=look.by, at=look.at)
        except Exhibit.DoesNotExist as error:
            raise Http404 from error
        except Refusal as no:
            messages.error(request, str(no))
            return HttpResponseRedirect(reverse("admin:investigations_commission_change", args=[row.pk]))
        return self.respond(request, "desk/commission/play.html", row, look, {"player": player})

    def export_view(self, request: HttpRequest, page_id: int) -> HttpResponseBase:
        """The evidence as one signed archive, for whoever may take it out of the house; the log tells of it."""
        look = look_of(request)
        row = self.row_of(request, str(page_id), look)
        if not look.by.has_perm(EXPORT_CUSTODY):
            raise PermissionDenied
        refusal = ""
        if request.method == "POST":
            try:
                return _handed_over(row, look)
            except (Refusal, FileLost) as no:
                refusal = str(no) if isinstance(no, Refusal) else str(GONE)
        context = {"refusal": refusal, "size": exporting.size_of(row)}
        return self.respond(request, "desk/commission/export.html", row, look, context, status=409 if refusal else 200)

    @admin.display(description=_("due at"))
    def deadline_due(self, commission: Commission) -> Any:
        return commission.deadline.due_at


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("claim", "commission", "version", "conclusion", "filed_by", "filed_at", "returned_at")
    list_filter = ("conclusion",)
    list_select_related = ("commission__claim", "commission__agency", "filed_by")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        rows: QuerySet[Report] = super().get_queryset(request)
        return rows.defer("findings", "content", "points")

    @admin.display(description=_("case"))
    def claim(self, report: Report) -> models.Model:
        return report.commission.claim


GONE = _("The file is not in the store any more. Tell an administrator.")


def _handed_over(commission: Commission, look: Look) -> FileResponse:
    """Whole on the disk before the first byte leaves, under a name that nobody can open."""
    store = Path(settings.MEDIA_ROOT)
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    out = TemporaryFile(dir=store)  # noqa: SIM115  (the answer closes it)
    try:
        exporting.export(commission.pk, out, by=look.by, at=look.at)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=f"custody-{commission.pk}.zip")


@guarded
def letter_page(request: HttpRequest, claim_id: int, letter_id: int, page: int) -> HttpResponse:
    """One page of a letter of authorisation, drawn anew."""
    scan = opened(open_authorisation, request, claim_id, letter_id).scan
    if not 1 <= page <= scan.pages:
        raise Http404
    return HttpResponse(rendering.draw_page(store.read(scan), scan.content_type, page), content_type=rendering.IMAGE)


@guarded
def letter_original(request: HttpRequest, claim_id: int, letter_id: int) -> HttpResponse:
    """The scan as it came in, to be saved and never shown."""
    scan = opened(open_authorisation, request, claim_id, letter_id).scan
    response = HttpResponse(store.read(scan), content_type=scan.content_type)
    name = f"authorisation-{letter_id}{ENDINGS[scan.content_type][0]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
