"""What a monthly report says, in the language that is active: made of its figures alone."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from claims.enums import (
    DeadlineKind,
    Mistake,
    ObjectionFinding,
    Post,
    ReturnReason,
    State,
)
from claims.models import MonthlyReport
from config.kernel.booklets import Bars, Booklet, Section, Table
from config.kernel.display import day, language, moment, yuan
from members.services.templates import FOOTER

Facts = dict[str, Any]
DASH = "—"


def compose(report: MonthlyReport) -> Booklet:
    """The whole report; every part says what its figures are."""
    facts: Facts = report.facts
    version = _("with names of reviewers, for supervisors") if report.has_names else _("without names of persons")
    return Booklet(
        head=_("Mutual aid desk"),
        title=_("Monthly report, %(month)s") % {"month": _month(report.month)},
        details=(
            (pgettext("report", "Month"), _month(report.month)),
            (pgettext("report", "Asked for by"), str(report.asked_by)),
            (pgettext("report", "Asked for at"), moment(report.asked_at)),
            (pgettext("report", "Figures as of"), moment(report.as_of) if report.as_of else DASH),
            (pgettext("report", "Version"), version),
        ),
        sections=(*_floor(facts["floor"]), *_quality(facts["quality"]), _year(facts["year"]), _definitions()),
        footer=f"{FOOTER} · {day(report.as_of) if report.as_of else DASH}",
        speaks="zh-CN" if language() == "zh" else "en",
    )


def _floor(said: Facts) -> tuple[Section, ...]:
    counts = Table(
        (_("Figure"), _("Value")),
        (
            (_("Cases reported in the month"), str(said["reported"])),
            (_("Cases paid out in the month"), str(said["paid"])),
            (_("Refusals that became final in the month"), str(said["refused"])),
            (_("Aid paid out in the month"), yuan(said["paid_fen"])),
            (_("Refusals overturned on appeal in the month"), str(said["overturned"])),
            (_("Cases open when the figures were taken"), str(said["open"])),
        ),
        (3, 1),
    )
    return (
        Section(_("Cases and money"), parts=(counts,)),
        Section(_("Days in each step"), *_none_or(_days(said["days"]))),
        Section(_("On time"), *_none_or(_on_time(said["deadlines"]))),
        Section(_("Objections"), *_none_or(_objections(said["objections"]))),
    )


def in_order(said: Facts, names: Iterable[str]) -> list[tuple[str, Any]]:
    """What is said of each name, in their order: JSON keeps none."""
    return [(name, said[name]) for name in names if name in said]


def _none_or(part: Table | Bars | None) -> tuple[tuple[str, ...], tuple[Table | Bars, ...]]:
    """A part that may have nothing to show: then a sentence says so."""
    return ((_("Nothing in this month."),), ()) if part is None else ((), (part,))


def _days(said: Facts) -> Table | None:
    rows = tuple(
        (str(State(step).label), str(one["cases"]), str(one["median"]), str(one["longest"]))
        for step, one in in_order(said, State.values)
    )
    head = (_("Step"), _("Times"), _("Median of days"), _("Longest, days"))
    return Table(head, rows, (3, 1, 1, 1)) if rows else None


def _on_time(said: Facts) -> Bars | None:
    lines = tuple(
        (str(DeadlineKind(kind).label), kept * 100 // total, _share(kept, total))
        for kind, (kept, total) in in_order(said, DeadlineKind.values)
    )
    return Bars(_("Deadlines that fell due in the month and were kept, by kind"), lines, 100) if lines else None


def _objections(said: Facts) -> Table | None:
    words = {"": _("open"), **{finding.value: str(finding.label) for finding in ObjectionFinding}}
    rows = tuple((str(words[finding]), str(n)) for finding, n in in_order(said, words))
    return Table((_("Finding"), pgettext("count", "Number")), rows, (3, 1)) if rows else None


def _quality(said: Facts) -> tuple[Section, ...]:
    drawn = _("%(n)s cases that ended in the month were drawn for a second look.") % {"n": said["drawn"]}
    agreement, faults = _none_or(_agreement(said["agreement"])), _none_or(_faults(said["faults"]))
    return (
        Section(_("Agreement of second looks"), (drawn, *agreement[0]), agreement[1]),
        Section(_("Errors by post and kind"), *faults),
        Section(_("Reasons for return"), *_none_or(_returns(said["returns"]))),
        Section(_("Refusals overturned on appeal"), *_none_or(_overturned(said["overturned"]))),
    )


def _agreement(said: list[Facts]) -> Table | None:
    rows = tuple(
        (
            one["who"],
            str(one["looks"]),
            _share(one["agreed"], one["looks"]),
            DASH if one["kappa"] is None else f"{one['kappa'] / 100:.2f}",
        )
        for one in said
    )
    head = (_("Whose decisions"), _("Second looks"), _("Agreement"), "κ")
    return Table(head, rows, (3, 1, 2, 1)) if rows else None


def _faults(said: list[list[Any]]) -> Bars | None:
    lines = tuple((f"{Post(post).label} · {Mistake(kind).label}", n, str(n)) for post, kind, n in said)
    return Bars(_("Number of errors"), lines, max(n for _post, _kind, n in said)) if lines else None


def _returns(said: list[list[Any]]) -> Table | None:
    rows = tuple(
        (str(State(to).label), str(ReturnReason(code).label) if code in ReturnReason.values else code, who, str(n))
        for to, code, who, n in said
    )
    head = (_("Back to"), _("Reason"), _("Who had brought it through"), pgettext("count", "Number"))
    return Table(head, rows, (2, 3, 2, 1), numbers_from=3) if rows else None


def _overturned(said: list[list[Any]]) -> Table | None:
    rows = tuple((who, str(n)) for who, n in said)
    return Table((_("Whose refusal"), pgettext("count", "Number")), rows, (3, 1)) if rows else None


def _year(said: list[Facts]) -> Section:
    rows = tuple(
        (
            _month(date.fromisoformat(f"{one['month']}-01")),
            str(one["looks"]),
            _share(one["agreed"], one["looks"]),
            str(one["faults"]),
            str(one["returns"]),
            str(one["overturned"]),
        )
        for one in said
    )
    head = (_("Month"), _("Second looks"), _("Agreement"), _("Errors"), _("Returns"), _("Overturned"))
    agreed = tuple(
        (
            _month(date.fromisoformat(f"{one['month']}-01")),
            one["agreed"] * 100 // one["looks"],
            _share(one["agreed"], one["looks"]),
        )
        for one in said
        if one["looks"]
    )
    bars = (Bars(_("Agreement month by month"), agreed, 100),) if agreed else ()
    return Section(_("The last twelve months"), parts=(Table(head, rows, (3, 2, 3, 2, 2, 2)), *bars))


DEFINITIONS = (
    gettext_lazy(
        "Months and days are civil ones in Beijing. A case ends when its aid is paid out, or when a refusal can no "
        "longer be appealed; withdrawn and lapsed cases are left out."
    ),
    gettext_lazy("Days in each step: of the cases that ended in the month, every stay in the step, in whole days."),
    gettext_lazy(
        "On time: deadlines that fell due in the month; kept are those that were met in time. The ends of publicity, "
        "appeal window and condition are left out: they are nobody's to meet."
    ),
    gettext_lazy(
        "Second looks belong to the month in which their case ended. Agreement: the outcome, and the amount or the "
        "ground, are the same as decided."
    ),
    gettext_lazy(
        "κ is Cohen's kappa of the outcome (aid or none), agreement beyond chance; it is shown from 20 second looks on."
    ),
    gettext_lazy("Errors are those that stand: what a supervisor let fall is not counted."),
    gettext_lazy(
        "Reasons for return: by the step that cases were sent back to, and by who had brought them through it before."
    ),
)


def _definitions() -> Section:
    return Section(_("What the figures are"), tuple(str(one) for one in DEFINITIONS))


def _share(part: int, whole: int) -> str:
    """Percent, rounded down, with the counts behind it."""
    return f"{part * 100 // whole} % ({part}/{whole})" if whole else DASH


def _month(first: date) -> str:
    return date_format(first, "YEAR_MONTH_FORMAT")
