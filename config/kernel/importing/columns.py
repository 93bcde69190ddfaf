"""The columns of a sheet that is imported: how each is called in both languages, and how its cells are read.

A reader takes a cell (a text, a number, true or false; never an empty one) and gives a value, or raises `Unfit` with an
English msgid and its params; the value of the cell is not repeated, for it may be a person's number.
"""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Choices
from django.utils.functional import Promise
from import_export import fields, widgets

from config.kernel.civil import SHANGHAI, start_of
from config.kernel.display import language
from config.kernel.identity import InvalidIdentity, bank_card, has_luhn_digit, mobile, resident_id
from config.kernel.importing.headings import normal
from config.kernel.keyboard import half_width
from config.kernel.money import InvalidAmount, yuan_to_fen
from config.kernel.wording import _

Read = Callable[[Any], Any]

_SAFE_NUMBER = 2**53
"""Beyond it a number of a spreadsheet program has lost digits."""


LONG = 1_000
"""Characters; a text that may have as many may have lines."""
_LAYOUT = dict.fromkeys(map(ord, "\n\t\u00a0\u3000"), " ")
"""What lays out a long text, and does not print."""


class Unfit(ValueError):
    """A cell that cannot be read: an English msgid and what its places hold."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.message, self.params = message, params


class Column(fields.Field):
    """One column: `zh` and `en` are its headings, part of the file format and not of the translations."""

    def __init__(
        self,
        zh: str,
        en: str,
        read: Read,
        explains: str | Promise = "",
        *,
        needed: bool = False,
        example: str = "",
        blank: Any = "",
    ) -> None:
        super().__init__(column_name=en, widget=widgets.Widget())
        self.zh, self.en, self.read, self.explains = zh, en, read, explains
        self.needed, self.example, self.blank = needed, example, blank
        self.key = ""
        """The name it was declared by; set by the importer."""

    @property
    def heading(self) -> str:
        """In the reader's language."""
        return self.zh if language() == "zh" else self.en

    @property
    def known_as(self) -> frozenset[str]:
        return frozenset(map(normal, (self.zh, self.en, self.key)))


def words(longest: int) -> Read:
    """A text of some length; where it may be long, it may have lines."""

    def read(cell: Any) -> str:
        text = _text(cell).strip().replace("\r\n", "\n")
        if len(text) > longest:
            raise Unfit(_("is longer than %(most)s characters."), most=longest)
        if not (text.translate(_LAYOUT) if longest >= LONG else text).isprintable():
            raise Unfit(_("holds signs that do not print."))
        return text

    return read


def typed(longest: int) -> Read:
    """A code or number that begins with zeros or is long: as a number it is refused, it may have lost some."""
    text = words(longest)

    def read(cell: Any) -> str:
        if not isinstance(cell, str):
            raise Unfit(_("is a number here: format the column as text and type it again, or digits are lost."))
        return str(text(cell))

    return read


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        raise Unfit(_("is no text."))
    return str(_whole(cell))


def _whole(cell: Any) -> int:
    if isinstance(cell, bool) or not math.isfinite(cell) or cell != int(cell) or abs(cell) >= _SAFE_NUMBER:
        raise Unfit(_("must be a whole number"))
    return int(cell)


def id_number(today: date) -> Read:
    """A resident ID number with its check digit; read as `ResidentId`."""
    text = typed(40)

    def read(cell: Any) -> Any:
        return _checked(lambda: resident_id(text(cell), today=today))

    return read


def card(cell: Any) -> str:
    """A bank card number whose Luhn digit fits."""
    found = _checked(lambda: bank_card(typed(40)(cell)).number)
    if not has_luhn_digit(found):
        raise Unfit(_("is mistyped: its last digit does not fit the others."))
    return str(found)


def phone(cell: Any) -> str:
    """A mobile number; as a number of a spreadsheet it has lost nothing."""
    return str(_checked(lambda: mobile(_text(cell))))


def _checked(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except InvalidIdentity as no:
        raise Unfit(no.why) from None


def email(cell: Any) -> str:
    """An e-mail address."""
    text = str(words(254)(cell))
    try:
        validate_email(text)
    except ValidationError:
        raise Unfit(_("is no e-mail address.")) from None
    return text


@lru_cache(4096)
def day(cell: Any) -> date:
    """A civil day: a day of the spreadsheet, or text as `2024-06-01`, `2024/6/1`, `2024.6.1`, `2024年6月1日`."""
    if isinstance(cell, str):
        text = half_width(cell).rstrip("日").replace("年", "-").replace("月", "-").replace("/", "-").replace(".", "-")
        parts = text.split("-")
        if len(parts) == 3 and len(parts[0]) == 4 and all(part.isascii() and part.isdigit() for part in parts):
            try:
                return date(int(parts[0]), int(parts[1]), int(parts[2]))
            except ValueError:
                pass
    raise Unfit(_("is no day: type it as 2024-06-01."))


@lru_cache(4096)
def moment(cell: Any) -> datetime:
    """An instant by the Shanghai clock: `2024-06-01 10:00`, with or without seconds; a day alone is its 00:00."""
    if isinstance(cell, str) and ":" in cell:
        days, _space, clock = half_width(cell).replace("T", " ").partition(" ")
        return datetime.combine(day(days), _clock(clock.strip()), SHANGHAI)
    return start_of(day(cell))


def _clock(text: str) -> time:
    """With or without seconds, of which parts are dropped: spreadsheet programs keep some by rounding."""
    for form in ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M"):
        try:
            return datetime.strptime(text, form).time().replace(microsecond=0)  # noqa: DTZ007 (only its time is taken)
        except ValueError:
            continue
    raise Unfit(_("is no time: type it as 2024-06-01 10:00."))


def yuan(cell: Any) -> int:
    """An amount in yuan, read to fen."""
    if isinstance(cell, bool):
        raise Unfit(_("This is not an amount of money."))
    try:
        fen = yuan_to_fen(cell if isinstance(cell, str) else f"{cell:.2f}" if cell == round(cell, 2) else f"{cell!r}")
    except InvalidAmount as no:
        raise Unfit(no.why) from None
    if fen < 0:
        raise Unfit(_("An amount is not negative."))
    return fen


def number(cell: Any) -> int:
    """A whole number from zero on."""
    if isinstance(cell, str):
        text = half_width(cell)
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Unfit(_("must be a whole number"))
        return int(text)
    if (found := _whole(cell)) < 0:
        raise Unfit(_("must be a whole number"))
    return found


def yes_or_no(cell: Any) -> bool:
    """是 or 否, yes or no, 1 or 0, true or false."""
    said = cell if isinstance(cell, bool) else _YES.get(half_width(_text(cell)).casefold())
    if said is None:
        raise Unfit(_("must be yes or no."))
    return said


_YES = dict.fromkeys(("是", "yes", "y", "1", "true", "√"), True) | dict.fromkeys(("否", "no", "n", "0", "false"), False)


def one_of(choices: type[Choices], **others: Mapping[str, str]) -> Read:
    """A choice by its code or by one of its names, `{name: code}`."""
    known = {str(value).casefold(): value for value in choices.values}
    known |= {name.casefold(): code for name, code in others.get("names", {}).items()}

    def read(cell: Any) -> Any:
        value = known.get(half_width(_text(cell)).casefold())
        if value is None:
            raise Unfit(_("must be one of: %(known)s."), known=", ".join(others.get("names", {}) or known))
        return value

    return read


def any_of(known: Mapping[str, Any]) -> Read:
    """What a lookup holds, by any of its names; compared without regard to case."""
    table = {name.casefold(): value for name, value in known.items()}

    def read(cell: Any) -> Any:
        value = table.get(half_width(_text(cell)).casefold())
        if value is None:
            raise Unfit(_("is not known here."))
        return value

    return read


NEEDED = _("is needed.")
