"""Sending a case out (SR-23), and what stands in the way."""

import pytest

from claims.enums import State
from claims.models import Claim, ClaimEvent, Deadline
from claims.refusals import ConsentMissing
from config.kernel.refusals import NotPermitted, Stale, WrongState
from investigations import services
from investigations.enums import CommissionState, Method
from investigations.models import Commission
from investigations.services import ensure_sample_agencies
from members.models import Message
from tests.factories import COMMISSIONED, at, case_in, passed, staff


def test_a_commission_goes_out_with_its_own_deadline(sent: Commission) -> None:
    case = sent.claim

    assert (case.state, sent.state, sent.kind) == (State.INVESTIGATING, CommissionState.SENT, "field")
    assert sent.procedure.sent_at == COMMISSIONED
    assert sent.deadline.due_at == at("2025-05-09 00:00")  # thirty days after 8 April, the last one included
    assert sorted(sent.methods) == sorted(Method.values)
    assert ClaimEvent.objects.filter(claim=case).latest("version").data == {"agency": sent.agency.name}


def test_the_agencys_people_are_told_without_personal_data(sent: Commission) -> None:
    told = Message.objects.get(template="commission_sent")

    assert told.user == sent.agency.investigators.get().user
    assert told.facts == {"kind": "field", "due_on": "2025-05-08", "commission": sent.pk}


def test_commissioning_takes_a_passed_review(db: None) -> None:
    ensure_sample_agencies()
    case = case_in(State.REVIEWING)

    with pytest.raises(WrongState):
        services.commission(case.pk, by=staff("reviewer"), at=COMMISSIONED)


def test_commissioning_takes_the_consent(db: None) -> None:
    ensure_sample_agencies()
    case = passed()
    case.membership.consents.filter(purpose="investigation").delete()

    with pytest.raises(ConsentMissing):
        services.commission(case.pk, by=staff("reviewer"), at=COMMISSIONED)


@pytest.mark.parametrize("role", ["intake", "investigator", "finance", "auditor", "administrator", "system"])
def test_commissioning_takes_the_right(db: None, role: str) -> None:
    ensure_sample_agencies()
    case = passed()

    with pytest.raises(NotPermitted):
        services.commission(case.pk, by=staff(role), at=COMMISSIONED)


def test_a_case_is_commissioned_once(sent: Commission) -> None:
    with pytest.raises(WrongState):
        services.commission(sent.claim_id, by=staff("reviewer"), at=COMMISSIONED)


def test_commissioning_refuses_a_form_that_is_out_of_date(db: None) -> None:
    ensure_sample_agencies()
    case = passed()

    with pytest.raises(Stale):
        services.commission(case.pk, by=staff("reviewer"), at=COMMISSIONED, version=case.version - 1)

    assert not Commission.objects.exists()
    assert not Deadline.objects.filter(kind="investigation").exists()
    assert Claim.objects.get(pk=case.pk).state == State.REVIEWING
