"""Three people before the bank, and no order that nobody decided."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import transaction
from django.utils.translation import override

from claims.enums import Payee, State
from claims.models import Claim, ClaimEvent
from claims.services import approving, correcting, deciding
from config.kernel.models import User
from config.kernel.refusals import InvalidInput, NotPermitted, Refusal, SamePerson, Stale, WrongState
from payouts import services
from payouts.enums import PayoutState
from payouts.models import Payout
from payouts.refusals import PayoutOutOfDate, PayoutUnderWay
from tests.factories import APPROVED, PUBLISHED, case_in, staff
from tests.payouts.conftest import Finance

LATER = APPROVED + timedelta(days=1)


def approved_again(case: Claim) -> None:
    """The case goes back to the final review and comes out of a second publicity."""
    deciding.reopen(case.pk, reason="amount", by=staff("supervisor"), at=LATER)
    deciding.publish(case.pk, by=staff("reviewer"), at=LATER)
    approving.close_publicity(case.pk, by=User.objects.system(), at=LATER + timedelta(days=8))


def test_prepare_takes_amount_and_payee_from_the_case(finance: Finance) -> None:
    payout = finance.prepared()

    stored = Payout.objects.get(pk=payout.pk)
    assert (stored.net_fen, stored.payee, stored.payee_name) == (3_000_000, "member", "吴小漫")
    assert stored.payee_card == "6222020200112230"
    assert stored.reference == f"{finance.case.number}-1"
    assert stored.state == PayoutState.PREPARED


def test_the_card_is_encrypted_at_rest(finance: Finance) -> None:
    payout = finance.prepared()

    (row,) = Payout.objects.raw(
        "SELECT id, encode(payee_card, 'escape') AS stored FROM payouts_payout WHERE id = %s", [payout.pk]
    )
    assert "6222" not in row.stored


@pytest.mark.parametrize("state", [State.REVIEWING, State.PUBLICISED])
def test_prepare_refuses_a_case_that_is_not_approved(db: None, state: State) -> None:
    case = case_in(state)

    with pytest.raises(WrongState):
        services.prepare(case.pk, by=staff("finance"), at=PUBLISHED)

    assert not Payout.objects.exists()


def test_prepare_refuses_a_form_that_is_out_of_date(finance: Finance) -> None:
    with pytest.raises(Stale):
        services.prepare(finance.case.pk, by=finance.preparer, at=APPROVED, version=finance.case.version - 1)


def test_prepare_refuses_a_second_payout(finance: Finance) -> None:
    first = finance.prepared()

    with pytest.raises(PayoutUnderWay) as no:
        services.prepare(finance.case.pk, by=finance.approver, at=APPROVED)

    assert no.value.code == "WRONG_STATE"
    assert first.reference in str(no.value)


def test_the_heirs_of_a_member_who_died_are_paid_to_the_account_they_name(finance: Finance) -> None:
    correcting.record_death(finance.case.pk, by=staff("intake"), at=APPROVED)

    payout = services.prepare(
        finance.case.pk, payee_name="吴大明", payee_card="6222020200112231", by=finance.preparer, at=APPROVED
    )

    assert (payout.payee, payout.payee_name, payout.payee_card) == (Payee.HEIRS, "吴大明", "6222020200112231")


@pytest.mark.parametrize(
    ("name", "card", "field"),
    [
        ("", "6222020200112231", "account holder"),
        ("  ", "6222020200112231", "account holder"),
        ("吴大明", "", "Bank card"),
        ("吴大明", "62220202", "Bank card"),
        ("吴大明", "6222020200112X31", "Bank card"),
    ],
)
def test_nobody_is_paid_without_an_account(finance: Finance, name: str, card: str, field: str) -> None:
    correcting.record_death(finance.case.pk, by=staff("intake"), at=APPROVED)

    with pytest.raises(InvalidInput, match=field), override("en"):
        services.prepare(finance.case.pk, payee_name=name, payee_card=card, by=finance.preparer, at=APPROVED)

    assert not Payout.objects.exists()


def test_a_member_without_a_card_on_record_is_paid_to_the_one_he_names(finance: Finance) -> None:
    member = finance.case.membership.member
    member.bank_card = ""
    member.save(update_fields=["bank_card", "bank_card_index"])
    with pytest.raises(InvalidInput):
        services.prepare(finance.case.pk, by=finance.preparer, at=APPROVED)

    payout = services.prepare(finance.case.pk, payee_card="6222 0202 0011 2231", by=finance.preparer, at=APPROVED)
    services.approve(payout.pk, by=finance.approver, at=APPROVED)
    services.release(payout.pk, by=finance.releaser, at=APPROVED)

    assert (payout.payee_name, payout.payee_card) == (member.name, "6222020200112231")


def test_every_move_of_a_payout_refuses_a_form_that_is_out_of_date(finance: Finance) -> None:
    payout = finance.prepared()
    old = Claim.objects.get(pk=finance.case.pk).version - 1

    with pytest.raises(Stale):
        services.approve(payout.pk, by=finance.approver, at=APPROVED, version=old)
    services.approve(payout.pk, by=finance.approver, at=APPROVED, version=old + 1)
    with pytest.raises(Stale):
        services.release(payout.pk, by=finance.releaser, at=APPROVED, version=old + 1)
    services.release(payout.pk, by=finance.releaser, at=APPROVED)
    with pytest.raises(Stale):
        services.settle(payout.pk, by=finance.preparer, at=APPROVED, version=old)


@pytest.mark.parametrize(
    "role", ["intake", "reviewer", "supervisor", "investigator", "auditor", "administrator", "system"]
)
def test_nobody_but_finance_moves_a_payout(finance: Finance, role: str) -> None:
    stranger = staff(role)
    prepared = finance.prepared()
    for move in (
        lambda: services.approve(prepared.pk, by=stranger, at=APPROVED),
        lambda: services.cancel(prepared.pk, reason="x", by=stranger, at=APPROVED),
        lambda: services.prepare(finance.case.pk, by=stranger, at=APPROVED),
    ):
        with pytest.raises(NotPermitted):
            move()
    services.approve(prepared.pk, by=finance.approver, at=APPROVED)
    with pytest.raises(NotPermitted):
        services.release(prepared.pk, by=stranger, at=APPROVED)
    services.release(prepared.pk, by=finance.releaser, at=APPROVED)
    for move in (
        lambda: services.settle(prepared.pk, by=stranger, at=APPROVED),
        lambda: services.bounce(prepared.pk, reason="x", by=stranger, at=APPROVED),
        lambda: services.mark_unknown(prepared.pk, by=stranger, at=APPROVED),
    ):
        with pytest.raises(NotPermitted):
            move()
    assert Payout.objects.get().state == PayoutState.SUBMITTED


def test_a_payout_takes_three_different_people(finance: Finance) -> None:
    people = (finance.preparer, finance.approver, finance.releaser)
    paid = set()
    for trio in product(range(3), repeat=3):
        one, two, three = (people[place] for place in trio)
        try:
            with transaction.atomic():
                payout = services.prepare(finance.case.pk, by=one, at=APPROVED)
                services.approve(payout.pk, by=two, at=APPROVED)
                services.release(payout.pk, by=three, at=APPROVED)
                paid.add(trio)
                raise _TakeBack
        except SamePerson:
            assert len(set(trio)) < 3
        except _TakeBack:
            pass

    assert paid == {(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)}


class _TakeBack(Exception):
    """Roll the try back: the case is used again."""


def test_release_brings_the_case_to_the_bank(finance: Finance) -> None:
    payout = finance.submitted()

    assert payout.state == PayoutState.SUBMITTED
    assert Claim.objects.get(pk=finance.case.pk).state == State.PAYING
    last = ClaimEvent.objects.filter(claim=finance.case).latest("version")
    assert (last.verb, last.by, last.data["payout"]) == ("start_payment", finance.releaser, payout.reference)


@pytest.mark.parametrize(
    ("reached", "move"),
    [
        ("prepared", "release"),
        ("prepared", "settle"),
        ("approved", "approve"),
        ("approved", "mark_unknown"),
        ("submitted", "approve"),
        ("submitted", "release"),
        ("submitted", "cancel"),
    ],
)
def test_a_payout_moves_in_its_order_only(finance: Finance, reached: str, move: str) -> None:
    payout = getattr(finance, reached)()
    more = {"reason": "x"} if move == "cancel" else {}

    with pytest.raises(WrongState):
        getattr(services, move)(payout.pk, by=staff("finance"), at=APPROVED, **more)

    assert Payout.objects.get().state == payout.state


def test_cancel_needs_a_reason(finance: Finance) -> None:
    payout = finance.prepared()

    with pytest.raises(InvalidInput):
        services.cancel(payout.pk, reason=" ", by=finance.preparer, at=APPROVED)


def test_a_cancelled_payout_makes_room_under_a_new_reference(finance: Finance) -> None:
    services.cancel(finance.approved().pk, reason="wrong account", by=finance.preparer, at=APPROVED)

    assert finance.prepared().reference == f"{finance.case.number}-2"
    assert Claim.objects.get(pk=finance.case.pk).state == State.APPROVED


@pytest.mark.parametrize("move", ["approve", "release"])
def test_a_payout_of_a_reopened_case_goes_no_further(finance: Finance, move: str) -> None:
    payout = finance.prepared() if move == "approve" else finance.approved()
    deciding.reopen(finance.case.pk, reason="new facts", by=staff("supervisor"), at=LATER)

    with pytest.raises(PayoutOutOfDate) as no:
        getattr(services, move)(payout.pk, by=finance.releaser, at=LATER)

    assert no.value.code == "WRONG_STATE"
    assert Claim.objects.get(pk=finance.case.pk).state == State.DECIDING


def test_a_payout_of_an_earlier_decision_is_not_released_for_the_next_one(finance: Finance) -> None:
    payout = finance.approved()
    approved_again(finance.case)

    with pytest.raises(PayoutOutOfDate):
        services.release(payout.pk, by=finance.releaser, at=LATER)


def test_prepare_replaces_the_payout_of_an_earlier_decision(finance: Finance) -> None:
    outdated = finance.approved()
    approved_again(finance.case)

    anew = finance.prepared()

    assert Payout.objects.get(pk=outdated.pk).state == PayoutState.CANCELLED
    assert (anew.state, anew.reference) == (PayoutState.PREPARED, f"{finance.case.number}-2")


def test_a_changed_payee_or_card_calls_for_a_new_payout(finance: Finance) -> None:
    payout = finance.approved()
    member = finance.case.membership.member
    member.bank_card = "6222020200112249"
    member.save(update_fields=["bank_card", "bank_card_index"])
    with pytest.raises(PayoutOutOfDate):
        services.release(payout.pk, by=finance.releaser, at=APPROVED)

    assert finance.prepared().payee_card == "6222020200112249"

    correcting.record_death(finance.case.pk, by=staff("intake"), at=APPROVED)
    latest = Payout.objects.live().get()
    with pytest.raises(PayoutOutOfDate):
        services.approve(latest.pk, by=finance.approver, at=APPROVED)


def test_a_refusal_leaves_nothing_behind(finance: Finance) -> None:
    payout = finance.prepared()
    version = Claim.objects.get(pk=finance.case.pk).version

    with pytest.raises(Refusal):
        services.approve(payout.pk, by=finance.preparer, at=APPROVED)

    assert Claim.objects.get(pk=finance.case.pk).version == version
    assert Payout.objects.get().approved_by is None
