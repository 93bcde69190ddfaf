"""Deadlines and their reminder steps: opened, closed, stopped and started again, always under the claim's lock.

Natural days, or working days by the calendar; the start day is not counted; a period ends at 24:00 of its last day.
Reminders are due at 09:00, so that nobody is written to at midnight.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from claims.enums import DESK_KINDS, DeadlineKind, DeadlineStatus, PauseReason, State
from claims.models import Claim, Deadline, Procedure, Reminder
from claims.querysets import CLOCK_OF, DUE_BY_DESK
from config.kernel.civil import civil_date, days_between, end_of, last_day, start_of
from config.kernel.work_calendar import WorkCalendar
from config.kernel.working_days import work_calendar
from members.enums import Recipient
from members.rules.sections import Clock, Unit
from members.services.plans import terms_of

MORNING = timedelta(hours=9)

ADDRESSEES = {
    DeadlineKind.SUPPLEMENT: Recipient.MEMBER,
    DeadlineKind.CONDITION: Recipient.MEMBER,
    DeadlineKind.APPEAL_WINDOW: Recipient.MEMBER,
    DeadlineKind.REVIEW: Recipient.REVIEWER,
    DeadlineKind.DECISION: Recipient.REVIEWER,
    DeadlineKind.APPEAL_DECISION: Recipient.REVIEWER,
    DeadlineKind.INVESTIGATION: Recipient.AGENCY,
    DeadlineKind.PAYMENT: Recipient.FINANCE,
}
"""Who is reminded; the publicity reminds nobody."""


def start(claim: Claim, kind: DeadlineKind, *, procedure: Procedure | None = None, at: datetime) -> Deadline:
    """Open the deadline that the covenant sets for `kind`, counted from the civil day of `at`."""
    clock = clock_of(claim, kind)
    day, calendar = civil_date(at), work_calendar() if clock.unit is Unit.WORKING else None
    last = calendar.add(day, clock.days) if calendar else day + timedelta(days=clock.days)
    return _open(claim, kind, last, _mornings(clock, last, calendar), procedure=procedure, at=at)


def clock_of(claim: Claim, kind: DeadlineKind) -> Clock:
    """What the covenant says of a clock."""
    name = "appeal" if kind is DeadlineKind.APPEAL_WINDOW else kind.value
    clock: Clock = getattr(terms_of(claim.covenant), name)
    return clock


def _mornings(clock: Clock, last: date, calendar: WorkCalendar | None) -> dict[int, date]:
    """On which days it reminds; without a calendar its days are natural ones."""
    if calendar is None:
        return {step: last - timedelta(days=step) for step in clock.reminders}
    return {step: calendar.add(last, -step) for step in clock.reminders}


def replace(claim: Claim, deadline: Deadline, last: date, *, at: datetime) -> Deadline:
    """Close this generation of a clock of the desk and open the next, which ends with the day `last`."""
    ran_out = deadline.due_at is not None and deadline.due_at <= at
    status = DeadlineStatus.MISSED if ran_out else DeadlineStatus.CANCELLED
    _close(claim.deadlines.filter(pk=deadline.pk), status=status, at=at)
    kind = DeadlineKind(deadline.kind)
    clock = clock_of(claim, kind)
    calendar = work_calendar() if clock.unit is Unit.WORKING else None
    opened = _open(claim, kind, last, _mornings(clock, last, calendar), procedure=deadline.procedure, at=at)
    _follow(deadline, opened)
    return opened


Follower = Callable[[Deadline, Deadline], None]
_followers: list[Follower] = []


def follows(follow: Follower) -> Follower:
    """Decorator: what an upper app does about a clock that goes on in the next generation, or stands still as it is."""
    _followers.append(follow)
    return follow


def _follow(was: Deadline, becomes: Deadline) -> None:
    for follow in _followers:
        follow(was, becomes)


def pause(claim: Claim, deadline: Deadline, code: PauseReason, reason: str, *, at: datetime) -> None:
    """A running clock of the desk stands still; the days left are kept, and its reminders called off."""
    assert deadline.due_at is not None
    today, last = civil_date(at), last_day(deadline.due_at)
    is_working = clock_of(claim, DeadlineKind(deadline.kind)).unit is Unit.WORKING
    deadline.days_left = work_calendar().between(today, last) if is_working else days_between(today, last)
    deadline.due_at, deadline.paused_at = None, at
    deadline.pause_code, deadline.pause_reason = code, reason
    deadline.save(update_fields=["days_left", "due_at", "paused_at", "pause_code", "pause_reason"])
    deadline.reminders.filter(sent_at__isnull=True, cancelled_at__isnull=True).update(cancelled_at=at)
    _follow(deadline, deadline)


def resume(claim: Claim, deadline: Deadline, *, at: datetime) -> Deadline:
    """It goes on, as the next generation, with the days that were left; the day on which it does is not counted."""
    assert deadline.days_left is not None
    today, left = civil_date(at), deadline.days_left
    if clock_of(claim, DeadlineKind(deadline.kind)).unit is Unit.NATURAL:
        return replace(claim, deadline, today + timedelta(days=left), at=at)
    calendar = work_calendar()
    return replace(claim, deadline, calendar.add(today, left or int(not calendar.is_working(today))), at=at)


def working_days_over(last: date, today: date, calendar: WorkCalendar) -> int:
    """Whole working days that have gone by since the end of the day `last`; today is not over yet."""
    return max(calendar.between(last, today - timedelta(days=1)), 0)


_awaited: list[Callable[[], Q]] = []


def awaits(condition: Callable[[], Q]) -> Callable[[], Q]:
    """Decorator: which clocks of third parties an upper app still waits for, told of the deadline that is asked."""
    _awaited.append(condition)
    return condition


def overdue() -> QuerySet[Deadline]:
    """Deadlines of the desk that were missed and for which their case's step, or an open procedure, still waits.

    Looked for among the cases in such a step, or with such a procedure: however many were ever missed is nothing to it.
    """
    in_step = Claim.objects.filter(state__in=DUE_BY_DESK).order_by().values("pk")
    asked = Procedure.objects.filter(closed_at__isnull=True).order_by().values("claim")
    waits = Q(claim__in=in_step.union(asked))
    return Deadline.objects.filter(waits, _of_the_step() | _of_third_parties(), status=DeadlineStatus.MISSED)


def _of_the_step() -> Q:
    """The last one of the step's own clock, while the step is not through."""
    kinds = Q(pk__in=())
    for state, kind in CLOCK_OF.items():
        if kind in DESK_KINDS and kind is not DeadlineKind.INVESTIGATION:
            kinds |= Q(claim__state=state, kind=kind)
    same = Deadline.objects.filter(claim=OuterRef("claim"), kind=OuterRef("kind"))
    is_passed = Q(claim__state=State.REVIEWING, claim__passed_at__gt=F("claim__state_since"))
    is_replaced = Q(Exists(same.filter(generation__gt=OuterRef("generation"))))
    return kinds & Q(opened_at__gte=F("claim__state_since")) & ~is_passed & ~is_replaced


def _of_third_parties() -> Q:
    """In whatever step the case is; several may run side by side, so that a later one replaces none."""
    waited_for = Q(pk__in=())
    for condition in _awaited:
        waited_for |= condition()
    return Q(kind=DeadlineKind.INVESTIGATION) & waited_for


def start_condition(claim: Claim, until: date, *, at: datetime) -> Deadline:
    """The day on which a waiting condition can be met (AMB-05)."""
    steps = terms_of(claim.covenant).condition.reminders
    return _open(claim, DeadlineKind.CONDITION, until, {step: until - timedelta(days=step) for step in steps}, at=at)


def start_publicity(claim: Claim, last_day: date, *, at: datetime) -> Deadline:
    """The next generation of the publicity's clock; the one before is closed as replaced."""
    stop(claim, DeadlineKind.PUBLICITY, status=DeadlineStatus.CANCELLED, at=at)
    return _open(claim, DeadlineKind.PUBLICITY, last_day, {}, at=at)


def pause_publicity(claim: Claim, *, at: datetime) -> None:
    """The clock stands still: there is no end until it goes on."""
    claim.deadlines.filter(kind=DeadlineKind.PUBLICITY, status=DeadlineStatus.OPEN).update(due_at=None, paused_at=at)


def stop(claim: Claim, *kinds: DeadlineKind, status: DeadlineStatus = DeadlineStatus.MET, at: datetime) -> None:
    """Close what is open of these kinds; one whose time had run out by `at` is `missed`, not `met`."""
    end(claim.deadlines.filter(kind__in=kinds), status=status, at=at)


def end(deadlines: QuerySet[Deadline], *, status: DeadlineStatus, at: datetime) -> None:
    """Close those that are open; one whose time had run out by `at` is `missed`, not `met`."""
    if status is DeadlineStatus.MET:
        _close(deadlines.filter(due_at__lte=at), status=DeadlineStatus.MISSED, at=at)
    _close(deadlines, status=status, at=at)


def elapse(claim: Claim, kind: DeadlineKind, *, status: DeadlineStatus, at: datetime) -> None:
    """A period that was to run out has run out."""
    _close(claim.deadlines.filter(kind=kind), status=status, at=at)


def stop_all(claim: Claim, *, at: datetime) -> None:
    """The case has left: nothing is to be done on it any more."""
    _close(claim.deadlines.all(), status=DeadlineStatus.CANCELLED, at=at)


def _close(deadlines: QuerySet[Deadline], *, status: DeadlineStatus, at: datetime) -> None:
    """Close those that are open, then call off their reminders: in the order of the sweep that notes missed ones."""
    still_open = deadlines.filter(status=DeadlineStatus.OPEN).select_for_update(of=("self",))
    ids = list(still_open.values_list("pk", flat=True))
    if not ids:
        return
    Deadline.objects.filter(pk__in=ids).update(status=status, closed_at=at)
    reminders = Reminder.objects.filter(deadline__in=ids, sent_at__isnull=True, cancelled_at__isnull=True)
    reminders.update(cancelled_at=at)


def _open(
    claim: Claim,
    kind: DeadlineKind,
    last_day: date,
    mornings: dict[int, date],
    *,
    procedure: Procedure | None = None,
    at: datetime,
) -> Deadline:
    generation = claim.deadlines.filter(kind=kind).count() + 1
    deadline = Deadline.objects.create(
        claim=claim, kind=kind, procedure=procedure, generation=generation, opened_at=at, due_at=end_of(last_day)
    )
    Reminder.objects.bulk_create(
        Reminder(deadline=deadline, days_before=step, due_at=start_of(day) + MORNING, to=ADDRESSEES[kind])
        for step, day in mornings.items()
        if start_of(day) + MORNING >= at
    )
    return deadline
