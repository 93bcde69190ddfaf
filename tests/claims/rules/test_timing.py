"""SR-08 … SR-12: both sides of every day that counts."""

from datetime import date, timedelta

import pytest

from claims.rules.facts import Paper
from claims.rules.kinds import Behaviour, Cause, PaperKind, SymptomsInWaiting
from claims.rules.timing import last_reporting_day
from members.rules.findings import Code, Status
from tests.claims.rules.cases import DIAGNOSED, JOINED, QINGSONG, codes, coma, finding, judged, renal, terms, tumour


def diagnosed(day: int, **changes):
    """A coma diagnosed that many days after joining and reported the same day."""
    on = JOINED + timedelta(day)
    return coma(diagnosed_on=on, reported_on=on, **changes)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(0, ["WAITING_PERIOD"]), (1, ["WAITING_PERIOD"]), (90, ["WAITING_PERIOD"]), (91, []), (92, [])],
)
def test_the_ninetieth_day_is_the_last_waiting_day(day, expected):
    assert codes(diagnosed(day)) == expected


def test_the_waiting_days_are_a_term():
    assert codes(diagnosed(120), waiting__days=180) == ["WAITING_PERIOD"]
    assert codes(diagnosed(1), waiting__days=0) == []
    assert codes(diagnosed(0), waiting__days=0) == ["WAITING_PERIOD"]


def test_the_waiting_period_crosses_a_leap_day():
    joined = date(2023, 12, 1)
    assert codes(coma(joined_on=joined, diagnosed_on=date(2024, 2, 29), reported_on=date(2024, 3, 1))) == [
        "WAITING_PERIOD"
    ]
    assert codes(coma(joined_on=joined, diagnosed_on=date(2024, 3, 1), reported_on=date(2024, 3, 1))) == []


def test_the_finding_names_the_day_and_the_clause():
    found = finding(diagnosed(45), Code.WAITING_PERIOD)

    assert found.text() == "Diagnosed on day 45 of the 90 waiting days, which end on 2024-08-30."
    assert (found.rule, found.status, found.clause) == ("SR-08", Status.NOT_MET, "4.1")


def test_a_diagnosis_before_joining_is_in_no_cover():
    assert "before the waiting period" in finding(diagnosed(-1), Code.WAITING_PERIOD).text()


def test_an_accident_after_joining_needs_no_waiting():
    on = JOINED + timedelta(3)
    facts = coma(cause=Cause.ACCIDENT, accident_on=JOINED, diagnosed_on=on, reported_on=on)

    assert codes(facts) == []
    assert finding(facts, rule="SR-09").status is Status.MET


def test_an_accident_without_its_day_is_taken_on_the_day_of_diagnosis():
    assert codes(diagnosed(0, cause=Cause.ACCIDENT)) == []
    assert codes(diagnosed(-1, cause=Cause.ACCIDENT)) == ["WAITING_PERIOD"]


def test_an_accident_before_joining_waits_like_an_illness():
    before = JOINED - timedelta(1)
    assert codes(diagnosed(90, cause=Cause.ACCIDENT, accident_on=before)) == ["WAITING_PERIOD"]
    assert codes(diagnosed(91, cause=Cause.ACCIDENT, accident_on=before)) == []


def test_a_covenant_may_know_no_exception_for_accidents():
    assert codes(diagnosed(5, cause=Cause.ACCIDENT), waiting__accident_exempt=False) == ["WAITING_PERIOD"]


def test_a_tumour_needs_evidence_of_no_symptoms():
    facts = tumour({"symptoms_in_waiting": None})
    shown = tumour({"symptoms_in_waiting": None}, papers=(*facts.papers, Paper(PaperKind.NO_SYMPTOM_EVIDENCE)))

    assert codes(facts) == ["NO_SYMPTOM_EVIDENCE"]
    assert codes(shown) == []
    assert codes(tumour()) == []


def test_symptoms_in_the_waiting_period_reject_whatever_is_shown():
    facts = tumour({"symptoms_in_waiting": SymptomsInWaiting.PRESENT})
    shown = tumour(
        {"symptoms_in_waiting": SymptomsInWaiting.PRESENT},
        papers=(*facts.papers, Paper(PaperKind.NO_SYMPTOM_EVIDENCE)),
    )

    assert codes(facts) == codes(shown) == ["WAITING_PERIOD_SYMPTOM"]


def test_evidence_is_not_asked_where_it_cannot_help():
    on = JOINED + timedelta(90)
    assert codes(tumour({"symptoms_in_waiting": None}, diagnosed_on=on, reported_on=on)) == ["WAITING_PERIOD"]


def test_symptoms_are_listed_beside_the_waiting_period():
    on = JOINED + timedelta(90)
    facts = tumour({"symptoms_in_waiting": SymptomsInWaiting.PRESENT}, diagnosed_on=on, reported_on=on)
    assert codes(facts) == ["WAITING_PERIOD", "WAITING_PERIOD_SYMPTOM"]


def test_the_absence_of_symptoms_is_to_be_shown_for_malignant_tumours_only_and_not_after_an_accident():
    assert codes(tumour({"symptoms_in_waiting": None}, cause=Cause.ACCIDENT)) == []
    assert codes(tumour({"symptoms_in_waiting": None}, disease="deep_coma")) == []


def test_symptoms_that_were_there_reject_in_any_case():
    present = {"symptoms_in_waiting": SymptomsInWaiting.PRESENT}
    assert codes(tumour(present, cause=Cause.ACCIDENT)) == ["WAITING_PERIOD_SYMPTOM"]
    assert codes(tumour(present, disease="deep_coma")) == ["WAITING_PERIOD_SYMPTOM"]
    in_situ = tumour(present | {"behaviour": Behaviour.IN_SITU})
    assert codes(in_situ, ratio__in_situ=30) == ["WAITING_PERIOD_SYMPTOM"]
    assert codes(tumour(present), waiting__tumour_evidence=False) == []


@pytest.mark.parametrize(("day", "expected"), [(0, []), (10, []), (11, ["LATE_REPORT"])])
def test_the_tenth_day_is_the_last_to_report(day, expected):
    assert codes(coma(reported_on=DIAGNOSED + timedelta(day))) == expected


def test_a_waived_late_report_is_in_time():
    facts = coma(reported_on=DIAGNOSED + timedelta(11), late_waived=True)

    assert codes(facts) == []
    assert "waived" in finding(facts, rule="SR-12").text()


def test_a_waiver_says_nothing_about_a_report_in_time():
    assert "waived" not in finding(coma(late_waived=True), rule="SR-12").text()


def test_a_last_day_on_a_holiday_moves_only_where_the_covenant_says_so():
    last = DIAGNOSED + timedelta(10)
    facts = coma(reported_on=last + timedelta(3), days_off=frozenset({last, last + timedelta(1), last + timedelta(2)}))

    assert codes(facts) == ["LATE_REPORT"]
    assert codes(facts, report__extend_on_holiday=True) == []
    assert last_reporting_day(facts, terms(report__extend_on_holiday=True)) == last + timedelta(3)


def test_a_holiday_before_the_last_day_moves_nothing():
    last = DIAGNOSED + timedelta(10)
    facts = coma(days_off=frozenset({last - timedelta(1), last + timedelta(1)}))
    assert last_reporting_day(facts, terms(report__extend_on_holiday=True)) == last


def test_the_window_of_renal_failure_starts_anew_when_the_dialysis_is_complete():
    since = DIAGNOSED + timedelta(5)
    complete = since + timedelta(90)

    in_time = renal(since, reported_on=complete + timedelta(10))
    late = renal(since, reported_on=complete + timedelta(11))

    assert "LATE_REPORT" not in codes(in_time)
    assert "LATE_REPORT" in codes(late)


def test_the_window_of_renal_failure_starts_anew_on_the_earlier_limb():
    transplanted = DIAGNOSED + timedelta(40)
    facts = renal(DIAGNOSED, transplanted)
    assert last_reporting_day(facts, QINGSONG) == transplanted + timedelta(10)


def test_the_window_of_renal_failure_never_shrinks():
    facts = renal(DIAGNOSED - timedelta(400))
    assert last_reporting_day(facts, QINGSONG) == DIAGNOSED + timedelta(10)


def test_a_corrected_joining_date_is_said():
    assert (
        finding(coma(joining_corrected=True), rule="SR-11")
        .text()
        .startswith("The joining date was corrected to 2024-06-01")
    )
    assert all(each.rule != "SR-11" for each in judged(coma()).findings)
