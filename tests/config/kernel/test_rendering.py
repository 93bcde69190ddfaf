"""Pages drawn by a child process: what is seen and nothing else, whatever the file was made to do."""

import io

import pytest
from django.utils.translation import override
from PIL import Image

from config.kernel import drawing, rendering
from config.kernel.rendering import Unshowable, count_pages, draw_page
from tests.papers import EXE, SVG, bomb, jpeg, pdf, png

PDF = "application/pdf"


def drawn(data: bytes, content_type: str, page: int = 1) -> Image.Image:
    return Image.open(io.BytesIO(draw_page(data, content_type, page)), formats=["JPEG"])


def test_pages_are_counted() -> None:
    assert [count_pages(pdf(4), PDF), count_pages(png(), "image/png"), count_pages(jpeg(), "image/jpeg")] == [4, 1, 1]


def test_a_page_is_drawn_within_bounds() -> None:
    page = drawn(pdf(2), PDF, 2)

    assert page.width <= drawing.WIDE
    assert page.height <= drawing.HIGH
    assert page.width / page.height == pytest.approx(210 / 297, rel=0.01)


def test_a_large_photo_is_made_smaller() -> None:
    assert drawn(jpeg(4000, 3000), "image/jpeg").size == (1600, 1200)


def test_a_photo_stands_upright_and_says_nothing_of_where_it_was_taken() -> None:
    sent = jpeg(80, 60, turned=True)
    assert b"CANARY-CAMERA" in sent

    data = draw_page(sent, "image/jpeg", 1)

    image = Image.open(io.BytesIO(data))
    assert image.size == (60, 80)
    assert not image.getexif()
    assert b"CANARY-CAMERA" not in data


def test_what_is_clear_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")

    assert drawn(out.getvalue(), "image/png").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK", "RGBA"])
def test_every_kind_of_colour_is_drawn(mode: str) -> None:
    kind, out = "JPEG" if mode == "CMYK" else "PNG", io.BytesIO()
    Image.new(mode, (20, 10)).save(out, kind)

    assert drawn(out.getvalue(), f"image/{kind.lower()}").size == (20, 10)


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        (b"", PDF, 11),
        (EXE, PDF, 11),
        (SVG, "image/png", 11),
        (png(), "image/jpeg", 11),
        (pdf()[:100], PDF, 11),
        (pdf(locked=True), PDF, 12),
        (bomb(), "image/png", 13),
    ],
    ids=["empty", "exe", "svg", "a png called jpeg", "cut", "locked", "bomb"],
)
def test_what_cannot_be_opened_is_refused(data: bytes, content_type: str, code: int) -> None:
    for attempt in (count_pages, lambda *said: draw_page(*said, 1)):
        with pytest.raises(Unshowable) as no:
            attempt(data, content_type)
        assert no.value.data["why"] == rendering.WHY[code]


@pytest.mark.parametrize("page", [0, -1, 3, 10**9])
def test_a_page_that_is_not_there_is_refused(page: int) -> None:
    with pytest.raises(Unshowable) as no:
        draw_page(pdf(2), PDF, page)

    assert no.value.data["why"] == rendering.WHY[14]


def test_more_pages_than_anybody_reads_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_PAGES", 2)

    with pytest.raises(drawing.Faulty) as no:
        drawing.count(pdf(3), PDF)

    assert no.value.fault is drawing.Fault.TOO_BIG


def test_a_child_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "PATIENCE", 0.001)

    with pytest.raises(Unshowable) as no:
        count_pages(png(), "image/png")

    with override("en"):
        assert "too long" in str(no.value.data["why"])


def test_a_page_as_large_as_a_field_is_drawn_small() -> None:
    huge = pdf().replace(b"/MediaBox [0 0 595.28 841.89]", b"/MediaBox [0 0 14400000 14400]")
    assert b"14400000" in huge

    page = drawn(huge, PDF)

    assert page.width <= drawing.WIDE
    assert page.height <= drawing.HIGH


def test_a_child_that_writes_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes of its answer, and of the memory of whoever asks."""
    monkeypatch.setattr(rendering, "LARGEST_ANSWER", 100)

    with pytest.raises(Unshowable):
        draw_page(pdf(1), "application/pdf", 1)
    assert count_pages(pdf(2), "application/pdf") == 2
