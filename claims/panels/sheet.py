"""The assessment as a decision sheet: what stands against the case, on what evidence, and what is new in it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from claims.enums import OUTCOMES, Cause, MaterialKind
from claims.forms import words
from claims.models import Assessment, Claim
from claims.panels.stepping import events_of
from claims.rules.papers import PAPER_OF, QUALITY_OF, SHOWN_BY
from claims.rules.sources import SOURCES, Source
from claims.services.letters.composing import sentence
from config.kernel.display import language, said, yuan, yuan_or_dash
from config.kernel.pages import Look, once, verb_label

Finding = Mapping[str, Any]

FACTS: Mapping[str, Any] = {
    "cause": _("Cause"),
    "diagnosed_on": _("First diagnosed on"),
    "accident_on": _("Accident on"),
    "joined_on": _("Joined on"),
    "reported_on": _("Reported"),
    "tier_fen": _("Tier"),
}
"""Facts that the sheet names itself; the medical ones have their words elsewhere."""


class Change(StrEnum):
    """What became of a finding since the assessment before."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Difference:
    """One finding that is not as it was; `was` is None for a new one, `now` for one that is gone."""

    change: Change
    was: Finding | None
    now: Finding | None


def differences(was: Iterable[Finding], now: Iterable[Finding]) -> list[Difference]:
    """What changed from one list of findings to the next: what is there now in its order, then what is gone.

    Two findings are about the same thing when they name the same paper, the same quality of the certificate, or the
    same rule; they differ when they say something else of it.
    """
    before, after = _by_subject(was), _by_subject(now)
    found = []
    for subject, finding in after.items():
        earlier = before.get(subject)
        if earlier is None:
            found.append(Difference(Change.NEW, None, finding))
        elif _says(earlier) != _says(finding):
            found.append(Difference(Change.CHANGED, earlier, finding))
    gone = (finding for subject, finding in before.items() if subject not in after)
    return found + [Difference(Change.GONE, finding, None) for finding in gone]


def _by_subject(findings: Iterable[Finding]) -> dict[tuple[str, int], Finding]:
    seen: Counter[str] = Counter()
    named = {}
    for finding in findings:
        name = PAPER_OF.get(finding["because"]) or QUALITY_OF.get(finding["because"]) or finding["rule"]
        seen[name] += 1
        named[name, seen[name]] = finding
    return named


def _says(finding: Finding) -> tuple[Any, ...]:
    return tuple(finding[part] for part in ("status", "outcome", "code", "because", "params", "until", "clause"))


def sheet(claim: Claim, look: Look) -> dict[str, Any]:
    """The last assessment of a case for its page."""
    last = claim.assessment
    if last is None:
        return {"said": None}
    made_by = _made_by(claim)
    earlier = list(claim.assessments.filter(pk__lt=last.pk).defer("facts", "steps", "findings").order_by("-pk"))
    before = claim.assessments.filter(pk__lt=last.pk).select_related("covenant__plan").order_by("-pk").first()
    rows = [_row(last, finding) for finding in last.findings]
    return {
        "said": last,
        "outcome": OUTCOMES[last.outcome],
        "net": yuan_or_dash(last.net_fen),
        "cause": made_by.get(last.pk),
        "against": [row for row in rows if row["outcome"] != "accept"],
        "met": [row for row in rows if row["outcome"] == "accept"],
        "steps": [{"because": sentence(step), "amount": yuan_or_dash(step["fen"])} for step in last.steps],
        "changed": _changed(before, last) if before else None,
        "earlier": [_earlier(one, made_by.get(one.pk)) for one in earlier],
    }


def _made_by(claim: Claim) -> dict[int, str]:
    """What each assessment was asked for: the move of the first event that carries it, and whose it was."""
    events = reversed(once(claim, events_of))
    return {event.assessment_id: f"{verb_label(event.verb)} · {event.by}" for event in events if event.assessment_id}


def _changed(before: Assessment, last: Assessment) -> dict[str, Any]:
    return {
        "at": before.at,
        "outcomes": _pair(OUTCOMES[before.outcome], OUTCOMES[last.outcome]),
        "amounts": _pair(yuan_or_dash(before.net_fen), yuan_or_dash(last.net_fen)),
        "covenants": _pair(str(before.covenant), str(last.covenant)),
        "findings": [
            {
                "change": one.change.value,
                "rule": (one.now or one.was or {})["rule"],
                "was": sentence(one.was) if one.was else "",
                "now": sentence(one.now) if one.now else "",
            }
            for one in differences(before.findings, last.findings)
        ],
    }


def _pair(was: Any, now: Any) -> tuple[Any, Any] | None:
    return None if was == now else (was, now)


def _earlier(one: Assessment, cause: str | None) -> dict[str, Any]:
    return {"at": one.at, "outcome": OUTCOMES[one.outcome], "net": yuan_or_dash(one.net_fen), "cause": cause or ""}


def _row(last: Assessment, finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding["rule"],
        "status_label": words.STATUSES[finding["status"]],
        "outcome": finding["outcome"],
        "code": words.code(finding["code"]) if finding["code"] else "",
        "because": sentence(finding),
        "until": said(finding["until"]) if finding["until"] else "",
        "clause": finding["clause"],
        "clause_text": last.covenant.clause_text(finding["clause"], language()),
        "facts": _facts_of(finding, last.facts),
        "papers": _papers_of(finding, last.facts),
    }


def _facts_of(finding: Finding, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The facts that the rule looked at, as pairs of name and value; what is not known is left out."""
    medical, pairs = facts.get("medical", {}), []
    for name in SOURCES.get(finding["rule"], Source()).facts:
        if name == "medical":
            pairs += words.facts(medical)
        elif name in medical:
            pairs += words.facts({name: medical[name]})
        elif facts.get(name) is not None:
            pairs.append((str(FACTS[name]), _fact(name, facts[name])))
    return pairs


def _fact(name: str, value: Any) -> str:
    if name == "tier_fen":
        return yuan(value)
    return str(Cause(value).label if name == "cause" else said(value))


def _papers_of(finding: Finding, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The papers that it looked at, those on file with their place on the page."""
    shown = SHOWN_BY.get(finding["because"])
    kinds = (shown,) if shown else SOURCES.get(finding["rule"], Source()).papers
    on_file = {paper["kind"] for paper in facts.get("papers", ())}
    return [{"kind": str(kind), "label": MaterialKind(kind).label} for kind in kinds if kind in on_file]
