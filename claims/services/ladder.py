"""The ladder of a deadline of the desk that ran out: person, lead, supervisors; each rung a row, and then a message.

The sweep that notes the end tells the first rung. From then on the rung says when to look for the next (`next_at`), so
that a look costs as much as there is to tell, however many deadlines were ever missed. Moot rungs (the work was done,
the case went on, the clock was stopped or prolonged) are never told: their case is locked and looked at again.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from claims.enums import DESK_KINDS, DeadlineStatus, Rungs
from claims.models import Deadline, Rung
from claims.services import clocks
from claims.services.assigning import holders_of
from claims.services.clocks import MORNING
from config.kernel.civil import civil_date, last_day, start_of
from config.kernel.models import Absence, User
from config.kernel.sweeping import TimeIsOver
from config.kernel.work_calendar import WorkCalendar
from config.kernel.working_days import work_calendar
from members.enums import Recipient
from members.services import messages

log = logging.getLogger(__name__)

CLIMBS = {Rungs.LEAD: 1, Rungs.SUPERVISORS: 3}
"""After how many whole working days overdue a rung is told, at 09:00 of the day after them.

Whoever has the case is told at once. Where there is no lead to tell (no team, the lead himself has it, is away or has
left), the supervisors are told when the lead would be; where nobody has the case, at once."""

LONGEST_STANDSTILL = timedelta(days=30)
"""After this a clock that stands still is red, and the supervisors are told once."""

TRIED_AGAIN_AFTER = timedelta(hours=1)
BATCH = 500


def next_due() -> datetime | None:
    """When the next rung is looked at."""
    rows = Rung.objects.filter(next_at__isnull=False).order_by("next_at")
    return rows.values_list("next_at", flat=True).first()


def climb(*, at: datetime) -> int:
    """Tell the rungs that have come by `at`, however late; how many were looked at."""
    calendar, done = work_calendar(), 0
    while looked_at := _climb(calendar, at=at):
        done += looked_at
    return done


def tell_of_standstills(*, at: datetime) -> int:
    """Tell the supervisors, once each, of the clocks of the desk that have stood still for too long; how many."""
    done = 0
    while told := _tell_of_standstills(at=at):
        done += told
    return done


def due_of(rung: Rungs, last: date, calendar: WorkCalendar) -> datetime:
    """When a rung is told of what ran out with the day `last`."""
    return start_of(calendar.add(last, CLIMBS[rung] + 1)) + MORNING


def lead_of(holder: User | None, away: Iterable[int]) -> User | None:
    """Whom the holder's team answers to, where that is somebody else, who is here."""
    lead = holder.team.lead if holder is not None and holder.team is not None else None
    if holder is None or lead is None or lead == holder or not lead.is_active or lead.pk in away:
        return None
    return lead


@transaction.atomic
def _climb(calendar: WorkCalendar, *, at: datetime) -> int:
    rows = _taken(Rung.objects.filter(next_at__lte=at).order_by("next_at", "pk"))
    waited_for = set(clocks.overdue().filter(pk__in=[row.deadline_id for row in rows]).values_list("pk", flat=True))
    holders = holders_of(row.deadline.claim_id for row in rows)
    away = set(Absence.objects.on(civil_date(at)).values_list("user", flat=True))
    for row in rows:
        row.next_at = None
        if row.deadline_id in waited_for:
            _try_next(row, holders.get(row.deadline.claim_id), away, calendar, at=at)
    Rung.objects.bulk_update(rows, ["next_at"])
    return len(rows)


def _taken(rows: QuerySet[Rung]) -> list[Rung]:
    """Some of them and their cases, locked; those that somebody else is at come when he is done."""
    locked = rows.select_for_update(of=("self", "deadline__claim"), skip_locked=True, no_key=True)
    return list(locked.select_related("deadline__claim")[:BATCH])


def _try_next(row: Rung, holder: User | None, away: set[int], calendar: WorkCalendar, *, at: datetime) -> None:
    """A row that fails is looked at again later, and holds up no other; a database out of reach fails them all."""
    try:
        with transaction.atomic():
            _tell_next(row, holder, away, calendar, at=at)
    except (OperationalError, InterfaceError, TimeIsOver):
        raise
    except Exception:  # whatever is wrong with one, the others climb on
        log.exception("ladder: deadline %s", row.deadline_id)
        row.next_at = at + TRIED_AGAIN_AFTER


def _tell_next(row: Rung, holder: User | None, away: set[int], calendar: WorkCalendar, *, at: datetime) -> None:
    """Tell the rung after `row` if it has come, and put off the look at it if not; at the top there is none."""
    assert row.deadline.due_at is not None  # it ran out
    last = last_day(row.deadline.due_at)
    rung = Rungs.LEAD if row.rung == Rungs.HOLDER else Rungs.SUPERVISORS
    if (due := due_of(rung, last, calendar)) > at:
        row.next_at = due
        return
    lead = lead_of(holder, away) if rung is Rungs.LEAD else None
    days = clocks.working_days_over(last, civil_date(at), calendar)
    facts = {"kind": row.deadline.kind, "due_at": row.deadline.due_at, "days": days}
    number = row.deadline.claim.number
    if lead is not None:
        Rung.objects.create(deadline=row.deadline, rung=rung, user=lead, told_at=at, next_at=at)
        messages.post("overdue_lead", user=lead, about=number, facts=facts, by_email=False, at=at)
    else:
        Rung.objects.create(deadline=row.deadline, rung=Rungs.SUPERVISORS, told_at=at)
        messages.post("overdue_supervisors", to=Recipient.SUPERVISOR, about=number, facts=facts, at=at)


@transaction.atomic
def _tell_of_standstills(*, at: datetime) -> int:
    still = Deadline.objects.filter(status=DeadlineStatus.OPEN, due_at__isnull=True, kind__in=DESK_KINDS)
    still = still.filter(paused_at__lte=at - LONGEST_STANDSTILL).exclude(rungs__rung=Rungs.STANDS_STILL)
    locked = still.order_by("pk").select_for_update(of=("self",), skip_locked=True, no_key=True)
    rows = list(locked.select_related("claim")[:BATCH])
    told = set(Rung.objects.filter(deadline__in=rows, rung=Rungs.STANDS_STILL).values_list("deadline", flat=True))
    for row in rows:
        if row.pk not in told:
            Rung.objects.create(deadline=row, rung=Rungs.STANDS_STILL, told_at=at)
            facts = {"kind": row.kind, "since": row.paused_at, "days": LONGEST_STANDSTILL.days}
            messages.post("stands_still", to=Recipient.SUPERVISOR, about=row.claim.number, facts=facts, at=at)
    return len([row for row in rows if row.pk not in told])
