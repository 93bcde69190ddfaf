"""What a move of a case would leave behind: steps, clocks, letters, the card, third parties, approvals, messages.

Everything is told by the move's own instant, which all its rows carry.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from claims.enums import DeadlineKind, DeadlineStatus, State
from claims.models import Claim, Deadline, Publicity
from claims.panels.cards import card
from claims.services.assessing import steps_at
from claims.services.letters import compose
from claims.services.letters.composing import step_line
from config.kernel import sweeping
from config.kernel.civil import civil_date, last_day
from config.kernel.display import day
from config.kernel.pages import Preview
from members.models import Message
from members.services.messages import shown


def consequences(was: Claim, *, at: datetime) -> Preview:
    """All that the move at `at` did to a case that was `was` before it, the sweeps that follow at once included."""
    _let_the_sweeps_follow(was, at)
    claim = Claim.objects.select_related("assessment__covenant").get(pk=was.pk)
    letters = claim.letters.filter(written_at=at).select_related("claim__membership__member", "claim__membership__plan")
    messages = Message.objects.filter(about=claim.number, created_at=at).select_related("member", "user").order_by("id")
    return Preview(
        "desk/preview.html",
        {
            "step_was": was.get_state_display(),
            "step": claim.get_state_display() if claim.state != was.state else "",
            "clocks": list(_clocks(claim, at)),
            "letters": [compose(letter) for letter in letters.order_by("id")],
            "asked": list(_asked(claim, at)),
            "merged": claim.objections.filter(received_at=at, merged_into__isnull=False).exists(),
            "approvals": _approvals(was, claim),
            "messages": [(message, shown(message)[0]) for message in messages],
            **_put_before_the_members(claim, at),
        },
    )


def _let_the_sweeps_follow(claim: Claim, at: datetime) -> None:
    """What the bell would bring at once: an objection takes effect, a third party is sent out."""
    objections = claim.objections.filter(effect_at__isnull=True, merged_into__isnull=True)
    procedures = claim.procedures.filter(sent_at__isnull=True, closed_at__isnull=True)
    if objections.exists() or procedures.exists():
        sweeping.ring(at=at, only=claim.pk)


def _clocks(claim: Claim, at: datetime) -> Iterator[dict[str, Any]]:
    """Each clock that the move touched: its last day before and after it."""
    touched = claim.deadlines.filter(Q(opened_at=at) | Q(closed_at=at) | Q(paused_at=at)).order_by("id")
    by_kind: dict[str, list[Deadline]] = {}
    for deadline in touched:
        by_kind.setdefault(deadline.kind, []).append(deadline)
    publicity = claim.publicities.last()
    for rows in by_kind.values():
        before = next((row for row in rows if row.opened_at != at), None)
        after = next((row for row in rows if row.status == DeadlineStatus.OPEN), None)
        yield {
            "label": rows[0].get_kind_display(),
            "was": _was(before, publicity, at) if before else "",
            "becomes": _day(after) if after else _("ends"),
        }


def _was(deadline: Deadline, publicity: Publicity | None, at: datetime) -> str:
    if deadline.paused_at == at and publicity is not None:  # its day has just been taken from it
        return day(publicity.scheduled_on)
    return _day(deadline)


def _day(deadline: Deadline) -> str:
    return day(last_day(deadline.due_at)) if deadline.due_at else _("stands still")


def _asked(claim: Claim, at: datetime) -> Iterator[dict[str, Any]]:
    """Whom the move sends out, and until when."""
    sent = claim.events.filter(verb="commission_sent", at=at).last()
    clock = claim.deadlines.filter(kind=DeadlineKind.INVESTIGATION, opened_at=at).last()
    for procedure in claim.procedures.filter(opened_at=at):
        is_out = procedure.sent_at is not None and sent is not None
        yield {
            "kind": procedure.get_kind_display(),
            "agency": sent.data.get("agency", "") if is_out and sent else "",
            "until": _day(clock) if is_out and clock else "",
        }


def _approvals(was: Claim, claim: Claim) -> list[dict[str, Any]]:
    """The approvals that the case had and whether they stand; nothing where it does not go back."""
    if claim.state == was.state or claim.state not in (
        State.COLLECTING,
        State.REVIEWING,
        State.INVESTIGATING,
        State.DECIDING,
    ):
        return []
    names = {
        "passed": _("First review passed"),
        "investigated": _("Investigation accepted"),
        "published": _("Put before the members"),
    }
    return [
        {"label": label, "by": by, "on": civil_date(given_at), "stands": getattr(claim, f"{name}_by_id") == by.pk}
        for name, label in names.items()
        if (by := getattr(was, f"{name}_by")) and (given_at := getattr(was, f"{name}_at"))
    ]


def _put_before_the_members(claim: Claim, at: datetime) -> dict[str, Any]:
    """The card as every member will read it, its last day, and how the amount comes about."""
    publicity = claim.publicities.last()
    if claim.published_at != at or publicity is None or claim.assessment is None or claim.decided_fen is None:
        return {}
    event = claim.events.filter(verb="publish", at=at).last()
    percent = event.data.get("ratio_percent") if event else None
    return {
        "publicity": publicity,
        "card": card(publicity),
        "steps": [step_line(step) for step in steps_at(claim.assessment, percent)],
    }
