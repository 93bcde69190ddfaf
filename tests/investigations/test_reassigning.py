"""A commission that nobody reports on: told to the supervisors once, and given to another agency by one of them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from claims.enums import DeadlineStatus, PauseReason, State
from claims.models import ClaimEvent, Deadline
from claims.services import rescheduling
from config.kernel import sweeping
from config.kernel.refusals import InvalidInput, NotPermitted, WrongState
from investigations import services
from investigations.enums import CommissionState
from investigations.models import Agency, Commission
from investigations.refusals import NoAgency
from investigations.services.agencies import SAMPLES
from members.models import Message
from tests.factories import (
    ACCEPTED,
    COMMISSIONED,
    FILED,
    at,
    case_in,
    investigator_of,
    reported,
    signed_in,
    staff,
)

NEXT_DAY = COMMISSIONED + timedelta(days=1)
TOO_LATE = at("2025-05-10 09:30")


def fresh(sent: Commission) -> Commission:
    return Commission.objects.select_related("deadline").get(pk=sent.pk)


def reassign(sent: Commission, when: datetime = NEXT_DAY, **said: Any) -> Commission:
    said = {"reason": "多次催办未回复"} | said
    return services.reassign(sent.pk, by=staff("supervisor"), at=when, **said)


def test_supervisors_are_told_once_when_the_time_has_passed(sent: Commission) -> None:
    for _ in range(2):
        sweeping.ring(at=TOO_LATE, only=sent.claim_id)

    (told,) = Message.objects.filter(template="deadline_missed", to="supervisor", about=sent.claim.number)
    assert told.facts["kind"] == "investigation"


def test_another_agency_gets_the_time_that_is_left(sent: Commission) -> None:
    again = reassign(sent)

    old = fresh(sent)
    assert (old.state, old.withdrawn_at, old.withdraw_reason) == (CommissionState.WITHDRAWN, NEXT_DAY, "多次催办未回复")
    assert again.agency != old.agency
    assert again.deadline == old.deadline
    assert fresh(again).deadline.status == DeadlineStatus.OPEN
    assert ClaimEvent.objects.latest("pk").verb == "reassign"
    assert Message.objects.get(template="commission_withdrawn").user == investigator_of(old)
    reported(again)


def test_another_agency_gets_a_time_of_its_own_when_it_is_over(sent: Commission) -> None:
    sweeping.ring(at=TOO_LATE, only=sent.claim_id)

    again = reassign(sent, TOO_LATE)

    assert Deadline.objects.get(pk=sent.deadline_id).status == DeadlineStatus.MISSED
    assert again.deadline_id != sent.deadline_id
    assert again.deadline.due_at == at("2025-06-10 00:00")  # thirty days after 10 May, the last one included


def test_a_time_that_ran_out_unnoticed_is_over_too(sent: Commission) -> None:
    again = reassign(sent, TOO_LATE)

    assert Deadline.objects.get(pk=sent.deadline_id).status == DeadlineStatus.MISSED
    assert again.deadline.due_at == at("2025-06-10 00:00")


def test_a_report_sent_back_may_be_left_to_another_agency(sent: Commission) -> None:
    reported(sent)
    services.return_report(sent.pk, reason="缺少病案室盖章", by=staff("reviewer"), at=FILED)

    again = reassign(sent, FILED)

    assert fresh(sent).state == CommissionState.WITHDRAWN
    assert again.state == CommissionState.SENT


def test_who_was_asked_before_is_not_asked_again(sent: Commission) -> None:
    again = reassign(sent)

    with pytest.raises(NoAgency):  # the samples have two that do field investigations
        reassign(again)
    third = Agency.objects.create(name="第三家", uscc="91000000MA00000043", kinds=["field"], region="华南")
    assert reassign(again).agency == third


@pytest.mark.parametrize("role", ["reviewer", "intake", "investigator", "finance", "auditor", "administrator"])
def test_only_a_supervisor_takes_it_away(sent: Commission, role: str) -> None:
    with pytest.raises(NotPermitted):
        services.reassign(sent.pk, reason="x", by=staff(role), at=NEXT_DAY)


def test_a_report_that_is_in_is_answered_first(sent: Commission) -> None:
    reported(sent)

    with pytest.raises(WrongState):
        reassign(sent, FILED)


def test_what_is_over_is_not_taken_away(db: None) -> None:
    case_in(State.DECIDING)

    with pytest.raises(WrongState):
        reassign(Commission.objects.get(), ACCEPTED)


def test_taking_away_takes_a_reason(sent: Commission) -> None:
    with pytest.raises(InvalidInput):
        reassign(sent, reason=" ")

    assert fresh(sent).state == CommissionState.SENT


def test_a_supervisor_does_it_on_the_page_of_the_case(sent: Commission) -> None:
    boss = signed_in("supervisor")
    page = reverse("admin:claims_claim_change", args=[sent.claim_id])
    url = reverse("admin:claims_claim_move", args=[sent.claim_id, "reassign", sent.pk])
    assert url in boss.get(page).content.decode()
    form = boss.get(url).context["form"]
    assert [one.name for one in form.ranking.ranked] == [SAMPLES[1][0]]
    assert [name for name, _why in form.left_out] == [sent.agency.name]

    assert boss.post(url, {"reason": "多次催办未回复", "agency": "", "because": ""}).status_code == 302

    text = boss.get(page).content.decode()
    assert "多次催办未回复" in text
    assert SAMPLES[1][0] in text
    assert url not in text


def stopped(sent: Commission) -> Deadline:
    said = {"code": PauseReason.HOSPITAL, "reason": "等病案室盖章"}
    by = staff("supervisor")
    return rescheduling.pause(sent.claim_id, sent.deadline_id, by=by, at=COMMISSIONED + timedelta(hours=1), **said)


def declined(sent: Commission) -> Commission:
    again = services.decline(sent.pk, reason="人手不足", by=investigator_of(sent), at=NEXT_DAY)
    assert again is not None
    return again


@pytest.mark.parametrize("pass_on", [declined, reassign])
def test_a_clock_that_stands_still_does_so_for_the_next_agency(
    sent: Commission, pass_on: Callable[[Commission], Commission]
) -> None:
    clock = stopped(sent)

    again = pass_on(sent)

    assert again.deadline_id == clock.pk
    assert (fresh(again).deadline.status, fresh(again).deadline.due_at) == ("open", None)
    opened = rescheduling.resume(sent.claim_id, clock.pk, by=staff("supervisor"), at=NEXT_DAY)
    assert fresh(again).deadline == opened
    reported(again)


def test_a_commission_that_is_over_keeps_the_clock_that_it_had(sent: Commission) -> None:
    again = reassign(sent)

    longer = rescheduling.extend(
        sent.claim_id, sent.deadline_id, days=3, reason="x", by=staff("supervisor"), at=NEXT_DAY
    )

    assert fresh(again).deadline == longer
    assert fresh(sent).deadline_id == sent.deadline_id
