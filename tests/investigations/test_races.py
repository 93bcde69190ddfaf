"""Two sweeps at once, on real connections, and a negative control without the case's lock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction

from claims.enums import ObjectionKind, ProcedureKind, State
from claims.models import Claim
from claims.services import objecting
from config.kernel import sweeping
from config.kernel.models import User
from investigations.models import Agency, Commission
from investigations.services import opening
from tests.factories import PUBLISHED, case_in, membership, staff

pytestmark = pytest.mark.django_db(transaction=True)

SWEEPERS = 5


def objected() -> Claim:
    case = case_in(State.PUBLICISED)
    objecting.object_to(case.pk, kind=ObjectionKind.DEFINITION, objector=membership(), by=staff("intake"), at=PUBLISHED)
    User.objects.system()
    return case


def sweep() -> int:
    return sweeping.run("investigations.open_commissions", at=PUBLISHED)


def at_once(sweep: Callable[[], int]) -> list[int | str]:
    start = Barrier(SWEEPERS)

    def one(_number: int) -> int | str:
        try:
            start.wait(timeout=10)
            return sweep()
        except Exception as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(SWEEPERS) as pool:
        return sorted(pool.map(one, range(SWEEPERS)), key=str)


def test_many_sweeps_send_one_commission() -> None:
    case = objected()

    assert at_once(sweep) == [*[0] * (SWEEPERS - 1), 1]
    assert Commission.objects.filter(claim=case, kind="expert").count() == 1


def test_without_the_lock_only_the_index_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them read the procedure before one writes: the others fail instead of passing on."""
    case, meet, moving = objected(), Barrier(SWEEPERS), opening.moving
    Agency.objects.update(kinds=ProcedureKind.values)  # each of them finds one that was not asked yet

    def moving_together(*case: Any, **asked: Any) -> Any:
        meet.wait(timeout=10)
        return moving(*case, **asked)

    monkeypatch.setattr(opening, "is_free", lambda claim_id: True)
    monkeypatch.setattr(opening, "moving", moving_together)

    assert at_once(sweep) == [1, *["IntegrityError"] * (SWEEPERS - 1)]
    assert Commission.objects.filter(claim=case, kind="expert").count() == 1


def test_a_case_that_somebody_works_on_is_passed_over_at_once() -> None:
    case, held, done = objected(), Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Claim.objects.select_for_update().get(pk=case.pk)
                held.set()
                done.wait(timeout=10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert held.wait(timeout=10)
        assert sweep() == 0
        done.set()
        holding.result()

    assert sweep() == 1
