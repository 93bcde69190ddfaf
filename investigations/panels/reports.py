"""What an agency reported, as the desk reads it: visit by visit, beside the version before, and the facts it found."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.enums import ProcedureKind
from claims.forms import Because, MaybeBecause, words
from claims.models import Claim, SecondLook
from claims.panels.work_lists import LABELS
from claims.services import looking
from claims.services.establishing import differs, established
from config.kernel.display import moment
from config.kernel.pages import Look, Move, Panel, Text, add_moves, add_panels, name_verbs, once
from investigations import services
from investigations.enums import METHOD_NAMES, RESULTS
from investigations.models import Commission, Exhibit, FoundFact, Report
from investigations.policies import may_accept_report
from investigations.rules.visits import Change, Visit, changes
from investigations.services import finding
from investigations.services.finding import WHILE

REPORTS = ("reports__filed_by", "reports__returned_by", "exhibits")
"""What `versions` reads of a commission."""

Files = Mapping[int, str]
"""What the files of a commission are called, by their ids."""

LINES: dict[str, Text] = {
    "result": _("Result of the visit"),
    "visited_at": _("When"),
    "who": _("Who went there"),
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
        "conclusion_was": before.get_conclusion_display() if before and before.conclusion != report.conclusion else "",
        "summary_was": before.findings if before and before.findings != report.findings else "",
    }


def versions(commission: Commission) -> list[dict[str, Any]]:
    """All reports of a commission, the last one first; `REPORTS` of it are fetched before."""
    files = {file.pk: _called(file) for file in commission.exhibits.all()}
    filed = sorted(commission.reports.all(), key=lambda report: report.version)
    earlier: Sequence[Report | None] = [None, *filed]
    return [told(report, before, files) for report, before in zip(filed, earlier, strict=False)][::-1]


def _called(file: Exhibit) -> str:
    """With what became of it: a file may turn out to be none after the report was signed."""
    kind = file.get_kind_display() if file.kind else file.get_state_display()
    return f"{file.name or f'#{file.pk}'} ({kind})"


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
    return [(str(words.FACT_NAMES[key]), fact_words(value)) for key, value in facts.items()]


def fact_words(value: Any) -> str:
    if value is False:
        return gettext("no")
    return "—" if value in (None, "", []) else words.fact(value)


def _answered(before: Report | None, answers: Sequence[str]) -> list[tuple[str, str]]:
    asked = before.points_said if before else []
    return [(point.text, answer) for point, answer in zip(asked, answers, strict=False)]


def _changed(change: Change, files: Files) -> dict[str, Any]:
    if change.name == "visit":
        return {"visit": name(change.visit), "now": gettext("added") if change.was is None else gettext("taken out")}
    was, now = (in_words(change.name, value, files) for value in (change.was, change.now))
    return {"visit": name(change.visit), "line": LINES[change.name], "was": was, "now": now}


def found(claim: Claim, look: Look) -> dict[str, Any]:
    rows = once(claim, finding.standing)
    may_answer = claim.state in WHILE and look.by.has_perm("investigations.accept_report")
    return {
        "claim": claim,
        "facts": [_fact(claim, one, may_answer=may_answer) for one in rows],
        "open": sum(one.is_open for one in rows),
        "may_answer": may_answer,
    }


def found_until(row: SecondLook, look: Look) -> dict[str, Any]:
    """What the investigation had found by the decision, with nothing to be done about it."""
    known = [one for one in once(row.claim, finding.standing) if _is_known(row, one)]
    claim = once(row, looking.as_decided)
    facts = [_fact(claim, one, may_answer=False) for one in known]
    return {"claim": claim, "facts": facts, "open": 0, "may_answer": False}


def _is_known(row: SecondLook, one: FoundFact) -> bool:
    is_field = one.report.commission.kind == ProcedureKind.FIELD
    return is_field and one.report.filed_at <= looking.moment_of(row)


def _has_known(row: SecondLook) -> bool:
    return any(_is_known(row, one) for one in once(row.claim, finding.standing))


def _fact(claim: Claim, one: FoundFact, *, may_answer: bool) -> dict[str, Any]:
    return {
        "row": one,
        "name": words.FACT_NAMES[one.key],
        "value": fact_words(one.value),
        "known": fact_words(established(claim, one.key)),
        "may_take_over": may_answer and can_be_taken_over(claim, one),
        "may_leave_aside": may_answer and can_be_left_aside(one),
        "where": name(one.report.said.visits[one.visit]),
        "by": one.report.filed_by,
        "agency": one.report.commission.agency,
    }


def can_be_taken_over(claim: Claim, one: FoundFact) -> bool:
    return not one.is_taken_over and differs(claim, one.key, one.value)


def can_be_left_aside(one: FoundFact) -> bool:
    return one.is_open or one.is_taken_over is True


def to_take_over(claim: Claim) -> list[FoundFact]:
    rows = once(claim, finding.standing) if claim.state in WHILE else []
    return [one for one in rows if can_be_taken_over(claim, one)]


def to_leave_aside(claim: Claim) -> list[FoundFact]:
    rows = once(claim, finding.standing) if claim.state in WHILE else []
    return [one for one in rows if can_be_left_aside(one)]


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
        when=lambda claim: bool(once(claim, finding.standing)),
    ),
)

add_panels(
    SecondLook,
    Panel(
        name="found",
        title=_("Facts that the investigation found"),
        template="desk/case/found.html",
        read=found_until,
        permission="investigations.view_report",
        place=41,
        when=_has_known,
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
        rows=to_take_over,
        checks=(may_accept_report,),
        in_place=True,
    ),
    Move(
        name="leave-aside",
        label=_("Leave what was found aside"),
        consequence=_("The case goes by what it went by before; your reason stays with it."),
        form=Because,
        perform=leave_aside,
        rows=to_leave_aside,
        checks=(may_accept_report,),
        in_place=True,
    ),
)

LABELS["answer_facts"] = _("take over what the investigation found, or leave it aside")

name_verbs(
    {
        "take_over_fact": _("Fact of the investigation taken over"),
        "leave_fact_aside": _("Fact of the investigation left aside"),
    }
)
