"""Values as the present reader writes them."""

import re
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext

from config.kernel.civil import SHANGHAI, civil_date, days_between, last_day
from config.kernel.money import format_yuan

_ISO = re.compile(r"(\d{4}-\d\d)(-\d\d)?", re.ASCII)


def language() -> str:
    """`zh` or `en`, after the active translation."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def yuan(fen: int) -> str:
    """An amount of fen in the reader's way of writing money."""
    return format_yuan(fen, language())


def yuan_or_dash(fen: int | None) -> str:
    """An amount that may not be known; nothing at all is an amount."""
    return "—" if fen is None else yuan(fen)


def day(when: date) -> str:
    """A civil day: 2025年7月14日, 14 July 2025. Of an instant, its day in Shanghai."""
    return date_format(civil_date(when) if isinstance(when, datetime) else when)


def left(last: date, *, is_late: bool, at: datetime) -> str:
    """The days that are left at `at` until the end of a day, or since it where that is over."""
    days = days_between(civil_date(at), last)
    if is_late:
        return ngettext("%(days)s day overdue", "%(days)s days overdue", -days) % {"days": -days}
    return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}


def late_label(due_at: datetime | None, *, at: datetime) -> tuple[str, str]:
    """The last day of what is due, for the label of a list: "late" or "open", and its words."""
    if due_at is None:
        return "open", ""
    last = day(last_day(due_at))
    return ("late", f"{last} · {gettext('overdue')}") if due_at <= at else ("open", last)


def moment(when: datetime) -> str:
    """An instant to the minute, by the Shanghai clock: 2025年7月14日 09:30, 14 July 2025, 09:30."""
    return date_format(when.astimezone(SHANGHAI), "DATETIME_FORMAT")


def said(fact: Any) -> Any:
    """A fact that goes into a sentence: days and instants as the reader writes them, also those kept as ISO text."""
    if isinstance(fact, datetime):
        return moment(fact)
    if isinstance(fact, date):
        return day(fact)
    if isinstance(fact, str) and (found := _ISO.fullmatch(fact)):
        return _iso(found[1], found[2]) or fact
    return fact


def _iso(month: str, rest: str | None) -> str:
    """`2025-07-14` or `2025-07`; empty where there is no such day."""
    try:
        first = date.fromisoformat(month + (rest or "-01"))
    except ValueError:
        return ""
    return day(first) if rest else date_format(first, "YEAR_MONTH_FORMAT")
