"""Inside the agency: who takes a commission on, who hands it over, whose it then is, and what may be read for it."""

from datetime import timedelta

import pytest

from claims.models import ClaimEvent, Reading
from config.kernel.refusals import InvalidInput, NotPermitted, WrongState
from investigations import services
from investigations.models import Agency, Commission, Investigator
from investigations.refusals import AlreadyTaken
from investigations.services import visiting
from tests.factories import COMMISSIONED, FILED, colleague_of, investigator_of, reported, staff, visits

TAKEN = COMMISSIONED + timedelta(hours=2)


def fresh(sent: Commission) -> Commission:
    return Commission.objects.get(pk=sent.pk)


def strangers(sent: Commission) -> list[object]:
    others = [one.investigators.get().user for one in Agency.objects.exclude(pk=sent.agency_id)]
    return [*others, *(staff(role) for role in ("reviewer", "supervisor", "investigator", "system"))]


def test_what_is_nobodys_is_then_his_who_takes_it_on(sent: Commission) -> None:
    colleague = colleague_of(sent)

    services.take(sent.pk, by=colleague.user, at=TAKEN)

    taken = fresh(sent)
    assert (taken.taken_by, taken.taken_at, taken.assignee, taken.state) == (colleague.user, TAKEN, colleague, "sent")
    event = ClaimEvent.objects.filter(claim=sent.claim_id).latest("version")
    assert (event.verb, event.by, event.from_state) == ("take_commission", colleague.user, event.to_state)


def test_it_is_taken_on_once(sent: Commission) -> None:
    services.take(sent.pk, by=investigator_of(sent), at=TAKEN)

    with pytest.raises(AlreadyTaken):
        services.take(sent.pk, by=investigator_of(sent), at=TAKEN)


def test_what_is_reported_is_no_longer_taken_on_or_handed_over(sent: Commission) -> None:
    reported(sent)
    colleague = colleague_of(sent)

    with pytest.raises(WrongState):
        services.take(sent.pk, by=investigator_of(sent), at=FILED)
    with pytest.raises(WrongState):
        services.assign(sent.pk, investigator_id=colleague.pk, by=investigator_of(sent), at=FILED)


def test_whoever_reports_has_taken_it_on(sent: Commission) -> None:
    reported(sent)

    assert (fresh(sent).taken_by, fresh(sent).taken_at) == (investigator_of(sent), FILED)


def test_nobody_of_another_agency_takes_on_hands_over_or_reads(sent: Commission) -> None:
    colleague = colleague_of(sent)
    for somebody in strangers(sent):
        with pytest.raises(NotPermitted):
            services.take(sent.pk, by=somebody, at=TAKEN)
        with pytest.raises(NotPermitted):
            services.assign(sent.pk, investigator_id=colleague.pk, by=somebody, at=TAKEN)
        with pytest.raises(NotPermitted):
            visiting.reveal(sent, number="id_number", reason="x", by=somebody, at=TAKEN)
    assert fresh(sent).taken_at is None
    assert not Reading.objects.exists()


def test_what_was_handed_to_one_is_shut_to_another(sent: Commission) -> None:
    one, another = colleague_of(sent), colleague_of(sent)
    coordinator = colleague_of(sent, is_coordinator=True)
    services.assign(sent.pk, investigator_id=one.pk, by=coordinator.user, at=TAKEN)

    assert list(Commission.objects.in_hands_of(one)) == [sent] == list(Commission.objects.in_hands_of(coordinator))
    assert not Commission.objects.in_hands_of(another).exists()
    for move in (services.take, services.file_report):
        more = {"conclusion": "consistent"} if move is services.file_report else {}
        with pytest.raises(NotPermitted):
            move(sent.pk, by=another.user, at=TAKEN, **more)
    with pytest.raises(NotPermitted):
        services.decline(sent.pk, reason="x", by=another.user, at=TAKEN)
    services.take(sent.pk, by=one.user, at=TAKEN)
    services.file_report(sent.pk, conclusion="consistent", visits=visits(sent), by=coordinator.user, at=FILED)
    assert fresh(sent).taken_by == one.user


def test_only_a_coordinator_hands_over_and_only_to_people_of_the_agency(sent: Commission) -> None:
    one, another = colleague_of(sent), colleague_of(sent)
    gone = colleague_of(sent)
    gone.user.groups.clear()
    other = Investigator.objects.exclude(agency=sent.agency)[0]

    with pytest.raises(NotPermitted):
        services.assign(sent.pk, investigator_id=another.pk, by=one.user, at=TAKEN)
    for nobody in (other.pk, gone.pk, 0):
        with pytest.raises(InvalidInput):
            services.assign(sent.pk, investigator_id=nobody, by=investigator_of(sent), at=TAKEN)
    assert fresh(sent).assignee is None


def test_a_number_is_shown_for_a_reason_that_stays_with_the_case(sent: Commission) -> None:
    person, user = sent.claim.membership.member, investigator_of(sent)

    with pytest.raises(InvalidInput):
        visiting.reveal(sent, number="id_number", reason=" ", by=user, at=TAKEN)
    assert visiting.reveal(sent, number="id_number", reason="病案室要求", by=user, at=TAKEN) == person.id_number

    read = Reading.objects.get()
    assert (read.what, read.about, read.reason, read.by) == ("number", "id_number", "病案室要求", user)


@pytest.mark.parametrize("number", ["phone", "bank_card", "reporter_phone", "", "id_numbers"])
def test_no_other_number_is_shown(sent: Commission, number: str) -> None:
    with pytest.raises(InvalidInput):
        visiting.reveal(sent, number=number, reason="x", by=investigator_of(sent), at=TAKEN)
