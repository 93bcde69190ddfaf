"""A report as a small structure, and its PDF: headings, paragraphs, tables and bars, in the font of the letters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.kernel.printing import FONT, MARGIN, Paper, broken

SIZE, LINE, PAD = 9.0, 5.0, 1.2
"""Of a table: points, and millimetres."""

FOOT = 24.0
"""Millimetres at the end of a page where no row begins."""

INK, FAINT, BAR = (31, 41, 55), (209, 213, 219), (37, 99, 235)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns with their share of the width; all but the first are set to the right where they hold numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[int, ...]
    numbers_from: int = 1


@dataclass(frozen=True, slots=True)
class Bars:
    """A line for each value: its name, a bar, and what is written behind it. `most` is the value of a full bar."""

    title: str
    lines: tuple[tuple[str, int, str], ...]
    most: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it, in this order."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    parts: tuple[Table | Bars, ...] = ()


@dataclass(frozen=True, slots=True)
class Booklet:
    """A whole report in one language. `details` are pairs of a name and a value; `footer` stands on every page."""

    head: str
    title: str
    details: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    footer: str
    speaks: str


def pdf_of(booklet: Booklet, *, at: datetime) -> tuple[bytes, int]:
    """The PDF and the number of its pages; the same report gives the same bytes."""
    pages = _Pages(booklet, at, speaks=booklet.speaks)
    pages.add_page()
    pages.write_report(booklet)
    return bytes(pages.output()), pages.pages_count


class _Pages(Paper):
    def write_report(self, booklet: Booklet) -> None:
        self.say(booklet.title, size=17, line=10)
        self.ln(2)
        for name, value in booklet.details:
            self.say(f"{name}  {value}", size=10)
        for section in booklet.sections:
            self._write_section(section)

    def _write_section(self, section: Section) -> None:
        self._keep_together(30)
        self.ln(5)
        self.start_section(section.heading)
        self.say(section.heading, size=13, line=8)
        for text in section.paragraphs:
            self.say(text, size=SIZE + 0.5, line=5.4)
        for part in section.parts:
            self.ln(2)
            if isinstance(part, Table):
                self._write_table(part)
            else:
                self._write_bars(part)

    def _write_table(self, table: Table) -> None:
        widths = [self.epw * share / sum(table.shares) for share in table.shares]
        self._keep_together(2 * LINE + 6)
        self._write_row(table, table.head, widths, is_head=True)
        for row in table.rows:
            if self._is_full(self._height(row, widths)):
                self.add_page()
                self._write_row(table, table.head, widths, is_head=True)
            self._write_row(table, row, widths)

    def _write_row(self, table: Table, row: Sequence[str], widths: Sequence[float], *, is_head: bool = False) -> None:
        height, top, left = self._height(row, widths), self.get_y(), MARGIN
        self.set_text_color(*((107, 114, 128) if is_head else INK))
        for place, (text, width) in enumerate(zip(row, widths, strict=True)):
            for number, line in enumerate(self._lines(text, width)):
                self.set_xy(left + PAD, top + PAD + number * LINE)
                align = "R" if place >= table.numbers_from else "L"
                self.cell(w=width - 2 * PAD, h=LINE, text=line, align=align)
            left += width
        self.set_text_color(0)
        self.set_draw_color(*FAINT)
        self.line(MARGIN, top + height, self.w - MARGIN, top + height)
        self.set_draw_color(0)
        self.set_xy(MARGIN, top + height)

    def _write_bars(self, bars: Bars) -> None:
        self._keep_together(8 + 6 * min(4, len(bars.lines)))
        self.say(bars.title, size=SIZE + 0.5, line=6)
        name, room = self.epw * 0.3, self.epw * 0.5
        for label, value, text in bars.lines:
            lines = self._lines(label, name)
            if self._is_full(len(lines) * LINE + 1):
                self.add_page()
            top = self.get_y()
            for number, line in enumerate(lines):
                self.set_xy(MARGIN, top + number * LINE)
                self.cell(w=name, h=LINE, text=line)
            self.set_fill_color(*FAINT)
            self.rect(MARGIN + name, top + 1, room, 3, style="F")
            self.set_fill_color(*BAR)
            if bars.most and value:
                self.rect(MARGIN + name, top + 1, room * min(value, bars.most) / bars.most, 3, style="F")
            self.set_xy(MARGIN + name + room + 2, top)
            self.cell(w=self.epw - name - room - 2, h=5, text=text)
            self.set_xy(MARGIN, top + len(lines) * LINE + 1)

    def _height(self, row: Sequence[str], widths: Sequence[float]) -> float:
        most = max(len(self._lines(text, width)) for text, width in zip(row, widths, strict=True))
        return most * LINE + 2 * PAD

    def _lines(self, text: str, width: float) -> list[str]:
        self.set_font(FONT, size=SIZE)
        wide: Callable[[str], float] = self.get_string_width
        return list(broken(text, lambda words: wide(words), width - 2 * PAD - 0.5)) or [""]

    def _is_full(self, height: float) -> bool:
        return bool(self.get_y() + height > self.h - FOOT)

    def _keep_together(self, height: float) -> None:
        if self._is_full(height):
            self.add_page()
