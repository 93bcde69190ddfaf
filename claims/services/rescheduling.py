"""Clocks of the desk that a supervisor stops, lets go on, or gives more days: one event each, through the gate."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _

from claims.enums import DESK_KINDS, DeadlineKind, DeadlineStatus, PauseReason
from claims.gate import moving
from claims.models import Claim, Deadline
from claims.refusals import ClockRanOut, ClockRuns, ClockStandsStill, ClockStopped, DayMovesNothing, OwnRules
from claims.services import clocks, letters
from claims.services.reasons import required
from config.kernel.civil import civil_date, last_day
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput
from config.kernel.working_days import work_calendar
from members.rules.sections import Unit

if TYPE_CHECKING:
    from config.kernel.models import User

MOST_DAYS = 30
"""Working days that a deadline is given at once."""

LONGEST_REASON = 200


def pause(
    claim_id: int,
    deadline_id: int,
    *,
    code: PauseReason,
    reason: str,
    by: "User",
    at: datetime,
    version: int | None = None,
) -> Deadline:
    """A clock stands still and keeps the days that are left of it; `ClockRanOut` where none are."""
    with moving(claim_id, "pause_clock", by=by, at=at, version=version) as claim:
        check_permission("claims.pause_deadline", by)
        deadline = _running(claim, deadline_id)
        due = _due(deadline)
        if due <= at:
            raise ClockRanOut(day=last_day(due))
        clocks.pause(claim, deadline, code, _short(reason), at=at)
        claim.because(code=code, reason=reason, kind=deadline.kind, days_left=deadline.days_left)
        _tell_member(claim, deadline, at=at)
        return deadline


def resume(
    claim_id: int, deadline_id: int, *, reason: str = "", by: "User", at: datetime, version: int | None = None
) -> Deadline:
    """A clock that stood still goes on with what was left; the next generation of the deadline."""
    with moving(claim_id, "resume_clock", by=by, at=at, version=version) as claim:
        check_permission("claims.pause_deadline", by)
        deadline = _awaited(claim, deadline_id)
        if deadline.paused_at is None:
            raise ClockRuns
        opened = clocks.resume(claim, deadline, at=at)
        claim.because(code=deadline.pause_code, reason=reason, **_told(opened))
        _tell_member(claim, opened, at=at)
        return opened


def extend(
    claim_id: int, deadline_id: int, *, days: int, reason: str, by: "User", at: datetime, version: int | None = None
) -> Deadline:
    """Give a deadline more working days, counted from its last day, or from today where that is over."""
    with moving(claim_id, "extend_clock", by=by, at=at, version=version) as claim:
        check_permission("claims.extend_deadline", by)
        if not 1 <= days <= MOST_DAYS:
            raise InvalidInput(field=_("Working days"), why=_("choose from 1 to %(most)s.") % {"most": MOST_DAYS})
        deadline = _running(claim, deadline_id)
        since = max(last_day(_due(deadline)), civil_date(at))
        return _prolong(claim, deadline, work_calendar().add(since, days), _short(reason), at=at)


def extend_for_holiday(
    claim_id: int, deadline_id: int, *, day: date, reason: str, by: "User", at: datetime, version: int | None = None
) -> Deadline:
    """Give a deadline the day that it loses when nobody works on `day`; `DayMovesNothing` where it loses none."""
    with moving(claim_id, "extend_clock", by=by, at=at, version=version) as claim:
        check_permission("claims.extend_deadline", by)
        deadline = _running(claim, deadline_id)
        calendar, last = work_calendar(), last_day(_due(deadline))
        if clocks.clock_of(claim, DeadlineKind(deadline.kind)).unit is Unit.NATURAL:
            raise DayMovesNothing(why=_("this clock counts every day."))
        if not calendar.is_working(day):
            raise DayMovesNothing(why=_("nobody works on it anyway."))
        if not civil_date(at) < day <= last or day <= civil_date(deadline.opened_at):
            raise DayMovesNothing(why=_("it is not among the days to come of this clock."))
        if _was_given(claim, deadline, day):
            raise DayMovesNothing(why=_("this clock was given it already."))
        without = calendar.without(day)
        return _prolong(claim, deadline, without.add(last, 1), _short(reason), at=at, holiday=day.isoformat())


def _was_given(claim: Claim, deadline: Deadline, day: date) -> bool:
    """Whether this clock got the day since the case came into its step; that of a third party, ever.

    An event from before clocks had a procedure is taken for each of its kind.
    """
    given = claim.events.filter(verb="extend_clock", data__kind=deadline.kind, data__holiday=day.isoformat())
    if deadline.procedure_id is not None:
        its = Q(data__procedure=deadline.procedure_id) | Q(data__procedure__isnull=True)
        return given.filter(its).exists()
    return given.filter(at__gte=claim.state_since).exists()


def _prolong(claim: Claim, deadline: Deadline, last: date, reason: str, *, at: datetime, **more: Any) -> Deadline:
    was = deadline.due_at
    if deadline.procedure_id is not None:
        more["procedure"] = deadline.procedure_id
    opened = clocks.replace(claim, deadline, last, at=at)
    claim.because(reason=reason, was=was.isoformat() if was else None, **_told(opened), **more)
    _tell_member(claim, opened, at=at)
    return opened


def _tell_member(claim: Claim, deadline: Deadline, *, at: datetime) -> None:
    """Of the one clock that binds the member, and not why; what binds an agency is told by those who send it out."""
    if deadline.kind != DeadlineKind.SUPPLEMENT:
        return
    if deadline.due_at is None:
        letters.tell(claim, "supplement_stopped", at=at)
    else:
        letters.tell(claim, "supplement_moved", at=at, due_at=deadline.due_at)


def _running(claim: Claim, deadline_id: int) -> Deadline:
    """A clock that does not stand still, or one that ran out and is still waited for."""
    deadline = _awaited(claim, deadline_id)
    if deadline.paused_at is not None:
        raise ClockStandsStill
    return deadline


def _awaited(claim: Claim, deadline_id: int) -> Deadline:
    """A deadline of the desk that its step still waits for, locked after its case."""
    deadline = claim.deadlines.select_for_update().filter(pk=deadline_id).first()
    if deadline is None:
        raise ClockStopped
    if deadline.kind not in DESK_KINDS:
        raise OwnRules(kind=deadline.get_kind_display())
    if deadline.status != DeadlineStatus.OPEN and not clocks.overdue().filter(pk=deadline_id).exists():
        raise ClockStopped
    return deadline


def _due(deadline: Deadline) -> datetime:
    assert deadline.due_at is not None  # it does not stand still
    return deadline.due_at


def _short(reason: str) -> str:
    if len(required(reason)) > LONGEST_REASON:
        why = _("at most %(most)s characters.") % {"most": LONGEST_REASON}
        raise InvalidInput(field=_("Reason"), why=why)
    return reason.strip()


def _told(deadline: Deadline) -> dict[str, Any]:
    return {"kind": deadline.kind, "due": deadline.due_at.isoformat() if deadline.due_at else None}
