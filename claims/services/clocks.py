"""Deadlines and their reminder steps: opened, closed, stopped and started again, always under the claim's lock.

Natural days, or working days by the calendar; the start day is not counted; a period ends at 24:00 of its last day.
Reminders are due at 09:00, so that nobody is written to at midnight.
"""

from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from claims.enums import DeadlineKind, DeadlineStatus
from claims.models import Claim, Deadline, Reminder
from config.kernel.civil import civil_date, end_of, start_of
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


def start(claim: Claim, kind: DeadlineKind, *, at: datetime) -> Deadline:
    """Open the deadline that the covenant sets for `kind`, counted from the civil day of `at`."""
    terms = terms_of(claim.covenant)
    clock: Clock = getattr(terms, "appeal" if kind is DeadlineKind.APPEAL_WINDOW else kind.value)
    day = civil_date(at)
    if clock.unit is Unit.NATURAL:
        last_day = day + timedelta(days=clock.days)
        mornings = {step: last_day - timedelta(days=step) for step in clock.reminders}
    else:
        calendar = work_calendar()
        last_day = calendar.add(day, clock.days)
        mornings = {step: calendar.add(last_day, -step) for step in clock.reminders}
    return _open(claim, kind, last_day, mornings, at=at)


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


def _open(claim: Claim, kind: DeadlineKind, last_day: date, mornings: dict[int, date], *, at: datetime) -> Deadline:
    generation = claim.deadlines.filter(kind=kind).count() + 1
    deadline = Deadline.objects.create(
        claim=claim, kind=kind, generation=generation, opened_at=at, due_at=end_of(last_day)
    )
    Reminder.objects.bulk_create(
        Reminder(deadline=deadline, days_before=step, due_at=start_of(day) + MORNING, to=ADDRESSEES[kind])
        for step, day in mornings.items()
        if start_of(day) + MORNING >= at
    )
    return deadline
