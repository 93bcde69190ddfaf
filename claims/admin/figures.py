"""The page of figures, and each of its tables as a file. Every number leads to the cases that it counts."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from time import perf_counter
from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from claims.forms.figures import CHOICES, Choice, chosen
from config.kernel.admin.paging import person
from config.kernel.cells import plain
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.display import language
from config.kernel.figures import Asked, Block, Number, Table, Unit, blocks_for
from config.kernel.models import Team, User
from members.models import Plan

PERMISSION = "claims.view_figures"
SLOW, KEPT_FOR = 0.1, 60
"""Seconds: a block that takes longer than the first is not computed again before the second are over."""

PATIENCE = 0.5
"""Seconds: what is not computed by then is fetched by the page itself, block by block, while the rest can be read."""

MOST = 40
"""Lines that a chart draws; the table has all."""

UNITS = {Unit.SHARE: "%", Unit.SPAN: gettext_lazy("hours"), Unit.FEN: gettext_lazy("yuan")}
"""Of a column of a file, where its head does not say it."""


def figure_urls(site: AdminSite) -> list[URLPattern]:
    return [
        path("figures/", site.admin_view(require_safe(page)), name="claims_claim_figures"),
        path("figures/<slug:name>.csv", site.admin_view(require_safe(sheet)), name="claims_claim_figures_csv"),
    ]


def page(request: HttpRequest) -> HttpResponse:
    """The blocks that the reader may see, computed now; one of them alone where the address says `only`."""
    by, at = _reader(request), database_now()
    choice = chosen(request.GET.dict(), today=civil_date(at))
    blocks, only = blocks_for(by), request.GET.get("only", "")
    if only and not (blocks := [one for one in blocks if one.name == only]):
        raise Http404
    context = {
        "title": _("Figures"),
        "choice": choice,
        "choices": CHOICES,
        "plans": Plan.objects.all(),
        "teams": Team.objects.all(),
        "blocks": list(_computed(blocks, choice, at)),
        "whole": only and f"?{urlencode(_query(choice))}",
        "at": at,
    }
    return TemplateResponse(request, "desk/figures.html", admin.site.each_context(request) | context)


def _computed(blocks: list[Block], choice: Choice, at: datetime) -> Iterator[dict[str, Any]]:
    """Each block as its template takes it; the first in any case, one that has to wait with its own address."""
    until = perf_counter() + PATIENCE
    for place, block in enumerate(blocks):
        kept = cache.get(_key(block, choice.asked))
        if kept is None and place and perf_counter() > until:
            yield {"block": block, "later": f"?{urlencode(_query(choice) | {'only': block.name})}"}
        else:
            yield _shown(block, choice, *(kept or _read(block, choice.asked, at)))


def sheet(request: HttpRequest, name: str) -> HttpResponse:
    """One table as CSV: UTF-8 with its mark, numbers without their units, no text that could be a formula."""
    by, at = _reader(request), database_now()
    block = next((one for one in blocks_for(by) if one.name == name), None)
    if block is None:
        raise Http404
    asked = chosen(request.GET.dict(), today=civil_date(at)).asked
    out = io.StringIO()
    csv.writer(out).writerows(_cells(block.read(asked, at)))
    days = f"{asked.period.first}-{asked.period.last}"
    return HttpResponse(
        out.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="figures-{name}-{days}.csv"',
            "Cache-Control": "no-store, private",
        },
    )


def _reader(request: HttpRequest) -> User:
    by = person(request)
    if not by.has_perm(PERMISSION):
        raise PermissionDenied
    return by


def _cells(table: Table) -> Iterator[list[Any]]:
    """The rows of a file; a last column for what is to be known of a line, where there is any."""
    has_notes = any(line.note for line in table.lines)
    units = [UNITS.get(number.unit, "") for number in table.lines[0].numbers] if table.lines else []
    heads = [f"{head} ({unit})" if unit else str(head) for head, unit in zip(table.heads, units, strict=False)]
    yield [plain(str(head)) for head in (table.of, *heads, *([_("Note")] if has_notes else []))]
    for line in table.lines:
        values = ["" if number.plain is None else number.plain for number in line.numbers]
        yield [plain(str(line.label)), *values, *([plain(str(line.note))] if has_notes else [])]


def _key(block: Block, asked: Asked) -> str:
    return "figures-" + sha256(repr((block.name, asked, language())).encode()).hexdigest()


def _read(block: Block, asked: Asked, at: datetime) -> tuple[Table, datetime | None]:
    """The table, computed now; one that takes long is kept for a minute, with the instant it is of."""
    start = perf_counter()
    table = block.read(asked, at)
    if perf_counter() - start > SLOW:
        cache.set(_key(block, asked), (table, at), KEPT_FOR)
    return table, None


def _shown(block: Block, choice: Choice, table: Table, kept_since: datetime | None) -> dict[str, Any]:
    """A block as its template takes it."""
    lines = [
        {"line": line, "numbers": [(str(one), one.about, _address(one, choice.asked)) for one in line.numbers]}
        for line in table.lines
    ]
    return {
        "block": block,
        "table": table,
        "lines": lines,
        "chart": _chart(block, table),
        "is_cut": len(lines) > MOST,
        "sheet": f"{reverse('admin:claims_claim_figures_csv', args=[block.name])}?{urlencode(_query(choice))}",
        "kept_since": kept_since,
        "of_all_teams": choice.asked.team is not None and not block.by_team,
    }


def _chart(block: Block, table: Table) -> dict[str, Any] | None:
    """What the script draws: plain numbers, and how."""
    if table.chart is None or not table.lines:
        return None
    columns = [*table.chart.columns]
    unit = table.lines[0].numbers[columns[0]].unit
    return {
        "title": str(block.title),
        "labels": [str(line.label) for line in table.lines[:MOST]],
        "quiet": [line.is_quiet for line in table.lines[:MOST]],
        "series": [
            {"label": str(table.heads[place]), "values": [_drawn(line.numbers[place]) for line in table.lines[:MOST]]}
            for place in columns
        ],
        "stacked": table.chart.stacked,
        "upright": table.chart.upright,
        "most": 100 if unit is Unit.SHARE else None,
    }


def _drawn(number: Number) -> float | None:
    return None if number.plain is None else float(number.plain)


def _address(number: Number, asked: Asked) -> str:
    """The list of the cases that the number counts."""
    if number.behind is None:
        return ""
    said = {"figure": number.behind.name, "of": number.behind.part, "plan": asked.plan, "team": asked.team or ""}
    days = {"from": asked.period.first.isoformat(), "to": asked.period.last.isoformat()}
    query = {name: value for name, value in (said | days).items() if value}
    return f"{reverse('admin:claims_claim_changelist')}?{urlencode(query)}"


def _query(choice: Choice) -> dict[str, Any]:
    asked = choice.asked
    said = {
        "period": "own",
        "from": asked.period.first,
        "to": asked.period.last,
        "plan": asked.plan,
        "team": asked.team,
    }
    return {name: value for name, value in said.items() if value}
