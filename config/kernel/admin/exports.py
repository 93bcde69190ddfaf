"""The export centre: who took what out of the house, what is ready to be fetched, what is asked for again and again."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.kernel.admin.exporting import ExportPage
from config.kernel.admin.paging import PageAdmin, person
from config.kernel.clock import database_now
from config.kernel.exporting import jobs, title_of
from config.kernel.models import Export, ExportSchedule, ExportStatus, FileFormat
from config.kernel.pages import Look
from config.kernel.refusals import NotPermitted, Refusal

TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
COLOURS = {
    ExportStatus.WAITING: "warning",
    ExportStatus.ASKED: "info",
    ExportStatus.RUNNING: "info",
    ExportStatus.READY: "success",
    ExportStatus.DECLINED: "danger",
    ExportStatus.FAILED: "danger",
}
SEES_ALL = "kernel.view_all_exports"


class StatusFilter(admin.SimpleListFilter):
    """By status, as the list shows it; its name in an address is that of the plain filter."""

    title = _("status")
    parameter_name = "status__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return ExportStatus.choices

    def queryset(self, request: HttpRequest, exports: QuerySet[Export]) -> QuerySet[Export]:
        status = self.value()
        if status is None:
            return exports
        is_over = Q(status=ExportStatus.READY, expires_at__lte=database_now())
        if status == ExportStatus.EXPIRED:
            return exports.filter(Q(status=status) | is_over)
        return exports.filter(Q(status=status) & ~is_over)


@admin.register(Export)
class ExportAdmin(PageAdmin):
    """One's own exports; those of everybody for who answers for them."""

    head_template = "desk/export/head.html"
    list_display = ("reference", "sheet_title", "status_shown", "rows", "asked_by", "asked_at", "in_the_clear")
    list_filter = (StatusFilter, "format")
    list_select_related = ("asked_by",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        seen_at = Value(database_now(), DateTimeField())
        exports: QuerySet[Export] = super().get_queryset(request).defer("query").annotate(seen_at=seen_at)
        return exports if request.user.has_perm(SEES_ALL) else exports.filter(asked_by=person(request))

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("new/<slug:name>/", wrap(new_export), name="kernel_export_new"),
            path("<int:page_id>/file/", wrap(fetch), name="kernel_export_file"),
            *super().get_urls(),
        ]

    def page_rows(self, look: Look) -> QuerySet[Export]:
        exports = Export.objects.select_related("asked_by", "agreed_by", "schedule")
        return exports if look.by.has_perm(SEES_ALL) else exports.filter(asked_by=look.by)

    def head(self, row: Export, look: Look) -> dict[str, Any]:
        return {"status": row.status_at(look.at).label}

    @admin.display(description=_("number"))
    def reference(self, export: Export) -> str:
        return str(export)

    @admin.display(description=_("sheet"))
    def sheet_title(self, export: Export) -> str:
        return f"{title_of(export.sheet)} · {export.format.upper()}"

    @display(description=_("status"), label={status.value: COLOURS.get(status, "") for status in ExportStatus})
    def status_shown(self, export: Any) -> tuple[str, str]:
        status = export.status_at(export.seen_at)
        return status.value, str(status.label)

    @admin.display(description=_("rows"))
    def rows(self, export: Export) -> int | None:
        """None where no file was begun: nobody knows yet."""
        return (
            export.done if export.status in (ExportStatus.RUNNING, ExportStatus.READY, ExportStatus.EXPIRED) else None
        )

    @admin.display(description=_("in the clear"), boolean=True)
    def in_the_clear(self, export: Export) -> bool:
        return bool(export.clear)


@admin.register(ExportSchedule)
class ExportScheduleAdmin(PageAdmin):
    """What is exported again and again."""

    list_display = ("name", "sheet_title", "rhythm", "owner", "next_at", "ended_at")
    list_select_related = ("owner",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExportSchedule]:
        rows: QuerySet[ExportSchedule] = super().get_queryset(request).defer("query")
        return rows if request.user.has_perm(SEES_ALL) else rows.filter(owner=person(request))

    def page_rows(self, look: Look) -> QuerySet[ExportSchedule]:
        rows = ExportSchedule.objects.select_related("owner")
        return rows if look.by.has_perm(SEES_ALL) else rows.filter(owner=look.by)

    @admin.display(description=_("sheet"))
    def sheet_title(self, schedule: ExportSchedule) -> str:
        return str(title_of(schedule.sheet))


def new_export(request: HttpRequest, name: str) -> HttpResponse:
    """The page on which a file of a list is asked for."""
    try:
        return ExportPage(request, name).respond()
    except Refusal as no:  # the list's address itself is not understood
        messages.error(request, str(no))
        return HttpResponseRedirect(reverse("admin:kernel_export_changelist"))


def fetch(request: HttpRequest, page_id: int) -> HttpResponseBase:
    """The file, piece by piece, for whoever asked for it."""
    try:
        export, stream = jobs.open_file(page_id, by=person(request), at=database_now())
    except (NotPermitted, Export.DoesNotExist) as no:
        raise PermissionDenied from no
    except Refusal as no:
        messages.error(request, str(no))
        return HttpResponseRedirect(reverse("admin:kernel_export_change", args=[page_id]))
    response = StreamingHttpResponse(stream, content_type=TYPES[FileFormat(export.format)])
    response["Content-Length"] = str(export.size)
    response["Content-Disposition"] = f'attachment; filename="{export}-{export.sheet}.{export.format}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
