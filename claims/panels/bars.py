"""Deadlines drawn as bars: what is gone, what is left, where the clock stood still, and what made it longer.

Pure: instants in, shares of the bar's width in percent out. A publicity is counted in civil days from 00:00 of its
first day, any other deadline from the instant at which it was opened.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

NOTHING = timedelta(0)


class Part(StrEnum):
    """What a stretch of the bar is."""

    BASE = "base"
    ADDED = "added"
    STILL = "still"
    LATE = "late"


class Piece(NamedTuple):
    """So much running time of a clock, and why it was given where that needs saying."""

    length: timedelta
    part: Part = Part.BASE
    why: str = ""


class Still(NamedTuple):
    """The clock stands still from one instant to another."""

    start: datetime
    end: datetime
    why: str = ""


class Stretch(NamedTuple):
    """A piece as it lies in real time."""

    part: Part
    start: datetime
    end: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch as it is drawn: its width in percent, and whether it is gone."""

    part: Part
    width: float
    is_past: bool
    why: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Segments from left to right fill the bar; `now` and the ticks lie at percents, `now` None outside it."""

    segments: tuple[Segment, ...]
    now: float | None
    ticks: tuple[float, ...]
    start: datetime
    end: datetime


def laid_out(start: datetime, pieces: Iterable[Piece], stills: Sequence[Still] = ()) -> list[Stretch]:
    """Running time put into real time: where the clock stands still, what comes after it moves on.

    A still that begins before `start` or where the clock has run out already is left out.
    """
    waiting = sorted(still for still in stills if start <= still.start < still.end)
    found: list[Stretch] = []
    for piece in pieces:
        found += _piece(found[-1].end if found else start, piece, waiting)
    return found


def _piece(cursor: datetime, piece: Piece, waiting: list[Still]) -> Iterator[Stretch]:
    left = piece.length
    while waiting and waiting[0].start <= cursor + left:
        still = waiting.pop(0)
        if still.start > cursor:
            yield Stretch(piece.part, cursor, still.start, piece.why)
            left -= still.start - cursor
        yield Stretch(Part.STILL, still.start, still.end, still.why)
        cursor = still.end
    if left > NOTHING:
        yield Stretch(piece.part, cursor, cursor + left, piece.why)


def bar(
    stretches: Sequence[Stretch], *, now: datetime, ticks: Iterable[datetime] = (), is_open: bool = True
) -> Bar | None:
    """The stretches as they stand at `now`; what is open after its end is late until now. None without any time."""
    drawn = list(stretches)
    if drawn and is_open and drawn[-1].end < now:
        drawn.append(Stretch(Part.LATE, drawn[-1].end, now))
    if not drawn or drawn[-1].end <= drawn[0].start:
        return None
    start, end = drawn[0].start, drawn[-1].end
    whole = end - start

    def place(instant: datetime) -> float:
        return round((instant - start) / whole * 100, 2)

    segments = tuple(
        Segment(part, round((till - since) / whole * 100, 2), till <= now, why)
        for part, since, till, why in _cut(drawn, now)
    )
    return Bar(
        segments=segments,
        now=place(now) if is_open and start <= now <= end else None,
        ticks=tuple(place(tick) for tick in sorted(ticks) if start <= tick <= end),
        start=start,
        end=end,
    )


def _cut(stretches: Iterable[Stretch], now: datetime) -> Iterator[Stretch]:
    """The stretch in which `now` lies, as two."""
    for stretch in stretches:
        if stretch.start < now < stretch.end:
            yield stretch._replace(end=now)
            yield stretch._replace(start=now)
        else:
            yield stretch
