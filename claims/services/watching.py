"""The deadline board: what has to be met, what was missed and is still waited for, what stands still; never row by row.

Open deadlines and missed ones are asked for apart, so that each has an index of its own, and put together here.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import islice

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import TruncDate

from claims.enums import DESK_KINDS, DeadlineKind, DeadlineStatus, Rungs
from claims.models import Assignment, Deadline, Rung
from claims.services import clocks
from claims.services.assigning import holders_of
from claims.services.ladder import LONGEST_STANDSTILL
from config.kernel.civil import SHANGHAI, civil_date, end_of, last_day, start_of
from config.kernel.models import Team, User
from config.kernel.permissions import check_permission
from config.kernel.work_calendar import WorkCalendar
from config.kernel.working_days import work_calendar

PAGE = 50
SOON = 2
"""Working days after today that count as soon."""

LONGEST_KEY = 18
"""Digits of the greatest key that a mark may name."""

TICK = timedelta(microseconds=1)
FAR = datetime.max.replace(tzinfo=SHANGHAI)
LADDER: list[str] = list(Rungs.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the board is narrowed to. `teams` are those that a lead may see, None the whole floor."""

    teams: tuple[int, ...] | None = None
    kind: str = ""
    step: str = ""
    plan: int | None = None
    team: int | None = None
    person: int | None = None
    only: str = ""
    over: int | None = None
    day: date | None = None


OVERDUE, NEAR, STILL, TOO_LONG = "overdue", "near", "still", "too-long"
"""What `only` may narrow it to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One deadline on the board; `working_days` are left, or over where it is late."""

    deadline: Deadline
    last: date | None
    is_late: bool
    working_days: int
    holder: User | None
    lead: User | None
    told: str
    is_red: bool

    @property
    def may_change(self) -> bool:
        return self.deadline.kind in DESK_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many of the asked ones are late, end today, end soon, stand still, and stand still for too long."""

    overdue: int
    today: int
    soon: int
    still: int
    red: int


@dataclass(slots=True, kw_only=True)
class Day:
    """One day of the calendar: how many end with it, by kind."""

    day: date
    is_working: bool
    is_over: bool
    is_today: bool
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.kinds.values())

    @property
    def overdue(self) -> int:
        """Of a day that is over, everything: what was met is not here any more."""
        return self.total if self.is_over else 0

    @property
    def named(self) -> list[tuple[str, int]]:
        return [(str(DeadlineKind(kind).label), number) for kind, number in self.kinds.most_common()]


def scope_of(by: User) -> tuple[int, ...] | None:
    """The teams whose deadlines this person may watch, None for the whole floor; `NotPermitted` for who leads none."""
    if by.has_perm("claims.watch_deadline"):
        return None
    teams = tuple(Team.objects.filter(lead=by).order_by("pk").values_list("pk", flat=True))
    if not teams or not by.has_perm("claims.view_deadline"):
        check_permission("claims.watch_deadline", by)
    return teams


def parts(asked: Asked, *, at: datetime) -> tuple[QuerySet[Deadline], QuerySet[Deadline]]:
    """What runs or stands still, and what was missed and is still waited for."""
    held = Q(kind__in=(DeadlineKind.PUBLICITY, DeadlineKind.APPEAL_WINDOW), due_at__lte=at)
    running = Deadline.objects.filter(status=DeadlineStatus.OPEN).exclude(held)  # their end is nobody's fault
    return _narrowed(running, asked, at=at), _narrowed(clocks.overdue(), asked, at=at)


def page(asked: Asked, *, at: datetime, after: str = "", most: int = PAGE) -> tuple[list[Line], str]:
    """Overdue ones first, then by their end, what stands still last; and from where the next page goes on."""
    rows = [
        _after(part, after).order_by(F("due_at").asc(nulls_last=True), "pk")[: most + 1] for part in _read(asked, at)
    ]
    found = list(islice(merge(*rows, key=_place), most + 1))
    return lines(found[:most], at=at), mark(found[most - 1]) if len(found) > most else ""


def chosen(
    asked: Asked, *, at: datetime, ids: Sequence[int] | None, most: int, after: str = "", since: datetime | None = None
) -> tuple[list[Deadline], int]:
    """The ticked ones of what may be seen, or all that were asked for; at most so many, and how many there are.

    All are those that can be changed at all, from a mark on; what was changed `since` then comes no second time.
    """
    both = list(_read(asked if ids is None else Asked(teams=asked.teams), at))
    if ids is not None:
        both = [part.filter(pk__in=ids) for part in both]
    else:
        both = [_after(part.filter(kind__in=DESK_KINDS), after) for part in both]
    if since is not None:
        both = [part.filter(Q(paused_at__isnull=True) | Q(paused_at__lt=since), opened_at__lt=since) for part in both]
    count = sum(part.count() for part in both)
    rows = [part.order_by(F("due_at").asc(nulls_last=True), "pk")[:most] for part in both]
    return list(islice(merge(*rows, key=_place), most)), count


def tally(asked: Asked, *, at: datetime) -> Tally:
    """Two queries, and the calendar, however many there are."""
    running, missed = parts(asked, at=at)
    today, soon = _near(at)
    counts = running.order_by().aggregate(
        late=Count("pk", filter=Q(due_at__lte=at)),
        today=Count("pk", filter=Q(due_at__gt=at, due_at__lte=today)),
        soon=Count("pk", filter=Q(due_at__gt=today, due_at__lte=soon)),
        still=Count("pk", filter=Q(due_at__isnull=True)),
        red=Count("pk", filter=_too_long(at)),
    )
    return Tally(overdue=counts.pop("late") + missed.count(), **counts)


def month(asked: Asked, first: date, *, at: datetime, calendar: WorkCalendar) -> list[list[Day]]:
    """The weeks, from Monday, in which the month of `first` lies; two queries."""
    start = first.replace(day=1)
    following = (start + timedelta(days=31)).replace(day=1)
    monday, end = start - timedelta(days=start.weekday()), following + timedelta(days=-following.weekday() % 7)
    counted = per_day(asked, monday, end, at=at)
    days = [
        Day(
            day=day,
            is_working=calendar.is_working(day),
            is_over=end_of(day) <= at,
            is_today=day == civil_date(at),
            kinds=counted.get(day, Counter()),
        )
        for day in (monday + timedelta(days=number) for number in range((end - monday).days))
    ]
    return [days[week : week + 7] for week in range(0, len(days), 7)]


def per_day(asked: Asked, first: date, end: date, *, at: datetime) -> dict[date, Counter[str]]:
    """How many end with each day from `first` to before `end`, by kind."""
    last = ExpressionWrapper(F("due_at") - TICK, output_field=DateTimeField())
    found: dict[date, Counter[str]] = {}
    for part in parts(asked, at=at):
        rows = part.filter(due_at__gt=start_of(first), due_at__lte=start_of(end)).order_by()
        for day, kind, number in rows.values_list(TruncDate(last, tzinfo=SHANGHAI), "kind").annotate(Count("pk")):
            found.setdefault(day, Counter())[kind] += number
    return found


def lines(deadlines: Sequence[Deadline], *, at: datetime) -> list[Line]:
    """What the board says of them: three queries, however many there are."""
    calendar, holders = work_calendar(), holders_of({one.claim_id for one in deadlines})
    told: dict[int, str] = {}
    for key, rung in Rung.objects.filter(deadline__in=deadlines).values_list("deadline", "rung"):
        told[key] = LADDER[max(LADDER.index(told.get(key, rung)), LADDER.index(rung))]
    return [_line(one, holders.get(one.claim_id), told.get(one.pk, ""), calendar, at=at) for one in deadlines]


def _line(one: Deadline, holder: User | None, told: str, calendar: WorkCalendar, *, at: datetime) -> Line:
    today, last = civil_date(at), last_day(one.due_at) if one.due_at else None
    is_late = one.due_at is not None and one.due_at <= at
    if last is None:
        number = one.days_left or 0
    else:
        number = clocks.working_days_over(last, today, calendar) if is_late else calendar.between(today, last)
    is_red = one.paused_at is not None and one.kind in DESK_KINDS and one.paused_at <= at - LONGEST_STANDSTILL
    return Line(
        deadline=one,
        last=last,
        is_late=is_late,
        working_days=number,
        holder=holder,
        lead=holder.team.lead if holder is not None and holder.team is not None else None,
        told=str(Rungs(told).label) if told else "",
        is_red=is_red,
    )


def _narrowed(rows: QuerySet[Deadline], asked: Asked, *, at: datetime) -> QuerySet[Deadline]:
    named = {"kind": asked.kind, "claim__state": asked.step, "claim__membership__plan": asked.plan}
    rows = rows.filter(**{name: value for name, value in named.items() if value})
    held = Assignment.objects.filter(step=F("claim__state"), user__is_active=True).order_by()
    if asked.teams is not None:
        rows = rows.filter(claim__in=held.filter(user__team__in=asked.teams).values("claim"))
    if asked.team:
        rows = rows.filter(claim__in=held.filter(user__team=asked.team).values("claim"))
    if asked.person:
        rows = rows.filter(claim__in=held.filter(user=asked.person).values("claim"))
    if asked.only == STILL:
        rows = rows.filter(due_at__isnull=True)
    if asked.only == TOO_LONG:
        rows = rows.filter(_too_long(at))
    if asked.only == NEAR:
        today, soon = _near(at)
        rows = rows.filter(due_at__gt=today, due_at__lte=soon)
    if asked.only == OVERDUE or asked.over is not None:
        rows = rows.filter(due_at__lte=_over_since(asked.over or 0, at=at))
    if asked.day is not None:
        rows = rows.filter(due_at__gt=start_of(asked.day), due_at__lte=end_of(asked.day))
    return rows


def _too_long(at: datetime) -> Q:
    return Q(due_at__isnull=True, paused_at__lte=at - LONGEST_STANDSTILL, kind__in=DESK_KINDS)


def _near(at: datetime) -> tuple[datetime, datetime]:
    """The end of today, and of the last day that counts as soon."""
    today = civil_date(at)
    return end_of(today), end_of(work_calendar().add(today, SOON))


def _over_since(days: int, *, at: datetime) -> datetime:
    """What ended by this instant is over by at least so many whole working days."""
    if not days:
        return at
    return start_of(work_calendar().add(civil_date(at), -days))


def _read(asked: Asked, at: datetime) -> Iterable[QuerySet[Deadline]]:
    for part in parts(asked, at=at):
        yield part.select_related("claim__membership__member", "claim__membership__plan", "claim__covenant")


def _place(one: Deadline) -> tuple[datetime, int]:
    return one.due_at or FAR, one.pk


def mark(one: Deadline) -> str:
    """Where the list goes on after this one."""
    return f"{one.due_at.timestamp() if one.due_at else ''}_{one.pk}"


def _after(rows: QuerySet[Deadline], said: str) -> QuerySet[Deadline]:
    """Those after a mark; a mark that nobody can read is none."""
    stamp, _bar, key = said.partition("_")
    try:
        if len(key) > LONGEST_KEY:
            return rows
        number, due = int(key), datetime.fromtimestamp(float(stamp), SHANGHAI) if stamp else None
    except (ValueError, OverflowError, OSError):
        return rows
    if due is None:
        return rows.filter(due_at__isnull=True, pk__gt=number)
    return rows.filter(Q(due_at__gt=due) | Q(due_at=due, pk__gt=number) | Q(due_at__isnull=True))
