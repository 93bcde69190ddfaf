"""The child process that opens a spreadsheet that somebody sent, and says its rows.

`python -m config.kernel.importing.parsing ENDING KNOWN`, the file on stdin; KNOWN are the headings that are looked for,
as JSON. The answer is lines of JSON on stdout: `{"sheet", "encoding", "line", "header"}`, then lists of rows
`[line, [cell …]]`, then `{"rows"}`; or `{"no", …}`, why it is not taken. Cells are texts, numbers, true or false; days
are ISO text, an empty cell is an empty text. Lines are those of the sheet. It knows no Django and no secret.
"""

import csv
import io
import json
import re
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import pairwise
from typing import Any, BinaryIO
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

import python_calamine

from config.kernel.cells import DANGEROUS
from config.kernel.keyboard import half_width

MOST_ROWS = 100_000
MOST_CELLS = 5_000_000
"""Of the rectangle that holds all that is in the sheet: a reader keeps it in memory."""
MOST_COLUMNS = 200
LONGEST_CELL = 5_000
"""Characters."""
MOST_MEMBERS = 200
MOST_UNPACKED = 128 * 1024 * 1024
MOST_RATIO = 100
BATCH = 500

SECONDS = 30
MEMORY = 512 * 1024 * 1024

Row = tuple[int, list[Any]]

_ROW = re.compile(rb"<(?:[\w.-]+:)?row[\s>/]")
_NUMBER = re.compile(rb"\sr\s*=\s*[\"']([0-9]{1,7})[\"']")
_HOLDS = re.compile(rb"<(?:[\w.-]+:)?(?:v|t)(?:\s[^>]*)?>[^<]")
_ERROR = re.compile(rb"\st\s*=\s*[\"']e[\"']")
_COLUMN = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{1,3})[0-9]")
_SIP = 1024 * 1024
_LONGEST_ROW = 4 * 1024 * 1024

_QUOTED = re.compile(rf"'(?=[{re.escape(DANGEROUS)}0-9])")
"""The apostrophe that keeps a cell of a CSV file text: our own files have it, and it is not part of the value."""


class No(Exception):
    """Why the file is not taken: a code, and what its sentence names."""

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.answer = {"no": code, **data}


def take_little() -> None:
    """From here on: few seconds, little memory, no file written, and nothing left behind by a crash."""
    for kind, most in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(kind, (most, most))


def normal(heading: Any) -> str:
    """A heading as it is compared: width, case, spaces and the star of what is needed make no difference."""
    return "".join(half_width(str(heading)).split()).rstrip("*").casefold()


# CSV


def csv_rows(data: bytes) -> tuple[str, Iterator[Row]]:
    """The encoding, and the rows; a line of the sheet is a record, however many lines of the file it has."""
    encoding, text = decoded(data)
    for sign, code in (("\0", "NUL_BYTES"), ("\ufffd", "WRONG_ENCODING")):
        if (place := text.find(sign)) >= 0:
            raise No(code, line=text.count("\n", 0, place) + 1)
    csv.field_size_limit(LONGEST_CELL)
    return encoding, _records(text)


def _records(text: str) -> Iterator[Row]:
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 0
    try:
        for line, cells in enumerate(reader, 1):
            yield line, [_QUOTED.sub("", cell, count=1) if cell[:1] == "'" else cell for cell in cells]
    except csv.Error as error:
        raise No("CELL_TOO_LONG" if "limit" in str(error) else "BROKEN_QUOTES", line=line + 1) from error


def decoded(data: bytes) -> tuple[str, str]:
    """By its mark, else UTF-8, else GB18030 where it reads like Chinese; nothing is guessed beyond that."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return encoding.removesuffix("-sig"), _strictly(data, encoding)
    try:
        return "utf-8", data.decode("utf-8")
    except UnicodeDecodeError:
        if b"\0" in data or _is_broken_utf_8(data):
            raise No("NUL_BYTES" if b"\0" in data else "WRONG_ENCODING", line=_bad_line(data)) from None
    text = _strictly(data, "gb18030")
    if not _reads_like_chinese(text):
        raise No("WRONG_ENCODING", line=_bad_line(data))
    return "gb18030", text


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise No("WRONG_ENCODING", line=data.count(b"\n", 0, error.start) + 1) from None


def _is_broken_utf_8(data: bytes) -> bool:
    """Most of what is not ASCII is well-formed: the file was damaged, and is in no other encoding."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return sum(sign > "\x7f" for sign in text) - bad > bad


def _bad_line(data: bytes) -> int:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return data.count(b"\n", 0, data.find(b"\0")) + 1


def _reads_like_chinese(text: str) -> bool:
    """Text of another encoding read as GB18030 is made of characters that nobody writes."""
    foreign = {sign: times for sign, times in Counter(text).items() if sign > "\x7f"}
    rare = sum(times for sign, times in foreign.items() if not _is_common(sign))
    return rare * 4 <= sum(foreign.values())


def _is_common(sign: str) -> bool:
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return not "\u3040" <= sign <= "\u30ff"  # kana, which other encodings turn into


# XLSX


def xlsx_rows(data: bytes, known: Iterable[str]) -> tuple[str, Iterator[Row]]:
    """The name of the first sheet that has known headings, and its rows, counted twice."""
    sheets = _sheets_of(data)
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(data))
        names = [one.name for one in workbook.sheets_metadata if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
    except python_calamine.PasswordError as error:
        raise No("LOCKED") from error
    except python_calamine.CalamineError as error:
        raise No("UNREADABLE") from error
    candidates = [(name, *_counted(data, sheets[name])) for name in names if name in sheets]
    if not any(lines for _name, lines, _error in candidates):
        raise No("EMPTY")
    wanted = set(known)
    chosen = max(candidates, key=lambda one: (bool(_headings(workbook, one) & wanted), bool(one[1])))
    if chosen[2]:
        raise No("ERROR_CELL", line=chosen[2])
    return chosen[0], _checked_rows(workbook, chosen[0], chosen[1])


def _sheets_of(data: bytes) -> dict[str, str]:
    """The members of the ZIP that hold the sheets, by the sheets' names; looked at before anything is unpacked."""
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive)
            if "EncryptedPackage" in archive.namelist():
                raise No("LOCKED")
            return _named(archive)
    except (BadZipFile, KeyError, ElementTree.ParseError, NotImplementedError, EOFError, OSError) as error:
        raise No("UNREADABLE") from error


def _check_directory(archive: ZipFile) -> None:
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(members) > MOST_MEMBERS or len(set(names)) != len(names):
        raise No("SUSPICIOUS")
    if any(".." in name.split("/") or name.startswith("/") or "\\" in name for name in names):
        raise No("SUSPICIOUS")
    if any(member.file_size > MOST_RATIO * max(member.compress_size, 1000) for member in members):
        raise No("SUSPICIOUS")
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise No("TOO_BIG")


def _named(archive: ZipFile) -> dict[str, str]:
    book, relations = _xml(archive, "xl/workbook.xml"), _xml(archive, "xl/_rels/workbook.xml.rels")
    targets = {one.get("Id"): str(one.get("Target")) for one in relations}
    found = {}
    for sheet in (one for one in book.iter() if one.tag.endswith("}sheet")):
        key = next((value for name, value in sheet.items() if name.endswith("}id")), None)
        target = targets.get(key, "")
        found[str(sheet.get("name"))] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def _xml(archive: ZipFile, name: str) -> ElementTree.Element:
    data = archive.read(name)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or len(data) > _SIP:
        raise No("SUSPICIOUS")
    return ElementTree.fromstring(data)


def _counted(data: bytes, member: str) -> tuple[set[int], int]:
    """The lines that hold something by the sheet's own XML, `<dimension>` is not asked, and the first with an error.

    The reader gives nothing for a formula that shows an error: such a cell must not count as empty.
    """
    lines: set[int] = set()
    errors: set[int] = set()
    columns: set[bytes] = set()
    line, rest = 0, b""
    with ZipFile(io.BytesIO(data)) as archive, archive.open(member) as stream:
        for portion in _portions(stream):
            rest += portion
            found = [one.start() for one in _ROW.finditer(rest)]
            columns.update(_COLUMN.findall(rest))
            if b"<!DOCTYPE" in rest or b"\0" in rest or len(rest) > _LONGEST_ROW:
                raise No("SUSPICIOUS")
            for start, end in pairwise(found):
                line = _note(rest[start:end], line, lines, errors)
            if len(lines) > MOST_ROWS + 1:
                raise No("TOO_BIG")
            rest = rest[found[-1] :] if found else rest[-_SIP:]
    if _ROW.match(rest):
        _note(rest, line, lines, errors)
    if lines and (len(lines) > MOST_ROWS + 1 or max(lines) * max(map(_place, columns), default=1) > MOST_CELLS):
        raise No("TOO_BIG")
    return lines, min(errors, default=0)


def _portions(stream: Any) -> Iterator[bytes]:
    taken = 0
    while portion := stream.read(_SIP):
        taken += len(portion)
        if taken > MOST_UNPACKED:
            raise No("TOO_BIG")
        yield portion


def _note(row: bytes, before: int, lines: set[int], errors: set[int]) -> int:
    number = _NUMBER.search(row, 0, row.find(b">"))
    line = int(number[1]) if number else before + 1
    if _HOLDS.search(row):
        lines.add(line)
    if _ERROR.search(row):
        errors.add(line)
    return line


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place


def _headings(workbook: Any, candidate: tuple[str, set[int], int]) -> set[str]:
    name, lines, _error = candidate
    if not lines:
        return set()
    first = min(lines)
    rows = _sheet(workbook, name).iter_rows()
    return {normal(cell) for line, cells in enumerate(rows, 1) if line == first for cell in cells if cell != ""}


def _sheet(workbook: Any, name: str) -> Any:
    try:
        return workbook.get_sheet_by_name(name)
    except (python_calamine.CalamineError, ValueError) as error:
        raise No("UNREADABLE") from error


def _checked_rows(workbook: Any, name: str, lines: set[int]) -> Iterator[Row]:
    """The rows as the reader gives them; No where it gives others than the XML holds."""
    read = set()
    for line, cells in enumerate(_sheet(workbook, name).iter_rows(), 1):
        said = [_plain(cell) for cell in cells]
        if any(cell != "" for cell in said):
            read.add(line)
        yield line, said
    if read != lines:
        raise No("ROWS_MISSING", line=min(read ^ lines))


def _plain(cell: Any) -> Any:
    if isinstance(cell, str | bool | float | int):
        return cell
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not (cell.hour or cell.minute or cell.second) else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


# Both


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
    take_little()
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
