from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.civil import (
    add_months,
    age_years,
    birthday_in,
    civil_date,
    days_between,
    end_of,
    last_day,
    months_before,
    start_of,
)

days = st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 12, 31))


def test_an_evening_in_utc_is_the_next_day_in_shanghai():
    assert civil_date(datetime(2025, 6, 20, 16, 0, tzinfo=UTC)) == date(2025, 6, 21)
    assert civil_date(datetime(2025, 6, 20, 15, 59, 59, 999999, tzinfo=UTC)) == date(2025, 6, 20)


def test_summer_time_of_1986_to_1991_is_kept():
    assert civil_date(datetime(1988, 7, 1, 15, 30, tzinfo=UTC)) == date(1988, 7, 2)
    assert civil_date(datetime(1988, 1, 1, 15, 30, tzinfo=UTC)) == date(1988, 1, 1)
    assert start_of(date(1991, 7, 1)).astimezone(UTC) == datetime(1991, 6, 30, 15, 0, tzinfo=UTC)


def test_the_day_summer_time_began_was_one_hour_short():
    start, end = start_of(date(1990, 4, 15)), end_of(date(1990, 4, 15))

    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=23)


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="naive"):
        civil_date(datetime(2025, 6, 20, 16, 0, tzinfo=UTC).replace(tzinfo=None))


def test_an_instant_is_not_taken_for_a_day():
    with pytest.raises(TypeError):
        start_of(datetime(2025, 6, 20, 20, 0, tzinfo=UTC))


@given(days)
def test_a_day_is_half_open(day):
    assert civil_date(start_of(day)) == day
    assert civil_date(end_of(day)) == day + timedelta(days=1)
    assert civil_date(end_of(day).astimezone(UTC) - timedelta(microseconds=1)) == day
    assert civil_date(start_of(day).astimezone(UTC) - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_the_last_day_of_the_waiting_period_is_the_ninetieth_after_joining():
    joined_on = date(2025, 1, 1)

    assert days_between(joined_on, date(2025, 4, 1)) == 90
    assert end_of(joined_on + timedelta(days=90)) == start_of(date(2025, 4, 2))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 1, 15), -1, date(2024, 12, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 6, 15), 0, date(2025, 6, 15)),
    ],
)
def test_months_end_where_the_month_ends(day, months, then):
    assert add_months(day, months) == then


@given(days, st.integers(-600, 600))
def test_months_land_in_the_month_asked_for(day, months):
    then = add_months(day, months)

    assert (then.year * 12 + then.month) - (day.year * 12 + day.month) == months
    assert then.day == day.day or (then.day < day.day and (then + timedelta(days=1)).day == 1)


def test_the_last_day_is_the_one_that_ends_at_the_instant():
    assert last_day(end_of(date(2025, 5, 8))) == date(2025, 5, 8)
    assert last_day(datetime(2025, 5, 8, 16, tzinfo=UTC)) == date(2025, 5, 8)
    assert last_day(datetime(2025, 5, 8, 16, 0, 0, 1, tzinfo=UTC)) == date(2025, 5, 9)


def test_the_twelve_months_before_an_application_end_the_day_before_it():
    assert months_before(date(2025, 6, 15), 12) == (date(2024, 6, 15), date(2025, 6, 15))


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        (date(1960, 5, 10), date(2025, 5, 9), 64),
        (date(1960, 5, 10), date(2025, 5, 10), 65),
        (date(1960, 2, 29), date(2025, 2, 27), 64),
        (date(1960, 2, 29), date(2025, 2, 28), 65),
        (date(1960, 2, 29), date(2024, 2, 28), 63),
        (date(1960, 2, 29), date(2024, 2, 29), 64),
        (date(2025, 5, 10), date(2025, 5, 10), 0),
        (date(2025, 5, 10), date(2025, 5, 9), -1),
    ],
)
def test_age_grows_on_the_birthday(birth, on, years):
    assert age_years(birth, on) == years


@given(days, days)
def test_age_changes_on_birthdays_only(birth, on):
    grew = age_years(birth, on) - age_years(birth, on - timedelta(days=1))

    assert grew == (on == birthday_in(on.year, birth))
