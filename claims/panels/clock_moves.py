"""What supervisors do with the clocks of a case: stop them, let them go on, give more days."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims.enums import DESK_KINDS, DeadlineStatus, PauseReason
from claims.forms.deadlines import Extend, Pause, Resume
from claims.models import Claim, Deadline
from claims.services import clocks, rescheduling
from config.kernel.pages import Look, Move, Text, add_moves, moves_of, once
from config.kernel.permissions import may


def rows(claim: Claim) -> list[Deadline]:
    """The clocks of the desk that run, stand still, or were missed and are still waited for."""
    return list(once(claim, _rows))


def _rows(claim: Claim) -> list[Deadline]:
    open_ones = claim.deadlines.filter(status=DeadlineStatus.OPEN, kind__in=DESK_KINDS)
    return [*open_ones, *clocks.overdue().filter(claim=claim)]


def _runs(deadline: Deadline) -> bool:
    return deadline.paused_at is None


def _stands_still(deadline: Deadline) -> bool:
    return deadline.paused_at is not None


def _is_open(deadline: Deadline) -> bool:
    return deadline.paused_at is None and deadline.status == DeadlineStatus.OPEN


def pause(deadline: Deadline, said: dict[str, Any], **who: Any) -> object:
    code = PauseReason(said["code"])
    return rescheduling.pause(deadline.claim_id, deadline.pk, code=code, reason=said["reason"], **who)


def resume(deadline: Deadline, said: dict[str, Any], **who: Any) -> object:
    return rescheduling.resume(deadline.claim_id, deadline.pk, reason=said["reason"], **who)


def extend(deadline: Deadline, said: dict[str, Any], **who: Any) -> object:
    return rescheduling.extend(deadline.claim_id, deadline.pk, days=said["days"], reason=said["reason"], **who)


def clock_moves(claim: Claim, deadline_id: int | None, look: Look) -> list[tuple[Text, str]]:
    """Words and addresses of what this person may do with one clock of the page."""
    row = next((one for one in rows(claim) if one.pk == deadline_id), None)
    if row is None:
        return []
    known = [moves_of(Claim)[name] for name in ("pause-clock", "resume-clock", "extend-clock")]
    return [
        (move.label, reverse("admin:claims_claim_move", args=[claim.pk, move.name, row.pk]))
        for move in known
        if move.belongs_to(row) and not move.refusals(row, by=look.by, at=look.at)
    ]


add_moves(
    Claim,
    Move(
        name="pause-clock",
        label=_("Stop the clock"),
        consequence=_("It stands still and keeps the days that are left; its reminders are called off."),
        form=Pause,
        perform=pause,
        rows=rows,
        when=_is_open,
        checks=(may("claims.pause_deadline"),),
    ),
    Move(
        name="resume-clock",
        label=_("Let the clock go on"),
        consequence=_("It goes on with the days that were left, and reminds anew."),
        form=Resume,
        perform=resume,
        rows=rows,
        when=_stands_still,
        checks=(may("claims.pause_deadline"),),
    ),
    Move(
        name="extend-clock",
        label=pgettext_lazy("deadline", "Give more days"),
        consequence=_("It ends so many working days later; counted from today where it has run out."),
        form=Extend,
        perform=extend,
        rows=rows,
        when=_runs,
        checks=(may("claims.extend_deadline"),),
    ),
)
