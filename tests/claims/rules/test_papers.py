"""SR-13, SR-14, SR-16: the checklist and what makes a certificate good."""

from dataclasses import replace

import pytest

from claims.rules.facts import Paper
from claims.rules.kinds import Behaviour, Criterion, Ownership, PaperKind, Signer
from members.rules.findings import Code
from tests.claims.rules.cases import (
    CERTIFICATE,
    COMMON,
    alzheimer,
    bypass,
    codes,
    coma,
    finding,
    infarction,
    judged,
    tumour,
    without,
)

BESIDE = COMMON[1:]


def certified(**changes):
    return coma(papers=(replace(CERTIFICATE, **changes), *BESIDE))


@pytest.mark.parametrize(
    "kind",
    [
        PaperKind.DIAGNOSIS_CERTIFICATE,
        PaperKind.ID_CARD_FRONT,
        PaperKind.ID_CARD_BACK,
        PaperKind.BANK_CARD,
        PaperKind.PRIOR_EXAM_REPORTS,
    ],
)
def test_each_common_paper_is_asked_for_alone(kind):
    assert codes(without(coma(), kind)) == [kind.value.upper()]


@pytest.mark.parametrize("kind", [PaperKind.PATHOLOGY_REPORT, PaperKind.IMAGING])
def test_a_tumour_needs_pathology_and_imaging_in_situ_too(kind):
    assert codes(without(tumour(), kind)) == [kind.value.upper()]
    assert codes(without(tumour({"behaviour": Behaviour.IN_SITU}), kind), ratio__in_situ=30) == [kind.value.upper()]


def test_pathology_of_a_carcinoma_in_situ_has_its_own_rule():
    facts = without(tumour({"behaviour": Behaviour.IN_SITU}), PaperKind.PATHOLOGY_REPORT)
    assert finding(facts, Code.PATHOLOGY_REPORT, ratio__in_situ=30).rule == "SR-16"
    assert finding(without(tumour(), PaperKind.PATHOLOGY_REPORT), Code.PATHOLOGY_REPORT).rule == "SR-14"


@pytest.mark.parametrize("kind", [PaperKind.SURGERY_RECORD, PaperKind.DISCHARGE_SUMMARY])
def test_a_bypass_needs_surgery_record_and_discharge_summary(kind):
    assert codes(without(bypass(), kind)) == [kind.value.upper()]


def test_no_papers_at_all_asks_for_every_paper_in_order():
    assert codes(tumour({"symptoms_in_waiting": None}, papers=())) == [
        "DIAGNOSIS_CERTIFICATE",
        "PATHOLOGY_REPORT",
        "IMAGING",
        "ID_CARD_FRONT",
        "ID_CARD_BACK",
        "BANK_CARD",
        "PRIOR_EXAM_REPORTS",
        "NO_SYMPTOM_EVIDENCE",
    ]


def test_an_infarction_needs_only_the_common_papers():
    assert codes(replace(infarction(*Criterion), papers=())) == [
        "DIAGNOSIS_CERTIFICATE",
        "ID_CARD_FRONT",
        "ID_CARD_BACK",
        "BANK_CARD",
        "PRIOR_EXAM_REPORTS",
    ]


@pytest.mark.parametrize(("grade", "expected"), [("3A", []), ("2C", []), ("1A", ["QUALIFYING_HOSPITAL_CERTIFICATE"])])
def test_grade_two_is_the_lowest_that_qualifies(grade, expected):
    assert codes(certified(grade=grade)) == expected


def test_a_private_or_unknown_hospital_does_not_qualify():
    assert codes(certified(ownership=Ownership.PRIVATE)) == ["QUALIFYING_HOSPITAL_CERTIFICATE"]
    assert codes(certified(grade=None)) == ["QUALIFYING_HOSPITAL_CERTIFICATE"]
    assert codes(certified(ownership=None)) == ["QUALIFYING_HOSPITAL_CERTIFICATE"]
    assert codes(certified(ownership=Ownership.PRIVATE), certificate__public_only=False) == []


def test_the_seal_is_asked_for():
    assert codes(certified(sealed=False)) == ["RECORDS_OFFICE_SEAL"]


def test_only_alzheimer_asks_for_a_specialist():
    by_physician = (replace(CERTIFICATE, signed_by=Signer.PHYSICIAN), *BESIDE)
    unsigned = (replace(CERTIFICATE, signed_by=None), *BESIDE)

    assert codes(alzheimer(papers=by_physician)) == codes(alzheimer(papers=unsigned)) == ["SPECIALIST_CERTIFICATE"]
    assert codes(coma(papers=by_physician)) == []


def test_all_faults_of_a_certificate_are_named_at_once():
    poor = Paper(PaperKind.DIAGNOSIS_CERTIFICATE, grade="1C", ownership=Ownership.PRIVATE)
    assert codes(alzheimer(papers=(poor, *BESIDE))) == [
        "QUALIFYING_HOSPITAL_CERTIFICATE",
        "RECORDS_OFFICE_SEAL",
        "SPECIALIST_CERTIFICATE",
    ]


def test_without_a_certificate_only_the_certificate_is_asked_for():
    assert codes(alzheimer(papers=BESIDE)) == ["DIAGNOSIS_CERTIFICATE"]


def test_a_statement_that_there_are_no_reports_is_enough():
    papers = (
        *without(coma(), PaperKind.PRIOR_EXAM_REPORTS).papers,
        Paper(PaperKind.PRIOR_EXAM_REPORTS, none_exist=True),
    )
    assert codes(coma(papers=papers)) == []


def test_a_newer_certificate_replaces_the_older():
    assert codes(coma(papers=(replace(CERTIFICATE, sealed=False), *COMMON))) == []
    assert codes(coma(papers=(*COMMON, replace(CERTIFICATE, sealed=False)))) == ["RECORDS_OFFICE_SEAL"]


def test_the_checklist_is_a_term():
    assert codes(coma(), materials__by_disease={"deep_coma": ["imaging"]}) == ["IMAGING"]


def test_papers_that_are_there_are_findings_too():
    rules = [each.rule for each in judged(tumour()).findings]
    assert rules.count("SR-13") == 7
    assert rules.count("SR-14") == 2
