"""What an agency reported, as the desk reads it: visit by visit, beside the version before, and the facts it found."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.forms import Because, MaybeBecause, words
from claims.models import Claim
from claims.services.assessing import established
from config.kernel.display import moment
from config.kernel.pages import Look, Move, Panel, Text, add_moves, add_panels, name_verbs, once
from investigations import services
from investigations.enums import METHOD_NAMES, RESULTS, CommissionState
from investigations.models import Commission, FoundFact, Report
from investigations.policies import may_accept_report
from investigations.rules.visits import DIAGNOSED_ON, Change, Visit, changes
from investigations.services.finding import WHILE, differing

REPORTS = ("reports__filed_by", "reports__returned_by", "exhibits")
"""What `versions` reads of a commission."""

Files = Mapping[int, str]
"""What the files of a commission are called, by their ids."""

LINES: dict[str, Text] = {
    "result": _("Result of the visit"),
    "visited_at": _("When"),
    "place": _("Where"),
    "met": _("Whom they spoke to"),
    "found": _("What was found, or why it was not done"),
    "contradiction": _("What contradicts the file"),
    "why_unrecorded": _("Why there is no recording"),
    "facts": _("What the originals say"),
    "exhibits": _("Files that show it"),
}


def told(report: Report, before: Report | None, files: Files) -> dict[str, Any]:
    """One version for `desk/commission/report.html`, with what differs from the one before."""
    points = report.points_said
    visits = report.said.visits
    return {
        "report": report,
        "visits": [(visit, name(visit), lines(visit, files)) for visit in visits],
        "points": [
            (METHOD_NAMES[visits[one.about].method] if one.about is not None else "", one.text) for one in points
        ],
        "answers": _answered(before, report.said.answers),
        "changes": [_changed(change, files) for change in changes(before.said, report.said)] if before else [],
        "summary_was": before.findings if before and before.findings != report.findings else "",
    }


def versions(commission: Commission) -> list[dict[str, Any]]:
    """All reports of a commission, the last one first; `REPORTS` of it are fetched before."""
    files = {file.pk: file.name or f"#{file.pk}" for file in commission.exhibits.all()}
    filed = sorted(commission.reports.all(), key=lambda report: report.version)
    earlier: Sequence[Report | None] = [None, *filed]
    return [told(report, before, files) for report, before in zip(filed, earlier, strict=False)][::-1]


def name(visit: Visit) -> str:
    return str(METHOD_NAMES[visit.method])


def lines(visit: Visit, files: Files) -> list[tuple[Text, str]]:
    """What was said of a visit, without what was left empty."""
    return [(label, text) for field, label in LINES.items() if (text := in_words(field, getattr(visit, field), files))]


def in_words(field: str, value: Any, files: Files) -> str:
    """A value of a visit's field, as it is read."""
    if field == "result":
        return str(RESULTS.get(value, value))
    if field == "visited_at":
        return moment(value) if value else ""
    if field == "facts":
        return gettext("; ").join(f"{label}: {fact}" for label, fact in found_words(value))
    if field == "exhibits":
        return gettext(", ").join(files[pk] for pk in value)
    return str(value)


def found_words(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Facts of the originals in words; unlike those of a report, "no" is told too."""
    return [(fact_name(key), fact_words(value)) for key, value in facts.items()]


def fact_name(key: str) -> str:
    return gettext("First diagnosed on") if key == DIAGNOSED_ON else str(words.FACT_NAMES[key])


def fact_words(value: Any) -> str:
    if value is False:
        return gettext("no")
    return "—" if value in (None, "", []) else words.fact(value)


def _answered(before: Report | None, answers: Sequence[str]) -> list[tuple[str, str]]:
    asked = before.points_said if before else []
    return [(point.text, answer) for point, answer in zip(asked, answers, strict=False)]


def _changed(change: Change, files: Files) -> dict[str, Any]:
    if change.name == "visit":
        was = gettext("no such visit") if change.was is None else ""
        return {"visit": name(change.visit), "was": was, "now": gettext("taken out") if change.now is None else ""}
    was, now = (in_words(change.name, value, files) for value in (change.was, change.now))
    return {"visit": name(change.visit), "line": LINES[change.name], "was": was, "now": now}


def facts_of_case(claim: Claim) -> list[FoundFact]:
    """Those of accepted reports."""
    rows = FoundFact.objects.filter(report__commission__claim=claim, report__commission__state=CommissionState.ACCEPTED)
    rows = rows.filter(report__returned_at__isnull=True)
    return list(rows.select_related("report__commission__agency", "report__filed_by", "answered_by").order_by("pk"))


def found(claim: Claim, look: Look) -> dict[str, Any]:
    rows = once(claim, facts_of_case)
    open_ones = {one.pk for one in differing(claim, rows)}
    return {
        "claim": claim,
        "facts": [_fact(claim, one, is_open=one.pk in open_ones) for one in rows],
        "open": len(open_ones),
        "may_answer": claim.state in WHILE and look.by.has_perm("investigations.accept_report"),
    }


def _fact(claim: Claim, one: FoundFact, *, is_open: bool) -> dict[str, Any]:
    return {
        "row": one,
        "name": fact_name(one.key),
        "value": fact_words(one.value),
        "known": fact_words(established(claim, one.key)),
        "is_open": is_open,
        "where": name(one.report.said.visits[one.visit]),
        "by": one.report.filed_by,
        "agency": one.report.commission.agency,
    }


def to_answer(claim: Claim) -> list[FoundFact]:
    return differing(claim, once(claim, facts_of_case)) if claim.state in WHILE else []


def take_over(one: FoundFact, said: dict[str, Any], **who: Any) -> FoundFact:
    return services.take_over(one.pk, reason=said["reason"], **who)


def leave_aside(one: FoundFact, said: dict[str, Any], **who: Any) -> FoundFact:
    return services.leave_aside(one.pk, reason=said["reason"], **who)


add_panels(
    Claim,
    Panel(
        name="found",
        title=_("Facts that the investigation found"),
        template="desk/case/found.html",
        read=found,
        permission="investigations.view_report",
        place=41,
        when=lambda claim: bool(once(claim, facts_of_case)),
    ),
)

add_moves(
    Claim,
    Move(
        name="take-over",
        label=_("Go by what was found"),
        consequence=_("It takes the place of what was reported, and the rules are asked again."),
        form=MaybeBecause,
        perform=take_over,
        rows=to_answer,
        checks=(may_accept_report,),
        in_place=True,
    ),
    Move(
        name="leave-aside",
        label=_("Leave what was found aside"),
        consequence=_("The case goes by what it went by before; your reason stays with it."),
        form=Because,
        perform=leave_aside,
        rows=to_answer,
        checks=(may_accept_report,),
        in_place=True,
    ),
)

name_verbs(
    {
        "take_over_fact": _("Fact of the investigation taken over"),
        "leave_fact_aside": _("Fact of the investigation left aside"),
    }
)
