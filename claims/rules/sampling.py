"""Which closed cases are looked at a second time: a random part, and those far from the average of their plan.

Whole numbers throughout, so that the same cases and the same seed give the same sample on every machine.
"""

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt

PERCENT, FEWEST, MOST = 5, 5, 200
"""Of the cases that came to their end in a month: the random part, and its bounds."""

COMPARABLE = 5
"""Cases of a plan below which no average is made of them."""

MOST_APART = 20
"""Cases of a plan that are drawn for one reason: those farthest from the average."""

HIGH_AMOUNT, FAST, SLOW = "high_amount", "fast", "slow"

SPREADS = {HIGH_AMOUNT: 1, FAST: 1, SLOW: 2}
"""How many standard deviations a case is away from the average of its plan, at least, to be drawn."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A case that came to its end: its plan, the aid in fen (None where there was none), days until its decision."""

    claim: int
    plan: int
    fen: int | None
    days: int


@dataclass(frozen=True, slots=True)
class Apart:
    """Why a case stands apart: its value, the average of its plan, and the bound that it is beyond."""

    reason: str
    value: int
    mean: int
    bound: int


def size_of(cases: int) -> int:
    """How many of the cases are drawn at random."""
    return min(cases, MOST, max(FEWEST, -(-cases * PERCENT // 100)))


def random_part(claims: Iterable[int], *, seed: str, size: int) -> list[int]:
    """The cases whose hash with the seed is smallest: each has the same chance, in whatever order they come."""
    return heapq.nsmallest(size, claims, key=lambda claim: hashlib.sha256(f"{seed}:{claim}".encode()).digest())


def standing_apart(cases: Sequence[Ended]) -> dict[int, list[Apart]]:
    """The cases that are above or below the average of their plan by more than `SPREADS`, and why."""
    found: dict[int, list[Apart]] = defaultdict(list)
    by_plan: dict[int, list[Ended]] = defaultdict(list)
    for case in cases:
        by_plan[case.plan].append(case)
    for _plan, ours in sorted(by_plan.items()):
        amounts = {case.claim: case.fen for case in ours if case.fen is not None}
        days = {case.claim: case.days for case in ours}
        for reason, values, sign in ((HIGH_AMOUNT, amounts, 1), (FAST, days, -1), (SLOW, days, 1)):
            for claim, why in _apart(reason, values, sign):
                found[claim].append(why)
    return dict(found)


def _apart(reason: str, values: Mapping[int, int], sign: int) -> list[tuple[int, Apart]]:
    """Those beyond mean + sign * spreads * deviation, the farthest first; compared in squares, without a root."""
    n = len(values)
    if n < COMPARABLE:
        return []
    total, spreads = sum(values.values()), SPREADS[reason]
    spread = _spread(values.values(), total)
    bound = (total + sign * spreads * isqrt(spread)) // n
    far = {claim: sign * (n * value - total) for claim, value in values.items()}
    beyond = [claim for claim, distance in far.items() if distance > 0 and distance**2 > spreads**2 * spread]
    nearest_last = sorted(beyond, key=lambda claim: (-far[claim], claim))[:MOST_APART]
    return [(claim, Apart(reason, values[claim], total // n, bound)) for claim in nearest_last]


def _spread(values: Collection[int], total: int) -> int:
    """The square of n times the standard deviation."""
    return len(values) * sum(value * value for value in values) - total * total
