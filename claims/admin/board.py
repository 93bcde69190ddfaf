"""The deadline board: calendar and list, and what a change of many clocks would do before it is done."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from claims.forms.deadlines import Narrow, WhatIf
from claims.models import Deadline
from claims.services import foreseeing, ladder, watching
from claims.services.foreseeing import AT_ONCE
from claims.services.watching import NEAR, OVERDUE, STILL, TOO_LONG, Asked
from config.kernel.admin import DeskAdmin
from config.kernel.admin.paging import person
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.models import User
from config.kernel.refusals import NotPermitted
from config.kernel.working_days import work_calendar

CALENDAR, LIST = "calendar", "list"


class BoardAdmin(DeskAdmin):
    """Pages that the table of deadlines has besides its list."""

    board_template: ClassVar[str] = "desk/deadlines/board.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("board/", wrap(self.board_view), name="claims_deadline_board"),
            path("board/change/", wrap(self.what_if_view), name="claims_deadline_what_if"),
            *super().get_urls(),
        ]

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """What has to be met and what was missed; nothing is changed here."""
        by, at = person(request), database_now()
        form = Narrow(request.GET, teams=_scope(by))
        asked = form.asked()
        view = CALENDAR if request.GET.get("view") == CALENDAR else LIST
        shown = _calendar(request, asked, at) if view == CALENDAR else _list(request, asked, at)
        context = {
            "title": _("Deadline board"),
            "form": form,
            "view": view,
            "views": [(name, label, _address(request, view=name)) for name, label in _views()],
            "tiles": _tiles(request, asked, at),
            "may_change": _may_change(by),
            "longest": ladder.LONGEST_STANDSTILL.days,
            **shown,
        }
        return self._respond(request, self.board_template, context)

    def what_if_view(self, request: HttpRequest) -> HttpResponse:
        """Choose deadlines and a change, look at what would become of them, confirm; one refusal holds up no other."""
        by, at = person(request), database_now()
        if not (_may_change(by) and _scope(by) is None):
            raise PermissionDenied
        said = request.POST if request.method == "POST" else request.GET
        asked = Narrow(said, teams=None).asked()
        ids = None if said.get("all") else _ids(said.getlist("id"))
        form = WhatIf(request.POST) if "what" in request.POST else WhatIf(initial={"what": "extend", "days": 3})
        kept = _kept(said, at)
        context = {
            "title": _("Change many deadlines"),
            "form": form,
            "step": "choose",
            "kept": kept,
            "go_on": [(name, value) for name, value in kept if name != "after"],
            "board_url": _board(),
        }
        if "line" in request.POST and form.is_valid():
            context |= _done(form, request.POST.getlist("line"), by, at) | {"next": said.get("next", "")}
        else:
            after, since = said.get("after", ""), _since(said, at) if ids is None else None
            rows, count = watching.chosen(asked, at=at, ids=ids, most=AT_ONCE, after=after, since=since)
            is_more = ids is None and count > len(rows)
            context |= {"count": count, "left": _left_over(count), "next": watching.mark(rows[-1]) if is_more else ""}
            if form.is_bound and form.is_valid():
                context |= _foreseen(form, rows, by, asked, at)
        return self._respond(request, "desk/deadlines/what_if.html", context)

    def _respond(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), **context})


def _scope(by: User) -> tuple[int, ...] | None:
    try:
        return watching.scope_of(by)
    except NotPermitted as no:
        raise PermissionDenied(str(no)) from no


def _may_change(by: User) -> bool:
    return by.has_perm("claims.extend_deadline") and by.has_perm("claims.pause_deadline")


def _views() -> list[tuple[str, str]]:
    return [(LIST, pgettext("deadlines", "List")), (CALENDAR, pgettext("deadlines", "Calendar"))]


def _board() -> str:
    return reverse("admin:claims_deadline_board")


def _address(request: HttpRequest, **others: Any) -> str:
    """The board with what it is narrowed to, and with or without something; pages begin anew."""
    said = {name: value for name, value in request.GET.items() if value and name != "after"} | others
    return f"{_board()}?{urlencode({name: value for name, value in said.items() if value})}"


def _tiles(request: HttpRequest, asked: Asked, at: datetime) -> list[dict[str, Any]]:
    """Counts, each a link to what it counts."""
    tally, today = watching.tally(asked, at=at), civil_date(at).isoformat()
    plain = {"view": LIST, "month": "", "ends": "", "only": "", "over": ""}
    told = [
        (tally.overdue, _("overdue"), {"only": OVERDUE}),
        (tally.today, _("due today"), {"ends": today}),
        (tally.soon, _("due within 2 working days"), {"only": NEAR}),
        (tally.still, _("standing still"), {"only": STILL}),
        (tally.red, _("stood still too long"), {"only": TOO_LONG}),
    ]
    late = (OVERDUE, TOO_LONG)
    return [
        {
            "count": count,
            "label": label,
            "is_late": how.get("only") in late and count > 0,
            "url": _address(request, **plain | how),
        }
        for count, label, how in told
    ]


def _list(request: HttpRequest, asked: Asked, at: datetime) -> dict[str, Any]:
    lines, after = watching.page(asked, at=at, after=request.GET.get("after", ""))
    kept = [(name, value) for name, value in request.GET.items() if value and name not in ("after", "view", "month")]
    url = _address(request, after=after) if after else ""
    return {"lines": lines, "next_url": url, "kept": kept, "is_first": not request.GET.get("after")}


def _calendar(request: HttpRequest, asked: Asked, at: datetime) -> dict[str, Any]:
    first, calendar = _month(request.GET.get("month", ""), civil_date(at)), work_calendar()
    weeks = watching.month(asked, first, at=at, calendar=calendar)
    before, after = first - timedelta(days=1), first + timedelta(days=31)
    return {
        "first": first,
        "weeks": [
            [(one, _address(request, view=LIST, month="", ends=one.day.isoformat())) for one in week] for week in weeks
        ],
        "before_url": _address(request, month=f"{before:%Y-%m}"),
        "after_url": _address(request, month=f"{after:%Y-%m}"),
        "today_url": _address(request, month=""),
    }


def _month(text: str, today: date) -> date:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return first if 2000 <= first.year <= 2999 else today.replace(day=1)


def _ids(said: Sequence[str]) -> list[int]:
    return [int(one) for one in said if one.isdecimal() and len(one) < 19][:AT_ONCE]


def _since(said: Any, at: datetime) -> datetime:
    """When going through all of them began: now, unless that was said before."""
    try:
        began = datetime.fromisoformat(said.get("since", ""))
    except ValueError:
        return at
    return min(began, at) if began.tzinfo is not None else at


def _kept(said: Any, at: datetime) -> list[tuple[str, str]]:
    """What says which deadlines are meant, to be sent again with the change."""
    names = ("all", "kind", "step", "plan", "team", "person", "only", "over", "ends", "after")
    narrowed = [(name, said[name]) for name in names if said.get(name)]
    if said.get("all"):
        narrowed.append(("since", _since(said, at).isoformat()))
    return [*narrowed, *[("id", str(one)) for one in _ids(said.getlist("id"))]]


def _left_over(count: int) -> str:
    if count <= AT_ONCE:
        return ""
    said = {"most": AT_ONCE, "number": count}
    return _("These are the %(most)s most urgent of %(number)s deadlines. Change the others after them.") % said


def _foreseen(form: WhatIf, rows: Sequence[Deadline], by: User, asked: Asked, at: datetime) -> dict[str, Any]:
    outcomes = foreseeing.foresee(form.change(), rows, by=by, at=at)
    return {
        "step": "preview",
        "outcomes": outcomes,
        "can_go": sum(1 for one in outcomes if one.promise),
        "saved": sum(one.is_saved for one in outcomes),
        "called_off": sum(len(one.called_off) for one in outcomes),
        "to_come": sum(len(one.to_come) for one in outcomes),
        "load": _bars(foreseeing.load(outcomes, asked, at=at)),
    }


def _done(form: WhatIf, said: Sequence[str], by: User, at: datetime) -> dict[str, Any]:
    promises = [one for one in said[:AT_ONCE] if foreseeing.is_promise(one)]
    ids = [int(one.partition(":")[0]) for one in promises]
    rows = Deadline.objects.select_related("claim__membership__member").in_bulk(ids)
    outcomes = foreseeing.confirm(form.change(), promises, rows, by=by, at=at)
    done = sum(one.is_done for one in outcomes)
    return {"step": "done", "outcomes": outcomes, "done": done, "refused": len(outcomes) - done}


def _bars(loads: Sequence[foreseeing.Load]) -> list[dict[str, Any]]:
    """Each day with its two counts, and their widths in percent of the fullest day."""
    most = max((max(one.before, one.after) for one in loads), default=0) or 1
    return [
        {
            "day": one.day,
            "before": one.before,
            "after": one.after,
            "was": one.before * 100 // most,
            "will": one.after * 100 // most,
        }
        for one in loads
    ]
