"""Which agency is asked, and how well one did: plain functions of figures, the same answer for the same figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from config.kernel.money import half_up

FEW = 5
"""Fewer commissions than these that were to be answered say nothing about an agency."""

GOOD, FAIR = 85, 70
"""From these scores on an agency counts as good, or as fair."""

ON_TIME, NOT_REWORKED, NOT_OVERTURNED = 50, 30, 20
"""What a score is made of: 100 points."""


class LeftOut(StrEnum):
    """Why an agency is not asked at all."""

    CONFLICT = "conflict"
    DECLINED_CONFLICT = "declined_conflict"
    ASKED_ALREADY = "asked_already"


class Because(StrEnum):
    """What set the agency that is asked apart from the next one."""

    ONLY = "only"
    KNOWS_CASE = "knows_case"
    REGION = "region"
    ROOM = "room"
    SCORE = "score"
    LOAD = "load"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One agency that does what is asked.

    `knows_case` counts its earlier commissions of the case, `load` those of any case that are at work. `capacity` None:
    as many as come. `score` None: too few of them yet.
    """

    agency: int
    name: str
    knows_case: int = 0
    reaches: bool = True
    load: int = 0
    capacity: int | None = None
    score: int | None = None
    left_out: LeftOut | None = None

    @property
    def has_room(self) -> bool:
        return self.capacity is None or self.load < self.capacity

    @property
    def standing(self) -> int:
        """0 good, 1 fair, 2 weak. One that was asked too seldom counts as good: it gets the chance to show it."""
        if self.score is None or self.score >= GOOD:
            return 0
        return 1 if self.score >= FAIR else 2


@dataclass(frozen=True, slots=True)
class Ranking:
    """Those that may be asked, the first one first, and those that may not."""

    ranked: tuple[Figures, ...]
    left_out: tuple[Figures, ...]

    @property
    def because(self) -> Because:
        """Why the first comes before the second; nobody asks this where there is no first."""
        if len(self.ranked) == 1:
            return Because.ONLY
        ahead, behind = _weights(self.ranked[0]), _weights(self.ranked[1])
        return next(why for why, weight in ahead.items() if weight != behind[why])


def rank(agencies: Iterable[Figures]) -> Ranking:
    """Whoever looked into the case before comes last; then those out of reach, those without room, weaker ones, busier.

    Nobody is shut out by these: where all others are left out, the last one is asked.
    """
    known = sorted(agencies, key=lambda one: tuple(_weights(one).values()))
    return Ranking(
        tuple(one for one in known if one.left_out is None), tuple(one for one in known if one.left_out is not None)
    )


def _weights(one: Figures) -> dict[Because, int]:
    """Lighter comes first; the order of this table is the rule."""
    return {
        Because.KNOWS_CASE: one.knows_case,
        Because.REGION: 0 if one.reaches else 1,
        Because.ROOM: 0 if one.has_room else 1,
        Because.SCORE: one.standing,
        Because.LOAD: one.load,
        Because.ORDER: one.agency,
    }


def reaches(provinces: Iterable[str], place: str) -> bool:
    """Whether an agency that goes to these provinces goes to this place; an empty list goes everywhere.

    A place that nobody knows is in reach: nothing speaks against it.
    """
    known = tuple(provinces)
    return not known or not place or place.startswith(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What an agency did in a period.

    `answered`: commissions whose first report came, `on_time` of them within the time then set, `reworked` sent back at
    least once. `unanswered`: without a report given to another agency, or left past their end. `finished`: ended with a
    report that stands, `overturned` of them by a later finding. `fee_fen`: what the finished ones earned; `without_fee`
    of them have no agreement.
    """

    answered: int = 0
    on_time: int = 0
    reworked: int = 0
    unanswered: int = 0
    finished: int = 0
    overturned: int = 0
    fee_fen: int = 0
    without_fee: int = 0

    @property
    def asked(self) -> int:
        """Those that were to be answered by now."""
        return self.answered + self.unanswered

    @property
    def is_thin(self) -> bool:
        """Asked too seldom to say anything."""
        return self.asked < FEW

    @property
    def score(self) -> int | None:
        """0 to 100, of how much was in time, not sent back, not overturned; None where it is thin.

        Whoever answered nothing earns nothing for not being sent back.
        """
        if self.is_thin:
            return None
        points = ON_TIME * Fraction(self.on_time, self.asked)
        points += NOT_REWORKED * (Fraction(self.answered - self.reworked, self.answered) if self.answered else 0)
        kept = Fraction(self.finished - self.overturned, self.finished) if self.finished else Fraction(1)
        return half_up(points + NOT_OVERTURNED * kept)

    @property
    def cost_fen(self) -> int | None:
        """What a finished commission with an agreed fee cost, in fen; None where there is none."""
        paid = self.finished - self.without_fee
        return half_up(Fraction(self.fee_fen, paid)) if paid else None


def percent(part: int, whole: int) -> int | None:
    """Whole percent, halves up; None of nothing."""
    return half_up(Fraction(100 * part, whole)) if whole else None
