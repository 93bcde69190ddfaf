"""Figures of the whole floor: blocks of numbers, which any app adds in a `panels` module, and the rows behind each.

Nothing here knows a request: `block.read(asked, at)` gives a table that a page, a spreadsheet or a letter can show.
What a number counts is named by `behind`, and the list that the name stands for has exactly those rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from config.kernel.civil import days_between, end_of, start_of
from config.kernel.display import yuan_or_dash
from config.kernel.models import User
from config.kernel.pages import Text

LONGEST = 92
"""Civil days of a period."""

DASH = "—"


@dataclass(frozen=True, slots=True)
class Period:
    """Civil days in Shanghai, both included. As instants it is half-open: `[start, end)`. ValueError when empty."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not 1 <= self.days <= LONGEST:
            raise ValueError(f"A period has 1 to {LONGEST} days, not {self.days}.")

    @classmethod
    def until(cls, last: date, *, days: int) -> "Period":
        """So many days, the last of them included."""
        return cls(last - timedelta(days=days - 1), last)

    @property
    def days(self) -> int:
        return days_between(self.first, self.last) + 1

    @property
    def start(self) -> datetime:
        return start_of(self.first)

    @property
    def end(self) -> datetime:
        return end_of(self.last)


@dataclass(frozen=True, slots=True)
class Asked:
    """What figures are asked for: days, and the code of one plan or the key of one team where not all."""

    period: Period
    plan: str = ""
    team: int | None = None


class Unit(StrEnum):
    """What a number is: rows, a share in percent, days, a span of time or fen."""

    CASES = "cases"
    SHARE = "share"
    DAYS = "days"
    SPAN = "span"
    FEN = "fen"


@dataclass(frozen=True, slots=True)
class Behind:
    """Which cases a number is made of: a name that was registered, and the part of it that is meant."""

    name: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """One number, None where there is nothing to know; `about` names the single row that it is about."""

    value: int | float | Decimal | timedelta | None
    unit: Unit = Unit.CASES
    behind: Behind | None = None
    about: str = ""

    def __str__(self) -> str:
        """As the present reader writes it; nothing is a dash, never zero."""
        if self.value is None:
            return DASH
        if self.unit is Unit.SHARE:
            return f"{self.value:.1f} %"
        if isinstance(self.value, timedelta):
            return span(self.value)
        if self.unit is Unit.FEN:
            return yuan_or_dash(int(self.value))
        return f"{self.value:,.1f}" if self.unit is Unit.DAYS else f"{self.value:,}"

    @property
    def plain(self) -> int | float | Decimal | None:
        """As a spreadsheet has it: percent, days, hours or yuan, without a sign or a unit."""
        if isinstance(self.value, timedelta):
            return round(self.value.total_seconds() / 3600, 2)
        if self.unit is Unit.FEN and self.value is not None:
            return Decimal(int(self.value)).scaleb(-2)
        if self.unit in (Unit.SHARE, Unit.DAYS) and self.value is not None:
            return round(float(self.value), 1)
        return self.value


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; `note` is what else is to be known of it, `is_quiet` where it stands back."""

    label: Text
    numbers: Sequence[Number]
    note: Text = ""
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Which columns of the table are drawn, counted from 0; bars stand on one another where they are `stacked`."""

    columns: Sequence[int]
    stacked: bool = False
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`heads` are those of the numbers; `of` is that of the lines."""

    of: Text
    heads: Sequence[Text]
    lines: Sequence[Line] = field(default=())
    chart: Chart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of the page, for those who hold `permission`.

    `about` says what is counted, `empty` what is missing where there is no line, `by_team` whether it heeds a team.
    """

    name: str
    title: Text
    about: Text
    read: Callable[[Asked, datetime], Table]
    empty: Text
    permission: str = "claims.view_figures"
    by_team: bool = False
    place: int = 50


Rows = Callable[[Asked, str, datetime], QuerySet[Any]]
"""`rows(asked, part, at)`: what a number counts. A part that nobody knows has no rows."""

_blocks: dict[str, Block] = {}
_behind: dict[str, tuple[Text, Rows, str]] = {}


def add_figures(*blocks: Block) -> None:
    """Put blocks on the page; ValueError for a name that is taken."""
    for block in blocks:
        if block.name in _blocks:
            raise ValueError(f"Two blocks of figures are named {block.name}.")
        _blocks[block.name] = block


def add_behind(name: str, label: Text, rows: Rows, permission: str = "claims.view_figures") -> None:
    """Name the rows of some numbers, for those who hold `permission`; ValueError for a name that is taken."""
    if name in _behind:
        raise ValueError(f"There are rows behind {name} already.")
    _behind[name] = (label, rows, permission)


def blocks_for(by: User) -> list[Block]:
    """The blocks that this person may read, in their places."""
    return sorted((one for one in _blocks.values() if by.has_perm(one.permission)), key=lambda one: one.place)


def rows_behind(behind: Behind, asked: Asked, *, at: datetime) -> QuerySet[Any]:
    """What a number counts; KeyError for a name that nobody registered."""
    return _behind[behind.name][1](asked, behind.part, at)


def label_behind(name: str, by: User) -> Text | None:
    """What the rows behind a number are called; None for a name that nobody registered, or that is not for `by`."""
    label, _rows, permission = _behind.get(name, ("", None, ""))
    return label if permission and by.has_perm(permission) else None


def share(part: int, whole: int) -> float | None:
    """Percent; None of nothing."""
    return 100 * part / whole if whole else None


def span(took: timedelta) -> str:
    """Two units of a span of time, the largest first: 3 days 4 h, 51 min 12 s."""
    seconds = int(took.total_seconds())
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return gettext("%(days)s d %(hours)s h") % {"days": days, "hours": hours}
    if hours:
        return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    return gettext("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds % 60}
