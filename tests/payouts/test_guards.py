"""What the database itself refuses, whoever writes: constraints and triggers, by raw SQL."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django_fsm import TransitionNotAllowed

from payouts import services
from payouts.enums import MOVES, PayoutState
from payouts.models import Payout
from tests.factories import APPROVED
from tests.payouts.conftest import Finance

LEGAL = {
    ("prepared", "approved"),
    ("prepared", "cancelled"),
    ("approved", "submitted"),
    ("approved", "cancelled"),
    ("submitted", "settled"),
    ("submitted", "failed"),
    ("submitted", "unknown"),
    ("unknown", "settled"),
    ("unknown", "failed"),
}
"""Written a second time, by hand."""


def refused(why: str, payout: Payout, changes: str, *values: Any) -> None:
    """Exactly this stands in the way of the raw UPDATE."""
    with pytest.raises(DatabaseError, match=why), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE payouts_payout SET {changes} WHERE id = %s", [*values, payout.pk])


def test_the_legal_moves_are_these() -> None:
    assert {(str(was.value), str(becomes.value)) for was, becomes in MOVES} == LEGAL


def test_a_prepared_payout_skips_no_step(finance: Finance) -> None:
    payout = finance.prepared()

    for state in ("submitted", "settled", "failed", "unknown", "paid"):
        refused("payout_moves_legally", payout, "state = %s", state)


def test_nothing_leads_out_of_the_bank_but_its_word(finance: Finance) -> None:
    payout = finance.submitted()
    for state in ("prepared", "approved", "cancelled"):
        refused("payout_moves_legally", payout, "state = %s", state)

    services.mark_unknown(payout.pk, by=finance.preparer, at=APPROVED)

    for state in ("prepared", "approved", "submitted", "cancelled"):
        refused("payout_moves_legally", payout, "state = %s", state)
    refused(
        "unknown_payout_ends_by_the_banks_word",
        payout,
        "state = 'settled', settled_by_id = prepared_by_id, settled_at = now()",
    )


def test_an_ended_payout_stays_as_it_is(finance: Finance) -> None:
    payout = services.settle(finance.submitted().pk, by=finance.preparer, at=APPROVED)

    for state in set(PayoutState.values) - {"settled"}:
        refused("payout_moves_legally", payout, "state = %s", state)


def test_three_people_stand_in_the_table_too(finance: Finance) -> None:
    one, two, payout = finance.preparer.pk, finance.approver.pk, finance.prepared()
    approved = "state = 'approved', approved_at = now(), approved_by_id = %s"
    refused("payout_approver_is_not_its_preparer", payout, approved, one)
    refused("payout_is_approved_by_somebody", payout, "state = 'approved'")
    refused("payout_is_approved_by_somebody", payout, "approved_by_id = %s, approved_at = now()", two)
    refused("approved_payout_has_who_and_when", payout, "state = 'approved', approved_by_id = %s", two)

    services.approve(payout.pk, by=finance.approver, at=APPROVED)

    submitted = "state = 'submitted', released_at = now(), released_by_id = %s"
    for somebody in (one, two):
        refused("payout_releaser_is_neither_preparer_nor_approver", payout, submitted, somebody)
    refused("payout_is_released_by_somebody", payout, "state = 'submitted'")
    refused("payout_is_released_by_somebody", payout, "released_at = now(), released_by_id = %s", finance.releaser.pk)


def test_what_was_prepared_is_what_is_paid(finance: Finance) -> None:
    for payout in (finance.prepared(), services.approve(Payout.objects.get().pk, by=finance.approver, at=APPROVED)):
        for change in (
            "net_fen = net_fen + 1",
            "payee = 'heirs'",
            "payee_name = '别人'",
            "reference = 'another'",
            "decided_at = now()",
            "prepared_at = now()",
            "claim_id = claim_id + 1",
        ):
            refused("payout_content_is_frozen", payout, change)


def test_the_card_of_a_payout_is_not_written_again(finance: Finance) -> None:
    payout = finance.prepared()
    payout.payee_card = "6222020200112249"

    with pytest.raises(DatabaseError), transaction.atomic():
        payout.save(update_fields=["payee_card"])

    assert Payout.objects.get().payee_card == "6222020200112230"


def test_the_card_of_a_payout_follows_a_change_of_keys(finance: Finance) -> None:
    payout = finance.prepared()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payouts_payout SET payee_card = overlay(payee_card PLACING 'x'::bytea FROM 3 FOR 1) WHERE id = %s "
            "RETURNING id",
            [payout.pk],
        )
        assert cursor.fetchone() == (payout.pk,)


def test_a_signature_is_given_once(finance: Finance) -> None:
    payout = finance.submitted()

    for change in ("approved_at = now()", "released_at = now()", "released_by_id = prepared_by_id"):
        refused("payout_is_signed_once", payout, change)


def test_a_payout_is_never_deleted(finance: Finance) -> None:
    payout = finance.prepared()

    with pytest.raises(DatabaseError), transaction.atomic():
        payout.delete()

    assert Payout.objects.exists()


def test_a_payout_begins_prepared(finance: Finance) -> None:
    payout = services.cancel(finance.prepared().pk, reason="x", by=finance.preparer, at=APPROVED)
    payout.pk, payout.reference, payout._state.adding = None, "another", True

    with pytest.raises(DatabaseError, match="payout_begins_prepared"), transaction.atomic():
        payout.save(force_insert=True)


def test_a_case_has_one_live_payout(finance: Finance) -> None:
    payout = finance.prepared()
    payout.pk, payout.reference, payout._state.adding = None, "another", True

    with pytest.raises(DatabaseError, match="one_live_payout_a_claim"), transaction.atomic():
        payout.save(force_insert=True)


def test_an_amount_is_not_negative(finance: Finance) -> None:
    payout = services.cancel(finance.prepared().pk, reason="x", by=finance.preparer, at=APPROVED)
    fresh = Payout(
        claim_id=payout.claim_id,
        reference="another",
        net_fen=-1,
        payee="member",
        decided_at=APPROVED,
        prepared_by=finance.preparer,
        prepared_at=APPROVED,
    )

    with pytest.raises(DatabaseError, match="payout_amount_is_not_negative"), transaction.atomic():
        fresh.save()


def test_endings_come_with_their_reasons(finance: Finance) -> None:
    payout = finance.prepared()
    refused("payout_is_cancelled_with_a_reason", payout, "state = 'cancelled'")
    refused("payout_is_cancelled_with_a_reason", payout, "cancel_reason = 'x'")
    services.approve(payout.pk, by=finance.approver, at=APPROVED)
    services.release(payout.pk, by=finance.releaser, at=APPROVED)
    refused("payout_is_settled_with_a_time", payout, "state = 'settled'")
    refused("payout_of_unknown_fate_has_a_time", payout, "state = 'unknown'")
    refused(
        "payout_fails_with_a_time_and_the_banks_word",
        payout,
        "state = 'failed', failed_at = now(), failed_by_id = prepared_by_id",
    )


def test_no_transition_happens_outside_the_gate(finance: Finance) -> None:
    payout = finance.prepared()

    with pytest.raises(TransitionNotAllowed):
        payout.approve(by=finance.approver, at=APPROVED)
    with pytest.raises(AttributeError):
        payout.state = "approved"
