"""What the landing page is made of: tiles and lists of work, which any app adds in a `panels` module.

A section belongs to those who hold its permission; what it lists is for the one who reads it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from config.kernel.models import User
from config.kernel.pages import Text

MOST = 50
"""Rows of a section; the list it links to has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """How many there are of something; the list behind it shows the first of them."""

    label: Text
    count: int
    url: str
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that waits: where it is, whose, what is wanted next, and until when.

    `waits` are whole days in the present step. `holder` has it, and `here` are those who look at it at this moment.
    `note` is what the one before left to be read.
    """

    url: str
    name: str
    about: str = ""
    step: str = ""
    colour: str = ""
    wanted: Text = ""
    due: str = ""
    is_late: bool = False
    waits: int | None = None
    holder: str = ""
    here: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to be read before the work: why a case came back, that somebody is away."""

    text: Text
    title: Text = ""
    url: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a section shows: the first rows of `count`, the address of the whole list, or a sentence for none.

    `button` posts to an address: its words, and the address.
    """

    rows: Sequence[Row]
    count: int
    empty: Text
    url: str = ""
    notices: Sequence[Notice] = field(default=())
    button: tuple[Text, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A list of work, for those who hold `permission`; `read` may find that there is nothing to show at all."""

    name: str
    title: Text
    permission: str
    read: Callable[[User, datetime], Listing | None]
    place: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """Some tiles, for those who hold `permission`."""

    name: str
    permission: str
    read: Callable[[User, datetime], Iterable[Tile]]
    place: int = 50


Part = TypeVar("Part", Section, Tiles)

_parts: dict[str, Section | Tiles] = {}


def add_to_desk(*parts: Section | Tiles) -> None:
    """Put sections or tiles on the landing page; ValueError for a name that is taken."""
    for part in parts:
        if part.name in _parts:
            raise ValueError(f"Two parts of the desk are named {part.name}.")
        _parts[part.name] = part


def sections_for(by: User, *, at: datetime) -> list[tuple[Section, Listing]]:
    """The sections of this person's desk, in their places."""
    own = _own(by, Section)
    return [(part, listing) for part in own if (listing := part.read(by, at)) is not None]


def tiles_for(by: User, *, at: datetime) -> list[Tile]:
    """The tiles of this person's desk, in their places."""
    return [tile for part in _own(by, Tiles) for tile in part.read(by, at)]


def _own(by: User, kind: type[Part]) -> list[Part]:
    parts = [part for part in _parts.values() if isinstance(part, kind) and by.has_perm(part.permission)]
    return sorted(parts, key=lambda part: part.place)
