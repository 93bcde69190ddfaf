"""How all benchmarks measure: in turn, A B A B, on the same data, and as ratios of what was measured side by side."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from django.db import connection


@dataclass
class Times:
    """The seconds of each round."""

    seconds: list[float] = field(default_factory=list)

    def per_second(self, number: int) -> str:
        """`1,234/s (1,100 … 1,300)`: median, least and most of `number` pieces of work a round."""
        least, middle, most = (number / seconds for seconds in self._low_middle_high()[::-1])
        return f"{middle:>8,.0f}/s ({least:,.0f} … {most:,.0f})"

    def in_ms(self) -> str:
        """`12.3 ms (11.9 … 14.0)`: median, least and most."""
        low, middle, high = (1000 * seconds for seconds in self._low_middle_high())
        return f"{middle:>8.1f} ms ({low:.1f} … {high:.1f})"

    def p95(self) -> float:
        """The seconds that 95 of 100 rounds stay under."""
        return quantiles(self.seconds, n=20, method="inclusive")[-1]

    def _low_middle_high(self) -> tuple[float, float, float]:
        return min(self.seconds), median(self.seconds), max(self.seconds)


def timed(work: Callable[..., object], *about: Any) -> float:
    """How many seconds it takes."""
    start = perf_counter()
    work(*about)
    return perf_counter() - start


def ratio(mine: Times, other: Times) -> float:
    """The median of the rounds' ratios of time: what else runs on the machine hits both of a round."""
    return median(one / two for one, two in zip(mine.seconds, other.seconds, strict=True))


def verdict(value: float, *, at_least: float | None = None, at_most: float | None = None) -> str:
    """`0.71 (goal at least 0.7)`, with a word when it was missed."""
    bound, goal = (at_least, "at least") if at_least is not None else (at_most, "at most")
    assert bound is not None
    missed = value < bound if at_least is not None else value > bound
    return f"{value:.2f} (goal {goal} {bound}{': MISSED' if missed else ''})"


def say(name: str, lines: Iterable[tuple[str, str]]) -> None:
    """Print a headline and aligned figures under it."""
    print(name)
    for what, figures in lines:
        print(f"    {what:<42}{figures}")


def server() -> str:
    """Which PostgreSQL, and what a commit waits for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')"
        )
        version, fsync, commit = cursor.fetchone()
    return f"PostgreSQL {version}, fsync {fsync}, synchronous_commit {commit}"
