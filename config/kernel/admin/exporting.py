"""From a list to a file: the page on which somebody chooses columns, and the rows of a list as it was filtered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.kernel.admin import searching
from config.kernel.clock import database_now
from config.kernel.exporting import Column, Sheet, jobs, may_export, registered, schedules, sheet_of
from config.kernel.keyboard import whole_number
from config.kernel.models import ColumnSet, Export, FileFormat, Rhythm, User
from config.kernel.refusals import InvalidInput, Refusal

SET, OWN_SET = "_set", "_own"
"""Parameters of the page's address that belong to it and not to the list."""


def listed(export: Export) -> QuerySet[Any]:
    """The rows of an export: its list, filtered as it was, for whoever asked; InvalidInput for a filter of old."""
    return changelist(sheet_of(export.sheet), QueryDict(export.query), export.asked_by).queryset


def changelist(sheet: type[Sheet], query: QueryDict, by: User, *, reads_rows: bool = False) -> Any:
    """The list of a sheet's model at an address, as `by` sees it; with a page of rows and a count only if wanted."""
    desk: Any = admin.site.get_model_admin(sheet.model)
    request: Any = RequestFactory().get("/")
    request.user, request.session, asked = by, {}, query.copy()
    request.reads_no_rows = not reads_rows
    if (said := asked.get(SEARCH_VAR)) and not desk.is_public(said):
        asked[SEARCH_VAR] = searching.keep(request, said)
    request.GET = asked
    try:
        return desk.get_changelist_instance(request)
    except (IncorrectLookupParameters, DisallowedModelAdminLookup) as error:  # the second is of a filter of old
        raise InvalidInput(field=_("Filters"), why=_("one of them is not understood.")) from error


def filters_in_words(cl: Any, *, tells_search: bool = True) -> list[tuple[str, str]]:
    """What a list is narrowed by: each filter's title and choice, and what was searched, which may be a number."""
    found = [(str(spec.title), words) for spec in cl.filter_specs if (words := _said(spec, cl))]
    if not cl.query:
        return found
    is_told = tells_search or cl.model_admin.is_public(cl.query)
    return [*found, (_("Search"), cl.query if is_told else _("of a person, not shown here"))]


def _said(spec: Any, cl: Any) -> str:
    asked = {name: cl.params[name] for name in spec.expected_parameters() if cl.params.get(name)}
    asked |= getattr(spec, "used_parameters", {})
    if not asked:
        return ""
    chosen = [str(one["display"]) for one in spec.choices(cl) if one.get("selected") and one.get("display")]
    return ", ".join(chosen) or ", ".join(str(value) for value in asked.values())


@dataclass(frozen=True, slots=True)
class Line:
    """A column as the page offers it."""

    name: str
    column: Column
    is_chosen: bool
    is_clear: bool

    @property
    def title(self) -> str:
        return str(self.column.column_name)


class ExportPage:
    """The page on which a file of one list is asked for."""

    def __init__(self, request: HttpRequest, name: str) -> None:
        sheet = registered.get(name)
        if sheet is None:
            raise Http404
        assert isinstance(request.user, User)
        desk: Any = admin.site.get_model_admin(sheet.model)
        if not may_export(sheet, request.user) or not desk.has_view_or_change_permission(request):
            raise PermissionDenied
        self.desk, self.request, self.sheet, self.by = desk, request, sheet, request.user
        self.query = self._list_query()
        self.cl = changelist(sheet, self.query, self.by, reads_rows=True)

    def respond(self) -> HttpResponse:
        """GET shows the page; POST asks for the file, or keeps the chosen columns under a name."""
        refusal = None
        if self.request.method == "POST":
            try:
                return self._answer()
            except Refusal as no:
                refusal = no
        return TemplateResponse(
            self.request, "desk/export/new.html", self._context(refusal), status=409 if refusal else 200
        )

    def _answer(self) -> HttpResponse:
        said, at = self.request.POST, database_now()
        if "save_set" in said:
            self._keep_set(said.get("set_name", ""))
            messages.success(self.request, _("The columns were kept under this name."))
            return HttpResponseRedirect(self.request.get_full_path())
        wanted = self._wanted()
        with transaction.atomic():
            export = jobs.ask(wanted, by=self.by, at=at)
            if rhythm := said.get("rhythm"):
                hour = whole_number(said.get("hour", "")) or 0
                schedules.plan(wanted, said.get("schedule_name", ""), rhythm, hour, by=self.by, at=at)
        return HttpResponseRedirect(reverse("admin:kernel_export_change", args=[export.pk]))

    def _wanted(self) -> jobs.Wanted:
        said = self.request.POST
        return jobs.Wanted(
            sheet=self.sheet.name,
            query=self.query.urlencode(),
            columns=self._in_order(said.getlist("columns")),
            clear=self._in_order(said.getlist("clear")),
            format=said.get("format", ""),
            language=get_language() or "",
            purpose=said.get("purpose", ""),
        )

    def _in_order(self, names: Sequence[str]) -> list[str]:
        """The names in the sheet's own order; unknown ones at the end, to be refused by name."""
        known = list(self.sheet.fields)
        return sorted(dict.fromkeys(names), key=lambda name: known.index(name) if name in known else len(known))

    def _keep_set(self, name: str) -> None:
        name, chosen = " ".join(name.split()), self._in_order(self.request.POST.getlist("columns"))
        if not 1 <= len(name) <= 40 or not chosen:
            raise InvalidInput(field=_("Name"), why=_("choose columns, and a name of 1 to 40 characters."))
        ColumnSet.objects.update_or_create(user=self.by, sheet=self.sheet.name, name=name, defaults={"columns": chosen})

    def _list_query(self) -> QueryDict:
        """The list's part of the address; a search that only the session knows is looked up."""
        query = self.request.GET.copy()
        for name in (SET, OWN_SET):
            query.pop(name, None)
        if (said := query.get(SEARCH_VAR)) and not self.desk.is_public(said):
            text = searching.recall(self.request, said)
            if text is None:
                raise InvalidInput(field=_("Search"), why=_("it is no longer kept. Type it again in the list."))
            query[SEARCH_VAR] = text
        return query

    def _context(self, refusal: Refusal | None) -> dict[str, Any]:
        said, opts = self.request.POST, self.desk.opts
        return {
            **self.desk.admin_site.each_context(self.request),
            "title": _("Export: %(sheet)s") % {"sheet": self.sheet.title},
            "sheet": self.sheet,
            "list_url": self._url(reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"), {}),
            "cl": self.cl,
            "filters": filters_in_words(self.cl),
            "lines": list(self._lines()),
            "sets": self._sets(),
            "formats": FileFormat.choices,
            "rhythms": Rhythm.choices,
            "hours": range(24),
            "may_clear": self.by.has_perm(jobs.CLEAR),
            "said": said or {"format": FileFormat.XLSX.value, "hour": "6"},
            "refusal": refusal,
        }

    def _lines(self) -> Iterator[Line]:
        said = self.request.POST
        chosen = said.getlist("columns") if said else self._chosen()
        clear = said.getlist("clear")
        for name, column in self.sheet.columns_for(self.by).items():
            yield Line(name, column, name in chosen, name in clear)

    def _chosen(self) -> Sequence[str]:
        """The columns of the set that the address names, the usual ones where it names none."""
        if (own := whole_number(self.request.GET.get(OWN_SET, ""))) is not None:
            kept = ColumnSet.objects.filter(pk=own, user=self.by, sheet=self.sheet.name).first()
            if kept is not None:
                return list(kept.columns)
        name = self.request.GET.get(SET, "")
        first = next(iter(self.sheet.sets.values()), ("", tuple(self.sheet.fields)))
        return self.sheet.sets.get(name, first)[1]

    def _sets(self) -> list[tuple[str, str, bool]]:
        """Name, address and whether it is the present one, of each set of columns."""
        now, own_now = self.request.GET.get(SET, ""), self.request.GET.get(OWN_SET, "")
        first = next(iter(self.sheet.sets), "")
        ready = [
            (str(title), self._url("", {SET: name}), not own_now and name == (now or first))
            for name, (title, _names) in self.sheet.sets.items()
        ]
        own = ColumnSet.objects.filter(user=self.by, sheet=self.sheet.name)
        return [*ready, *((kept.name, self._url("", {OWN_SET: str(kept.pk)}), own_now == str(kept.pk)) for kept in own)]

    def _url(self, path: str, more: dict[str, str]) -> str:
        query = self.request.GET.copy()
        for name in (SET, OWN_SET):
            query.pop(name, None)
        query.update(more)
        return f"{path}?{query.urlencode()}"
