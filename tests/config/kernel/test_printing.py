"""Lines of a letter, and its PDF."""

from datetime import UTC, datetime

import pypdfium2
import pytest

from config.kernel.printing import Part, Sheet, broken, pdf_of

AT = datetime(2025, 4, 5, 1, 30, tzinfo=UTC)


def lines(text: str, width: int) -> list[str]:
    """Broken where a Chinese character is two wide and any other one."""
    return list(broken(text, lambda words: sum(2 if ord(one) > 0x2E00 else 1 for one in words), width))


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("互助计划不是保险", 8, ["互助计划", "不是保险"]),
        ("互助计划。不是", 8, ["互助计", "划。不是"]),
        ("见公约《章程》", 8, ["见公约", "《章程》"]),
        ("金额 29,996.95 元整", 12, ["金额", "29,996.95 元", "整"]),
        ("the case desk writes", 9, ["the case", "desk", "writes"]),
        ("MA20250405000123", 6, ["MA2025", "040500", "0123"]),
        ("一\n二", 9, ["一", "二"]),
        ("", 9, []),
    ],
)
def test_a_line_ends_where_a_reader_expects_it(text: str, width: int, expected: list[str]) -> None:
    assert lines(text, width) == expected


def sheet(paragraphs: int = 1) -> Sheet:
    part = Part(paragraphs=("本计划经公示后划拨。" * 8,) * paragraphs, items=("确诊证明", "银行卡影像"), heading="事由")
    return Sheet("轻松互助", "补充材料通知书", (("案件编号", "MA20250405-000001"),), (part,), ("案件审核组",), "页脚")


def text_of(data: bytes) -> list[str]:
    pdf = pypdfium2.PdfDocument(data)
    pages = [page.get_textpage().get_text_bounded() for page in pdf]
    pdf.close()
    return pages


def test_every_page_has_its_head_its_foot_and_its_number() -> None:
    data, pages = pdf_of(sheet(20), at=AT)

    read = text_of(data)
    assert len(read) == pages == 2
    for number, text in enumerate(read, 1):
        assert "轻松互助" in text
        assert "页脚" in text
        assert f"{number} / 2" in text
    assert "补充材料通知书" in read[0]
    assert "案件审核组" in read[1]


def test_the_same_letter_gives_the_same_bytes_and_another_day_others() -> None:
    assert pdf_of(sheet(), at=AT) == pdf_of(sheet(), at=AT)
    assert pdf_of(sheet(), at=AT)[0] != pdf_of(sheet(), at=AT.replace(day=6))[0]


def test_it_says_that_it_is_chinese() -> None:
    data, _pages = pdf_of(sheet(), at=AT)
    assert b"/Lang (zh-CN)" in data
