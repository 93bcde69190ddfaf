"""What an agency leaves goes to the next one, if it may go out at all; declining stands in any case."""

from datetime import datetime, timedelta

import pytest

from claims.enums import DeadlineStatus
from claims.models import Claim, ClaimEvent, Deadline, Procedure
from claims.refusals import ConsentMissing
from config.kernel import sweeping
from investigations import services
from investigations.enums import CommissionState
from investigations.models import Agency, Authorisation, Commission
from investigations.refusals import AuthorisationMissing
from members.models import Message
from tests.factories import COMMISSIONED, at, authorised, investigator_of, staff

NEXT_DAY = COMMISSIONED + timedelta(days=1)
TOO_LATE = at("2025-05-10 09:30")
"""The commission's last day is 8 May."""


def decline(sent: Commission, when: datetime = NEXT_DAY, code: str = "no_capacity") -> Commission | None:
    return services.decline(sent.pk, reason="无人可派", code=code, by=investigator_of(sent), at=when)


def live(claim: int) -> "list[Commission]":
    return list(Commission.objects.at_work().filter(claim=claim))


def open_commissions(when: datetime = NEXT_DAY) -> int:
    return sweeping.run("investigations.open_commissions", at=when)


def held() -> int:
    return Message.objects.filter(template="investigation_held", to="reviewer").count()


def take_the_letter_back() -> None:
    letter = Authorisation.objects.get(withdrawn_at__isnull=True)
    services.withdraw_authorisation(letter.pk, reason="他案", by=staff("intake"), at=NEXT_DAY)


def withdraw_consent(claim: Claim) -> None:
    claim.membership.consents.filter(purpose="investigation").update(withdrawn_at=COMMISSIONED)


def test_without_the_letter_what_was_declined_goes_to_nobody_until_it_is_there(sent: Commission) -> None:
    take_the_letter_back()

    assert decline(sent) is None

    assert live(sent.claim_id) == []
    assert [open_commissions(), open_commissions()] == [1, 0]
    assert held() == 1
    authorised(sent.claim)
    assert open_commissions() == 1
    (again,) = live(sent.claim_id)
    assert again.agency != sent.agency


def test_without_consent_what_was_declined_goes_to_nobody(sent: Commission) -> None:
    withdraw_consent(sent.claim)

    assert decline(sent) is None

    assert live(sent.claim_id) == []
    assert open_commissions() == 1
    assert held() == 1


def test_nothing_is_given_to_another_agency_without_letter_or_consent(sent: Commission) -> None:
    def reassign() -> Commission:
        return services.reassign(sent.pk, reason="未回复", by=staff("supervisor"), at=NEXT_DAY)

    take_the_letter_back()
    with pytest.raises(AuthorisationMissing):
        reassign()
    withdraw_consent(sent.claim)
    with pytest.raises(ConsentMissing):
        reassign()
    assert [one.pk for one in live(sent.claim_id)] == [sent.pk]


def test_declining_stands_where_nobody_else_may_be_asked(sent: Commission) -> None:
    Agency.objects.exclude(pk=sent.agency_id).update(active=False)

    assert decline(sent, code="conflict_of_interest") is None

    left = Commission.objects.get(pk=sent.pk)
    assert left.state == CommissionState.DECLINED
    assert not Commission.objects.for_investigator(investigator_of(sent)).at_work().exists()
    assert Procedure.objects.get(pk=sent.procedure_id).sent_at is None
    assert Deadline.objects.get(pk=sent.deadline_id).status == DeadlineStatus.CANCELLED
    event = ClaimEvent.objects.get(verb="decline")
    assert (event.reason_code, "agency" in event.data) == ("conflict_of_interest", False)
    assert [open_commissions(), open_commissions()] == [1, 0]
    assert held() == 1


def test_who_declined_is_not_asked_again_when_the_sweep_goes_on(sent: Commission) -> None:
    others = Agency.objects.exclude(pk=sent.agency_id)
    others.update(active=False)
    decline(sent)
    open_commissions()

    others.update(active=True)
    assert open_commissions() == 1

    (again,) = live(sent.claim_id)
    assert again.agency != sent.agency
    assert Procedure.objects.get(pk=sent.procedure_id).sent_at == NEXT_DAY


def test_reviewers_are_told_again_of_what_is_held_again(sent: Commission) -> None:
    others = Agency.objects.exclude(pk=sent.agency_id)
    others.update(active=False)
    decline(sent)
    open_commissions()
    others.update(active=True)
    open_commissions()
    (again,) = live(sent.claim_id)

    later = NEXT_DAY + timedelta(hours=1)
    assert decline(again, later) is None

    assert [open_commissions(later), open_commissions(later)] == [1, 0]
    assert held() == 2


def test_what_is_declined_after_its_end_gets_a_time_of_its_own(sent: Commission) -> None:
    again = decline(sent, TOO_LATE)

    assert again is not None
    assert Deadline.objects.get(pk=sent.deadline_id).status == DeadlineStatus.MISSED
    assert again.deadline.due_at == at("2025-06-10 00:00")  # thirty days after 10 May, the last one included


def test_the_end_of_each_agency_is_told_to_itself(sent: Commission) -> None:
    sweeping.ring(at=TOO_LATE, only=sent.claim_id)
    again = decline(sent, TOO_LATE)
    assert again is not None
    sweeping.ring(at=again.deadline.due_at + timedelta(minutes=5), only=sent.claim_id)

    told = Message.objects.filter(template="commission_overdue").order_by("pk")
    assert [one.user for one in told] == [investigator_of(sent), investigator_of(again)]
