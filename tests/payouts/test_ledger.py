"""The book balances, or the transaction does not end."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Sum

from payouts import services
from payouts.models import Leg, Payout, Posting
from payouts.services import ledger
from tests.factories import APPROVED
from tests.payouts.conftest import Finance


def balances() -> dict[str, int]:
    rows = Leg.objects.values("account").annotate(total=Sum("fen")).values_list("account", "total").order_by()
    return {account: total for account, total in rows if total}


def constraints_now() -> None:
    """The commit never comes in a test: ask for what would be asked then."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def posting(payout: Payout, **changes: Any) -> Posting:
    values = {"payout": payout, "kind": "settlement", "fen": 100, "by": payout.prepared_by, "at": APPROVED, **changes}
    return Posting.objects.create(**values)


def test_the_book_follows_the_money(finance: Finance) -> None:
    payout = finance.submitted()
    assert balances() == {"aid_payable": 3_000_000, "bank_clearing": -3_000_000}

    services.settle(payout.pk, by=finance.preparer, at=APPROVED)

    assert balances() == {"aid_payable": 3_000_000, "bank": -3_000_000}
    constraints_now()


def test_a_bounce_takes_the_posting_back_by_another(finance: Finance) -> None:
    payout = services.bounce(finance.submitted().pk, reason="closed", by=finance.preparer, at=APPROVED)

    assert balances() == {}
    release, reversal = payout.postings.order_by("pk")
    assert reversal.reverses == release
    constraints_now()


def test_nothing_is_posted_where_arrears_left_nothing(finance: Finance) -> None:
    payout = finance.prepared()
    payout.net_fen = 0

    assert ledger.post(payout, "release", "aid_payable", "bank_clearing", by=finance.preparer, at=APPROVED) is None


@pytest.mark.parametrize(
    "legs",
    [
        {},
        {"aid_payable": 100},
        {"aid_payable": 100, "bank": -99},
        {"aid_payable": 99, "bank": -99},
        {"aid_payable": 100, "bank": -100, "bank_clearing": 1},
    ],
)
def test_a_posting_that_does_not_balance_is_refused_at_the_end(finance: Finance, legs: dict[str, int]) -> None:
    entry = posting(finance.prepared())
    Leg.objects.bulk_create(Leg(posting=entry, account=account, fen=fen) for account, fen in legs.items())

    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        constraints_now()

    transaction.set_rollback(True)  # or the unbalanced entry fails the test's own end


def test_an_old_posting_takes_no_further_legs(finance: Finance) -> None:
    entry = finance.submitted().postings.get()
    constraints_now()
    Leg.objects.bulk_create(
        [Leg(posting=entry, account="bank", fen=5), Leg(posting=entry, account="bank_clearing", fen=-5)]
    )

    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        constraints_now()
    transaction.set_rollback(True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payouts_leg SET fen = fen + 1",
        "DELETE FROM payouts_leg",
        "UPDATE payouts_posting SET fen = fen + 1",
        "UPDATE payouts_posting SET at = at + interval '1 day'",
        "DELETE FROM payouts_posting",
    ],
)
def test_the_book_is_never_changed(finance: Finance, statement: str) -> None:
    finance.submitted()
    constraints_now()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_posting_is_taken_back_once(finance: Finance) -> None:
    entry = finance.submitted().postings.get()
    ledger.reverse(entry, by=finance.preparer, at=APPROVED)

    with pytest.raises(IntegrityError, match="reverses"), transaction.atomic():
        ledger.reverse(entry, by=finance.preparer, at=APPROVED)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"fen": 0}, "posting_amount_is_positive"),
        ({"kind": "reversal"}, "reversal_names_what_it_takes_back"),
        ({"kind": "gift"}, "posting_kind_is_known"),
        ({"kind": "release"}, "payout_is_posted_once_a_kind"),
    ],
)
def test_a_malformed_posting_is_refused(finance: Finance, changes: dict[str, Any], constraint: str) -> None:
    payout = finance.submitted()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        posting(payout, **changes)


@pytest.mark.parametrize(
    ("account", "fen", "constraint"), [("bank", 0, "leg_moves_money"), ("till", 1, "leg_account_is_known")]
)
def test_a_malformed_leg_is_refused(finance: Finance, account: str, fen: int, constraint: str) -> None:
    entry = finance.submitted().postings.get()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Leg.objects.create(posting=entry, account=account, fen=fen)
