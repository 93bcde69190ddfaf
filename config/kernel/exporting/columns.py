"""What a column of a sheet holds, and how PostgreSQL itself prints it: no value passes through Python on its way.

A text never becomes a formula. In a workbook every text is a typed cell, and one that begins like a formula is marked
as text for whoever edits it later. CSV knows no types: there such a text gets an apostrophe in front, which reading it
in again takes away (`DANGEROUS`). No value is changed by either.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from django.db import models
from django.utils.translation import gettext
from import_export.fields import Field
from psycopg import sql

from config.kernel import masks
from config.kernel.cells import DANGEROUS
from config.kernel.civil import SHANGHAI, civil_date
from config.kernel.crypto import decrypt

EPOCH = date(1899, 12, 30)
"""Day 0 of a workbook; its days before March 1900 are wrong, so earlier ones are written as text."""
FIRST_DAY = date(1900, 3, 1)

TEXT, AS_TEXT, NUMBER, DAY, MOMENT, MONEY = range(6)
"""The kinds of cells of a workbook."""

END = "</v></c>"
LOST = "\ufffd"
"""In place of a sign that no workbook can hold."""

TOKEN = "%(token)s"
"""Stands for signs that are different in each file, and that nobody can know beforehand."""

FEW = 6


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return sql.Literal(text).as_string(None)


_NUMERIC = re.compile("^(0[0-9]+|[0-9]{12,})$")
"""Digits that a spreadsheet program would shorten: it drops leading zeros, and rounds after fifteen."""


def _codes(signs: str) -> str:
    return ", ".join(str(ord(sign)) for sign in signs)


IS_DANGEROUS = f"IN ({_codes(DANGEROUS)})"


def guarded(text: str) -> str:
    """A text as CSV holds it: behind an apostrophe where a program would take it for a formula, or for a number."""
    return f"'{text}" if (text and text[0] in DANGEROUS) or _NUMERIC.fullmatch(text) else text


def guarded_in_sql(name: str, shown: str = "") -> str:
    """`guarded`, asked of the database; `shown` is what is written where that is not the text itself."""
    shown = shown or name
    is_digits = f"ascii({name}) BETWEEN 48 AND 57 AND {name} ~ '{_NUMERIC.pattern}'"
    return f"CASE WHEN ascii({name}) {IS_DANGEROUS} OR ({is_digits}) THEN '''' || {shown} ELSE {shown} END"


OPENING, CLOSING = "\x0e", "\x0f"
"""What PostgreSQL prints for < and > of markup: so those of a text can be told from them, and named."""
BREAK = b"\x1f"
"""Stands for a line break within a cell until it is named."""


_OURS = OPENING + CLOSING + BREAK.decode()


def markup(text: str) -> str:
    """Markup as SQL writes it."""
    return literal(text.translate({ord("<"): OPENING, ord(">"): CLOSING}))


def unmarked(text: str) -> str:
    """A text that cannot be taken for markup."""
    return text.translate(dict.fromkeys(map(ord, _OURS), LOST))


def text_in_sql(name: str) -> str:
    """`unmarked`, asked of the database."""
    return f"translate({name}, {literal(_OURS)}, {literal(LOST * len(_OURS))})"


KEPT = '<v xml:space="preserve">'
"""Before a text that begins or ends with a space or a break, which some programs drop otherwise."""
_BLANK = "\t\n\r "
ENDS_BLANK = f"IN ({_codes(_BLANK)})"


def _start(kind: int, value: str = "<v>") -> str:
    is_text = ' t="str"' if kind in (TEXT, AS_TEXT) else ""
    return f"<c{is_text}>{value}" if kind in (TEXT, NUMBER) else f'<c{is_text} s="{kind}">{value}'


def _is_kept(text: str) -> bool:
    return text[:1] in DANGEROUS or text[-1:] in _BLANK


def _number_cell(kind: int, number: str) -> list[str]:
    """The pieces of a cell that has a number, or is empty."""
    return [f"coalesce({markup(_start(kind))} || {number} || {markup(END)}, {markup('<c/>')})"]


def _text_cell(text: str, kind: int = TEXT, value: str = "<v>") -> list[str]:
    """The pieces of a cell whose text is one of our words."""
    return [markup(_start(kind, value)), text, markup(END)]


class Column(Field):
    """A column: its title, where a row has its value, who may read it.

    `attribute` is a path of fields from the sheet's model, or something that the sheet annotates. `permission` is asked
    besides the sheet's own. A column that `is_private` is masked unless clear values were asked for and allowed.
    """

    is_private = False
    kind = NUMBER
    width = 14

    def __init__(self, title: Any, attribute: str, *, permission: str = "", width: int = 0) -> None:
        super().__init__(attribute=attribute, column_name=title)
        self.permission = permission
        self.width = width or self.width

    def csv(self, name: str, *, clear: bool = False) -> str:
        """The SQL of the value in CSV; `name` is the column of the rows that has it."""
        return name

    def cell(self, name: str, *, clear: bool = False) -> list[str]:
        """The SQL of a cell of a workbook, in pieces: an empty one where there is nothing."""
        return _number_cell(self.kind, self.csv(name, clear=clear))

    def value(self, raw: Any, *, clear: bool = False) -> Any:
        """What the cell holds, as Python has it: of a text the text, of a day a date, of an amount yuan."""
        return raw

    def export(self, instance: Any, **kwargs: Any) -> Any:
        """The value for a row that was loaded: what a small file, written by django-import-export, has."""
        return self.value(self.get_value(instance))


class Text(Column):
    """What people wrote."""

    width = 20

    def csv(self, name: str, *, clear: bool = False) -> str:
        return guarded_in_sql(name, self.shown(name, clear=clear))

    def cell(self, name: str, *, clear: bool = False) -> list[str]:
        begins = f"WHEN ascii({name}) {IS_DANGEROUS} THEN {markup(_start(AS_TEXT, KEPT))}"
        ends = f"WHEN ascii(right({name}, 1)) {ENDS_BLANK} THEN {markup(_start(TEXT, KEPT))}"
        shown = text_in_sql(self.shown(name, clear=clear))
        return [f"CASE {begins} {ends} ELSE {markup(_start(TEXT))} END", shown, markup(END)]

    def shown(self, name: str, *, clear: bool) -> str:
        """The SQL of what is shown of it; it begins as the text itself does, or with a star."""
        return name

    def value(self, raw: Any, *, clear: bool = False) -> Any:
        return raw or None


class Name(Text):
    """The name of a member, masked."""

    is_private = True
    width = 10

    def shown(self, name: str, *, clear: bool) -> str:
        return name if clear else f"masked_name({name})"

    def value(self, raw: Any, *, clear: bool = False) -> Any:
        return raw if clear or not raw else masks.name(raw)


class Code(Column):
    """One of the words of our own: `labels` by code, said in the language of the file; other codes as they are."""

    def __init__(
        self,
        title: Any,
        attribute: str,
        labels: Callable[[], Mapping[Any, Any]],
        *,
        permission: str = "",
        width: int = 0,
    ) -> None:
        super().__init__(title, attribute, permission=permission, width=width)
        self.labels = labels

    def csv(self, name: str, *, clear: bool = False) -> str:
        return self._said(f"{name}::text", guarded_in_sql(f"{name}::text"), guarded)

    def cell(self, name: str, *, clear: bool = False) -> list[str]:
        """Marked as text all of it: some words are people's own, as the name of a disease."""
        value = KEPT if any(_is_kept(str(label)) for label in self.labels().values()) else "<v>"
        return _text_cell(self._said(f"{name}::text", text_in_sql(f"{name}::text"), unmarked), AS_TEXT, value)

    def _said(self, code: str, other: str, write: Callable[[str], str]) -> str:
        """A CASE of few words; many are looked up in an object, which does not get slower with each."""
        labels = {str(code): write(str(label)) for code, label in self.labels().items() if code}
        if len(labels) > FEW:
            return f"coalesce({literal(json.dumps(labels))}::jsonb ->> {code}, {other})"
        whens = " ".join(f"WHEN {literal(code)} THEN {literal(label)}" for code, label in labels.items())
        return f"CASE {code} {whens} ELSE {other} END" if whens else other

    def value(self, raw: Any, *, clear: bool = False) -> Any:
        return str(self.labels().get(raw, raw)) if raw is not None and raw != "" else None


class Flag(Column):
    """Yes or no."""

    width = 8

    def csv(self, name: str, *, clear: bool = False) -> str:
        yes, no = literal(gettext("yes")), literal(gettext("no"))
        return f"CASE {name} WHEN TRUE THEN {yes} WHEN FALSE THEN {no} END"

    def cell(self, name: str, *, clear: bool = False) -> list[str]:
        return _text_cell(self.csv(name))

    def value(self, raw: Any, *, clear: bool = False) -> Any:
        return None if raw is None else gettext("yes") if raw else gettext("no")


class Number(Column):
    """A whole number."""

    width = 10


class Money(Column):
    """Fen in the database, yuan in the file."""

    kind = MONEY

    def csv(self, name: str, *, clear: bool = False) -> str:
        return f"{name} / 100::float8"  # exact: the nearest to the decimal, which is what is written

    def value(self, raw: Any, *, clear: bool = False) -> Any:
        return None if raw is None else Decimal(raw).scaleb(-2)


class Day(Column):
    """A civil day."""

    kind = DAY
    width = 12

    def csv(self, name: str, *, clear: bool = False) -> str:
        return name

    def cell(self, name: str, *, clear: bool = False) -> list[str]:
        day = self.csv(name, clear=True)
        (number,) = _number_cell(DAY, f"({day} - DATE '{EPOCH}')")
        old = "".join(f" || {piece}" for piece in [f"{day}::text", markup(END)])
        return [f"CASE WHEN {name} < DATE '{FIRST_DAY}' THEN {markup(_start(TEXT))}{old} ELSE {number} END"]


class CivilDay(Day):
    """The day in Shanghai of an instant; the connection's own zone is Shanghai's."""

    def csv(self, name: str, *, clear: bool = False) -> str:
        return f"{name}::date"

    def value(self, raw: Any, *, clear: bool = False) -> Any:
        return None if raw is None else civil_date(raw)


class BirthDay(Day):
    """A date of birth: masked, its year alone, because with it the rest of a masked ID number can be guessed."""

    is_private = True

    def csv(self, name: str, *, clear: bool = False) -> str:
        return name if clear else f"date_part('year', {name})"

    def cell(self, name: str, *, clear: bool = False) -> list[str]:
        return super().cell(name) if clear else _number_cell(NUMBER, self.csv(name))

    def value(self, raw: Any, *, clear: bool = False) -> Any:
        return raw if clear or raw is None else raw.year


class Moment(Column):
    """An instant by the Shanghai clock, to the second; the connection's own zone is Shanghai's."""

    kind = MOMENT
    width = 18

    def csv(self, name: str, *, clear: bool = False) -> str:
        return f"{name}::timestamp(0)"

    def cell(self, name: str, *, clear: bool = False) -> list[str]:
        seconds = f"date_part('epoch', {self.csv(name)})"
        return _number_cell(MOMENT, f"({seconds} / 86400 + {(date(1970, 1, 1) - EPOCH).days})")

    def value(self, raw: Any, *, clear: bool = False) -> Any:
        if raw is None:
            return None
        return (raw + timedelta(microseconds=500_000)).astimezone(SHANGHAI).replace(microsecond=0, tzinfo=None)


class Secret(Column):
    """A number that is encrypted at rest: opened here, one by one, as its rows pass, and masked unless it is `clear`.

    The database prints its token after TOKEN, which no other column prints; `copying.opened` puts the number there.
    """

    is_private = True
    width = 22

    def __init__(
        self,
        title: Any,
        attribute: str,
        mask: Callable[[str], str],
        *,
        field: Callable[[], Any],
        permission: str = "",
        width: int = 0,
    ) -> None:
        super().__init__(title, attribute, permission=permission, width=width)
        self.mask, self.field = mask, field

    def csv(self, name: str, *, clear: bool = False) -> str:
        return f"'{TOKEN}{name}.' || encode({name}, 'hex') || '.'"

    def cell(self, name: str, *, clear: bool = False) -> list[str]:
        return [markup(_start(AS_TEXT)), self.csv(name), markup(END)]

    def value(self, raw: Any, *, clear: bool = False) -> Any:
        return None if not raw else raw if clear else self.mask(raw)

    def opened(self, token: bytes, *, clear: bool) -> str:
        """The number, or its mask, of a token; `Unreadable` for what does not open."""
        number = decrypt(token, where=self.field().where)
        return str(self.value(number, clear=clear) or "")


def as_csv(text: str) -> bytes:
    """A value that was opened here, as a field of CSV: long numbers and those with a leading zero stay text."""
    said = guarded(text)
    if any(sign in said for sign in ',"\r\n'):
        said = '"' + said.replace('"', '""') + '"'
    return said.encode()


def as_xml(text: str) -> bytes:
    """A value that was opened here, within XML."""
    return escape(text).encode()


def choices(enum: type[models.Choices]) -> Callable[[], Mapping[Any, Any]]:
    """The labels of an enumeration, read when they are needed."""
    return lambda: dict(enum.choices)
