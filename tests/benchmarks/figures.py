"""FIGURES: the page of figures at 1,000,000 cases, block by block, for 30 and 90 days, and without its indexes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from claims.models import ClaimEvent, Deadline
from config.kernel.figures import Asked, Block, Period, blocks_for
from payouts.models import Posting
from tests.benchmarks.floor import NOW, load_floor
from tests.benchmarks.measuring import Times, ratio, say, timed
from tests.factories import signed_in, staff

ROWS = 1_000_000
ROUNDS, BARE = 3, 1
DAYS = (30, 90)
PAGE = "the page's first answer"
GOAL = 1.0
"""Seconds of all blocks of 30 days, one after the other."""

INDEXES = {ClaimEvent: "event_by_time", Deadline: "deadline_by_end", Posting: "posting_of_a_settlement"}


def run() -> None:
    """Load, then measure."""
    load_floor(ROWS)
    measure()


def measure() -> None:
    """Each block and the page, with and without the indexes that were made for them. No block is kept meanwhile."""
    blocks, client = blocks_for(staff("supervisor")), signed_in("supervisor")
    for days in DAYS:
        work = _work(blocks, client, days)
        served = {name: _times(one, ROUNDS) for name, one in work.items()}
        again = Times([timed(work[PAGE]) for _ in range(ROUNDS)])  # what took long was kept by the last round
        with _without_our_indexes():
            bare = {name: _times(one, BARE) for name, one in work.items()}
        say(
            f"FIGURES  {ROWS:,} cases, {days} days, {ROUNDS} rounds; and {BARE} without the indexes of its own",
            [
                *((name, _line(served[name], bare[name])) for name in work),
                ("the page within its minute", again.in_ms()),
            ],
        )
        all_of_them = sum(min(served[block.name].seconds) for block in blocks)
        print(f"    {'all blocks, one after the other':<42}{all_of_them:.2f} s (aim for 30 days: {GOAL} s)", flush=True)


def _work(blocks: list[Block], client: Client, days: int) -> dict[str, Callable[[], object]]:
    asked = Asked(Period.until(NOW.date(), days=days))
    first, last = asked.period.first.isoformat(), asked.period.last.isoformat()
    page = partial(client.get, reverse("admin:claims_claim_figures"), {"period": "own", "from": first, "to": last})
    return {**{block.name: partial(block.read, asked, NOW) for block in blocks}, PAGE: page}


def _times(work: Callable[[], object], rounds: int) -> Times:
    def anew() -> None:
        cache.clear()
        work()

    anew()  # the first warms up
    return Times([timed(anew) for _ in range(rounds)])


def _line(served: Times, bare: Times) -> str:
    slower = ratio(bare, Times(served.seconds[: len(bare.seconds)]))
    return f"{served.in_ms()}   without {bare.in_ms()}   {slower:.1f} times as long"


@contextmanager
def _without_our_indexes() -> Iterator[None]:
    with connection.cursor() as cursor:
        definitions = []
        for name in INDEXES.values():
            cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [name])
            definitions.append(cursor.fetchone()[0])
            cursor.execute(f"DROP INDEX {name}")
        yield
        for definition in definitions:
            cursor.execute(definition)
