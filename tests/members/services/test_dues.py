from datetime import date

import pytest
from django.db import IntegrityError, transaction

from config.kernel.refusals import InvalidInput
from members.enums import EndReason
from members.models import Membership, Share
from members.services import dues
from tests.members.conftest import at

pytestmark = pytest.mark.django_db

NOW = at("2025-05-01 09:00")


@pytest.fixture
def debtor(admit) -> Membership:
    membership = admit()
    for due_on, fen in [(date(2025, 2, 14), 305), (date(2025, 1, 14), 200), (date(2025, 2, 28), 100)]:
        dues.owe(membership, due_on=due_on, fen=fen)
    return membership


def test_unpaid_shares_come_oldest_first(debtor):
    assert dues.unpaid_shares(debtor) == (
        (date(2025, 1, 14), 200),
        (date(2025, 2, 14), 305),
        (date(2025, 2, 28), 100),
    )


def test_settling_takes_the_half_open_window(debtor):
    assert dues.settle(debtor, due_from=date(2025, 1, 14), due_before=date(2025, 2, 28), at=NOW) == 505

    assert dues.unpaid_shares(debtor) == ((date(2025, 2, 28), 100),)
    assert set(Share.objects.filter(paid_at__isnull=False).values_list("paid_at", flat=True)) == {NOW}


def test_a_share_is_settled_once(debtor):
    window = {"due_from": date(2025, 1, 1), "due_before": date(2026, 1, 1)}
    assert dues.settle(debtor, **window, at=NOW) == 605

    assert dues.settle(debtor, **window, at=at("2025-06-01 09:00")) == 0
    assert Share.objects.filter(paid_at=NOW).count() == 3


def test_settling_leaves_the_shares_of_others_alone(debtor, admit, applicant):
    other = admit(applicant(4))
    dues.owe(other, due_on=date(2025, 2, 14), fen=1)

    dues.settle(debtor, due_from=date(2025, 1, 1), due_before=date(2026, 1, 1), at=NOW)

    assert dues.unpaid_shares(other) == ((date(2025, 2, 14), 1),)


@pytest.mark.parametrize("fen", [0, -1])
def test_a_share_is_above_zero(admit, fen):
    membership = admit()

    with pytest.raises(InvalidInput):
        dues.owe(membership, due_on=date(2025, 1, 1), fen=fen)
    with pytest.raises(IntegrityError, match="share_is_positive"), transaction.atomic():
        Share.objects.create(membership=membership, due_on=date(2025, 1, 1), fen=fen)


def test_a_membership_ends_once_and_keeps_its_first_end(admit):
    membership = admit()

    assert dues.end(membership, on=date(2025, 5, 1), reason=EndReason.PAID)
    assert not dues.end(Membership.objects.get(), on=date(2025, 6, 1), reason=EndReason.LEFT)

    after = Membership.objects.get()
    assert (after.ended_on, after.end_reason) == (date(2025, 5, 1), "paid")
    assert (membership.ended_on, membership.end_reason) == (date(2025, 5, 1), "paid")
