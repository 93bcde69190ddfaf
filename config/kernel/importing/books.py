"""The rows of a workbook, counted twice; in the child process, without Django."""

import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

import python_calamine

from config.kernel.importing.headings import normal
from config.kernel.importing.limits import MOST_CELLS, MOST_MEMBERS, MOST_RATIO, MOST_ROWS, MOST_UNPACKED, No, Row

_ROW = re.compile(rb"<(?:[\w.-]+:)?row[\s>/]")
_NUMBER = re.compile(rb"\sr\s*=\s*[\"']([0-9]{1,7})[\"']")
_HOLDS = re.compile(rb"<(?:[\w.-]+:)?(?:v|t)(?:\s[^<>]*)?>[^<]")
_ERROR = re.compile(rb"\st\s*=\s*[\"']e[\"']")
_COLUMN = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{1,3})[0-9]")
_SIP = 1024 * 1024
_LONGEST_ROW = 4 * 1024 * 1024


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
        # a part that is not there, cut off, no XML, or packed in a way that nobody uses for workbooks
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
