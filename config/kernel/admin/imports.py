"""Imports of spreadsheets: what there is to import, an empty file, sending one, and the page on which it is decided."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from unfold.widgets import INPUT_CLASSES

from config.kernel.admin.paging import PageAdmin, look_of, person
from config.kernel.clock import database_now
from config.kernel.forms import Tick
from config.kernel.importing import jobs, workbooks
from config.kernel.importing.importers import Importer, importer_of, importers_for
from config.kernel.importing.sheets import LARGEST
from config.kernel.models import Import
from config.kernel.pages import Look
from config.kernel.refusals import Refusal


class SendFile(forms.Form):
    """A workbook or a CSV file; `again` takes one that was sent before."""

    template = "desk/fields.html"
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("XLSX or CSV, at most 30 MB and 100,000 rows."),
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".xlsx,.csv", "class": " ".join(INPUT_CLASSES)}),
    )
    again = Tick(label=gettext_lazy("Send it again, although this very file was sent before"))


@admin.register(Import)
class ImportAdmin(PageAdmin):
    """What somebody sent, for those who may import that kind, and for auditors."""

    list_before_template = "desk/imports/send.html"
    head_template = "desk/imports/head.html"
    list_display = ("name", "what", "status", "total", "bad", "asked_by", "asked_at")
    list_filter = ("status",)
    list_select_related = ("asked_by",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        return seen_by(request, super().get_queryset(request))

    def page_rows(self, look: Look) -> QuerySet[Import]:
        kinds = [importer.kind for importer in importers_for(look.by)]
        rows = Import.objects.select_related("asked_by", "confirmed_by")
        return rows if look.by.has_perm(ALL) else rows.filter(kind__in=kinds)

    def head(self, row: Any, look: Look) -> dict[str, Any]:
        return {"what": importer_of(row.kind).title}

    @admin.display(description=gettext_lazy("what"))
    def what(self, it: Import) -> str:
        return str(importer_of(it.kind).title)

    def get_urls(self) -> list[URLPattern]:
        def view(function: Any) -> Any:
            return self.admin_site.admin_view(function)

        return [
            path("send/", view(self.choose_view), name="kernel_import_choose"),
            path("send/<slug:kind>/", view(self.send_view), name="kernel_import_send"),
            path(
                "send/<slug:kind>/template.<slug:ending>",
                view(require_GET(self.template_view)),
                name="kernel_import_template",
            ),
            path("<int:pk>/faults/", view(require_POST(self.faults_view)), name="kernel_import_faults"),
            *super().get_urls(),
        ]

    def choose_view(self, request: HttpRequest) -> HttpResponse:
        """What this person may import."""
        kinds = list(importers_for(person(request)))
        if not kinds:
            raise PermissionDenied
        return self._page(request, {"kinds": kinds, "title": _("Import a spreadsheet")})

    def send_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """GET shows the columns and the form; POST keeps the file. A refusal comes back with 409 and its words."""
        importer, look = _importer(request, kind), look_of(request)
        form = SendFile(request.POST, request.FILES) if request.method == "POST" else SendFile()
        if not form.is_valid():
            return self._send_page(request, importer, form)
        file = form.cleaned_data["file"]
        try:
            it = jobs.receive(
                kind,
                file.name or "",
                file.read(LARGEST + 1),
                again=form.cleaned_data["again"],
                by=look.by,
                at=look.at,
            )
        except Refusal as no:
            return self._send_page(request, importer, form, no=no, status=409)
        return HttpResponseRedirect(reverse("admin:kernel_import_change", args=[it.pk]))

    def template_view(self, request: HttpRequest, kind: str, ending: str) -> HttpResponse:
        """An empty file of this kind."""
        importer = _importer(request, kind)
        if ending not in workbooks.TYPES:
            raise Http404
        return _download(workbooks.template(importer, ending), f"{kind}.{ending}", ending)

    def faults_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The bad rows as a file; that somebody took it is noted."""
        if not Import.objects.filter(pk=pk).exists():
            raise Http404
        try:
            it, lines = jobs.take_faults(pk, by=person(request), at=database_now())
        except Refusal as no:
            raise PermissionDenied from no
        return _download(workbooks.faults(it, lines), f"{it.kind}-{it.pk}-errors.{it.ending}", it.ending)

    def _send_page(
        self, request: HttpRequest, importer: type[Importer], form: Any, *, no: Refusal | None = None, status: int = 200
    ) -> HttpResponse:
        columns = importer.columns().values()
        context = {"importer": importer, "columns": columns, "form": form, "no": no, "title": importer.title}
        return self._page(request, context, status=status)

    def _page(self, request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        base = {
            **self.admin_site.each_context(request),
            "model_opts": self.opts,
            "list_url": reverse("admin:kernel_import_changelist"),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "desk/imports/new.html", base | context, status=status)


ALL = "kernel.view_all_imports"
"""Reading what others sent, of every kind, without what stands in their rows."""


def seen_by(request: HttpRequest, rows: QuerySet[Import]) -> QuerySet[Import]:
    """Those of kinds that the reader may import; all for who may read all."""
    by = person(request)
    return rows if by.has_perm(ALL) else rows.filter(kind__in=[one.kind for one in importers_for(by)])


def _importer(request: HttpRequest, kind: str) -> type[Importer]:
    """404 for a kind that is none, or that this person may not import."""
    for importer in importers_for(person(request)):
        if importer.kind == kind:
            return importer
    raise Http404 if request.user.has_perm("kernel.view_import") else PermissionDenied


def _download(data: bytes, name: str, ending: str) -> HttpResponse:
    response = HttpResponse(data, content_type=workbooks.TYPES[ending])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
