"""How punctual agencies are: a report in time, and one that never came."""

from datetime import date, timedelta

import pytest

from claims.enums import State
from config.kernel import sweeping
from config.kernel.figures import Asked, Behind, Period, rows_behind
from investigations import services
from investigations.models import Commission
from investigations.services.figures import by_agency
from tests.factories import COMMISSIONED, at, case_in, reported, staff

LATER = at("2025-06-01 09:00")
SPRING = Asked(Period(date(2025, 4, 1), date(2025, 6, 1)))
"""The report is filed on 20 April; the other one's time is noted as over on 1 June."""


@pytest.mark.django_db
def test_a_report_before_the_end_of_its_time_is_in_time_and_none_is_late() -> None:
    in_time, late = case_in(State.DECIDING), case_in(State.INVESTIGATING)
    sweeping.run("claims.note_missed_deadlines", at=LATER)
    agencies = {claim: Commission.objects.get(claim=claim).agency for claim in (in_time, late)}

    found = {line.label: [number.value for number in line.numbers] for line in by_agency(SPRING, LATER).lines}

    if agencies[in_time] == agencies[late]:
        assert found == {agencies[late].name: [50.0, 1, 1]}
    else:
        assert found == {agencies[in_time].name: [100.0, 1, 0], agencies[late].name: [0.0, 0, 1]}
    behind = Behind("agency-in-time", f"{agencies[late].pk}:late")
    assert list(rows_behind(behind, SPRING, at=LATER)) == [late]


@pytest.mark.django_db
def test_it_is_of_the_days_on_which_the_time_ended() -> None:
    case_in(State.DECIDING)
    assert by_agency(Asked(Period(date(2025, 4, 19), date(2025, 4, 19))), LATER).lines == []
    assert len(by_agency(Asked(Period(date(2025, 4, 20), date(2025, 4, 20))), LATER).lines) == 1
    assert by_agency(Asked(SPRING.period, plan="xianghu"), LATER).lines == []


@pytest.mark.django_db
def test_an_agency_answers_for_no_time_that_ended_after_it_was_replaced() -> None:
    case = case_in(State.INVESTIGATING)
    first = Commission.objects.get(claim=case)
    again = services.reassign(first.pk, reason="x", by=staff("supervisor"), at=COMMISSIONED + timedelta(days=1))
    reported(again)

    found = {line.label: [number.value for number in line.numbers] for line in by_agency(SPRING, LATER).lines}

    assert again.deadline_id == first.deadline_id
    assert found == {again.agency.name: [100.0, 1, 0]}


@pytest.mark.django_db
def test_it_answers_for_the_time_that_it_let_run_out_before() -> None:
    case = case_in(State.INVESTIGATING)
    first = Commission.objects.get(claim=case)
    sweeping.run("claims.note_missed_deadlines", at=LATER)
    services.reassign(first.pk, reason="x", by=staff("supervisor"), at=LATER + timedelta(days=1))

    found = {line.label: [number.value for number in line.numbers] for line in by_agency(SPRING, LATER).lines}

    assert found == {first.agency.name: [0.0, 0, 1]}
