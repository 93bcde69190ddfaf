"""Spreadsheets that people send: read right, or refused with a code; never half."""

import io
import random
import resource
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from config.kernel.importing import importers, limits, sheets
from config.kernel.importing.sheets import UnreadableSheet, ending_of, opened
from tests.sheets import csv_file, shared, tampered, with_dimension, xlsx

HEAD = ["姓名", "数"]
SHEET = "xl/worksheets/sheet1.xml"


def rows_of(data: bytes, *known: str) -> list[tuple[int, list[Any]]]:
    with opened(data, ending_of(data), known=known or ("姓名",)) as sheet:
        return [row for batch in sheet.batches for row in batch]


def refusal_of(data: bytes) -> tuple[str, Any]:
    with pytest.raises(UnreadableSheet) as no:
        rows_of(data)
    return no.value.code, no.value.data.get("line")


def thousand() -> bytes:
    return xlsx([HEAD, *(["吴小漫", number] for number in range(1_000))])


@pytest.mark.parametrize("lie", ["A1", "A1:B2", "A1:XFD1048576", "C5:D6"])
def test_a_lying_dimension_loses_no_row(lie: str) -> None:
    rows = rows_of(with_dimension(thousand(), lie))

    assert [line for line, _cells in rows] == list(range(2, 1_002))
    assert [cells[1] for _line, cells in rows] == list(range(1_000))


def test_every_kind_of_cell_is_read() -> None:
    instant = datetime(2024, 6, 1, 10, 30)  # noqa: DTZ001 (a workbook knows no zones)
    sent = [["吴小漫", date(2024, 6, 1)], ["a", instant], ["b", True], ["c", 1.5], ["d", 4.4e17]]

    read = [cells[1] for _line, cells in rows_of(xlsx([HEAD, *sent]))]

    assert read == ["2024-06-01", "2024-06-01 10:30:00", True, 1.5, 4.4e17]


def test_lines_are_those_of_the_sheet_wherever_it_begins() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for place, value in {"C5": "姓名", "D5": "数", "C6": "甲", "D9": 3}.items():
        book.active[place] = value
    book.save(out)

    with opened(out.getvalue(), "xlsx", known=["姓名"]) as sheet:
        rows = [row for batch in sheet.batches for row in batch]

    assert (sheet.line, [heading for heading in sheet.header if heading]) == (5, HEAD)
    assert [(line, cells[-2:]) for line, cells in rows] == [(6, ["甲", ""]), (9, ["", 3])]


def test_empty_lines_are_left_out_and_counted() -> None:
    data = "姓名,数\n甲,1\n\n,\n乙,2\n".encode()

    assert rows_of(data) == [(2, ["甲", "1"]), (5, ["乙", "2"])]


def test_the_first_sheet_with_known_headings_is_read() -> None:
    assert rows_of(xlsx([HEAD, ["甲", 1]], before={"说明": [["列", "意思"], ["姓名", "…"]]})) == [(2, ["甲", 1])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_csv_is_read_in_the_encodings_of_chinese_programs(encoding: str) -> None:
    assert rows_of(csv_file([HEAD, ["吴小漫", "湖北省武汉市"]], encoding)) == [(2, ["吴小漫", "湖北省武汉市"])]


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_tabs_of_unicode_text_are_read(mark: bytes) -> None:
    encoding = "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"

    assert rows_of(mark + "姓名\t数\r\n甲\t1\r\n".encode(encoding)) == [(2, ["甲", "1"])]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        ("姓名,地\n張學友與劉德華說話,1\n".encode("big5"), "WRONG_ENCODING", 1),
        ("姓名,数\nカタカナとひらがな,1\n".encode("cp932", "replace"), "WRONG_ENCODING", 1),
        ("姓名,数\n甲,1\n".encode("utf-16-le"), "NUL_BYTES", 1),
        ("姓名,数\n甲,1\n乙\0,2\n".encode(), "NUL_BYTES", 3),
        ("姓名,数\n甲甲甲甲,1\n".encode() + b"\xe5,2\n", "WRONG_ENCODING", 3),
        ("姓名,数\n甲".encode() + b"\xed\xa0\x80,1\n", "WRONG_ENCODING", 2),
        ("姓名,数\n甲,1,2\n".encode(), "WRONG_WIDTH", 2),
        ("姓名,数\n甲,1\n乙\n".encode(), "WRONG_WIDTH", 3),
        ('姓名,数\n甲,"1\n'.encode(), "BROKEN_QUOTES", 2),
        (f"姓名,数\n甲,{'长' * 5_001}\n".encode(), "CELL_TOO_LONG", 2),
        ("姓名,数\n".encode(), "EMPTY", None),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "UNREADABLE", None),
        (b"PK\x03\x04 and no more", "UNREADABLE", "—"),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused_with_its_line(data: bytes, code: str, line: Any) -> None:
    assert refusal_of(data) == (code, line)


@pytest.mark.parametrize("sign", "=+-@'\t\r\n ＝＋－＠7")
def test_the_apostrophe_of_our_own_files_is_taken_off_once(sign: str) -> None:
    data = csv_file([HEAD, [f"'{sign}1", "'x"], [f"''{sign}", "''"]])

    assert [cells for _line, cells in rows_of(data)] == [[f"{sign}1", "'x"], [f"'{sign}", "'"]]


def test_an_apostrophe_of_a_workbook_is_the_value_s_own() -> None:
    assert rows_of(xlsx([HEAD, ["'=1", "x"]])) == [(2, ["'=1", "x"])]


def test_a_row_that_only_the_xml_knows_is_missed() -> None:
    hidden = b'<row r="2"><c r="A2" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    data = tampered(xlsx([HEAD, ["甲", 1], ["乙", 2]]), SHEET, lambda xml: xml.replace(b"</sheetData>", hidden))

    code, _line = refusal_of(tampered(data, SHEET, lambda xml: xml.replace(b'<row r="3">', b'<row r="9">', 1)))

    assert code == "ROWS_MISSING"


def test_a_formula_that_shows_an_error_does_not_count_as_empty() -> None:
    error = b'<c r="B3" t="e"><v>#N/A</v></c>'
    data = tampered(
        xlsx([HEAD, ["甲", 1], ["乙", 7]]), SHEET, lambda xml: xml.replace(b'<c r="B3" t="n"><v>7</v></c>', error)
    )

    assert refusal_of(data) == ("ERROR_CELL", 3)


def test_half_a_character_is_refused() -> None:
    data = tampered(xlsx([HEAD, ["甲", 1]]), SHEET, lambda xml: xml.replace("甲".encode(), b"&#xD800;"))

    assert refusal_of(data)[0] in ("HALF_CHARACTER", "UNREADABLE", "ROWS_MISSING")


def far_cell(xml: bytes) -> bytes:
    return xml.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')


def hidden_far_cell(xml: bytes) -> bytes:
    """Written so that counting by eye misses its place."""
    return xml.replace(b"</sheetData>", b'<row r = "1048576"><c r = "XFD1048576"><v>1</v></c></row></sheetData>')


def entities(xml: bytes) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + xml


def huge_string(xml: bytes) -> bytes:
    return xml.replace("甲".encode(), b"x" * 120_000_000)


def far_cell_of_a_row_without_a_number(xml: bytes) -> bytes:
    """The reader asks for the memory of all cells before it."""
    return xml.replace(b"</sheetData>", b'<row><c r="XFD1048576"><v>1</v></c></row></sheetData>')


def deep(xml: bytes) -> bytes:
    """Noise keeps the ratio of the ZIP as low as that of a sheet."""
    nested = (b"<a>" * 200 + f"<!--{number:064x}-->".encode() for number in _noise(60_000))
    return xml.replace(b"</sheetData>", b"".join(nested) + b"</sheetData>")


def wide(xml: bytes) -> bytes:
    cells = (b"<c><v>1</v></c>" * 50 + f"<!--{number:064x}-->".encode() for number in _noise(40_000))
    return xml.replace(b"</sheetData>", b"<row>" + b"".join(cells) + b"</row></sheetData>")


def many_rows(xml: bytes) -> bytes:
    rows = (f"<row><c><v>{number}</v></c></row>".encode() for number in _noise(1_000_000))
    return xml.replace(b"</sheetData>", b"".join(rows) + b"</sheetData>")


def _noise(number: int) -> Iterator[int]:
    rolled = random.Random(1)
    return (rolled.getrandbits(63) for _each in range(number))


BOMBS = [
    (far_cell, {"TOO_BIG"}),
    (hidden_far_cell, {"TOO_BIG"}),
    (far_cell_of_a_row_without_a_number, {"TOO_BIG", "TOOK_TOO_MUCH"}),
    (entities, {"SUSPICIOUS", "UNREADABLE"}),
    (huge_string, {"SUSPICIOUS"}),
    (deep, {"SUSPICIOUS"}),
    (wide, {"SUSPICIOUS"}),
    (many_rows, {"TOO_BIG"}),
]


@pytest.mark.parametrize(("bomb", "codes"), BOMBS)
def test_bombs_are_refused_in_little_time_and_memory(bomb: Callable[[bytes], bytes], codes: set[str]) -> None:
    """Seconds of the processor: what else runs here takes none of them."""
    data, begun = tampered(xlsx([HEAD, ["甲", 1]]), SHEET, bomb), spent()

    assert refusal_of(data)[0] in codes
    assert spent() - begun < MOST_SECONDS
    assert limits.MEMORY <= 512 * 1024 * 1024


def test_what_might_be_thousands_of_values_is_read_in_little_time() -> None:
    """Each of them could go on to the end; the reader sees one element that it does not know."""
    opened_values = b"<row>" + b"<v " * 20_000 + b"</row></sheetData>"
    data = tampered(xlsx([HEAD, ["甲", 1]]), SHEET, lambda xml: xml.replace(b"</sheetData>", opened_values))
    begun = spent()

    assert rows_of(data) == [(2, ["甲", 1])]
    assert spent() - begun < MOST_SECONDS


MOST_SECONDS = 2.5
"""Two for the refusal, and what a process takes to start."""


def spent() -> float:
    """Of the processor, by children that are over."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_the_largest_file_that_is_declared_is_read() -> None:
    """As many rows as any kind takes, as wide as the widest."""
    columns = max(len(importer.columns()) for importer in importers._importers.values())
    most = max(importer.most_rows for importer in importers._importers.values())
    assert most <= limits.MOST_ROWS

    assert len(rows_of(shared(most + 1, columns))) == most


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "xl\\..\\x"])
def test_members_that_point_elsewhere_are_refused(name: str) -> None:
    out = io.BytesIO(xlsx([HEAD, ["甲", 1]]))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, b"x")

    assert refusal_of(out.getvalue())[0] == "SUSPICIOUS"


def test_thousands_of_members_are_refused() -> None:
    out = io.BytesIO(xlsx([HEAD, ["甲", 1]]))
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(limits.MOST_MEMBERS):
            archive.writestr(f"x{number}", b"")

    assert refusal_of(out.getvalue())[0] == "SUSPICIOUS"


def test_too_many_rows_are_refused_before_they_are_kept_in_memory() -> None:
    assert refusal_of(csv_file([HEAD, *(["x", "1"] for _ in range(limits.MOST_ROWS + 1))]))[0] == "TOO_BIG"


def test_a_child_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "PATIENCE", 0.01)

    assert refusal_of(thousand())[0] == "TOOK_TOO_MUCH"
