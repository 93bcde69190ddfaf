"""The working-day calendar of the database: read, asked, filled.

`work_calendar()` is one query; whoever asks about many days, a sweep above all, reads it once and hands it on.
It is not kept between calls: administrators edit the table.
"""

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from config.kernel.models import CalendarDay
from config.kernel.work_calendar import WorkCalendar

HOLIDAYS = Path(__file__).parent / "holidays"
# Deadlines in working days reach this far; the next year's holidays are published in November.
HORIZON = timedelta(days=60)


def work_calendar() -> WorkCalendar:
    """The calendar as it stands in the table now."""
    rows = list(CalendarDay.objects.values_list("day", "is_working", "is_statutory"))
    return WorkCalendar(
        works={day: is_working for day, is_working, _statutory in rows},
        statutory=frozenset(day for day, _working, is_statutory in rows if is_statutory),
    )


def calendar_warnings(today: date, *, calendar: WorkCalendar | None = None) -> list[str]:
    """A sentence, in the reader's language, for each year that deadlines reach from today and the calendar lacks."""
    years = (calendar or work_calendar()).missing_years(today, today + HORIZON)
    sentence = _(
        "The working-day calendar has no holidays for %(year)s: until they are entered, "
        "every Monday to Friday of that year counts as a working day."
    )
    return [sentence % {"year": year} for year in years]


@transaction.atomic
def load_holidays() -> int:
    """Bring the table up to the shipped files, in two statements; the number of days written.

    A day whose source is not that of the files was entered by hand: it is left as it is.
    """
    shipped = list(_shipped())
    by_hand = CalendarDay.objects.exclude(source__in={row.source for row in shipped}).values_list("day", flat=True)
    kept = set(by_hand)
    rows = CalendarDay.objects.bulk_create(
        [row for row in shipped if row.day not in kept],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["is_working", "is_statutory", "name", "source"],
    )
    return len(rows)


def _shipped() -> Iterable[CalendarDay]:
    """The days of the files: one file a year, as the State Council's notice for that year has them."""
    for path in sorted(HOLIDAYS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield CalendarDay(
                    day=date.fromisoformat(row["day"]),
                    is_working=row["working"] == "1",
                    is_statutory=row["statutory"] == "1",
                    name=row["name"],
                    source=f"国务院办公厅关于{path.stem}年部分节假日安排的通知",
                )
