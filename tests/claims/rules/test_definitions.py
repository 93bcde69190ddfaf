"""SR-07, SR-15, SR-17: definitions and exclusions."""

from datetime import timedelta

import pytest

from claims.rules.facts import Paper
from claims.rules.kinds import Approach, Behaviour, Criterion, PaperKind
from members.rules.findings import Code, Outcome, Status
from tests.claims.rules.cases import (
    DIAGNOSED,
    alzheimer,
    bypass,
    codes,
    coma,
    finding,
    infarction,
    judged,
    renal,
    tumour,
)

SINCE = DIAGNOSED
COMPLETE = SINCE + timedelta(90)


def record(through):
    return Paper(PaperKind.DIALYSIS_RECORD, through=through)


def test_a_tumour_that_goes_back_to_hiv_is_excluded():
    assert codes(tumour({"hiv_related": True})) == ["EXCLUDED_HIV_TUMOUR"]
    assert codes(tumour({"hiv_related": True, "behaviour": Behaviour.IN_SITU}))[0] == "EXCLUDED_HIV_TUMOUR"
    assert codes(tumour({"hiv_related": True}), exclusion__hiv_tumour=False) == []
    assert codes(coma(medical=tumour({"hiv_related": True}).medical)) == []


@pytest.mark.parametrize(
    ("approach", "expected"),
    [
        (Approach.OPEN_CHEST, []),
        (Approach.INTERVENTIONAL, ["EXCLUDED_NON_OPEN_CHEST"]),
        (Approach.MINIMALLY_INVASIVE, ["MEDICAL_EXPERT"]),
        (None, ["MEDICAL_EXPERT"]),
    ],
)
def test_a_bypass_counts_by_its_approach(approach, expected):
    assert codes(bypass(approach)) == expected


def test_an_unclear_bypass_is_worked_out_at_the_full_ratio():
    assessment = judged(bypass(None))

    assert (assessment.outcome, assessment.gross_fen) == (Outcome.REFER, 10_000_000)
    assert finding(bypass(None), Code.MEDICAL_EXPERT).status is Status.UNKNOWN


def test_a_brain_disease_caused_by_alcohol_is_excluded():
    drinker = alzheimer(medical=tumour({"alcohol_related": True}).medical)
    assert codes(drinker) == ["EXCLUDED_ALCOHOL_BRAIN"]
    assert codes(drinker, exclusion__alcohol_brain=False) == []
    assert codes(alzheimer()) == []


def test_an_infarction_needs_three_of_four_criteria():
    assert codes(infarction(Criterion.ECG, Criterion.ENZYMES)) == ["DEFINITION_NOT_MET"]
    assert codes(infarction()) == ["DEFINITION_NOT_MET"]
    assert codes(infarction(Criterion.ECG, Criterion.ENZYMES, Criterion.LVEF)) == []
    assert codes(infarction(*Criterion)) == []


def test_renal_failure_without_dialysis_and_transplant_is_not_met():
    assert codes(renal()) == ["DEFINITION_NOT_MET"]


def test_renal_failure_waits_until_the_record_reaches_the_ninetieth_day():
    facts = renal(SINCE, papers=(record(COMPLETE - timedelta(1)),))

    assert codes(facts) == ["DIALYSIS_DURATION"]
    assert judged(facts).outcome is Outcome.WAIT
    assert finding(facts, Code.DIALYSIS_DURATION).until == COMPLETE
    assert finding(facts, Code.DIALYSIS_DURATION).text().startswith("The record shows 89 of the 90 days")


def test_renal_failure_is_met_by_a_record_through_the_ninetieth_day():
    assert codes(renal(SINCE, papers=(record(COMPLETE),))) == []
    assert codes(renal(SINCE, papers=(record(COMPLETE + timedelta(30)),))) == []


def test_renal_failure_without_a_record_waits_and_asks_for_it():
    assert codes(renal(SINCE)) == ["DIALYSIS_DURATION", "DIALYSIS_RECORD"]


def test_a_record_without_its_last_day_shows_nothing():
    assert codes(renal(SINCE, papers=(record(None),))) == ["DIALYSIS_DURATION"]


def test_the_newer_record_replaces_the_older():
    assert codes(renal(SINCE, papers=(record(COMPLETE - timedelta(50)), record(COMPLETE)))) == []


def test_a_transplant_meets_renal_failure_with_either_record():
    assert codes(renal(transplanted_on=DIAGNOSED)) == ["DIALYSIS_RECORD"]
    assert codes(renal(transplanted_on=DIAGNOSED, papers=(Paper(PaperKind.TRANSPLANT_RECORD),))) == []
    assert codes(renal(transplanted_on=DIAGNOSED, papers=(record(DIAGNOSED),))) == []


def test_a_transplant_record_alone_is_no_transplant():
    papers = (Paper(PaperKind.TRANSPLANT_RECORD),)
    assert codes(renal(SINCE, papers=papers)) == ["DIALYSIS_DURATION", "DIALYSIS_RECORD"]
    assert codes(renal(papers=papers)) == ["DEFINITION_NOT_MET"]


def test_the_days_of_dialysis_are_a_term():
    assert codes(renal(SINCE, papers=(record(SINCE + timedelta(60)),)), dialysis__days=60) == []


def test_any_other_disease_counts_as_met():
    assert finding(coma(), rule="SR-07").status is Status.MET
