"""The assessment as a whole: strength, order, and which grounds silence which."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta

import pytest

from claims.rules.kinds import Approach, Behaviour, Criterion, PaperKind, SymptomsInWaiting
from members.rules.findings import REJECT_CODES, Code, Finding, Outcome, Status
from tests.claims.rules.cases import (
    DIAGNOSED,
    JOINED,
    NO_SYMPTOMS,
    alzheimer,
    bypass,
    codes,
    coma,
    finding,
    infarction,
    judged,
    renal,
    thyroid,
    tumour,
    without,
)

LATE = DIAGNOSED + timedelta(11)


def test_a_plain_case_is_accepted():
    assessment = judged(coma())
    assert (assessment.outcome, assessment.codes, assessment.net_fen) == (Outcome.ACCEPT, (), 10_000_000)


def test_a_disease_outside_the_catalogue_is_judged_on_nothing_of_its_own():
    assessment = judged(coma(disease="headache", medical=NO_SYMPTOMS))
    assert [code.value for code in assessment.codes] == ["NOT_COVERED"]
    assert not {"SR-07", "SR-10", "SR-15"} & {each.rule for each in assessment.findings}


def test_all_grounds_of_rejection_are_listed_the_late_report_last():
    on = JOINED + timedelta(30)
    facts = tumour(
        {"hiv_related": True, "symptoms_in_waiting": SymptomsInWaiting.PRESENT},
        diagnosed_on=on,
        reported_on=on + timedelta(11),
        forgery_found=True,
    )
    assert codes(facts) == [
        "EXCLUDED_HIV_TUMOUR",
        "WAITING_PERIOD",
        "WAITING_PERIOD_SYMPTOM",
        "FORGED_MATERIAL",
        "LATE_REPORT",
    ]


def test_a_late_report_comes_behind_a_definition_that_is_not_met():
    assert codes(replace(infarction(), reported_on=LATE)) == ["DEFINITION_NOT_MET", "LATE_REPORT"]


def test_no_paper_is_asked_for_where_it_cannot_cure():
    assert codes(tumour({"symptoms_in_waiting": None}, papers=(), reported_on=LATE)) == ["LATE_REPORT"]


def test_the_papers_are_asked_for_again_once_the_lateness_is_waived():
    facts = without(coma(reported_on=LATE, late_waived=True), PaperKind.BANK_CARD)
    assert codes(facts) == ["BANK_CARD"]


def test_referrals_and_waits_are_listed_beside_a_rejection():
    assert codes(bypass(None, reported_on=LATE)) == ["LATE_REPORT", "MEDICAL_EXPERT"]
    since = JOINED + timedelta(10)
    facts = renal(since, diagnosed_on=since, reported_on=since, migrated_unchecked=True)
    assert codes(facts) == ["WAITING_PERIOD", "HEALTH_RECHECK", "DIALYSIS_DURATION"]


def test_referrals_waits_and_papers_stand_in_the_order_of_their_strength():
    facts = renal(DIAGNOSED, breaches=("hospital_stay_2y",), migrated_unchecked=True)
    assessment = judged(without(facts, PaperKind.BANK_CARD))

    assert assessment.outcome is Outcome.REFER
    assert [code.value for code in assessment.codes] == [
        "HEALTH_RECHECK",
        "NON_DISCLOSURE_REVIEW",
        "DIALYSIS_DURATION",
        "DIALYSIS_RECORD",
        "BANK_CARD",
    ]


def test_untrue_answers_are_referred_and_never_rejected():
    assert codes(coma(breaches=("hospital_stay_2y", "family_history"))) == ["NON_DISCLOSURE_REVIEW"]
    assert codes(coma(non_disclosure_upheld=True)) == ["NON_DISCLOSURE_REVIEW"]
    assert (
        "hospital_stay_2y, family_history"
        in finding(coma(breaches=("hospital_stay_2y", "family_history")), Code.NON_DISCLOSURE_REVIEW).text()
    )


def test_forgery_rejects():
    assert codes(coma(forgery_found=True)) == ["FORGED_MATERIAL"]


def everything():
    """One case for each code that the rules can find."""
    return {
        Code.NOT_COVERED: coma(disease="headache"),
        Code.EXCLUDED_HIV_TUMOUR: tumour({"hiv_related": True}),
        Code.EXCLUDED_NON_OPEN_CHEST: bypass(Approach.INTERVENTIONAL),
        Code.EXCLUDED_ALCOHOL_BRAIN: alzheimer(medical=replace(NO_SYMPTOMS, alcohol_related=True)),
        Code.WAITING_PERIOD: coma(joined_on=DIAGNOSED),
        Code.WAITING_PERIOD_SYMPTOM: tumour({"symptoms_in_waiting": SymptomsInWaiting.PRESENT}),
        Code.DEFINITION_NOT_MET: infarction(Criterion.ECG),
        Code.FORGED_MATERIAL: coma(forgery_found=True),
        Code.LATE_REPORT: coma(reported_on=LATE),
        Code.HEALTH_RECHECK: coma(migrated_unchecked=True),
        Code.NON_DISCLOSURE_REVIEW: coma(breaches=("diabetes",)),
        Code.MEDICAL_EXPERT: thyroid(None),
        Code.IN_SITU_RATIO: tumour({"behaviour": Behaviour.IN_SITU}),
        Code.DIALYSIS_DURATION: renal(DIAGNOSED),
    }


@pytest.mark.parametrize("code", everything())
def test_each_ground_is_found_in_its_case_and_comes_first(code):
    assert judged(everything()[code]).codes[0] is code


@pytest.mark.parametrize("code", [code for code in Code if code in REJECT_CODES and code is not Code.NON_DISCLOSURE])
def test_each_ground_of_rejection_gives_nothing(code):
    assessment = judged(everything()[code])
    assert (assessment.outcome, assessment.codes, assessment.net_fen) == (Outcome.REJECT, (code,), 0)


def test_every_finding_has_a_clause_a_rule_and_a_sentence():
    for facts in everything().values():
        for each in judged(facts).findings:
            assert each.rule.startswith("SR-")
            assert each.clause
            assert each.text().endswith(".")
            assert (each.code is None) == (each.outcome is Outcome.ACCEPT)


def test_findings_with_a_code_come_first_and_in_the_order_of_the_codes():
    assessment = judged(renal(DIAGNOSED, papers=(), migrated_unchecked=True))
    coded = [each.code for each in assessment.findings if each.code]
    assert tuple(coded) == assessment.codes
    assert all(each.code is None for each in assessment.findings[len(coded) :])


def test_a_finding_survives_its_json():
    found = finding(renal(DIAGNOSED), Code.DIALYSIS_DURATION)
    assert found.to_json()["until"] == "2025-06-30"
    assert Finding.from_json(found.to_json()) == found


def test_findings_show_what_is_met_too():
    rules = {each.rule for each in judged(tumour(unpaid=())).findings if each.status is Status.MET}
    assert rules == {
        "SR-04", "SR-06", "SR-08", "SR-10", "SR-12", "SR-13", "SR-14", "SR-15", "SR-19", "SR-20", "SR-22",
    }  # fmt: skip


def test_the_same_facts_give_the_same_assessment():
    assert judged(tumour()) == judged(tumour())


def test_the_texts_of_a_finding_can_be_translated():
    found = finding(coma(reported_on=LATE), Code.LATE_REPORT)
    assert found.text(lambda sentence: f"» {sentence}") == "» Reported on 2025-04-12, after the last day 2025-04-11."
    assert found.params["last_day"] == date(2025, 4, 11).isoformat()


def test_the_rules_import_no_django():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, claims.rules.assessment, members.rules.admission, members.rules.plan_files;"
            "sys.exit(any(name.split('.')[0] in {'django', 'celery'} for name in sys.modules))",
        ],
        check=False,
    )
    assert done.returncode == 0
