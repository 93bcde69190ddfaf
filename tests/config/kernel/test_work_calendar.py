"""The calendar's arithmetic against counting on the fingers, over all the years that are shipped."""

import csv
from bisect import bisect_left, bisect_right
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.work_calendar import WorkCalendar
from config.kernel.working_days import HOLIDAYS

FIRST, LAST = date(2010, 1, 1), date(2026, 12, 31)
PLAIN = WorkCalendar(works={}, statutory=frozenset())


def shipped():
    for path in sorted(HOLIDAYS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


ROWS = {date.fromisoformat(row["day"]): row for row in shipped()}
CALENDAR = WorkCalendar(
    works={day: row["working"] == "1" for day, row in ROWS.items()},
    statutory=frozenset(day for day, row in ROWS.items() if row["statutory"] == "1"),
)
ALL_DAYS = [FIRST + timedelta(days=after) for after in range((LAST - FIRST).days + 1)]
WORKED = [day for day in ALL_DAYS if (ROWS[day]["working"] == "1" if day in ROWS else day.isoweekday() <= 5)]

days = st.dates(date(2012, 1, 1), date(2024, 12, 31))


@given(days, st.integers(1, 300))
def test_the_nth_working_day_is_the_nth_of_the_list(day, count):
    assert CALENDAR.add(day, count) == WORKED[bisect_right(WORKED, day) + count - 1]


@given(days, st.integers(1, 300))
def test_the_nth_working_day_before_is_the_nth_of_the_list(day, count):
    assert CALENDAR.add(day, -count) == WORKED[bisect_left(WORKED, day) - count]


@given(days, days)
def test_working_days_between_are_those_of_the_list(start, end):
    counted = bisect_right(WORKED, end) - bisect_right(WORKED, start)

    assert CALENDAR.between(start, end) == counted


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        (date(2025, 9, 26), 1, date(2025, 9, 28)),  # Friday; the Sunday is worked for National Day
        (date(2025, 9, 30), 1, date(2025, 10, 9)),  # eight days off
        (date(2025, 9, 30), 3, date(2025, 10, 11)),  # a Saturday that is worked
        (date(2025, 10, 3), 0, date(2025, 10, 3)),  # none is none, on a day off too
        (date(2025, 10, 9), -1, date(2025, 9, 30)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
    ],
)
def test_holidays_and_make_up_days_are_counted(day, count, then):
    assert CALENDAR.add(day, count) == then


def test_without_a_calendar_monday_to_friday_is_worked_and_the_year_is_missing():
    assert PLAIN.add(date(2027, 9, 30), 1) == date(2027, 10, 1)
    assert PLAIN.add(date(2027, 10, 1), 1) == date(2027, 10, 4)
    assert CALENDAR.missing_years(date(2026, 11, 22), date(2027, 1, 21)) == (2027,)
    assert CALENDAR.missing_years(date(2010, 1, 1), date(2026, 12, 31)) == ()
    assert CALENDAR.missing_years(date(2009, 12, 31), date(2010, 1, 1)) == (2009,)


def test_a_year_of_which_only_new_year_was_entered_is_missing_still():
    assert WorkCalendar(works={date(2027, 1, 1): False}, statutory=frozenset()).lacks(2027)


@pytest.mark.parametrize(("year", "count"), [(2010, 11), (2013, 11), (2020, 10), (2024, 11), (2025, 13), (2026, 13)])
def test_statutory_holidays_are_those_of_the_regulation(year, count):
    """Eleven days from 2008, thirteen from 2025; in 2020 Mid-Autumn fell on National Day."""
    assert sum(day.year == year for day in CALENDAR.statutory) == count


def test_the_eve_of_spring_festival_was_statutory_until_2013_and_is_again_since_2025():
    eves = [date(2013, 2, 9), date(2014, 1, 30), date(2024, 2, 9), date(2025, 1, 28), date(2026, 2, 16)]

    assert [CALENDAR.is_statutory(eve) for eve in eves] == [True, False, False, True, True]


def test_every_shipped_file_is_its_year_and_tells_no_day_twice():
    listed = [row["day"] for row in shipped()]

    assert len(set(listed)) == len(listed)
    for path in HOLIDAYS.glob("*.csv"):
        assert {line[:4] for line in path.read_text(encoding="utf-8").splitlines()[1:]} == {path.stem}


def test_a_make_up_day_is_a_weekend_and_no_holiday():
    for day, row in ROWS.items():
        if row["working"] == "1":
            assert day.isoweekday() > 5
            assert row["statutory"] == "0"
