"""What an agency's people are told: each once, by whoever's work it is, and nothing of the member."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from claims.enums import PauseReason, ProcedureKind, State
from claims.models import Deadline, Reminder
from claims.services import investigating, rescheduling
from config.kernel import sweeping
from config.kernel.civil import last_day
from config.kernel.display import day as shown_day
from config.kernel.models import User
from investigations import services
from investigations.models import Commission, Investigator
from investigations.services import commissioning
from investigations.sweeps import EscalateOverdue, RemindAgencies
from members.models import Message
from members.services.messages import render
from tests.factories import (
    COMMISSIONED,
    FILED,
    at,
    case_in,
    colleague_of,
    in_the_field,
    investigator_of,
    reported,
    staff,
    visits,
)

NOTICES, LIST = reverse("field:notices"), reverse("field:commissions")
TEN_DAYS_BEFORE, THREE_DAYS_BEFORE = at("2025-04-28 09:00"), at("2025-05-05 09:00")
OVER = at("2025-05-09 00:05")
"""The commission's last day is 8 May."""


def ring(sent: Commission, when: datetime) -> None:
    for _ in range(2):  # a sweep may run twice
        sweeping.ring(at=when, only=sent.claim_id)


def told(template: str) -> list[User]:
    return [message.user for message in Message.objects.filter(template=template).order_by("pk")]


@pytest.fixture
def handed(sent: Commission) -> Investigator:
    """Whose the commission is; another colleague has nothing to do with it."""
    colleague_of(sent)
    one = colleague_of(sent)
    services.assign(sent.pk, investigator_id=one.pk, by=investigator_of(sent), at=COMMISSIONED)
    return one


def test_each_step_before_the_last_day_is_told_once_to_those_who_have_it(
    sent: Commission, handed: Investigator
) -> None:
    people = [investigator_of(sent), handed.user]
    ring(sent, TEN_DAYS_BEFORE - timedelta(minutes=1))
    assert told("commission_reminder") == []

    ring(sent, TEN_DAYS_BEFORE)
    assert told("commission_reminder") == people
    ring(sent, THREE_DAYS_BEFORE)
    assert told("commission_reminder") == people * 2
    assert {message.facts["days"] for message in Message.objects.filter(template="commission_reminder")} == {10, 3}
    assert RemindAgencies().next_due(only=sent.claim_id) is None


def test_what_is_nobodys_is_told_to_all(sent: Commission) -> None:
    one = colleague_of(sent)
    ring(sent, TEN_DAYS_BEFORE)

    assert told("commission_reminder") == [investigator_of(sent), one.user]


def test_the_sweep_says_when_it_is_due_and_leaves_other_cases_alone(sent: Commission) -> None:
    Reminder.objects.filter(deadline=sent.deadline, days_before=10).update(sent_at=TEN_DAYS_BEFORE)

    assert RemindAgencies().next_due(only=sent.claim_id) == TEN_DAYS_BEFORE
    assert RemindAgencies().next_due(only=sent.claim_id + 1) is None
    assert RemindAgencies().run(at=TEN_DAYS_BEFORE - timedelta(seconds=1), only=sent.claim_id) == 0
    assert RemindAgencies().run(at=TEN_DAYS_BEFORE, only=sent.claim_id + 1) == 0
    assert RemindAgencies().run(at=TEN_DAYS_BEFORE, only=sent.claim_id) == 1


def test_whoever_has_reported_is_not_reminded(sent: Commission) -> None:
    reported(sent)
    ring(sent, OVER)

    assert told("commission_reminder") == told("commission_overdue") == []


def test_what_is_overdue_goes_to_the_coordinator_and_the_supervisors_once(
    sent: Commission, handed: Investigator
) -> None:
    ring(sent, OVER)

    assert told("commission_overdue") == [investigator_of(sent), handed.user]
    assert Message.objects.filter(template="deadline_missed", to="supervisor").count() == 1
    assert EscalateOverdue().next_due(only=sent.claim_id) is None


def test_an_end_that_another_agency_answers_for_is_its_own(sent: Commission) -> None:
    ring(sent, OVER)
    again = services.reassign(sent.pk, reason="x", by=staff("supervisor"), at=OVER)

    ring(sent, OVER)
    assert told("commission_overdue") == [investigator_of(sent)]
    ring(sent, again.deadline.due_at + timedelta(minutes=5))
    assert told("commission_overdue") == [investigator_of(sent), investigator_of(again)]


def test_where_nobody_of_the_agency_can_sign_in_the_supervisors_are_told_once(sent: Commission) -> None:
    investigator_of(sent).groups.clear()
    ring(sent, TEN_DAYS_BEFORE)

    (message,) = Message.objects.filter(template="commission_reminder")
    assert (message.user, message.to) == (None, "supervisor")


def test_a_lost_message_is_written_again(sent: Commission) -> None:
    ring(sent, OVER)
    Message.objects.filter(template="commission_overdue").delete()

    ring(sent, OVER)
    assert told("commission_overdue") == [investigator_of(sent)]


def test_handing_over_tells_whoever_gets_it_and_whoever_had_it(sent: Commission) -> None:
    one, another = colleague_of(sent), colleague_of(sent)
    for person in (one, another, another):
        services.assign(sent.pk, investigator_id=person.pk, by=investigator_of(sent), at=COMMISSIONED)

    assert told("commission_handed") == [one.user, another.user]
    assert told("commission_handed_on") == [one.user]


def test_whoever_takes_it_himself_is_told_nothing(sent: Commission) -> None:
    coordinator = Investigator.objects.get(agency=sent.agency)
    services.assign(sent.pk, investigator_id=coordinator.pk, by=coordinator.user, at=COMMISSIONED)

    assert told("commission_handed") == []


def test_a_report_sent_back_is_told_to_those_who_have_it(sent: Commission, handed: Investigator) -> None:
    services.file_report(sent.pk, conclusion="consistent", visits=visits(sent), by=handed.user, at=FILED)
    services.return_report(sent.pk, reason="缺少盖章", by=staff("reviewer"), at=FILED)

    assert told("report_returned") == [investigator_of(sent), handed.user]


def test_what_nobody_waits_for_any_more_is_called_off(sent: Commission) -> None:
    with services.commissioning.moving_case(
        sent.claim_id, "commission_closed", by=User.objects.system(), at=FILED
    ) as case:
        sent.procedure.closed_at = FILED
        sent.procedure.save(update_fields=["closed_at"])
        commissioning.close_left_over(case, by=User.objects.system(), at=FILED)

    assert told("commission_closed") == [investigator_of(sent)]


def test_a_notice_is_new_until_it_was_seen(sent: Commission) -> None:
    client = in_the_field(investigator_of(sent))
    assert str(client.get(LIST).wsgi_request.unread) == "1"

    first = client.get(NOTICES)
    (notice,) = first.context["notices"]
    assert notice.commission == sent.pk
    assert notice.message.read_at is None
    assert 'class="new"' in first.content.decode()
    assert 'class="new"' not in client.get(NOTICES).content.decode()
    assert str(client.get(LIST).wsgi_request.unread) == "0"


def test_nobody_reads_what_was_written_to_another(sent: Commission) -> None:
    colleague = colleague_of(sent)

    assert in_the_field(colleague.user).get(NOTICES).context["notices"] == []
    assert Message.objects.filter(template="commission_sent", read_at__isnull=True).exists()


def test_a_notice_leads_to_nothing_that_is_no_longer_ones_own(sent: Commission) -> None:
    user = investigator_of(sent)
    services.reassign(sent.pk, reason="x", by=staff("supervisor"), at=FILED)

    notices = in_the_field(user).get(NOTICES).context["notices"]
    assert [notice.message.template for notice in notices] == ["commission_withdrawn", "commission_sent"]
    assert [notice.commission for notice in notices] == [None, None]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_message_names_the_member_or_the_illness(sent: Commission, language: str) -> None:
    one = colleague_of(sent)
    services.assign(sent.pk, investigator_id=one.pk, by=investigator_of(sent), at=COMMISSIONED)
    ring(sent, TEN_DAYS_BEFORE)
    ring(sent, OVER)
    services.reassign(sent.pk, reason="乳腺", by=staff("supervisor"), at=OVER)
    text = "\n".join("\n".join(render(one, language)) for one in Message.objects.filter(user__isnull=False))

    assert sent.claim.number in text
    for word in (sent.claim.membership.member.name, "肿瘤", "tumour", "乳腺", "湖北"):
        assert word not in text, word


def test_the_list_asks_no_more_for_thirty(sent: Commission) -> None:
    client = in_the_field(investigator_of(sent))

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(NOTICES)
        return len(queries)

    client.get(NOTICES)
    one = asked()
    (message,) = Message.objects.filter(user=investigator_of(sent))
    for _ in range(29):
        message.pk = None
        message.save(force_insert=True)
    client.get(NOTICES)
    assert asked() == one


def test_every_step_of_every_commission_is_told_however_late_the_sweep(db: None) -> None:
    rows = [Commission.objects.get(claim=case_in(State.INVESTIGATING)) for _ in range(2)]
    for _ in range(2):
        sweeping.ring(at=OVER + timedelta(days=3))

    assert Deadline.objects.filter(pk__in=[row.deadline_id for row in rows], status="missed").count() == 2
    assert len(told("commission_overdue")) == 2
    assert told("commission_reminder") == []


def test_an_agency_hears_once_of_a_clock_that_is_stopped_goes_on_or_is_prolonged(
    sent: Commission, handed: Investigator
) -> None:
    people, who = [investigator_of(sent), handed.user], {"by": staff("supervisor"), "at": at("2025-04-09 10:00")}

    clock = rescheduling.pause(sent.claim_id, sent.deadline_id, code=PauseReason.HOSPITAL, reason="病案室", **who)
    assert told("commission_stopped") == people
    opened = rescheduling.resume(sent.claim_id, clock.pk, **who | {"at": at("2025-04-10 10:00")})
    assert told("commission_moved") == people
    longer = rescheduling.extend(sent.claim_id, opened.pk, days=3, reason="病案室", **who)
    ring(sent, who["at"])

    assert told("commission_stopped") == people
    assert told("commission_moved") == people * 2
    days = [one.facts["due_on"] for one in Message.objects.filter(template="commission_moved").order_by("pk")]
    assert days == [last_day(one.due_at).isoformat() for one in (opened, opened, longer, longer)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_is_told_with_the_new_day_and_not_why(sent: Commission, language: str) -> None:
    by = staff("supervisor")
    clock = rescheduling.pause(
        sent.claim_id, sent.deadline_id, code=PauseReason.HOSPITAL, reason="病案室", by=by, at=COMMISSIONED
    )
    opened = rescheduling.resume(sent.claim_id, clock.pk, by=by, at=COMMISSIONED)

    rows = [Message.objects.filter(template=name).first() for name in ("commission_stopped", "commission_moved")]
    stopped, moved = (" ".join(render(one, language)) for one in rows if one is not None)

    with override(language):
        assert shown_day(last_day(opened.due_at)) in moved
    assert sent.claim.number in stopped
    assert "病案室" not in stopped + moved


def test_whoever_has_reported_hears_nothing_of_a_clock_of_the_case(sent: Commission) -> None:
    """The field report waits for acceptance; another task of the case gets more days."""
    reported(sent)
    beside = investigating.open_procedure(sent.claim, ProcedureKind.EXPERT, at=FILED)
    clock = investigating.start_clock(sent.claim, beside, at=FILED)

    rescheduling.extend(sent.claim_id, clock.pk, days=3, reason="x", by=staff("supervisor"), at=FILED)

    assert told("commission_moved") == []
