"""The coordinator's desk: who has what, what is late, and handing it to a colleague."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import State
from claims.models import Procedure
from config.kernel.clock import database_now
from config.kernel.models import Absence
from investigations import services
from investigations.models import Commission, Investigator
from investigations.services import teams
from tests.factories import (
    COMMISSIONED,
    FILED,
    case_in,
    colleague_of,
    in_the_field,
    reported,
)

LIST, HAND_OVER = reverse("field:commissions"), reverse("field:hand-over")


@pytest.fixture
def coordinator(sent: Commission) -> Investigator:
    return Investigator.objects.get(agency=sent.agency)


@pytest.fixture
def desk(coordinator: Investigator) -> Client:
    return in_the_field(coordinator.user)


def another(sent: Commission, *, days_later: int = 0, **given: object) -> Commission:
    """One more at work for the same agency, due that many days after the others."""
    at = database_now()
    procedure = Procedure.objects.create(claim=sent.claim, kind="field", opened_at=at, sent_at=at, closed_at=at)
    same = {name: getattr(sent, name) for name in ("claim", "kind", "agency", "sent_by", "sent_at", "deadline")}
    deadline = sent.deadline
    if days_later:
        deadline.pk, deadline.generation = None, 2
        deadline.due_at = at + timedelta(days=days_later)
        deadline.save(force_insert=True)
    made: Commission = Commission.objects.create(procedure=procedure, **{**same, "deadline": deadline, **given})
    return made


def listed(client: Client, whose: str = "") -> list[int]:
    return [line.commission.pk for line in client.get(LIST, {"whose": whose}).context["lines"]]


def counts(client: Client) -> dict[str, int]:
    return {part.key: part.count for part in client.get(LIST).context["parts"]}


def test_the_list_is_parted_by_whose_it_is(sent: Commission, coordinator: Investigator, desk: Client) -> None:
    one = colleague_of(sent)
    mine, hers = another(sent, assignee=coordinator), another(sent, assignee=one)

    assert counts(desk) == {"": 3, "nobody": 1, "mine": 1, "others": 1}
    assert listed(desk, "nobody") == [sent.pk]
    assert listed(desk, "mine") == [mine.pk]
    assert listed(desk, "others") == [hers.pk]
    assert counts(in_the_field(one.user)) == {"": 2, "nobody": 1, "mine": 1}
    assert listed(in_the_field(one.user), "others") == []


def test_what_is_late_stands_first_and_what_is_being_read_last(sent: Commission, desk: Client) -> None:
    reported(sent)
    late = another(sent)
    early = another(sent, days_later=5)

    page = desk.get(LIST)
    assert [line.commission.pk for line in page.context["lines"]] == [late.pk, early.pk, sent.pk]
    assert [line.is_late for line in page.context["lines"]] == [True, False, False]
    assert page.context["late"] == 1


def test_a_coordinator_sees_how_many_each_has_and_who_is_away(sent: Commission, desk: Client) -> None:
    one, away = colleague_of(sent), colleague_of(sent)
    today = database_now().date()
    Absence.objects.create(user=away.user, first_day=today - timedelta(days=1), last_day=today + timedelta(days=3))
    another(sent, assignee=one)
    another(sent, days_later=4, assignee=one)

    team = {row.investigator.pk: row for row in desk.get(LIST).context["team"]}
    assert (team[one.pk].at_work, team[one.pk].late, team[one.pk].away_until) == (2, 1, None)
    assert (team[away.pk].at_work, team[away.pk].away_until) == (0, today + timedelta(days=3))
    assert "team" not in in_the_field(one.user).get(LIST).context


def test_whoever_left_and_still_has_something_is_named_and_not_offered(sent: Commission, desk: Client) -> None:
    gone, idle = colleague_of(sent), colleague_of(sent)
    another(sent, assignee=gone)
    for person in (gone, idle):
        person.user.groups.clear()

    page = desk.get(LIST)
    assert [one.may_sign_in for one in page.context["team"] if one.investigator == gone] == [False]
    assert idle not in [one.investigator for one in page.context["team"]]
    assert f'value="{gone.pk}"' not in str(page.context["form"]["investigator"])


def test_several_are_handed_over_at_once(sent: Commission, desk: Client) -> None:
    one, second = colleague_of(sent), Commission.objects.get(pk=_other_case(sent).pk)

    answer = desk.post(HAND_OVER, {"commission": [sent.pk, second.pk], "investigator": one.pk})

    assert answer.headers["location"] == LIST
    assert set(Commission.objects.filter(assignee=one)) == {sent, second}
    desk.cookies["django_language"] = "en"
    again = desk.post(HAND_OVER, {"commission": [sent.pk, second.pk], "investigator": one.pk}, follow=True)
    assert f"2 commissions were handed to {one.user}" in again.content.decode()


def _other_case(sent: Commission) -> Commission:
    """Another case's, which went to the same agency."""
    while True:
        made = Commission.objects.get(claim=case_in(State.INVESTIGATING))
        if made.agency_id == sent.agency_id:
            return made


def test_what_is_refused_is_told_for_each_and_the_others_go(sent: Commission, desk: Client) -> None:
    one, second = colleague_of(sent), _other_case(sent)
    reported(sent)

    answer = desk.post(HAND_OVER, {"commission": [sent.pk, second.pk, 10**9], "investigator": one.pk})

    assert answer.status_code == 409
    refused = answer.context["refused"]
    assert [row.number for row in refused] == [sent.claim.number, ""]
    assert all(str(row.refusal) for row in refused)
    assert list(Commission.objects.filter(assignee=one)) == [second]


def test_what_is_another_agencys_is_not_named_and_not_moved(sent: Commission, desk: Client) -> None:
    theirs = Commission.objects.get(claim=case_in(State.INVESTIGATING))
    assert theirs.agency_id != sent.agency_id

    answer = desk.post(HAND_OVER, {"commission": [theirs.pk], "investigator": colleague_of(sent).pk})

    assert answer.status_code == 409
    assert theirs.claim.number not in answer.content.decode()
    assert Commission.objects.get(pk=theirs.pk).assignee is None


@pytest.mark.parametrize("chosen", ["", "0", "x", "stranger"])
def test_it_takes_a_colleague(sent: Commission, desk: Client, chosen: str) -> None:
    stranger = Investigator.objects.exclude(agency=sent.agency)[0]
    said = str(stranger.pk) if chosen == "stranger" else chosen

    answer = desk.post(HAND_OVER, {"commission": [sent.pk], "investigator": said})

    assert answer.status_code == 409
    assert f'value="{sent.pk}" checked' in answer.content.decode()
    assert Commission.objects.get(pk=sent.pk).assignee is None


@pytest.mark.parametrize("ticked", [[], [""], ["²"], ["-1"], ["9" * 40]])
def test_it_takes_a_commission(sent: Commission, desk: Client, ticked: list[str]) -> None:
    answer = desk.post(HAND_OVER, {"commission": ticked, "investigator": colleague_of(sent).pk})

    assert answer.status_code == 409
    assert answer.context["form"].non_field_errors()


def test_nobody_but_a_coordinator_hands_over(sent: Commission) -> None:
    one = colleague_of(sent)

    assert in_the_field(one.user).post(HAND_OVER, {"commission": [sent.pk], "investigator": one.pk}).status_code == 404
    assert 'type="checkbox"' not in in_the_field(one.user).get(LIST).content.decode()
    assert Commission.objects.get(pk=sent.pk).assignee is None


def test_a_commission_that_ended_counts_for_nobody(sent: Commission, coordinator: Investigator) -> None:
    services.decline(sent.pk, reason="x", by=coordinator.user, at=COMMISSIONED)

    assert teams.shares(coordinator, at=FILED) == teams.Shares(nobody=0, mine=0, others=0, late=0)
    assert all(one.at_work == 0 for one in teams.team(coordinator.agency, at=FILED))


def test_the_desk_asks_no_more_for_many(sent: Commission, desk: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(LIST).status_code == 200
        return len(queries)

    another(sent, assignee=colleague_of(sent))
    desk.get(LIST)
    few = asked()
    for _ in range(10):
        another(sent, assignee=colleague_of(sent))
    assert asked() == few
