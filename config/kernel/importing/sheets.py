"""Spreadsheets that people send, read row by row by a child process (`config.kernel.importing.parsing`).

What comes back is texts, numbers, true and false, with the line of the sheet; whatever becomes of the child is a
refusal that says what to do. The rows are a stream: no more of the file is here than was asked for.
"""

import json
import selectors
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from config.kernel.children import Data, child, fed
from config.kernel.refusals import Refusal

PARSING = "config.kernel.importing.parsing"
PATIENCE = 60.0
"""Seconds that are waited for the child, all waits together; of the processor's it allows itself less."""
LARGEST_ANSWER = 512 * 1024 * 1024
SIP = 256 * 1024

LARGEST = 30 * 1024 * 1024
"""Bytes of a file."""

Cell = str | float | bool
Cells = list[Any]


class UnreadableSheet(Refusal):
    """A file that is not taken as a whole; each kind has a code and a sentence of its own."""

    code = "UNREADABLE"
    sentence = _("The file is damaged, or is neither a workbook (XLSX) nor CSV. Save it again and send it once more.")


class LockedSheet(UnreadableSheet):
    code = "LOCKED"
    sentence = _("The workbook is locked with a password. Save it without one.")


class EmptySheet(UnreadableSheet):
    code = "EMPTY"
    sentence = _("There is nothing in the file below the headings.")


class SheetTooBig(UnreadableSheet):
    code = "TOO_BIG"
    sentence = _(
        "The file is too large, or has something in a cell far away. Send at most 100,000 rows and 30 MB at once, in a"
        " sheet with nothing else in it."
    )


class SuspiciousSheet(UnreadableSheet):
    code = "SUSPICIOUS"
    sentence = _("The workbook is not built as spreadsheet programs build it. Copy the rows into a new one.")


class RowsMissing(UnreadableSheet):
    code = "ROWS_MISSING"
    sentence = _(
        "Not every row of the workbook could be read: line %(line)s counts otherwise in the file itself. Copy the rows"
        " into a new workbook."
    )


class WrongEncoding(UnreadableSheet):
    code = "WRONG_ENCODING"
    sentence = _("The text in line %(line)s cannot be read for certain. Save the file as “CSV UTF-8”, or as XLSX.")


class NulBytes(UnreadableSheet):
    code = "NUL_BYTES"
    sentence = _("In line %(line)s there are signs that no text has. Save the file as “CSV UTF-8”, or as XLSX.")


class HalfCharacter(UnreadableSheet):
    code = "HALF_CHARACTER"
    sentence = _("A cell holds half a character, which cannot be kept. Type the text of that cell again.")


class BrokenQuotes(UnreadableSheet):
    code = "BROKEN_QUOTES"
    sentence = _("In line %(line)s a quotation mark is open or stands in the wrong place. Save the file anew.")


class WrongWidth(UnreadableSheet):
    code = "WRONG_WIDTH"
    sentence = _(
        "Line %(line)s has more or fewer cells than there are headings. Every cell has to stand under a heading; a text"
        " with a comma in it has to stand in quotation marks."
    )


class CellTooLong(UnreadableSheet):
    code = "CELL_TOO_LONG"
    sentence = _("A cell in line %(line)s is longer than 5,000 characters.")


class ErrorCell(UnreadableSheet):
    code = "ERROR_CELL"
    sentence = _("A formula in line %(line)s shows an error. Put the value itself into the cell.")


class TookTooMuch(UnreadableSheet):
    code = "TOOK_TOO_MUCH"
    sentence = _("The file takes too long to open. Send fewer rows at once, or copy them into a new workbook.")


KINDS = {
    kind.code: kind
    for kind in (
        *(UnreadableSheet, LockedSheet, EmptySheet, SheetTooBig, SuspiciousSheet, RowsMissing, WrongEncoding),
        *(NulBytes, HalfCharacter, BrokenQuotes, WrongWidth, CellTooLong, ErrorCell, TookTooMuch),
    )
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands at the head of a sheet, and its rows: their line and their cells, as many as there are headings."""

    name: str
    encoding: str
    line: int
    header: list[str]
    batches: Iterator[list[tuple[int, Cells]]]


def ending_of(data: bytes) -> str:
    """`xlsx` or `csv`, by the first bytes; old or locked workbooks are refused here."""
    if data.startswith(b"PK\x03\x04"):
        return "xlsx"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise LockedSheet if b"E\0n\0c\0r\0y\0p\0t\0e\0d" in data else UnreadableSheet
    return "csv"


@contextmanager
def opened(data: Data, ending: str, *, known: Iterable[str]) -> Iterator[Sheet]:
    """The sheet of a file, while the child lives. `UnreadableSheet` here, or while its rows are read."""
    with fed(data) as source, child(PARSING, [ending, json.dumps(sorted(known))], source) as process:
        try:
            answers = _answers(process.stdout)
            about = _expected(answers, dict)
            head = _expected(answers, dict)
            if not head.get("header"):
                raise EmptySheet
            yield Sheet(about["sheet"], about["encoding"], head["line"], head["header"], _batches(answers))
        finally:
            process.kill()


def _batches(answers: Iterator[Any]) -> Iterator[list[tuple[int, Cells]]]:
    """The rows; all of them, or a refusal: the child says at the end how many there were."""
    count = 0
    for answer in answers:
        if isinstance(answer, dict):
            if answer["rows"] != count:
                raise UnreadableSheet
            if not count:
                raise EmptySheet
            return
        count += len(answer)
        yield [(line, cells) for line, cells in answer]
    raise TookTooMuch


def _expected(answers: Iterator[Any], kind: type) -> Any:
    answer = next(answers, None)
    if answer is None:
        raise TookTooMuch
    if not isinstance(answer, kind):
        raise UnreadableSheet
    return answer


def _answers(pipe: Any) -> Iterator[Any]:
    for line in _lines(pipe):
        answer = json.loads(line)
        if isinstance(answer, dict) and "no" in answer:
            raise KINDS.get(answer["no"], UnreadableSheet)(line=answer.get("line", "—"))
        yield answer


def _lines(pipe: Any) -> Iterator[bytes]:
    """What the child says, line by line, as long as it is neither too slow nor too much."""
    rest, said, waited = b"", 0, 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            begun = time.monotonic()
            if not selector.select(PATIENCE - waited):
                raise TookTooMuch
            waited += time.monotonic() - begun
            more = pipe.read(SIP)
            said += len(more)
            if said > LARGEST_ANSWER or waited >= PATIENCE:
                raise TookTooMuch
            if not more:
                return
            *whole, rest = (rest + more).split(b"\n")
            yield from whole
