"""A workbook written piece by piece: rows as they come, a further sheet where one is full, at the end a sheet that says
what the file is. Rows are printed by PostgreSQL (`copying`), the ZIP around them by stream-zip.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from isal import isal_zlib
from stream_zip import ZIP_32, stream_zip

from config.kernel.exporting.columns import AS_TEXT, DAY, EPOCH, KEPT, LOST, MONEY, Column
from config.kernel.exporting.copying import Block, Blocks, Chosen, uncoded

ROWS_A_SHEET = 1_048_575
"""What a sheet of a workbook holds, besides its header."""
BYTES_A_SHEET = 3_000_000_000
"""Of XML: some programs open no part of 4 GB."""

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = MONEY + 1
"""The style of titles."""
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def _format(number: int, *, quoted: bool = False, font: int = 0) -> str:
    quote = ' quotePrefix="1"' if quoted else ""
    return f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"{quote}/>'


STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="7">{_format(0)}{_format(49, quoted=True)}{_format(0)}{_format(164)}{_format(165)}{_format(4)}'
    f"{_format(49, quoted=True, font=1)}</cellXfs>"
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
"""Formats in the order of `columns.TEXT` and its fellows: text, marked text, number, day, moment, money; titles."""


@dataclass
class Workbook:
    """One file: the rows' blocks, their columns, a title for its sheets, and the lines of its last sheet.

    `about` is asked when all rows are written, so that it can say how many there were; a small file needs none.
    """

    blocks: Blocks
    columns: Sequence[Chosen]
    title: str
    about: Any = None
    made_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    rows_a_sheet: int = ROWS_A_SHEET
    names: list[str] = field(default_factory=list)

    def stream(self) -> Iterator[bytes]:
        """The bytes of the file."""
        parts = ((name, self.made_at, 0o600, ZIP_32, data) for name, data in self._parts())
        return iter(stream_zip(parts, get_compressobj=_deflating))

    def _parts(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        sheets = _Sheets(self.blocks, self.rows_a_sheet)
        head, foot = self._head(), b"</sheetData></worksheet>"
        while sheets.has_more or not self.names:
            yield self._name(self.title), sheets.next(head, foot)
        if self.about is not None:
            title, lines = self.about()
            yield self._name(title), iter([_about(lines)])
        yield "xl/styles.xml", iter([STYLES.encode()])
        yield "xl/workbook.xml", iter([_workbook(self.names)])
        yield "xl/_rels/workbook.xml.rels", iter([_relations(len(self.names))])
        yield "_rels/.rels", iter([ROOT_RELATION.encode()])
        yield "[Content_Types].xml", iter([_types(len(self.names))])

    def _name(self, title: str) -> str:
        """The next part's name; a sheet's own is unique, at most 31 signs, and has none of those that are forbidden."""
        plain = "".join(" " if sign in r"[]:*?/\'" else sign for sign in title)[:24].strip() or "-"
        self.names.append(plain if plain not in self.names else f"{plain} ({len(self.names) + 1})")
        return f"xl/worksheets/sheet{len(self.names)}.xml"

    def _head(self) -> bytes:
        widths = "".join(
            f'<col min="{n}" max="{n}" width="{one.column.width}" customWidth="1"/>'
            for n, one in enumerate(self.columns, 1)
        )
        titles = "".join(_text_cell(one.title, HEAD) for one in self.columns)
        return uncoded(
            f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f"<cols>{widths}</cols><sheetData><row>{titles}</row>\n".encode()
        )


class _Sheets:
    """The blocks, cut into sheets."""

    def __init__(self, blocks: Blocks, rows_a_sheet: int) -> None:
        self._blocks, self._limit = iter(blocks), rows_a_sheet
        self._rest = next(self._blocks, None)

    @property
    def has_more(self) -> bool:
        return self._rest is not None

    def next(self, head: bytes, foot: bytes) -> Iterator[bytes]:
        yield head
        left, size = self._limit, 0
        while self._rest is not None and left and size < BYTES_A_SHEET:
            count, data = self._rest
            if count > left:
                lines = data.splitlines(keepends=True)
                self._rest = self._rest._replace(rows=count - left, data=b"".join(lines[left:]))
                yield b"".join(lines[:left])
                break
            self._rest = next(self._blocks, None)
            left, size = left - count, size + len(data)
            yield data
        yield foot


def small_workbook(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> bytes:
    """A file of a few rows whose values are at hand: texts, days, amounts in yuan, None."""
    lines = [f"<row>{''.join(map(_cell, row))}</row>\n" for row in rows]
    blocks = iter([Block(len(lines), uncoded("".join(lines).encode()))] if lines else [])
    chosen = [Chosen(str(n), column) for n, column in enumerate(columns)]
    return b"".join(Workbook(blocks, chosen, title).stream())


def _cell(value: Any) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, str):
        return _text_cell(value, AS_TEXT)
    is_day = isinstance(value, date)
    return f'<c s="{DAY if is_day else MONEY}"><v>{(value - EPOCH).days if is_day else value}</v></c>'


_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _deflating() -> Any:
    return isal_zlib.compressobj(level=1, wbits=-isal_zlib.MAX_WBITS)


def _text_cell(text: str, style: int) -> str:
    said = escape(_UNWRITABLE.sub(LOST, text), {"\r\n": "&#10;", "\r": "&#10;", "\n": "&#10;"})
    return f'<c t="str" s="{style}">{KEPT}{said}</v></c>'


def _about(lines: Sequence[tuple[str, str]]) -> bytes:
    rows = "".join(f"<row>{_text_cell(what, HEAD)}{_text_cell(said, AS_TEXT)}</row>" for what, said in lines)
    return uncoded(
        f'{XML}<worksheet xmlns="{MAIN}"><cols><col min="1" max="1" width="24" customWidth="1"/>'
        f'<col min="2" max="2" width="80" customWidth="1"/></cols><sheetData>{rows}</sheetData></worksheet>'.encode()
    )


def _workbook(names: Sequence[str]) -> bytes:
    sheets = "".join(f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1))
    return f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{DOC}"><sheets>{sheets}</sheets></workbook>'.encode()


def _relations(sheets: int) -> bytes:
    own = "".join(
        f'<Relationship Id="rId{n}" Type="{DOC}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, sheets + 1)
    )
    styles = f'<Relationship Id="rId{sheets + 1}" Type="{DOC}/styles" Target="styles.xml"/>'
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{own}{styles}</Relationships>'.encode()


ROOT_RELATION = (
    f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)


def _types(sheets: int) -> bytes:
    own = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPE}.worksheet+xml"/>'
        for n in range(1, sheets + 1)
    )
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/>{own}</Types>'
    ).encode()
