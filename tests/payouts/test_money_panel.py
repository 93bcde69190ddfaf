"""The money on the page of a case: every step of every payout, with its person, its time and the bank's word."""

from datetime import timedelta

from django.utils.translation import override

from config.kernel import masks
from payouts import services
from payouts.panels import money
from tests.factories import APPROVED, look
from tests.payouts.conftest import Finance

LATER = APPROVED + timedelta(days=1)


def test_every_step_has_its_person_and_its_time(finance: Finance) -> None:
    services.settle(finance.submitted().pk, by=finance.preparer, at=LATER)

    (payout,) = money(finance.case, look())["payouts"]

    assert [(step["name"], step["by"], step["at"]) for step in payout["steps"]] == [
        ("prepared", finance.preparer, APPROVED),
        ("approved", finance.approver, APPROVED),
        ("released", finance.releaser, APPROVED),
        ("settled", finance.preparer, LATER),
    ]
    assert payout["card"] == masks.bank_card("6222020200112230") == "****2230"


def test_a_bounce_stays_with_what_the_bank_said_beside_the_next_try(finance: Finance) -> None:
    services.bounce(finance.submitted().pk, reason="account closed", by=finance.preparer, at=LATER)
    services.prepare(finance.case.pk, by=finance.preparer, at=LATER)

    with override("en"):
        second, first = money(finance.case, look())["payouts"]
        ahead = [str(label) for label in second["ahead"]]

    assert [step["why"] for step in first["steps"]] == ["", "", "", "account closed"]
    assert first["ahead"] == []
    assert [step["name"] for step in second["steps"]] == ["prepared"]
    assert ahead == ["Approved", "Released to the bank"]


def test_a_cancelled_order_says_why(finance: Finance) -> None:
    services.cancel(finance.approved().pk, reason="wrong account", by=finance.preparer, at=LATER)

    (payout,) = money(finance.case, look())["payouts"]

    assert [(step["name"], step["why"]) for step in payout["steps"]][-1] == ("cancelled", "wrong account")
    assert payout["ahead"] == []
