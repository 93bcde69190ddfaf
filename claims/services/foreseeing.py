"""What a change of many clocks would do, before it is done: the services themselves are called, and taken back.

What was shown is promised: a row that would now come out otherwise is refused, and holds up no other.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from claims.enums import PauseReason
from claims.models import Deadline, Reminder
from claims.refusals import NotAsShown
from claims.services import rescheduling
from claims.services.watching import Asked, per_day
from config.kernel.civil import civil_date, last_day
from config.kernel.models import User
from config.kernel.refusals import Refusal

AT_ONCE = 200
"""Deadlines that are changed in one go."""

LONGEST = 31
"""Days whose load is shown."""

EXTEND, PAUSE, RESUME, HOLIDAY = "extend", "pause", "resume", "holiday"
CHANGES = {
    EXTEND: _("give more working days"),
    PAUSE: _("let them stand still"),
    RESUME: _("let them go on"),
    HOLIDAY: _("what if nobody worked on this day"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be done to each; `days` for more of them, `day` for one on which nobody works."""

    what: str
    reason: str
    days: int = 0
    day: date | None = None
    code: str = ""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """One deadline: its last day before and after, None while it stands still; or why it cannot be changed."""

    deadline: Deadline
    was: date | None
    was_late: bool
    becomes: date | None = None
    is_late: bool = False
    called_off: list[datetime] = field(default_factory=list)
    to_come: list[datetime] = field(default_factory=list)
    why_not: str = ""
    is_done: bool = False

    @property
    def is_saved(self) -> bool:
        """Overdue now, and no longer then."""
        return self.was_late and not self.is_late and not self.why_not

    @property
    def promise(self) -> str:
        """What was shown, to be confirmed; nothing where nothing can be done."""
        if self.why_not:
            return ""
        return f"{self.deadline.pk}:{self.deadline.claim.version}:{self.becomes or ''}"


@dataclass(frozen=True, slots=True)
class Load:
    """How many deadlines end with a day, before and after."""

    day: date
    before: int
    after: int


def foresee(change: Change, deadlines: Sequence[Deadline], *, by: User, at: datetime) -> list[Outcome]:
    """What would come of each, in their order; nothing of it is kept."""
    return [_try(change, one, by=by, at=at) for one in deadlines]


def confirm(
    change: Change, promises: Iterable[str], rows: dict[int, Deadline], *, by: User, at: datetime
) -> list[Outcome]:
    """Do what was promised, each case in a transaction of its own; `rows` are the deadlines by key."""
    outcomes, done = [], Counter[int]()
    for promise in promises:
        key, version, becomes = promise.split(":")
        if (deadline := rows.get(int(key))) is None:
            continue
        outcome = _before(deadline, at=at)
        try:
            with transaction.atomic():
                seen = int(version) + done[deadline.claim_id]  # what was done a line above is no surprise
                _carry_out(change, outcome, by=by, at=at, version=seen)
                if str(outcome.becomes or "") != becomes:
                    raise NotAsShown
            outcome.is_done = True
            done[deadline.claim_id] += 1
        except Refusal as no:
            outcome.why_not = str(no)
        outcomes.append(outcome)
    return outcomes


def is_promise(text: str) -> bool:
    """Whether it may have been made here."""
    parts = text.split(":")
    if len(parts) != 3:
        return False
    key, version, day = parts
    return all(part.isdecimal() and len(part) < 19 for part in (key, version)) and len(day) in (0, 10)


def load(outcomes: Sequence[Outcome], asked: Asked, *, at: datetime) -> list[Load]:
    """The days to come from or to which something would move, among all that this person watches."""
    moved = [one for one in outcomes if not one.why_not]
    touched = {day for one in moved for day in (one.was, one.becomes) if day is not None and day >= civil_date(at)}
    days = sorted(touched)[:LONGEST]
    if not days:
        return []
    counted = per_day(Asked(teams=asked.teams), days[0], days[-1] + timedelta(days=1), at=at)
    away, here = Counter(one.was for one in moved), Counter(one.becomes for one in moved)
    before = {day: sum(counted.get(day, Counter()).values()) for day in days}
    return [Load(day, before[day], before[day] - away[day] + here[day]) for day in days]


def _try(change: Change, deadline: Deadline, *, by: User, at: datetime) -> Outcome:
    outcome = _before(deadline, at=at)
    try:
        with transaction.atomic():
            _carry_out(change, outcome, by=by, at=at, version=None)
            transaction.set_rollback(True)
    except Refusal as no:
        outcome.why_not = str(no)
    return outcome


def _before(deadline: Deadline, *, at: datetime) -> Outcome:
    due = deadline.due_at
    return Outcome(deadline=deadline, was=last_day(due) if due else None, was_late=due is not None and due <= at)


def _make(change: Change, deadline: Deadline, *, by: User, at: datetime, version: int | None) -> Deadline:
    """The deadline as it then stands."""
    which = (deadline.claim_id, deadline.pk)
    who: dict[str, Any] = {"by": by, "at": at, "version": version}
    if change.what == PAUSE:
        return rescheduling.pause(*which, code=PauseReason(change.code), reason=change.reason, **who)
    if change.what == RESUME:
        return rescheduling.resume(*which, reason=change.reason, **who)
    if change.what == HOLIDAY:
        assert change.day is not None
        return rescheduling.extend_for_holiday(*which, day=change.day, reason=change.reason, **who)
    return rescheduling.extend(*which, days=change.days, reason=change.reason, **who)


def _carry_out(change: Change, outcome: Outcome, *, by: User, at: datetime, version: int | None) -> None:
    """Make the change, and read what became of it from the rows that are there now."""
    own = Reminder.objects.filter(deadline=outcome.deadline.pk, sent_at__isnull=True)
    waiting = list(own.filter(cancelled_at__isnull=True).values_list("pk", flat=True))
    after = _make(change, outcome.deadline, by=by, at=at, version=version)
    outcome.becomes = last_day(after.due_at) if after.due_at else None
    outcome.is_late = after.due_at is not None and after.due_at <= at
    called_off = own.filter(pk__in=waiting, cancelled_at__isnull=False)
    outcome.called_off = list(called_off.values_list("due_at", flat=True))
    if after.pk != outcome.deadline.pk:
        outcome.to_come = list(after.reminders.filter(cancelled_at__isnull=True).values_list("due_at", flat=True))
