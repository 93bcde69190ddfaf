"""The page of an export: how far it is, what it holds, what happened to it."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from config.kernel.admin.exporting import changelist, filters_in_words, listed
from config.kernel.desks import MOST, Listing, Row, Section, add_to_desk
from config.kernel.display import moment
from config.kernel.exporting import jobs, schedules, sheet_of, title_of, titles_of
from config.kernel.forms import Blank, MoveForm, Text
from config.kernel.models import UNFINISHED, Export, ExportEvent, ExportSchedule, ExportStatus, User
from config.kernel.pages import Look, Move, Panel, add_moves, add_panels, once
from config.kernel.permissions import may
from config.kernel.refusals import NotPermitted, Refusal

VERBS = {
    "ask": _("asked for"),
    "agree": _("agreed to by a second person"),
    "decline": _("declined by a second person"),
    "grow": _("held back: it has far more rows than were agreed to"),
    "cancel": _("called off"),
    "ready": _("written"),
    "failed": _("failed"),
    "fetch": _("fetched"),
    "expire": _("file thrown away"),
}


def progress(export: Export, look: Look) -> dict[str, Any]:
    is_own = export.asked_by_id == look.by.pk
    is_ready = export.status_at(look.at) == ExportStatus.READY
    return {
        "export": export,
        "is_running": export.status in (ExportStatus.ASKED, ExportStatus.RUNNING),
        "percent": min(100, export.done * 100 // export.total) if export.total else 0,
        "file_url": reverse("admin:kernel_export_file", args=[export.pk]) if is_own and is_ready else "",
        "is_ready": is_ready,
        "because": _because(export),
        "grown": _grown(export) if is_waiting(export) else None,
    }


def _grown(export: Export) -> int | None:
    """How many rows it had when it was held back last; None where it was not."""
    last = export.events.last()
    return int(last.note) if last and last.verb == "grow" else None


def _because(export: Export) -> str:
    """Why it failed is one of our own sentences; why it was declined, a person's."""
    is_ours = export.status == ExportStatus.FAILED and export.failed_because
    return gettext(export.failed_because) if is_ours else export.failed_because


def content(export: Export, look: Look) -> dict[str, Any]:
    titles = titles_of(export.sheet, export.columns)
    return {
        "export": export,
        "sheet": title_of(export.sheet),
        "filters": _filters(export, export.asked_by, tells_search=export.asked_by == look.by or is_waiting(export)),
        "columns": [(title, name in export.clear) for title, name in zip(titles, export.columns, strict=True)],
        **_rows(count(export) if is_waiting(export) else export.agreed_rows),
        "as_of": look.at if is_waiting(export) else export.agreed_at,
    }


def _rows(rows: int | None) -> dict[str, Any]:
    """A number of rows, and how it is said."""
    if rows is None:
        return {"rows": None}
    if rows > jobs.ROWS_A_DAY:
        return {"rows": rows, "how_many": gettext("more than %(n)s rows") % {"n": jobs.ROWS_A_DAY}}
    return {"rows": rows, "how_many": ngettext("about %(n)s row", "about %(n)s rows", rows) % {"n": rows}}


def count(export: Export) -> int | None:
    """How many rows it would have now; None where the list does not understand its filters any more."""
    try:
        return once(export, rows_of)
    except Refusal:
        return None


def rows_of(export: Export) -> int:
    """Counted as far as a file may go, and by one more."""
    return listed(export).order_by().values("pk")[: jobs.ROWS_A_DAY + 1].count()


def _filters(of: Export | ExportSchedule, by: User, *, tells_search: bool) -> list[tuple[str, str]] | None:
    """None where the list does not understand them any more."""
    try:
        cl = changelist(sheet_of(of.sheet), QueryDict(of.query), by)
        return filters_in_words(cl, tells_search=tells_search)
    except Refusal:
        return None


def history(export: Export, look: Look) -> dict[str, Any]:
    return {"events": [_told(event) for event in export.events.select_related("by")]}


def _told(event: ExportEvent) -> tuple[ExportEvent, Any, str]:
    """An event, what happened, and a note: one of our own sentences, how many rows, or what a person wrote."""
    note = event.note
    if note and event.verb == ExportStatus.FAILED:
        note = gettext(note)
    elif note and event.verb in ("agree", "grow"):
        note = ngettext("%(rows)s row", "%(rows)s rows", int(note)) % {"rows": note}
    return event, VERBS.get(event.verb, event.verb), note


def is_waiting(export: Export) -> bool:
    return export.status == ExportStatus.WAITING


def check_another(export: Export, *, by: User, at: datetime) -> None:
    jobs.check_another(export, by)


def check_own(export: Export, *, by: User, at: datetime) -> None:
    if export.asked_by_id != by.pk:
        raise NotPermitted(who=str(export.asked_by))


def check_understood(export: Export, *, by: User, at: datetime) -> None:
    """InvalidInput where nobody could say any more which rows these are."""
    listed(export)


class Agreement(MoveForm):
    """To what somebody agrees: these columns of so many rows, counted when the page is shown."""

    template = "desk/export/agree.html"
    rows = forms.IntegerField(
        min_value=0,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value"), _("How many rows leave was not shown to you. Look again.")
        ),
    )

    @cached_property
    def content(self) -> dict[str, Any]:
        return content(self.row, self.look)


class Reason(MoveForm):
    reason = Text(label=_("Reason"), max_length=200, is_private=False)


def agree(export: Export, said: Any, *, by: User, at: datetime, version: int | None) -> None:
    jobs.agree(export.pk, shown=said["rows"], there=once(export, rows_of), by=by, at=at)


def decline(export: Export, said: Any, *, by: User, at: datetime, version: int | None) -> None:
    jobs.decline(export.pk, said["reason"], by=by, at=at)


def cancel(export: Export, said: Any, *, by: User, at: datetime, version: int | None) -> None:
    jobs.cancel(export.pk, by=by, at=at)


add_panels(
    Export,
    Panel(
        name="progress",
        title=_("File"),
        template="desk/export/progress.html",
        read=progress,
        permission="kernel.view_export",
        place=10,
    ),
    Panel(
        name="content",
        title=_("What it holds"),
        template="desk/export/content.html",
        read=content,
        permission="kernel.view_export",
        place=20,
    ),
    Panel(
        name="history",
        title=_("Log of the export"),
        template="desk/export/history.html",
        read=history,
        permission="kernel.view_export",
        place=30,
    ),
)

add_moves(
    Export,
    Move(
        name="agree",
        label=_("Agree"),
        consequence=_(
            "The file is written with these columns in the clear, for whoever asked and nobody else. Your name stands"
            " in the log. Where the list has more than twice as many rows by then, and over a hundred more, a second"
            " person is asked again."
        ),
        form=Agreement,
        perform=agree,
        when=is_waiting,
        checks=(may(jobs.AGREE), check_another, check_understood),
    ),
    Move(
        name="decline",
        label=_("Decline"),
        consequence=_("No file is written. Whoever asked is told why."),
        form=Reason,
        perform=decline,
        when=is_waiting,
        checks=(may(jobs.AGREE), check_another),
        harsh=True,
    ),
    Move(
        name="cancel",
        label=_("Call it off"),
        consequence=_("No file is written; what was begun is thrown away."),
        form=Blank,
        perform=cancel,
        when=lambda export: export.status in UNFINISHED,
        checks=(check_own,),
    ),
)


def end_schedule(schedule: ExportSchedule, said: Any, *, by: User, at: datetime, version: int | None) -> None:
    schedules.end(schedule.pk, by=by, at=at)


def check_owner(schedule: ExportSchedule, *, by: User, at: datetime) -> None:
    if schedule.owner_id != by.pk:
        raise NotPermitted(who=str(schedule.owner))


def planned(schedule: ExportSchedule, look: Look) -> dict[str, Any]:
    return {
        "schedule": schedule,
        "sheet": title_of(schedule.sheet),
        "filters": _filters(schedule, schedule.owner, tells_search=schedule.owner == look.by),
        "columns": titles_of(schedule.sheet, schedule.columns),
        "exports": [(export, export.status_at(look.at).label) for export in schedule.exports.order_by("-id")[:10]],
    }


add_panels(
    ExportSchedule,
    Panel(
        name="planned",
        title=_("Scheduled export"),
        template="desk/export/schedule.html",
        read=planned,
        permission="kernel.view_exportschedule",
    ),
)

add_moves(
    ExportSchedule,
    Move(
        name="end",
        label=_("End it"),
        consequence=_("No further file is made. Those that were made stay as long as any."),
        form=Blank,
        perform=end_schedule,
        when=lambda schedule: schedule.ended_at is None,
        checks=(check_owner,),
    ),
)


def own_exports(by: User, at: datetime) -> Listing | None:
    """What somebody asked for and has not fetched yet, and what waits for his word."""
    rows = Export.objects.filter(asked_by=by).filter(
        Q(status__in=UNFINISHED) | Q(status=ExportStatus.READY, expires_at__gt=at)
    )
    if by.has_perm(jobs.AGREE):
        rows = rows | Export.objects.filter(status=ExportStatus.WAITING)
    rows = rows.select_related("asked_by").order_by("-id")
    shown = list(rows[:MOST])
    if not shown:
        return None
    return Listing(
        rows=[_row(export, by) for export in shown],
        count=rows.count(),
        empty="",
        url=reverse("admin:kernel_export_changelist"),
    )


def _row(export: Export, by: User) -> Row:
    is_others = export.asked_by_id != by.pk
    return Row(
        url=reverse("admin:kernel_export_change", args=[export.pk]),
        name=str(export),
        about=str(title_of(export.sheet)),
        step=str(export.get_status_display()),
        wanted=_("agree or decline") if is_others else "",
        holder=str(export.asked_by) if is_others else "",
        due=moment(export.expires_at) if export.expires_at else "",
    )


add_to_desk(Section(name="exports", title=_("Exports"), permission="kernel.view_export", read=own_exports, place=80))
