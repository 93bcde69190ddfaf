"""Rows from PostgreSQL to a file, as bytes that PostgreSQL printed: COPY, in blocks, in constant memory."""

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection, connections
from django.db.models import QuerySet

from config.kernel.civil import SHANGHAI
from config.kernel.exporting.columns import (
    BREAK,
    CLOSING,
    LOST,
    OPENING,
    TOKEN,
    Column,
    Secret,
    as_csv,
    as_xml,
    guarded,
    literal,
    markup,
)

ROWS_A_BLOCK = 200


@dataclass(frozen=True, slots=True)
class Chosen:
    """A column of a file, and whether its values are shown in the clear."""

    name: str
    column: Column
    clear: bool = False

    @property
    def title(self) -> str:
        return str(self.column.column_name)


class Block(NamedTuple):
    """Some printed rows: how many, and their bytes, each ended by a line break."""

    rows: int
    data: bytes


Blocks = Iterator[Block]


class Copy:
    """One COPY of a sheet's rows; `trail` is a title and a text that every line of CSV ends with."""

    def __init__(self, rows: QuerySet[Any], columns: Sequence[Chosen], *, trail: tuple[str, str] | None = None) -> None:
        self.columns, self.trail, self._token = columns, trail, secrets.token_hex(8)
        self._rows = rows.values_list(*[one.column.attribute for one in columns])

    def csv(self) -> str:
        """The statement that prints CSV, without its header."""
        values = [one.column.csv(name, clear=one.clear) for name, one in self._named()]
        if self.trail is not None:
            values.append(literal(guarded(self.trail[1])))
        return self._copy(", ".join(values), "FORMAT csv")

    def cells(self) -> str:
        """The statement that prints one `<row>` a line; \\x01 quotes a line that has a break within."""
        pieces = [markup("<row>")]
        for name, one in self._named():
            pieces += one.column.cell(name, clear=one.clear)
        return self._copy(f"concat({', '.join([*pieces, markup('</row>')])})", PRINTED)

    def header(self) -> bytes:
        """The line of titles of CSV."""
        titles = [one.title for one in self.columns]
        return b",".join(as_csv(title) for title in [*titles, *([self.trail[0]] if self.trail else [])]) + b"\n"

    def opened(self, data: bytes, write: Callable[[str], bytes]) -> bytes:
        """Printed rows with every token opened, and masked unless it is to be clear."""
        return self._tokens.sub(lambda found: write(self._number(found)), data) if self._secrets else data

    @cached_property
    def _secrets(self) -> dict[bytes, Chosen]:
        return {name.encode(): one for name, one in self._named() if isinstance(one.column, Secret)}

    @cached_property
    def _tokens(self) -> re.Pattern[bytes]:
        return re.compile(self._token.encode() + rb"(c\d+)\.([0-9a-f]*)\.")

    def _number(self, found: re.Match[bytes]) -> str:
        one = self._secrets[found[1]]
        assert isinstance(one.column, Secret)
        return one.column.opened(bytes.fromhex(found[2].decode()), clear=one.clear)

    def _named(self) -> Iterator[tuple[str, Chosen]]:
        return ((f"c{n}", one) for n, one in enumerate(self.columns))

    def _copy(self, values: str, options: str) -> str:
        inner, params = self._rows.query.get_compiler(connection=connection, elide_empty=False).as_sql()
        with connection.cursor() as cursor:
            asked = cursor.cursor.mogrify(inner, params)  # COPY takes no parameters
        names = ", ".join(name for name, _one in self._named())
        values = values.replace(TOKEN, self._token)
        return f"COPY (SELECT {values} FROM ({asked}) AS rows ({names})) TO STDOUT WITH ({options})"


def blocks(statement: str, here: Any) -> Blocks:
    """Run a COPY on a connection; it is called off when nobody wants more."""
    with here.cursor() as cursor, cursor.copy(statement) as copy:
        rows: list[bytes] = []
        for row in copy:
            rows.append(row)
            if len(rows) == ROWS_A_BLOCK:
                yield Block(ROWS_A_BLOCK, b"".join(rows))
                rows.clear()
        if rows:
            yield Block(len(rows), b"".join(rows))


def csv_blocks(copy: Copy, here: Any) -> Blocks:
    """The rows as CSV."""
    return (Block(count, copy.opened(data, as_csv)) for count, data in blocks(copy.csv(), here))


def xml_blocks(copy: Copy, here: Any) -> Blocks:
    """The rows as XML of a workbook, one `<row>` a line."""
    return (Block(count, copy.opened(as_markup(data), as_xml)) for count, data in blocks(copy.cells(), here))


@contextmanager
def own_connection() -> Iterator[Any]:
    """A connection beside the process's own: it is busy printing while that one notes how far it came."""
    wrapper = connections.create_connection(connection.alias)
    try:
        wrapper.ensure_connection()
        wrapper.connection.execute("SET default_transaction_read_only = on")
        wrapper.connection.execute("SET statement_timeout = 0")
        wrapper.connection.execute(f"SET TIME ZONE '{SHANGHAI.key}'")  # of this one alone: the ORM counts on UTC
        yield wrapper.connection
    finally:
        wrapper.close()


def as_markup(data: bytes) -> bytes:
    """Printed rows as XML, whole blocks at a time: which costs next to nothing a cell."""
    if b"\x01" in data:
        data = _QUOTED.sub(_on_one_line, data)
    data = data.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;").translate(_MARKUP)
    if b"\x00" in data:
        data = data.replace(b"\x00", LOST.encode())
    if BREAK in data:
        data = data.replace(BREAK, b"&#10;")
    if b"\xef\xbf" in data:
        data = _NO_CHARACTER.sub(LOST.encode(), data)
    return uncoded(data)


def uncoded(data: bytes) -> bytes:
    """Cells of XML in which no text looks like a code: one that would, as `_x0041_` does, is written in parts.

    Some programs make an A of it, others show it as it is, and only the former understand `_x005F_`, which escapes it.
    """
    return _CODED.sub(_in_parts, data) if b"_x" in data else data


def _in_parts(cell: re.Match[bytes]) -> bytes:
    parts = (b'<r><t xml:space="preserve">%b</t></r>' % part for part in _WITHIN_A_CODE.split(cell[2]))
    return b'<c t="inlineStr"%b><is>%b</is></c>' % (cell[1], b"".join(parts))


PRINTED = "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'"
"""Each line is one value; it is quoted only where a break, or one of these two signs, is within."""

_WRITABLE = b"\t\n" + BREAK
_MARKUP = bytes(
    {ord(OPENING): ord("<"), ord(CLOSING): ord(">")}.get(sign, sign if sign > 31 or sign in _WRITABLE else 0)
    for sign in range(256)
)
_QUOTED = re.compile(rb"\x01((?:[^\x01]|\x01\x01)*)\x01(?=\n)")
_NO_CHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
_CODED = re.compile(rb'<c t="str"([^>]*)><v[^>]*>([^<]*_x[0-9A-Fa-f]{4}_[^<]*)</v></c>')
_WITHIN_A_CODE = re.compile(rb"(?<=_)(?=x[0-9A-Fa-f]{4}_)")
_BREAKS = bytes.maketrans(b"\r\n", BREAK * 2)


def _on_one_line(found: re.Match[bytes]) -> bytes:
    """A quoted row without its quotes; its breaks wait as BREAK until they can be named."""
    row = found[1].replace(b"\x01\x01", b"\x00").replace(BREAK, b"\x00")
    return row.replace(b"\r\n", BREAK).translate(_BREAKS)
