"""What a played script says: one JSON object, as the public contract has it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from claims.models import Assessment, Claim, Reminder
from claims.replaying.play import Play
from claims.replaying.registry import parts
from config.kernel.civil import SHANGHAI
from config.kernel.display import language
from members.models import Covenant
from members.rules.findings import Finding


def output(play: Play) -> dict[str, Any]:
    """The whole story: state, admission, last assessment, publicity, payout, events, deadlines, reminders."""
    claim = Claim.objects.select_related("assessment", "covenant").filter(pk=play.claim_id or 0).first()
    admission = play.admission
    return {
        "name": play.script.name,
        "state": claim and claim.state,
        "admission": {
            "outcome": admission.outcome.value if admission else "accept",
            "codes": [code.value for code in admission.codes] if admission else [],
        },
        "assessment": _assessment(claim.assessment) if claim and claim.assessment else None,
        "publicity": _publicity(claim) if claim else None,
        **{name: part(claim) if claim else None for name, part in sorted(parts.items())},
        "events": [
            {
                "at": event.arguments["at"],
                "do": event.do,
                "ok": refusal is None,
                "state": state,
                "refusal": refusal.code if refusal else None,
            }
            for event, refusal, state in play.outcomes
        ],
        "deadlines": _deadlines(claim) if claim else [],
        "reminders": _reminders(claim) if claim else [],
    }


def finding_text(finding: dict[str, Any]) -> str:
    """The reason of a stored finding, in the reader's language."""
    return Finding.from_json(finding).text(gettext)


def _assessment(said: Assessment) -> dict[str, Any]:
    return {
        "outcome": said.outcome,
        "codes": said.codes,
        "gross_fen": said.gross_fen,
        "arrears_fen": said.arrears_fen,
        "net_fen": said.net_fen,
        "findings": [_finding(finding, said.covenant) for finding in said.findings],
    }


def _finding(finding: dict[str, Any], covenant: Covenant) -> dict[str, Any]:
    shown = {
        "rule": finding["rule"],
        "status": finding["status"],
        "code": finding["code"],
        "clause": f"{finding['clause']} {covenant.clause_text(finding['clause'], language())}".strip(),
        "because": finding_text(finding),
    }
    return shown | ({"until": finding["until"]} if finding["until"] else {})


def _publicity(claim: Claim) -> dict[str, Any] | None:
    publicity = claim.publicities.last()
    if publicity is None:
        return None
    return {
        "starts_on": publicity.starts_on.isoformat(),
        "ends_on": publicity.ends_on and publicity.ends_on.isoformat(),
        "payable_from": publicity.payable_from and publicity.payable_from.isoformat(),
        "suspended": publicity.stands_still,
        "days_left": publicity.days_left,
        "card": publicity.card,
    }


def _deadlines(claim: Claim) -> list[dict[str, Any]]:
    return [
        {"kind": deadline.kind, "due_at": _shown(deadline.due_at), "status": deadline.status}
        for deadline in claim.deadlines.order_by("opened_at", "id")
    ]


def _reminders(claim: Claim) -> list[dict[str, Any]]:
    sent = Reminder.objects.filter(deadline__claim=claim, sent_at__isnull=False).select_related("deadline")
    return [
        {"kind": reminder.deadline.kind, "at": _shown(reminder.sent_at), "to": reminder.to}
        for reminder in sent.order_by("sent_at", "id")
    ]


def _shown(instant: datetime | None) -> str | None:
    return instant.astimezone(SHANGHAI).isoformat() if instant else None
