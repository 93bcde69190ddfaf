"""A case that awaits its payout, and the people who pay it."""

from dataclasses import dataclass

import pytest

from claims.enums import State
from claims.models import Claim
from config.kernel.models import User
from payouts import services
from payouts.models import Payout
from tests.factories import APPROVED, case_in, staff


@dataclass
class Finance:
    """Three people of finance and one case of 30,000 yuan."""

    case: Claim
    preparer: User
    approver: User
    releaser: User

    def prepared(self) -> Payout:
        return services.prepare(self.case.pk, by=self.preparer, at=APPROVED)

    def approved(self) -> Payout:
        return services.approve(self.prepared().pk, by=self.approver, at=APPROVED)

    def submitted(self) -> Payout:
        return services.release(self.approved().pk, by=self.releaser, at=APPROVED)


def at_work() -> Finance:
    return Finance(case_in(State.APPROVED), staff("finance"), staff("finance"), staff("finance"))


@pytest.fixture
def finance(db: None) -> Finance:
    return at_work()
