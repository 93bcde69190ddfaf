"""The child process that opens a spreadsheet that somebody sent, and says its rows.

`python -m config.kernel.importing.parsing ENDING KNOWN`, the file on stdin; KNOWN are the headings that are looked for,
as JSON. The answer is lines of JSON on stdout: `{"sheet", "encoding", "line", "header"}`, then lists of rows
`[line, [cell …]]`, then `{"rows"}`; or `{"no", …}`, why it is not taken. Cells are texts, numbers, true or false; days
are ISO text, an empty cell is an empty text. Lines are those of the sheet. It knows no Django and no secret.
"""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from config.kernel.children import take_little
from config.kernel.importing.books import xlsx_rows
from config.kernel.importing.limits import BATCH, LONGEST_CELL, MEMORY, MOST_COLUMNS, MOST_ROWS, SECONDS, No, Row
from config.kernel.importing.texts import csv_rows


def told(rows: Iterator[Row]) -> Iterator[Any]:
    """The header, then batches of the rows that hold something, each as wide as the header."""
    header: list[str] = []
    batch: list[Row] = []
    count = 0
    for line, cells in rows:
        while cells and cells[-1] == "":
            cells.pop()
        if not any(cell != "" and cell != " " for cell in cells):
            continue
        if not header:
            header = [str(cell).strip() for cell in cells]
            if len(header) > MOST_COLUMNS:
                raise No("TOO_BIG")
            yield {"line": line, "header": header}
            continue
        _check_cells(line, cells, header)
        batch.append((line, cells + [""] * (len(header) - len(cells))))
        count += 1
        if count > MOST_ROWS:
            raise No("TOO_BIG")
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch
    yield {"rows": count}


def _check_cells(line: int, cells: list[Any], header: list[str]) -> None:
    if len(cells) > len(header) or (
        "" in header and any(c != "" for c, h in zip(cells, header, strict=False) if not h)
    ):
        raise No("WRONG_WIDTH", line=line)
    if any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in cells):
        raise No("CELL_TOO_LONG", line=line)


def _same_width(rows: Iterator[Row]) -> Iterator[Row]:
    """Of a CSV file: a comma too many or too few moves every cell behind it into another column."""
    width = 0
    for line, cells in rows:
        if any(cells):
            width = width or len(cells)
            if len(cells) != width and (len(cells) < width or any(cells[width:])):
                raise No("WRONG_WIDTH", line=line)
        yield line, cells


def answers(data: bytes, ending: str, known: list[str]) -> Iterator[Any]:
    """All that there is to say of the file."""
    if ending == "xlsx":
        sheet, rows = xlsx_rows(data, known)
        yield {"sheet": sheet, "encoding": ""}
        yield from told(rows)
    else:
        encoding, rows = csv_rows(data)
        yield {"sheet": "", "encoding": encoding}
        yield from told(_same_width(rows))


def main(ending: str, known: str, *, source: BinaryIO, say: Callable[[bytes], object]) -> int:
    take_little(seconds=SECONDS, memory=MEMORY)
    try:
        for answer in answers(source.read(), ending, json.loads(known)):
            say(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    except No as no:
        say(json.dumps(no.answer).encode() + b"\n")
    except UnicodeEncodeError:  # half a character, which a workbook can hold and nothing else
        say(json.dumps({"no": "HALF_CHARACTER"}).encode() + b"\n")
    except MemoryError:
        say(b'{"no":"TOO_BIG"}\n')
    except Exception:  # whatever the libraries say of what they cannot read
        say(b'{"no":"UNREADABLE"}\n')
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:], source=sys.stdin.buffer, say=sys.stdout.buffer.write))
