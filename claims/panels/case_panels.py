"""What the page of a case shows, in reading order."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.enums import OUTCOMES
from claims.forms import words
from claims.models import Assessment, Claim, ClaimEvent, Deadline, Material
from config.kernel import masks
from config.kernel.civil import civil_date
from config.kernel.display import language, yuan
from config.kernel.pages import Panel, add_panels, verb_label
from members.models import Disease, Message
from members.services.messages import shown

LATEST = 50
"""Events and messages shown on a page; the lists have all."""


def last_day(deadline: Deadline) -> Any:
    """The civil day at whose 24:00 a deadline ends; None while it stands still."""
    return civil_date(deadline.due_at - timedelta(microseconds=1)) if deadline.due_at else None


def disease_name(code: str) -> str:
    """The catalogue's name of a disease; the code where it has none."""
    return str(Disease.objects.filter(code=code).first() or code)


def report(claim: Claim) -> dict[str, Any]:
    member = claim.membership.member
    return {
        "claim": claim,
        "disease": disease_name(claim.disease),
        "facts": words.facts(claim.facts),
        "tier": yuan(claim.membership.tier_fen),
        "ground": words.code(claim.ground) if claim.ground else "",
        "has_notes": bool(claim.notes),
        "member": member,
        "reporter_phone": masks.phone(claim.reporter_phone) if claim.reporter_phone else "",
    }


def assessment(claim: Claim) -> dict[str, Any]:
    said = claim.assessment
    if said is None:
        return {"said": None}
    return {
        "said": said,
        "outcome": OUTCOMES[said.outcome],
        "findings": [_finding(said, finding) for finding in said.findings],
        "steps": [_step(step) for step in said.steps],
        "net": yuan(said.net_fen) if said.net_fen is not None else None,
    }


def _finding(said: Assessment, finding: dict[str, Any]) -> dict[str, Any]:
    return {
        "rule": finding["rule"],
        "status": finding["status"],
        "status_label": words.STATUSES[finding["status"]],
        "outcome": finding["outcome"],
        "code": words.code(finding["code"]) if finding["code"] else "",
        "because": _sentence(finding),
        "clause": finding["clause"],
        "clause_text": said.covenant.clause_text(finding["clause"], language()),
    }


def _step(step: dict[str, Any]) -> dict[str, str]:
    return {"because": _sentence(step), "amount": yuan(step["fen"]) if step["fen"] is not None else "—"}


def _sentence(said: dict[str, Any]) -> str:
    params = {name: words.code(fact) if isinstance(fact, str) else fact for name, fact in said["params"].items()}
    because = said["because"]
    return gettext(because) % params if because else ""


def papers(claim: Claim) -> dict[str, Any]:
    rows = claim.materials.select_related("received_by").order_by("replaced_at", "kind", "id")
    gaps = [
        finding for finding in (claim.assessment.findings if claim.assessment else []) if finding["outcome"] == "need"
    ]
    return {
        "papers": [(paper, words.facts(paper.details)) for paper in _current_first(rows)],
        "gaps": [words.code(finding["code"]) for finding in gaps],
    }


def _current_first(rows: Any) -> list[Material]:
    return sorted(rows, key=lambda paper: paper.replaced_at is not None)


def publicity(claim: Claim) -> dict[str, Any]:
    rows = claim.publicities.order_by("-id")
    return {"publicities": [(row, yuan(row.card["amount_fen"]) if row.card.get("amount_fen") else "—") for row in rows]}


def clocks(claim: Claim) -> dict[str, Any]:
    deadlines = list(claim.deadlines.prefetch_related("reminders").order_by("-id"))
    return {"deadlines": [(deadline, last_day(deadline), list(deadline.reminders.all())) for deadline in deadlines]}


def letters(claim: Claim) -> dict[str, Any]:
    written = Message.objects.filter(about=claim.number).select_related("member", "user").order_by("-id")[:LATEST]
    return {"messages": [(message, *shown(message)) for message in written]}


def timeline(claim: Claim) -> dict[str, Any]:
    events = claim.events.select_related("by").order_by("-version")[:LATEST]
    return {"events": [event_row(event) for event in events]}


def event_row(event: ClaimEvent) -> dict[str, Any]:
    """One line of the timeline."""
    states = dict(Claim._meta.get_field("state").flatchoices)
    return {
        "at": timezone.localtime(event.at),
        "by": event.by,
        "verb": verb_label(event.verb),
        "from": states.get(event.from_state, event.from_state) if event.from_state != event.to_state else "",
        "to": states.get(event.to_state, event.to_state) if event.from_state != event.to_state else "",
        "code": words.reason_code(event.reason_code) if event.reason_code else "",
        "reason": event.reason,
    }


def _panel(name: str, title: Any, read: Any, permission: str, place: int) -> Panel:
    return Panel(
        name=name, title=title, template=f"desk/case/{name}.html", read=read, permission=permission, place=place
    )


add_panels(
    Claim,
    _panel("assessment", _("What the rules say"), assessment, "claims.view_assessment", 10),
    _panel("report", _("Report"), report, "claims.view_material", 20),
    _panel("papers", _("Papers"), papers, "claims.view_material", 30),
    _panel("publicity", _("Publicity"), publicity, "claims.view_publicity", 40),
    _panel("clocks", _("Deadlines and reminders"), clocks, "claims.view_deadline", 80),
    _panel("letters", _("Letters and messages"), letters, "claims.view_letter", 85),
    _panel("timeline", _("What happened"), timeline, "claims.view_claimevent", 90),
)
