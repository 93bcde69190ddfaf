"""Money about to leave, and a supervisor who reopens its case; and two orders for one decision."""

from collections.abc import Callable

import pytest

from claims.enums import State
from claims.models import Claim
from claims.services import deciding
from config.kernel.models import User
from payouts import services
from payouts.enums import PayoutState
from payouts.models import Payout
from payouts.models.ledger import Leg
from tests.concurrency.racing import Move, at_once, queue, read_without_lock
from tests.factories import APPROVED, case_in, staff

ROUNDS = 3


def approved_order() -> Payout:
    """Prepared and approved; the third person and the bank are still to come."""
    order = services.prepare(case_in(State.APPROVED).pk, by=staff("finance"), at=APPROVED)
    return services.approve(order.pk, by=staff("finance"), at=APPROVED)


def releasing(order: Payout) -> Move:
    clerk: User = staff("finance")
    return lambda: services.release(order.pk, by=clerk, at=APPROVED)


def reopening(order: Payout) -> Move:
    supervisor: User = staff("supervisor")
    return lambda: deciding.reopen(order.claim_id, reason="new facts", by=supervisor, at=APPROVED)


def now(order: Payout) -> tuple[str, str]:
    """The step of the case, and the state of the order."""
    return Claim.objects.get(pk=order.claim_id).state, Payout.objects.get(pk=order.pk).state


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (releasing, reopening, (State.PAYING, PayoutState.SUBMITTED)),
        (reopening, releasing, (State.DECIDING, PayoutState.APPROVED)),
        (releasing, releasing, (State.PAYING, PayoutState.SUBMITTED)),
    ],
)
def test_whoever_comes_second_is_refused(
    first: Callable[[Payout], Move], second: Callable[[Payout], Move], left: tuple[str, str]
) -> None:
    order = approved_order()

    outcome = queue(order.claim, first(order), second(order))

    assert outcome == ["done", "WRONG_STATE"]
    assert now(order) == left
    assert Leg.objects.count() == (2 if first is releasing else 0)


def test_run_as_the_machine_lets_them_money_never_leaves_a_reopened_case() -> None:
    for _round in range(ROUNDS):
        order = approved_order()

        outcome = at_once(releasing(order), reopening(order), releasing(order))

        assert sorted(outcome) == ["WRONG_STATE", "WRONG_STATE", "done"]
        assert now(order) in [(State.PAYING, PayoutState.SUBMITTED), (State.DECIDING, PayoutState.APPROVED)]


# Negative control: the same race with the lock of the case switched off.


def test_without_lock_and_index_the_money_leaves_and_the_case_is_decided_anew(
    monkeypatch: pytest.MonkeyPatch, events_unnumbered: None
) -> None:
    """Only the trigger on the steps is left: it stops whoever is second, with a database error instead of a reason."""
    read_without_lock(monkeypatch)
    order = approved_order()

    outcome = queue(order.claim, reopening(order), releasing(order))

    assert outcome[0] == "done"
    assert outcome[1] not in ("done", "WRONG_STATE")
