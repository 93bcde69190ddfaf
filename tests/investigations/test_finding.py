"""What an investigation found: a person lets the case go by it, or does not; the report itself changes nothing."""

from datetime import date

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse

from claims.enums import State
from claims.models import Assessment, Claim, ClaimEvent
from claims.services import deciding
from config.kernel.refusals import InvalidInput, NotPermitted, WrongState
from investigations import services
from investigations.models import Commission, FoundFact
from investigations.services.finding import differing
from tests.factories import ACCEPTED, FILED, PUBLISHED, investigator_of, signed_in, staff, visit

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
    assert differing(case_of(sent), FoundFact.objects.all()) == []
    with pytest.raises(InvalidInput):
        services.take_over(found["tnm"].pk, by=staff("reviewer"), at=ACCEPTED)


def test_only_what_differs_asks_for_an_answer(sent: Commission) -> None:
    handed_in(sent, **FOUND, hiv_related=False, behaviour="malignant")

    assert [one.key for one in differing(case_of(sent), FoundFact.objects.all())] == ["tnm"]


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


@pytest.mark.parametrize(("key", "value"), [("diagnosed_on", "2025-04-06"), ("behaviour", "wild")])
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
