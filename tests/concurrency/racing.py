"""Several people at one row, each on a real connection, in an order that the test chooses.

The test itself holds the row. Everybody who wants it queues behind it, has read by then whatever he reads without a
lock, and goes on in the order of arrival once the test lets go. Nothing depends on luck or on a pause.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from claims.models import Claim
from config.kernel import gate
from config.kernel.refusals import Refusal

Move = Callable[[], Any]

PATIENCE = 90.0
"""Seconds until a test gives up waiting for what must come."""


def queue(row: models.Model, *moves: Move, hold: float = 0.0) -> list[str]:
    """What comes of each move, in their order; they get hold of `row` in that order too.

    An outcome is "done", a refusal's code, or what the database said: a constraint's name or an SQLSTATE.
    `hold` keeps them waiting some seconds longer.
    """
    with ThreadPoolExecutor(len(moves)) as pool:
        arrived: list[Future[str]] = []
        with transaction.atomic():
            type(row)._base_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
            for move in moves:
                arrived.append(pool.submit(outcome_of, move))
                wait_for(lambda: waiting() + sum(one.done() for one in arrived) >= len(arrived))
            time.sleep(hold)
        return [one.result(PATIENCE) for one in arrived]


def at_once(*moves: Move) -> list[str]:
    """As `queue`, but nobody holds them back: they run as the machine lets them."""
    with ThreadPoolExecutor(len(moves)) as pool:
        return list(pool.map(outcome_of, moves))


def outcome_of(move: Move) -> str:
    """Do it on a connection of this thread."""
    try:
        move()
    except Refusal as no:
        return no.code
    except DatabaseError as error:
        said = getattr(error.__cause__, "diag", None)
        return str(said and (said.constraint_name or said.sqlstate))
    finally:
        connection.close()
    return "done"


def waiting() -> int:
    """How many connections to this database wait for a lock at this moment."""
    return _ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


def wait_for(happened: Callable[[], bool]) -> None:
    """Poll until it happened."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "It never happened."
        time.sleep(0.005)


def read_without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch the guard off, for a negative control: the gate reads its case as anybody may."""
    locked = gate.lock

    def unlocked(rows: models.QuerySet[Any], pk: int) -> Any:
        return rows.get(pk=pk) if rows.model is Claim else locked(rows, pk)

    monkeypatch.setattr(gate, "lock", unlocked)


def deadlocks() -> int:
    """How many the server has counted in this database; connections report theirs when they are gone."""
    wait_for(lambda: _ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == 1)
    return _ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def _ask(question: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # or a transaction would see its first look for ever
        cursor.execute(question)
        return int(cursor.fetchone()[0])
