"""What an investigation found: a person lets the case go by it, or does not; the report itself changes nothing."""

from datetime import date

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse

from claims.enums import State
from claims.models import Assessment, Claim, ClaimEvent
from claims.querysets import had_a_part
from claims.services import deciding
from claims.services.establishing import differs
from config.kernel.refusals import InvalidInput, NotPermitted, SamePerson, WrongState
from investigations import services
from investigations.models import Commission, FoundFact
from investigations.querysets import has_open_fact
from tests.factories import ACCEPTED, FILED, PUBLISHED, investigator_of, signed_in, staff, visit, visits

FOUND = {"tnm": "T2N0M0", "diagnosed_on": "2025-04-01"}
"""Of a case that was reported as T1aN0M0, first diagnosed on that day."""


def handed_in(sent: Commission, *, accepted: bool = True, **facts: object) -> dict[str, FoundFact]:
    said = [visit(method, facts=facts if method == "hospital_records" else {}) for method in sent.methods]
    services.file_report(sent.pk, conclusion="inconsistent", visits=said, by=investigator_of(sent), at=FILED)
    if accepted:
        services.accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)
    return {one.key: one for one in FoundFact.objects.all()}


def case_of(sent: Commission) -> Claim:
    return Claim.objects.get(pk=sent.claim_id)


def assessed(sent: Commission) -> Assessment:
    """What the rules said last."""
    return Assessment.objects.filter(claim=sent.claim_id).latest("pk")


def test_a_report_alone_changes_no_fact(sent: Commission) -> None:
    handed_in(sent, **FOUND)

    case = case_of(sent)
    assert case.facts["tnm"] == "T1aN0M0"
    assert assessed(sent).net_fen == 3_000_000


def test_what_is_taken_over_is_what_the_rules_go_by(sent: Commission) -> None:
    """SR-18: T1N0M0 of the thyroid is 30 percent, anything beyond is the whole tier."""
    found, by = handed_in(sent, **FOUND), staff("reviewer")

    services.take_over(found["tnm"].pk, reason="病理原件为准", by=by, at=ACCEPTED)

    case = case_of(sent)
    assert case.facts["tnm"] == "T2N0M0"
    assert assessed(sent).net_fen == 10_000_000
    answered = FoundFact.objects.get(key="tnm")
    assert (answered.is_taken_over, answered.answered_by, answered.answered_at) == (True, by, ACCEPTED)
    event = ClaimEvent.objects.get(verb="take_over_fact")
    assert (event.by, event.reason, event.data["fact"]) == (by, "病理原件为准", "tnm")


def test_an_earlier_diagnosis_moves_the_day_and_with_it_the_rules(sent: Commission) -> None:
    """SR-08: a diagnosis within the 90 days of waiting gives no aid."""
    found = handed_in(sent, diagnosed_on="2024-08-20")

    services.take_over(found["diagnosed_on"].pk, by=staff("reviewer"), at=ACCEPTED)

    case = case_of(sent)
    assert case.diagnosed_on == date(2024, 8, 20)
    assert "WAITING_PERIOD" in assessed(sent).codes


def test_what_is_left_aside_leaves_the_case_as_it_was(sent: Commission) -> None:
    found = handed_in(sent, **FOUND)
    with pytest.raises(InvalidInput):
        services.leave_aside(found["tnm"].pk, reason=" ", by=staff("reviewer"), at=ACCEPTED)

    services.leave_aside(found["tnm"].pk, reason="抄录有误", by=staff("reviewer"), at=ACCEPTED)

    assert case_of(sent).facts["tnm"] == "T1aN0M0"
    assert not FoundFact.objects.filter(is_open=True).exists()
    with pytest.raises(InvalidInput):
        services.leave_aside(found["tnm"].pk, reason="x", by=staff("reviewer"), at=ACCEPTED)


def test_a_slip_is_undone_and_the_case_goes_by_what_it_went_by_before(sent: Commission) -> None:
    found = handed_in(sent, **FOUND)["tnm"]
    services.take_over(found.pk, by=staff("reviewer"), at=ACCEPTED)

    services.leave_aside(found.pk, reason="抄录有误", by=staff("reviewer"), at=ACCEPTED)

    assert case_of(sent).facts["tnm"] == "T1aN0M0"
    assert assessed(sent).net_fen == 3_000_000
    services.take_over(found.pk, by=staff("reviewer"), at=ACCEPTED)
    assert case_of(sent).facts["tnm"] == "T2N0M0"


def test_who_takes_a_fact_over_neither_decides_nor_hears_the_appeal(sent: Commission) -> None:
    """The amount hangs on it: two people."""
    found, one = handed_in(sent, **FOUND)["tnm"], staff("reviewer")
    services.take_over(found.pk, by=one, at=ACCEPTED)

    with pytest.raises(SamePerson):
        deciding.publish(sent.claim_id, by=one, at=PUBLISHED)
    with pytest.raises(SamePerson):
        deciding.reject(sent.claim_id, ground="FORGED_MATERIAL", contrary="x", reason="x", by=one, at=PUBLISHED)

    assert not Claim.objects.open_to(one).exists()
    assert had_a_part(case_of(sent), one)
    deciding.publish(sent.claim_id, by=staff("reviewer"), at=PUBLISHED)


def test_a_case_waits_for_an_answer_to_what_differs(sent: Commission) -> None:
    found = handed_in(sent, **FOUND)
    assert Claim.objects.filter(has_open_fact()).exists()

    services.leave_aside(found["tnm"].pk, reason="x", by=staff("reviewer"), at=ACCEPTED)

    assert not Claim.objects.filter(has_open_fact()).exists()


def test_two_visits_that_found_the_same_ask_once(sent: Commission) -> None:
    present = {"facts": {"symptoms_in_waiting": "present"}}
    asked = ("doctor_interview", "prior_exams")
    said = [visit(method, **(present if method in asked else {})) for method in sent.methods]
    services.file_report(sent.pk, conclusion="inconsistent", visits=said, by=investigator_of(sent), at=FILED)
    services.accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)
    one, _another = FoundFact.objects.all()
    assert FoundFact.objects.filter(is_open=True).count() == 2

    services.take_over(one.pk, by=staff("reviewer"), at=ACCEPTED)

    assert not FoundFact.objects.filter(is_open=True).exists()


def test_facts_of_a_version_that_was_sent_back_are_no_facts(sent: Commission) -> None:
    found = handed_in(sent, accepted=False, **FOUND)["tnm"]
    services.return_report(sent.pk, reason="x", by=staff("reviewer"), at=FILED)
    services.file_report(sent.pk, conclusion="consistent", visits=visits(sent), by=investigator_of(sent), at=FILED)
    services.accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)

    with pytest.raises(WrongState):
        services.take_over(found.pk, by=staff("reviewer"), at=ACCEPTED)


@pytest.mark.parametrize(
    ("facts", "key", "value", "is_other"),
    [
        ({"tnm": "T1aN0M0"}, "tnm", " t1an0m0 ", False),
        ({"tnm": "T1aN0M0"}, "tnm", "T1bN0M0", True),
        ({"criteria": ["symptoms", "ecg"]}, "criteria", ["ecg", "symptoms"], False),
        ({"criteria": ["symptoms"]}, "criteria", ["ecg", "symptoms"], True),
        ({}, "hiv_related", False, False),
        ({}, "hiv_related", True, True),
        ({}, "diagnosed_on", "2025-04-01", False),
        ({}, "diagnosed_on", "2025-03-31", True),
        ({}, "behaviour", "wild", True),
    ],
)
def test_what_says_the_same_does_not_differ_however_it_is_written(
    facts: dict[str, object], key: str, value: object, is_other: bool
) -> None:
    assert differs(Claim(diagnosed_on=date(2025, 4, 1), facts=facts), key, value) is is_other


def test_only_what_differs_asks_for_an_answer(sent: Commission) -> None:
    handed_in(sent, **FOUND, hiv_related=False, behaviour="malignant")

    assert [one.key for one in FoundFact.objects.filter(is_open=True)] == ["tnm"]


def test_facts_are_weighed_after_the_report_is_accepted_and_before_the_members_see_an_amount(sent: Commission) -> None:
    found = handed_in(sent, accepted=False, **FOUND)["tnm"]
    with pytest.raises(WrongState):
        services.take_over(found.pk, by=staff("reviewer"), at=FILED)
    services.accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)
    deciding.publish(sent.claim_id, by=staff("reviewer"), at=PUBLISHED)
    assert case_of(sent).state == State.PUBLICISED

    with pytest.raises(WrongState):
        services.take_over(found.pk, by=staff("reviewer"), at=PUBLISHED)
    assert case_of(sent).facts["tnm"] == "T1aN0M0"


def test_nobody_outside_the_desk_answers(sent: Commission) -> None:
    found = handed_in(sent, **FOUND)["tnm"]
    for somebody in (investigator_of(sent), *(staff(role) for role in ("intake", "finance", "auditor", "system"))):
        with pytest.raises(NotPermitted):
            services.take_over(found.pk, by=somebody, at=ACCEPTED)
        with pytest.raises(NotPermitted):
            services.leave_aside(found.pk, reason="x", by=somebody, at=ACCEPTED)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("diagnosed_on", "2025-04-06"),
        ("diagnosed_on", "1925-04-01"),
        ("behaviour", "wild"),
    ],
)
def test_what_the_rules_cannot_go_by_is_refused_and_nothing_changes(sent: Commission, key: str, value: str) -> None:
    found = handed_in(sent, **{key: value})[key]
    before = case_of(sent)

    with pytest.raises(InvalidInput):
        services.take_over(found.pk, by=staff("reviewer"), at=ACCEPTED)

    assert (case_of(sent).facts, case_of(sent).diagnosed_on) == (before.facts, before.diagnosed_on)


@pytest.mark.parametrize("change", ["value = '\"T4\"'", "visit = 2", "key = 'site'"])
def test_what_was_found_is_never_changed(sent: Commission, change: str) -> None:
    handed_in(sent, **FOUND)

    with pytest.raises(DatabaseError, match="Cannot update"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE investigations_foundfact SET {change}")


def test_a_reviewer_reads_who_found_it_and_answers_on_the_page(sent: Commission) -> None:
    found = handed_in(sent, **FOUND)["tnm"]
    reviewer, page = signed_in("reviewer"), reverse("admin:claims_claim_change", args=[sent.claim_id])

    text = reviewer.get(page).content.decode()
    assert all(said in text for said in ("T2N0M0", "T1aN0M0", str(found.report.filed_by), sent.agency.name))
    move = reverse("admin:claims_claim_move", args=[sent.claim_id, "take-over", found.pk])
    assert move in text
    assert move not in signed_in("auditor").get(page).content.decode()
    assert reviewer.post(move, {"reason": "病理原件为准"}).status_code == 302

    assert case_of(sent).facts["tnm"] == "T2N0M0"
    assert move not in reviewer.get(page).content.decode()
