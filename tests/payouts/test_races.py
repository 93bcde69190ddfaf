"""Two people at once, on real connections; each race has a negative control without the case's lock."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, connection

from claims.enums import State
from claims.models import Claim
from claims.services import deciding
from config.kernel import gate
from config.kernel.refusals import Refusal
from payouts import services
from payouts.models import Payout
from tests.factories import APPROVED, staff
from tests.payouts.conftest import at_work

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6


def together(moves: list[Callable[[], Any]]) -> list[str]:
    """What comes of all of them begun at one moment, each on a connection of its own, in their order."""
    start = Barrier(len(moves))

    def one(move: Callable[[], Any]) -> str:
        try:
            start.wait(timeout=10)
            move()
        except Refusal as no:
            return no.code
        except DatabaseError:
            return "database"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(moves)) as pool:
        return list(pool.map(one, moves))


def read_without_lock(monkeypatch: pytest.MonkeyPatch, parties: int) -> None:
    """The negative control: all read the case before anyone writes it."""
    meet, locked = Barrier(parties), gate.lock

    def unlocked(rows: Any, pk: int) -> Any:
        if rows.model is not Claim:
            return locked(rows, pk)
        row = rows.get(pk=pk)
        meet.wait(timeout=10)
        return row

    monkeypatch.setattr(gate, "lock", unlocked)


def paying_or_reopening() -> list[Callable[[], Any]]:
    finance = at_work()
    payout, supervisor = finance.approved(), staff("supervisor")
    return [
        lambda: services.release(payout.pk, by=finance.releaser, at=APPROVED),
        lambda: deciding.reopen(finance.case.pk, reason="new facts", by=supervisor, at=APPROVED),
    ]


def test_a_payout_is_released_or_its_case_reopened_never_both() -> None:
    for _round in range(ROUNDS):
        outcome = together(paying_or_reopening())

        assert sorted(outcome) == ["WRONG_STATE", "done"]
        case, payout = Claim.objects.latest("pk"), Payout.objects.latest("pk")
        expected = ("paying", "submitted") if outcome[0] == "done" else ("deciding", "approved")
        assert (case.state, payout.state) == expected


def test_without_the_lock_both_think_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then only the table's own guards are left: the loser meets a database error instead of a reason."""
    moves = paying_or_reopening()
    read_without_lock(monkeypatch, len(moves))

    assert sorted(together(moves)) == ["database", "done"]


def preparing(people: int) -> list[Callable[[], Any]]:
    case = at_work().case
    return [partial(services.prepare, case.pk, by=staff("finance"), at=APPROVED) for _ in range(people)]


def test_twenty_people_prepare_one_payout() -> None:
    assert Counter(together(preparing(20))) == {"done": 1, "WRONG_STATE": 19}
    assert Payout.objects.count() == 1
    assert Claim.objects.get().state == State.APPROVED


def test_without_the_lock_only_the_index_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    moves = preparing(8)
    read_without_lock(monkeypatch, len(moves))

    ended = Counter(together(moves))

    assert ended["done"] == 1
    assert ended["database"] > 0, "with the lock on nobody meets the index"
    assert Payout.objects.count() == 1
