"""After the order has left, only the bank's word moves it."""

from datetime import timedelta

import pytest

from claims.enums import State
from claims.models import Claim
from config.kernel.refusals import InvalidInput, WrongState
from members.models import Membership
from payouts import services
from payouts.enums import PayoutState
from payouts.models import Payout
from payouts.refusals import PayoutUnderWay
from tests.factories import APPROVED, staff
from tests.payouts.conftest import Finance

LATER = APPROVED + timedelta(days=1)


def state_of(finance: Finance) -> str:
    return str(Claim.objects.get(pk=finance.case.pk).state)


def test_a_settled_payout_pays_the_case_and_ends_the_membership(finance: Finance) -> None:
    payout = services.settle(finance.submitted().pk, by=finance.preparer, at=LATER)

    assert payout.state == PayoutState.SETTLED
    assert state_of(finance) == State.PAID
    membership = Membership.objects.get(pk=finance.case.membership_id)
    assert (membership.ended_on, membership.end_reason) == (LATER.date(), "paid")


def test_a_bounced_payout_leaves_the_case_to_be_paid_again(finance: Finance) -> None:
    first = services.bounce(finance.submitted().pk, reason="account closed", by=finance.preparer, at=LATER)
    assert (first.state, state_of(finance)) == (PayoutState.FAILED, State.APPROVED)

    second = services.settle(finance.submitted().pk, by=finance.preparer, at=LATER)

    assert second.reference == f"{finance.case.number}-2"
    assert state_of(finance) == State.PAID
    assert Payout.objects.get(pk=first.pk).state == PayoutState.FAILED


def test_bounce_needs_the_banks_word(finance: Finance) -> None:
    payout = finance.submitted()

    with pytest.raises(InvalidInput):
        services.bounce(payout.pk, reason="", by=finance.preparer, at=LATER)

    assert state_of(finance) == State.PAYING


def test_a_payout_of_unknown_fate_is_not_tried_again(finance: Finance) -> None:
    payout = services.mark_unknown(finance.submitted().pk, by=finance.preparer, at=LATER)

    assert (payout.state, state_of(finance)) == (PayoutState.UNKNOWN, State.PAYING)
    for again in (
        lambda: services.prepare(finance.case.pk, by=finance.preparer, at=LATER),
        lambda: services.release(payout.pk, by=finance.releaser, at=LATER),
        lambda: services.cancel(payout.pk, reason="x", by=finance.preparer, at=LATER),
    ):
        with pytest.raises(WrongState):
            again()


def test_an_unknown_fate_ends_by_evidence_only(finance: Finance) -> None:
    payout = services.mark_unknown(finance.submitted().pk, by=finance.preparer, at=LATER)

    with pytest.raises(InvalidInput):
        services.settle(payout.pk, evidence=" ", by=finance.preparer, at=LATER)
    settled = services.settle(payout.pk, evidence="statement of 2 May", by=finance.preparer, at=LATER)

    assert (settled.state, settled.bank_evidence) == (PayoutState.SETTLED, "statement of 2 May")
    assert state_of(finance) == State.PAID


def test_an_unknown_payout_that_never_left_is_paid_again(finance: Finance) -> None:
    payout = services.mark_unknown(finance.submitted().pk, by=finance.preparer, at=LATER)

    services.bounce(payout.pk, reason="answer of the bank: unknown reference", by=finance.preparer, at=LATER)

    assert state_of(finance) == State.APPROVED
    assert finance.prepared().reference == f"{finance.case.number}-2"


@pytest.mark.parametrize("ending", ["settle", "bounce"])
def test_the_bank_speaks_once(finance: Finance, ending: str) -> None:
    payout = finance.submitted()
    more = {"reason": "closed"} if ending == "bounce" else {}
    getattr(services, ending)(payout.pk, by=finance.preparer, at=LATER, **more)

    with pytest.raises(WrongState):
        services.settle(payout.pk, evidence="x", by=finance.preparer, at=LATER)
    with pytest.raises(WrongState):
        services.bounce(payout.pk, reason="x", by=finance.preparer, at=LATER)


def test_a_paid_case_is_not_paid_twice(finance: Finance) -> None:
    services.settle(finance.submitted().pk, by=finance.preparer, at=LATER)

    with pytest.raises(WrongState) as no:
        services.prepare(finance.case.pk, by=staff("finance"), at=LATER)

    assert not isinstance(no.value, PayoutUnderWay)
