"""Working days (工作日) by the State Council's calendar: pure, the days are handed in.

As everywhere, the start day is not counted: one working day after a Friday is the next Monday that is worked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkCalendar:
    """Holidays and make-up days (调休); every other day is worked from Monday to Friday.

    `works` says of a listed day whether it is worked; `statutory` are the statutory holidays proper (法定节假日),
    without the days around them that were moved there.
    """

    works: Mapping[date, bool]
    statutory: frozenset[date]

    def is_working(self, day: date) -> bool:
        """Whether people work on that day."""
        return self.works.get(day, day.weekday() < 5)

    def is_statutory(self, day: date) -> bool:
        """Whether the day is a statutory holiday proper."""
        return day in self.statutory

    def without(self, day: date) -> "WorkCalendar":
        """The same calendar with one more day on which nobody works."""
        return WorkCalendar(works={**self.works, day: False}, statutory=self.statutory)

    def lacks(self, year: int) -> bool:
        """Whether the year's holidays are not known: no National Day is listed. Monday to Friday is then a guess."""
        return date(year, 10, 1) not in self.works

    def missing_years(self, first: date, last: date) -> tuple[int, ...]:
        """The years from `first` to `last`, both included, that the calendar lacks."""
        return tuple(year for year in range(first.year, last.year + 1) if self.lacks(year))

    def add(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, before it when negative; the day itself for none."""
        step = ONE_DAY if count > 0 else -ONE_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to `end`, which is counted; negative when `end` is earlier."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working(start + timedelta(days=after)) for after in range(1, (end - start).days + 1))
