"""What figures are asked for, as an address says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.figures import LONGEST, Asked, Period
from config.kernel.keyboard import civil_day, whole_number
from config.kernel.pages import Text

DAYS = (7, 30, 90)
CHOICES: tuple[tuple[str, Text], ...] = (
    ("7", _("7 days")),
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("last-month", _("last month")),
    ("own", _("from – to")),
)
USUAL = "30"


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, what figures are asked for by it, and what is wrong with what was typed."""

    period: str
    asked: Asked
    fault: str = ""


def chosen(said: Mapping[str, str], *, today: date) -> Choice:
    """The figures that an address asks for; what is not understood is as if it had not been said.

    Days that make no period are a fault, and the usual period is shown.
    """
    name = said.get("period", "")
    period = None
    if name == "own":
        period = own_period(said)
    elif name in dict(CHOICES):
        period = last_month(today) if name == "last-month" else Period.until(today, days=int(name))
    fault = name == "own" and period is None
    return Choice(
        name if period is not None or fault else USUAL,
        Asked(period or Period.until(today, days=int(USUAL)), plan_of(said), whole_number(said.get("team", ""))),
        gettext("Give two days, the first not after the last, and at most %(days)s days.") % {"days": LONGEST}
        if fault
        else "",
    )


def plan_of(said: Mapping[str, str]) -> str:
    """The code of a plan, without what no column can hold."""
    return said.get("plan", "").replace("\0", "")


def own_period(said: Mapping[str, str]) -> Period | None:
    """From one day to another; None where these make no period."""
    first, last = civil_day(said.get("from", "")), civil_day(said.get("to", ""))
    try:
        return Period(first, last) if first and last else None
    except ValueError:
        return None


def last_month(today: date) -> Period:
    last = today.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)
