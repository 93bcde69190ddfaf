"""How punctual agencies are: a report in time, and one that never came."""

from datetime import date

import pytest

from claims.enums import State
from config.kernel import sweeping
from config.kernel.figures import Asked, Behind, Period, rows_behind
from investigations.models import Commission
from investigations.services.figures import by_agency
from tests.factories import at, case_in

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
