"""Sweeps: work that waits as rows, done whenever somebody rings.

A sweep may run twice, late, or in two places at once; what it does, it does once.
"""

import logging
import time
from collections.abc import Callable, Generator, Iterable
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from config.kernel.bell import one_bell
from config.kernel.clock import database_now

TimeIsOver = SoftTimeLimitExceeded
"""Raised in a worker whose time is up; whoever catches everything lets it through."""


class Sweep(Protocol):
    """`only` narrows everything to one case (its id); None means all."""

    name: str

    def next_due(self, *, only: int | None) -> datetime | None:
        """The earliest instant, past or future, at which there is something to do."""
        ...

    def run(self, *, at: datetime, only: int | None = None) -> int:
        """Do what is due at `at`; how many rows were worked on."""
        ...


class StuckSweep(RuntimeError):
    """A sweep says that it is due but does nothing: it would be rung for ever."""


SweepClass = TypeVar("SweepClass", bound=Callable[[], Sweep])
Item = TypeVar("Item")

log = logging.getLogger(__name__)

_sweeps: dict[str, Sweep] = {}


def register(sweep_class: SweepClass) -> SweepClass:
    """Class decorator; the sweep's `name` (`claims.close_publicity`) is its Celery task's name too."""
    sweep = sweep_class()
    if sweep.name in _sweeps:
        raise ValueError(f"Two sweeps are named {sweep.name}.")
    _sweeps[sweep.name] = sweep
    return sweep_class


def names() -> list[str]:
    """All registered sweeps, in a fixed order."""
    return sorted(_sweeps)


def run(name: str, *, at: datetime, only: int | None = None) -> int:
    """Run one sweep by its name; however much it does, it rings once."""
    with one_bell():
        return _sweeps[name].run(at=at, only=only)


def ring(*, at: datetime | None = None, only: int | None = None) -> int:
    """Run every sweep for what is due at `at` (now, by the database's clock, when not given)."""
    instant = at or database_now()
    return in_turn(lambda name: run(name, at=instant, only=only), names())


def next_due(*, only: int) -> datetime | None:
    """The earliest instant at which any sweep has something to do for this case."""
    return min(_dues(only).values(), default=None)


def ring_until(*, until: datetime, only: int, since: datetime) -> Generator[datetime, None, datetime | None]:
    """Run the sweeps of one case at each instant they report, earliest first, up to and including `until`.

    Work that was due before `since` (a row written for the past) is done at `since`: time does not run backwards.
    Returns the instant, after `until`, at which there is something to do next.
    """
    clock = since
    while (first := min((dues := _dues(only)).values(), default=None)) is not None and first <= until:
        clock = max(clock, first)
        if not in_turn(partial(run, at=clock, only=only), [name for name, due in dues.items() if due <= clock]):
            raise StuckSweep(f"Due at {first.isoformat()}, yet nothing was done.")
        yield clock
    return first


def _dues(only: int) -> dict[str, datetime]:
    """When each sweep has something to do for this case; those that have nothing are left out."""
    return {name: due for name in names() if (due := _sweeps[name].next_due(only=only)) is not None}


def each_in_turn(work: Callable[[int], int], ids: Iterable[int]) -> int:
    """One transaction a row; the sum of what `work` returns.

    A row that fails takes back only its own work and holds up no other; the first error is raised after the last row.
    """

    def one(pk: int) -> int:
        with transaction.atomic():
            return work(pk)

    return in_turn(one, ids)


def in_turn(work: Callable[[Item], int], items: Iterable[Item], *, seconds: float | None = None) -> int:
    """As `each_in_turn`, without a transaction around each: for work that takes long and opens its own.

    After `seconds` nothing more is begun: what is left is for the next run. A worker whose time is over stops at once.
    """
    done, until = 0, None if seconds is None else time.monotonic() + seconds
    failures: list[Exception] = []
    for place, item in enumerate(items):
        if place and until is not None and time.monotonic() >= until:
            break
        try:
            done += work(item)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:  # whatever is wrong with one, the others have their turn; the first is raised below
            log.error("%s failed: %s", item, type(error).__name__)
            failures.append(error)
    if failures:
        raise failures[0]
    return done
