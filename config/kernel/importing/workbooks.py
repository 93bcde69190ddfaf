"""Files for those who import: an empty one to fill in, and the bad rows of one to be corrected and sent again."""

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from config.kernel.cells import DANGEROUS
from config.kernel.display import language
from config.kernel.importing.headings import normal
from config.kernel.importing.importers import LINE, OURS, WRONG, Importer
from config.kernel.models import Import, ImportLine

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""By the ending of the file."""

_LIVE = re.compile(rf"[{re.escape(DANGEROUS)}]|[0-9]{{12}}")
"""How a cell of a CSV file begins that a spreadsheet program would take for a formula, or for a number it rounds."""
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def template(importer: type[Importer], ending: str) -> bytes:
    """An empty file of this kind; a workbook explains each column on a second sheet."""
    columns = importer.columns().values()
    headings = [f"{column.heading}*" if column.needed else column.heading for column in columns]
    if ending == "csv":
        return _csv([headings])
    book = Workbook()
    book.active.title = _("Data")
    _fill(book.active, headings)
    sheet = book.create_sheet(_("Columns explained"))
    sheet.append([_("Column"), _("Needed"), _("What stands in it"), _("Example")])
    for column in columns:
        needed = _("yes") if column.needed else _("no")
        sheet.append([_cell(sheet, text) for text in (column.heading, needed, str(column.explains), column.example)])
    for letter, width in zip("ABCD", (24, 10, 90, 30), strict=True):
        sheet.column_dimensions[letter].width = width
    return _saved(book)


def _fill(sheet: Any, headings: Sequence[str]) -> None:
    """The columns are formatted as text, so that no number loses digits when it is typed."""
    sheet.append(list(headings))
    sheet.freeze_panes = "A2"
    for place in range(1, len(headings) + 1):
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width, dimension.number_format = 20, "@"


def faults(it: Import, lines: Iterable[ImportLine]) -> bytes:
    """The bad rows as they came in, in the format of the file, and what is wrong, in the reader's language."""
    ours = 0 if language() == "zh" else 1
    kept = [place for place, heading in enumerate(it.header) if normal(heading) not in OURS]
    header = [it.header[place] for place in kept] + [LINE[ours], WRONG[ours]]
    rows = _rows(lines, kept)
    if it.ending == "csv":
        return _csv([header, *rows])
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Data"))
    for row in [header, *rows]:
        sheet.append([_cell(sheet, value) for value in row])
    return _saved(book)


def _rows(lines: Iterable[ImportLine], kept: Sequence[int]) -> Iterator[list[Any]]:
    for line in lines:
        cells = json.loads(line.cells)
        yield [*(cells[place] for place in kept), line.line, " ".join(fault[language()] for fault in line.faults)]


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with its mark, by which spreadsheet programs know it; no cell is a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _guarded(cell: Any) -> Any:
    """Behind an apostrophe, which is taken off again when the file is read."""
    return f"'{cell}" if isinstance(cell, str) and _LIVE.match(cell) else cell


def _cell(sheet: Any, value: Any) -> Any:
    """Text stays text, whatever it begins with, also where somebody edits the cell."""
    if isinstance(value, float) and not math.isfinite(value):
        value = str(value)  # a workbook has no such number
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, _UNWRITABLE.sub("", value))
    cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", True
    return cell


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
