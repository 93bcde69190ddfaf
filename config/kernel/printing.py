"""A letter as a small structure, and its PDF: A4, one Chinese font that ships with the desk, always the same bytes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import as_file, files
from typing import Protocol

from fpdf import FPDF

SPEAKS = "zh-CN"
FONT = "Noto Sans SC"
MARGIN = 25.0
LINE = 6.2
INDENT = 8.0

Width = Callable[[str], float]
"""How wide a text is, in millimetres."""

_WORD = re.compile(r"[!-~\u00a0-\u024f*]+|\s+|.", re.DOTALL)
_BEGINS_NO_LINE = frozenset(",。;:、!?)》」』】〉”’…,.;:!?)%")
_ENDS_NO_LINE = frozenset("(《「『【〈“‘(")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a letter: a heading where there is one, paragraphs, then a numbered list."""

    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole letter in one language. `details` are pairs of a name and a value; `footer` stands on every page."""

    head: str
    title: str
    details: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    sign_off: tuple[str, ...]
    footer: str

    def lines(self) -> list[str]:
        """Everything that it says, in reading order."""
        said = [self.head, self.title, *(f"{name} {value}" for name, value in self.details)]
        for part in self.parts:
            said += [text for text in (part.heading, *part.paragraphs) if text]
            said += [f"{number}. {item}" for number, item in enumerate(part.items, 1)]
        return [*said, *self.sign_off, self.footer]


def pdf_of(sheet: Sheet, *, at: datetime) -> tuple[bytes, int]:
    """The PDF and the number of its pages. `at` is its date of creation: the same letter gives the same bytes."""
    paper = _Letter(sheet, at)
    paper.add_page()
    paper.write_letter()
    return bytes(paper.output()), paper.pages_count


class Framed(Protocol):
    """What stands at the head and at the foot of every page."""

    @property
    def head(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def footer(self) -> str: ...


class Paper(FPDF):
    """Pages of A4 with a head, a foot and their numbers, in the one font."""

    def __init__(self, framed: Framed, at: datetime, *, speaks: str = SPEAKS) -> None:
        super().__init__(format="A4")
        self.framed = framed
        self.set_lang(speaks)
        self.set_title(f"{framed.title} {framed.head}")
        self.set_creation_date(at)
        self.set_margins(MARGIN, 20, MARGIN)
        self.set_auto_page_break(True, margin=22)
        with as_file(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf") as path:
            self.add_font(FONT, fname=path)

    def header(self) -> None:
        """The plan's name over a line."""
        self.say(self.framed.head, size=10)
        self.line(MARGIN, self.get_y() + 1, self.w - MARGIN, self.get_y() + 1)
        self.ln(6)

    def footer(self) -> None:
        """What every page says, and its number."""
        self.set_y(-16)
        self.set_font(FONT, size=8)
        self.cell(w=0, h=5, text=self.framed.footer, align="L")
        self.set_x(MARGIN)
        self.cell(w=0, h=5, text=f"{self.page_no()} / {{nb}}", align="R")

    def say(self, text: str, *, size: float = 11, line: float = LINE, mark: str = "", align: str = "L") -> None:
        """Text from the left margin, or behind the mark of a list."""
        self.set_font(FONT, size=size)
        left = MARGIN + (INDENT if mark else 0)
        for words in broken(text, lambda words: self.get_string_width(words), self.w - MARGIN - left):
            if mark:
                self.set_x(MARGIN)
                self.cell(w=INDENT, h=line, text=mark)
                mark = ""
            self.set_x(left)
            self.cell(w=self.w - MARGIN - left, h=line, text=words, align=align, new_x="LMARGIN", new_y="NEXT")


class _Letter(Paper):
    def __init__(self, sheet: Sheet, at: datetime) -> None:
        super().__init__(sheet, at)
        self.sheet = sheet

    def write_letter(self) -> None:
        """The letter from its title to its sign-off."""
        self.say(self.sheet.title, size=17, line=10)
        self.ln(2)
        for name, value in self.sheet.details:
            self.say(f"{name}  {value}", size=10)
        self.ln(4)
        for part in self.sheet.parts:
            self._write_part(part)
        self.ln(8)
        for text in self.sheet.sign_off:
            self.say(text, align="R")

    def _write_part(self, part: Part) -> None:
        if part.heading:
            self.ln(1)
            self.say(part.heading, size=12.5, line=8)
        for text in part.paragraphs:
            self.say(text)
            self.ln(2)
        for number, text in enumerate(part.items, 1):
            self.say(text, mark=f"{number}.")
        if part.items:
            self.ln(2)


def broken(text: str, width_of: Width, width: float) -> Iterator[str]:
    """The lines of a text no wider than `width`: between Chinese characters and Latin words.

    No line begins with a closing mark or ends with an opening one; a word that is wider than a line is cut.
    """
    for paragraph in text.splitlines():
        line = ""
        for piece in _pieces(paragraph, width_of, width):
            if line and width_of(line + piece.rstrip()) > width:
                yield line.rstrip()
                line = ""
            line += piece if line else piece.lstrip()
        yield line.rstrip()


def _pieces(text: str, width_of: Width, width: float) -> Iterator[str]:
    """What must stay together: a word, or a character with the marks that belong to it."""
    held = ""
    for piece in _WORD.findall(text):
        if held and piece[0] not in _BEGINS_NO_LINE and held[-1] not in _ENDS_NO_LINE:
            yield from _cut(held, width_of, width)
            held = ""
        held += piece
    yield from _cut(held, width_of, width)


def _cut(piece: str, width_of: Width, width: float) -> Iterator[str]:
    while width_of(piece) > width:
        fits = max(1, next(count for count in range(len(piece)) if width_of(piece[: count + 1]) > width))
        yield piece[:fits]
        piece = piece[fits:]
    if piece:
        yield piece
