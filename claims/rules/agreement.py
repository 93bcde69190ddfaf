"""How far two people who judge the same cases agree beyond what chance would give."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

ENOUGH = 20
"""Cases below which a coefficient says nothing."""


def kappa(pairs: Iterable[tuple[str, str]]) -> Fraction | None:
    """Cohen's kappa of the verdicts of two people on the same cases.

    None below `ENOUGH` cases, and where both gave the same verdict on all of them: chance alone would agree then.
    """
    table = Counter(pairs)
    n = table.total()
    if n < ENOUGH:
        return None
    first, second = Counter[str](), Counter[str]()
    for (one, other), count in table.items():
        first[one] += count
        second[other] += count
    agreed = Fraction(sum(count for (one, other), count in table.items() if one == other), n)
    by_chance = Fraction(sum(first[verdict] * second[verdict] for verdict in first), n * n)
    return None if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)
