"""Civil days in Shanghai (AMB-06): instants are stored in UTC, days are read off the Shanghai clock.

The zone comes from the time zone database, so the summer times of 1986-1991 are right. A period is half-open,
`[start, end)`: its start day is not counted, and it ends at 24:00 of its last day, which is 00:00 of the next.
"""

import calendar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def civil_date(instant: datetime) -> date:
    """The day the Shanghai clock shows at `instant` (AMB-06). A naive instant is a ValueError."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError("a naive datetime is no instant")
    return instant.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """00:00 of the civil day, as an aware datetime in Shanghai time."""
    if isinstance(day, datetime):
        raise TypeError("a civil day is a date; read it with civil_date() first")
    return datetime.combine(day, time(), SHANGHAI)


def end_of(day: date) -> datetime:
    """24:00 of the civil day: the first instant that is no longer in it."""
    return start_of(day + timedelta(days=1))


def last_day(due_at: datetime) -> date:
    """The civil day that ends at `due_at`, the first instant after it: the last day of what is due then."""
    return civil_date(due_at - timedelta(microseconds=1))


def days_between(start: date, end: date) -> int:
    """Days from `start` to `end`, the start day not counted (AMB-01, AMB-03); negative when `end` is earlier."""
    return (end - start).days


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier), the last day of that month where it has no such day (AMB-11)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_before(day: date, months: int) -> tuple[date, date]:
    """The calendar months before `day`, half-open: `[day - months, day)` (AMB-11)."""
    return add_months(day, -months), day


def birthday_in(year: int, birth: date) -> date:
    """The birthday in `year`; 29 February is kept on 28 February in common years (AMB-02)."""
    if birth.month == 2 and birth.day == 29 and not calendar.isleap(year):
        return date(year, 2, 28)
    return birth.replace(year=year)


def age_years(birth: date, on: date) -> int:
    """Full years lived on the day `on`: age grows on the birthday itself (AMB-02); negative before the birth."""
    return on.year - birth.year - (on < birthday_in(on.year, birth))
