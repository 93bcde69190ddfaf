"""The parts of the page of an import: how far it is, what is wrong, what happened; to confirm it, and to cancel."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from config.kernel.display import language
from config.kernel.forms import Blank, Choice, MoveForm
from config.kernel.importing import jobs
from config.kernel.importing.importers import importer_of
from config.kernel.models import Import, ImportStatus, User
from config.kernel.pages import Look, Move, Panel, add_moves, add_panels
from config.kernel.permissions import check_permission

FIRST = 20
"""Bad rows that the page shows; the file has all."""

WHOLE, GOOD = "whole", "good"

VERBS = {
    "receive": _("The file came in"),
    "read": _("Looked through"),
    "confirm": _("Take the rows in"),
    "apply": _("Taken in"),
    "refuse": _("Not taken"),
    "fail": _("Broken off"),
    "download": _("Bad rows taken as a file"),
    "cancel": _("Cancel the import"),
    "lapse": _("Lapsed: nobody decided in time"),
}


class Confirm(MoveForm):
    which = Choice(label=_("Which rows"), choices=[(GOOD, _("the good rows only")), (WHOLE, _("all rows or none"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if importer_of(self.row.kind).is_whole:
            self.fields["which"].choices = [(WHOLE, _("all rows or none"))]  # type: ignore[attr-defined]  # a Choice


def may_import(it: Import, *, by: User, at: datetime) -> None:
    check_permission(importer_of(it.kind).permission, by)


def has_good_rows(it: Import, *, by: User, at: datetime) -> None:
    jobs.check_has_good_rows(it)


def confirm(it: Import, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> Import:
    return jobs.confirm(it.pk, is_whole=said["which"] == WHOLE, by=by, at=at)


def cancel(it: Import, said: Any, *, by: User, at: datetime, version: int | None) -> Import:
    return jobs.cancel(it.pk, by=by, at=at)


def progress(it: Import, look: Look) -> dict[str, Any]:
    to_do = it.total if it.is_whole else it.good
    return {
        "it": it,
        "is_running": it.status in (ImportStatus.WAITING, ImportStatus.CONFIRMED),
        "because": it.refused.get(language(), ""),
        "to_do": to_do,
        "percent": min(100, it.done * 100 // to_do) if to_do else 0,
        "is_read": it.status not in (ImportStatus.WAITING, ImportStatus.REFUSED),
        "was_confirmed": it.confirmed_at is not None,
        "lapses_at": jobs.lapses_at(it),
    }


def wrong(it: Import, look: Look) -> dict[str, Any]:
    lines = list(it.lines.order_by("line")[: FIRST + 1])
    shown = [
        {"line": one.line, "is_late": one.is_late, "faults": [fault[language()] for fault in one.faults]}
        for one in lines[:FIRST]
    ]
    may = look.by.has_perm(importer_of(it.kind).permission)
    return {
        "it": it,
        "lines": shown,
        "has_more": len(lines) > FIRST,
        "may_download": may and bool(lines),
        "all": it.bad + it.late,
        "days": jobs.LINES_KEPT.days,
    }


def story(it: Import, look: Look) -> dict[str, Any]:
    events = it.events.select_related("by").order_by("-version")
    return {"events": [{"verb": VERBS.get(one.verb, one.verb), "by": one.by, "at": one.at} for one in events]}


def has_lines(it: Import) -> bool:
    return bool(it.bad or it.late)


def panel(name: str, title: Any, read: Any, place: int, **others: Any) -> Panel:
    template = f"desk/imports/{name}.html"
    return Panel(
        name=name, title=title, template=template, read=read, permission="kernel.view_import", place=place, **others
    )


add_panels(
    Import,
    panel("progress", _("What the file would do"), progress, 10),
    panel("wrong", _("Rows that cannot be taken in"), wrong, 20, when=has_lines),
    panel("story", _("Log of the import"), story, 30),
)

add_moves(
    Import,
    Move(
        name="confirm",
        label=_("Take the rows in"),
        consequence=_(
            "The good rows are written, in the background, after each was judged once more. Bad rows are left out, or"
            " hold up all, as you choose."
        ),
        form=Confirm,
        perform=confirm,
        when=lambda it: it.status == ImportStatus.READ,
        checks=(may_import, has_good_rows),
    ),
    Move(
        name="cancel",
        label=_("Cancel the import"),
        consequence=_("Nothing more is written. What was taken in already stays."),
        form=Blank,
        perform=cancel,
        when=lambda it: it.status in jobs.UNDER_WAY,
        checks=(may_import,),
        harsh=True,
    ),
)
