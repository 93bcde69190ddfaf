"""Spreadsheets as people send them, and people to fill them with."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from config.kernel.identity import has_luhn_digit, make_resident_id
from config.kernel.importing import jobs, working
from config.kernel.models import Import, User

PEOPLE = ["姓名", "性别", "出生日期", "地区", "身份证号", "手机号", "银行卡号", "计划", "档位（元）", "加入时间"]


def person(number: int) -> list[Any]:
    """A row of PEOPLE; each number another person."""
    born = date(1975, 1, 1) + timedelta(days=number % 5_000)
    id_number = make_resident_id("420106", born, 2 * (number // 5_000 % 499) + 1)
    return [
        f"王{number}",
        "男",
        born,
        "湖北",
        id_number,
        f"138{number:08}",
        card(number),
        "qingsong",
        100000,
        "2024-06-01",
    ]


def card(number: int) -> str:
    """A card number whose Luhn digit fits."""
    body = f"622202{number:09}"
    return next(f"{body}{digit}" for digit in range(10) if has_luhn_digit(f"{body}{digit}"))


def xlsx(rows: Iterable[Sequence[Any]], *, before: dict[str, list[list[Any]]] | None = None) -> bytes:
    """A workbook with these rows, behind other sheets."""
    book, out = openpyxl.Workbook(write_only=True), io.BytesIO()
    for name, others in {**(before or {}), "Sheet": rows}.items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(list(row))
    book.save(out)
    return out.getvalue()


def shared(rows: int, columns: int) -> bytes:
    """A workbook as spreadsheet programs write it: texts apart from the sheet, every third one of a row its own."""
    cells, strings = [], [_string("湖北省武汉市江汉区")]
    for line in range(1, rows + 1):
        cells.append(f'<row r="{line}" spans="1:{columns}">')
        for place in range(1, columns + 1):
            if is_own := place % 3 == 1:
                strings.append(_string(f"4201061980{line:06}{place:02}"))
            number = (len(strings) - 1) * is_own
            cells.append(f'<c r="{get_column_letter(place)}{line}" s="1" t="s"><v>{number}</v></c>')
        cells.append("</row>")
    parts = {
        "_rels/.rels": f"<Relationships {PACKED}>{_related('a', 'officeDocument', 'xl/workbook.xml')}</Relationships>",
        "xl/workbook.xml": f'<workbook {MAIN} {RELATED}><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships {PACKED}>{_related('a', 'worksheet', 'worksheets/sheet1.xml')}"
        f"{_related('b', 'sharedStrings', 'sharedStrings.xml')}</Relationships>",
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{''.join(cells)}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"<sst {MAIN}>{''.join(strings)}</sst>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


SCHEMAS = "http://schemas.openxmlformats.org"
MAIN = f'xmlns="{SCHEMAS}/spreadsheetml/2006/main"'
RELATED = f'xmlns:r="{SCHEMAS}/officeDocument/2006/relationships"'
PACKED = f'xmlns="{SCHEMAS}/package/2006/relationships"'


def _related(key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{SCHEMAS}/officeDocument/2006/relationships/{kind}" Target="{target}"/>'


def _string(text: str) -> str:
    return f'<si><t>{text}</t><phoneticPr fontId="1" type="noConversion"/></si>'


def csv_file(rows: Iterable[Sequence[Any]], encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


def cells(data: bytes) -> list[list[Any]]:
    """What stands in the first sheet of a workbook, or in a CSV file, as another reader has it."""
    if data.startswith(b"PK"):
        sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
        return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def tampered(data: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same workbook with one of its members changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == member else old.read(name))
    return out.getvalue()


def with_dimension(data: bytes, ref: str) -> bytes:
    """The same workbook, whose sheet says that it is of another size."""

    def lie(xml: bytes) -> bytes:
        told = f'<dimension ref="{ref}"/>'.encode()
        bare = re.sub(rb"<dimension[^>]*>", b"", xml)
        return re.sub(rb"(<worksheet[^>]*>(?:<sheetPr.*?</sheetPr>)?)", lambda found: found[1] + told, bare, count=1)

    return tampered(data, "xl/worksheets/sheet1.xml", lie)


def sent(kind: str, data: bytes, *, by: User, at: datetime, again: bool = False, name: str = "表格") -> Import:
    """A file that was received and looked through."""
    it = jobs.receive(kind, name, data, again=again, by=by, at=at)
    working.look_through(it.pk, at=at)
    it.refresh_from_db()
    return it


def taken(it: Import, *, by: User, at: datetime, is_whole: bool = False) -> Import:
    """An import that was confirmed and taken in."""
    jobs.confirm(it.pk, is_whole=is_whole, by=by, at=at)
    working.carry_on(it.pk, at=at, seconds=600)
    it.refresh_from_db()
    return it
