"""Second looks: their list and pages, the drawings that they come from, the monthly reports."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, DateField, ExpressionWrapper, Q, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from claims.admin.look_filters import (
    AgreementFilter,
    DeciderFilter,
    FaultFilter,
    MonthFilter,
    ReasonFilter,
    StandingFilter,
    today,
)
from claims.admin.quality import QualityPages
from claims.admin.searching import FoundByCase
from claims.enums import Mistake, Post, SampleReason
from claims.models import Drawing, MonthlyReport, SecondLook
from claims.panels.second_looks import FILE, is_shown, status
from claims.services import looking, monthly
from config.kernel import files, pages
from config.kernel.admin import PageAdmin, ReadOnlyAdmin
from config.kernel.admin.paging import person
from config.kernel.display import day
from config.kernel.models import User
from config.kernel.pages import Look

STATUSES = {
    "drawn": "warning",
    "nobody": "danger",
    "given": "info",
    "stated": "info",
    "contested": "danger",
    "done": "success",
}
PAGE_OF_CASE = (
    "claim__membership__member",
    "claim__membership__plan",
    "claim__membership__covenant",
    "claim__covenant__plan",
    "claim__assessment__covenant__plan",
)


def readable(rows: QuerySet[SecondLook], by: User) -> QuerySet[SecondLook]:
    """All of them for those who read of quality; for others their own, and those done on their decisions."""
    if by.has_perm("claims.view_quality"):
        return rows
    return rows.filter(Q(given_to=by) | Q(decided_by=by, looked_at__isnull=False))


@admin.register(SecondLook)
class SecondLookAdmin(QualityPages, FoundByCase, PageAdmin):
    """What the second one must not know yet stands neither on the page, nor in the list, nor in its filters."""

    change_list_template = "desk/look/list.html"
    head_template = "desk/look/head.html"
    list_display = ("claim", "month", "reasons_shown", "given_to", "standing", "due", "agreement_shown", "error")
    list_select_related = ("claim", "drawing", "given_to")
    list_filter = (MonthFilter, StandingFilter, ReasonFilter, AgreementFilter, FaultFilter, DeciderFilter)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SecondLook]:
        by = person(request)
        unstated = Q(stated_at__isnull=True) if by.has_perm(looking.LOOK) else Q(pk__in=())
        hidden = ExpressionWrapper(unstated, output_field=BooleanField())
        return readable(super().get_queryset(request), by).annotate(is_hidden=hidden)

    def rows_shown(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.annotate(read_on=Value(today(), output_field=DateField()))

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters: list[Any] = list(super().get_list_filter(request))
        return filters if person(request).has_perm("claims.view_quality") else [MonthFilter, StandingFilter]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Nothing but our own filters: an address asks for no column of the decision."""
        return lookup in {name for one in self.get_list_filter(request) for name in one.parameters}

    def page_rows(self, look: Look) -> QuerySet[SecondLook]:
        rows = SecondLook.objects.select_related("drawing", "given_to", "decided_by", "settled_by", *PAGE_OF_CASE)
        return readable(rows, look.by)

    def head(self, row: Any, look: Look) -> dict[str, Any]:
        key, words = status(row)
        return {
            "status": words,
            "colour": STATUSES[key],
            "is_late": row.looked_at is None and row.due_on is not None and row.due_on < today(),
            "is_shown": is_shown(row, look.by),
            "is_own": row.given_to_id == look.by.pk,
        }

    def respond(
        self, request: HttpRequest, template: str, row: Any, look: Look, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        """The page has the file of the case between what was decided on and what was said."""
        if "panels" in context:
            first, *others = context["panels"] or [None]
            context["panels"] = [*([first] if first else []), *_file(request, row, look), *others]
        return super().respond(request, template, row, look, context, status=status)

    @admin.display(description=_("month"))
    def month(self, look: SecondLook) -> str:
        return str(look.drawing)

    @admin.display(description=_("drawn because"))
    def reasons_shown(self, look: Any) -> str:
        if look.is_hidden:
            return "—"
        return gettext(", ").join(str(SampleReason(reason).label) for reason in look.reasons)

    @display(description=_("state"), label=STATUSES)
    def standing(self, look: SecondLook) -> tuple[str, str]:
        return status(look)

    @display(description=_("to be done by"), label={"late": "danger", "open": ""})
    def due(self, look: Any) -> tuple[str, str]:
        if look.due_on is None or look.looked_at is not None:
            return "open", ""
        if look.due_on < look.read_on:
            return "late", f"{day(look.due_on)} · {gettext('overdue')}"
        return "open", day(look.due_on)

    @admin.display(description=_("agreement"))
    def agreement_shown(self, look: SecondLook) -> str:
        return str(look.get_agreement_display()) or "—"

    @admin.display(description=_("error"))
    def error(self, look: SecondLook) -> str:
        if not look.fault_post:
            return "—"
        said = f"{Post(look.fault_post).label}: {Mistake(look.fault_kind).label}"
        return said if look.is_standing else f"{said} · {gettext('fell')}"


def _file(request: HttpRequest, row: SecondLook, look: Look) -> list[dict[str, Any]]:
    """The parts of the case's own page that say what was known, as it was at the decision."""
    shown = [panel for panel in pages.panels_for(row.claim, look.by) if panel.name in FILE]
    claim, until = pages.once(row, looking.as_decided), looking.moment_of(row)
    return [
        {"panel": panel, "html": render_to_string(panel.template, FILE[panel.name](claim, look, until=until), request)}
        for panel in shown
    ]


@admin.register(Drawing)
class DrawingAdmin(ReadOnlyAdmin):
    list_display = ("month_shown", "is_monthly", "cases", "drawn_by", "drawn_at", "seed")
    list_select_related = ("drawn_by",)
    ordering = ("-id",)

    @admin.display(description=_("month"))
    def month_shown(self, drawing: Drawing) -> str:
        return str(drawing)


@admin.register(MonthlyReport)
class MonthlyReportAdmin(ReadOnlyAdmin):
    """What was asked for and how far it is; one with names is listed for those alone who may read it."""

    change_list_template = "desk/look/list.html"
    list_display = ("month_shown", "version", "progress", "as_of", "asked_by", "asked_at", "pdfs")
    list_display_links = None
    list_select_related = ("asked_by",)
    ordering = ("-id",)
    exclude = ("facts",)

    def get_urls(self) -> list[URLPattern]:
        pdf = self.admin_site.admin_view(self.pdf_view)
        return [path("<int:report_id>/<slug:name>.pdf", pdf, name="claims_monthlyreport_pdf"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MonthlyReport]:
        rows: QuerySet[MonthlyReport] = super().get_queryset(request)
        return rows if person(request).has_perm("claims.settle_second_look") else rows.filter(has_names=False)

    def pdf_view(self, request: HttpRequest, report_id: int, name: str) -> HttpResponse:
        """One of the two PDFs, to be saved."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        report = self.get_queryset(request).select_related("chinese", "english").filter(pk=report_id).first()
        stored = None if report is None else {"zh": report.chinese, "en": report.english}.get(name)
        if report is None or stored is None:
            raise Http404
        monthly.check_may_read(report, by=person(request))
        saved = {"Content-Disposition": f'attachment; filename="report-{report.month:%Y-%m}-{name}.pdf"'}
        return HttpResponse(files.read(stored), content_type=files.PDF, headers=saved)

    @admin.display(description=_("month"))
    def month_shown(self, report: MonthlyReport) -> str:
        return str(report)

    @admin.display(description=_("version"))
    def version(self, report: MonthlyReport) -> str:
        return gettext("with names") if report.has_names else gettext("without names")

    @admin.display(description=_("progress"))
    def progress(self, report: MonthlyReport) -> str:
        return progress_of(report)

    @admin.display(description="PDF")
    def pdfs(self, report: MonthlyReport) -> SafeString:
        return links_of(report)


def progress_of(report: MonthlyReport) -> str:
    """Ready, failed, or how many of its three steps are done: figures, Chinese, English."""
    if report.has_failed:
        return gettext("could not be made")
    if report.finished_at is not None:
        return gettext("ready")
    done = sum(part is not None for part in (report.as_of, report.chinese_id, report.english_id))
    return gettext("%(done)s of 3 steps") % {"done": done}


def links_of(report: MonthlyReport) -> SafeString:
    """Links to the PDFs that are there."""
    there = [(name, words) for name, words, key in _PDFS if getattr(report, key) is not None]
    urls = [(reverse("admin:claims_monthlyreport_pdf", args=[report.pk, name]), words) for name, words in there]
    return SafeString(" · ".join(format_html('<a href="{}">{}</a>', url, words) for url, words in urls) or "—")


_PDFS = (("zh", "中文", "chinese_id"), ("en", "English", "english_id"))
