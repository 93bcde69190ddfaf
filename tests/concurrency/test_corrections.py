"""One joining date, corrected by two people at one moment."""

from dataclasses import dataclass

import pytest

from claims.enums import State
from claims.models import Claim
from claims.services import correcting
from members.models import JoiningCorrection, Membership
from members.services import joining
from tests.concurrency.racing import Move, queue
from tests.factories import PUBLISHED, at, case_in, membership, staff

EARLIER = at("2024-05-01 10:00")


@dataclass
class Correction:
    """Proposed by one supervisor; two others stand ready to confirm it."""

    row: JoiningCorrection
    member: Membership

    def confirming(self) -> Move:
        supervisor = staff("supervisor")
        return lambda: correcting.confirm_joining(self.row.pk, by=supervisor, at=PUBLISHED)


def proposing(member: Membership) -> Move:
    supervisor = staff("supervisor")
    return lambda: joining.propose_correction(member.pk, EARLIER, reason="slow page", by=supervisor, at=PUBLISHED)


@pytest.fixture
def member() -> Membership:
    return membership()


@pytest.fixture
def correction(member: Membership) -> Correction:
    proposing(member)()
    return Correction(JoiningCorrection.objects.get(), member)


def test_two_supervisors_propose_and_one_correction_is_open(member: Membership) -> None:
    assert queue(member, proposing(member), proposing(member)) == ["done", "WRONG_STATE"]
    assert JoiningCorrection.objects.count() == 1


def test_two_supervisors_confirm_and_one_did(correction: Correction) -> None:
    moves = correction.confirming(), correction.confirming()

    assert queue(correction.member, *moves) == ["done", "WRONG_STATE"]
    assert Membership.objects.get(pk=correction.member.pk).joined_at == EARLIER


def test_a_case_that_hangs_on_the_date_is_assessed_once(member: Membership) -> None:
    case = case_in(State.REVIEWING, of=member)
    proposing(member)()
    correction = Correction(JoiningCorrection.objects.get(), member)

    assert queue(case, correction.confirming(), correction.confirming()) == ["done", "WRONG_STATE"]
    assert case.events.filter(verb="correct_joined_at").count() == 1
    assert Claim.objects.get(pk=case.pk).version == case.version + 1


# Negative control: the same race with the membership's lock switched off.


def test_without_the_lock_both_confirm(correction: Correction, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Membership.objects.select_related("member", "covenant")
    monkeypatch.setattr(joining, "lock_membership", lambda pk: rows.get(pk=pk))

    assert queue(correction.member, correction.confirming(), correction.confirming()) == ["done", "done"]
