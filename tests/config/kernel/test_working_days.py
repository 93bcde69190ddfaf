from datetime import date

import pytest
from django.utils import translation

from config.kernel.models import CalendarDay
from config.kernel.working_days import (
    calendar_warnings,
    load_holidays,
    work_calendar,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded():
    CalendarDay.objects.all().delete()
    return load_holidays()


def test_the_shipped_calendar_is_loaded_once(loaded):
    before = set(CalendarDay.objects.values_list("pk", "day", "is_working", "is_statutory", "name", "source"))

    assert load_holidays() == loaded == len(before) > 550
    assert set(CalendarDay.objects.values_list("pk", "day", "is_working", "is_statutory", "name", "source")) == before


def test_loading_takes_two_statements(loaded, django_assert_num_queries):
    with django_assert_num_queries(2 + 2):  # and the savepoint
        load_holidays()


def test_a_shipped_day_that_was_wrong_is_corrected_and_one_entered_by_hand_is_kept(loaded):
    CalendarDay.objects.filter(day=date(2026, 10, 1)).update(is_statutory=False, is_working=True)
    CalendarDay.objects.filter(day=date(2026, 10, 7)).update(is_working=True, source="late notice")
    CalendarDay.objects.create(day=date(2027, 10, 1), is_working=False, name="国庆节", source="by hand")

    load_holidays()

    calendar = work_calendar()
    assert not calendar.is_working(date(2026, 10, 1))
    assert calendar.is_working(date(2026, 10, 7))
    assert not calendar.is_working(date(2027, 10, 1))


def test_a_calendar_is_one_query_and_serves_many_questions(loaded, django_assert_num_queries):
    with django_assert_num_queries(1):
        calendar = work_calendar()
        assert calendar.add(date(2025, 9, 30), 3) == date(2025, 10, 11)
        assert calendar.between(date(2025, 9, 30), date(2025, 10, 11)) == 3
        assert calendar.is_working(date(2025, 10, 11))
        assert calendar.missing_years(date(2026, 1, 1), date(2027, 5, 1)) == (2027,)


def test_an_edited_day_counts_from_the_next_question_on(loaded):
    assert work_calendar().add(date(2026, 11, 20), 1) == date(2026, 11, 23)

    CalendarDay.objects.create(day=date(2026, 11, 23), is_working=False, name="停工", source="by hand")

    assert work_calendar().add(date(2026, 11, 20), 1) == date(2026, 11, 24)
    assert work_calendar().between(date(2026, 11, 20), date(2026, 11, 24)) == 1


def test_next_year_is_asked_for_in_november_and_not_in_summer(loaded):
    with translation.override("en"):
        assert calendar_warnings(date(2026, 7, 1)) == []
        (warning,) = calendar_warnings(date(2026, 11, 22))
    assert "2027" in warning


def test_an_empty_table_warns_and_falls_back_to_monday_to_friday():
    CalendarDay.objects.all().delete()

    assert work_calendar().add(date(2025, 9, 30), 1) == date(2025, 10, 1)
    assert len(calendar_warnings(date(2026, 11, 22))) == 2
