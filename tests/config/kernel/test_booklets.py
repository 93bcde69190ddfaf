"""Reports as PDF: nothing is lost over a page's end, and the same report is the same bytes."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pypdfium2

from config.kernel.booklets import Bars, Booklet, Section, Table, pdf_of

NOW = datetime(2025, 6, 2, 1, tzinfo=UTC)


def booklet(rows: int) -> Booklet:
    table = Table(("名称", "n"), tuple((f"第{number}行", str(number)) for number in range(rows)), (3, 1))
    bars = Bars("条形", tuple((f"b{number}", number, str(number)) for number in range(rows)), max(1, rows - 1))
    section = Section("一节", ("一段话。" * 40,), (table, bars))
    return Booklet("头", "标题", (("a", "b"),), (section,), "脚", "zh-CN")


def _pages(data: bytes) -> Iterator[str]:
    document = pypdfium2.PdfDocument(data)
    for page in document:
        assert (round(page.get_width()), round(page.get_height())) == (595, 842)
        yield " ".join(page.get_textpage().get_text_range().split())
    document.close()


def test_a_long_table_goes_on_under_its_head_on_every_page_and_loses_no_row() -> None:
    data, count = pdf_of(booklet(120), at=NOW)
    pages = list(_pages(data))

    assert len(pages) == count > 4
    assert sum("名称" in page for page in pages) >= 3
    said = "".join(pages)
    assert all(f"第{number}行" in said for number in range(120))
    assert all(f"b{number}" in said for number in range(120))
    assert all(f"{number} / {count}" in page for number, page in enumerate(pages, 1))


def test_the_same_report_is_the_same_bytes() -> None:
    assert pdf_of(booklet(3), at=NOW) == pdf_of(booklet(3), at=NOW)


def test_a_report_without_anything_to_show_is_a_report() -> None:
    assert pdf_of(booklet(0), at=NOW)[1] == 1
