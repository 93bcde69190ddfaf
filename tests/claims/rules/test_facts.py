"""Facts are stored and read back, and facts of the wrong shape are refused with their path."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules.assessment import assess
from claims.rules.facts import Facts, FactsInvalid, Medical, Paper, Unpaid
from claims.rules.kinds import Approach, Behaviour, Cause, Criterion, Ownership, PaperKind, Signer, SymptomsInWaiting
from tests.claims.rules.cases import QINGSONG, tumour

days = st.dates(date(1930, 1, 1), date(2030, 12, 31))
maybe_day = st.none() | days
words = st.text(max_size=8)

papers = st.builds(
    Paper,
    kind=st.sampled_from(PaperKind),
    grade=st.none() | st.sampled_from(["1A", "2B", "3C"]),
    ownership=st.none() | st.sampled_from(Ownership),
    sealed=st.booleans(),
    signed_by=st.none() | st.sampled_from(Signer),
    through=maybe_day,
    none_exist=st.booleans(),
)
medical = st.builds(
    Medical,
    behaviour=st.none() | st.sampled_from(Behaviour),
    site=st.none() | st.sampled_from(["thyroid", "lung"]),
    tnm=st.none() | st.sampled_from(["T1aN0M0", "T1NxM0", "T4N1M1"]) | words,
    hiv_related=st.booleans(),
    approach=st.none() | st.sampled_from(Approach),
    alcohol_related=st.booleans(),
    dialysis_since=maybe_day,
    transplanted_on=maybe_day,
    criteria=st.frozensets(st.sampled_from(Criterion)),
    symptoms_in_waiting=st.none() | st.sampled_from(SymptomsInWaiting),
)
cases = st.builds(
    Facts,
    disease=st.sampled_from(
        ["malignant_tumor", "coronary_bypass", "end_stage_renal_disease", "severe_alzheimer", "deep_coma", "headache"]
    ),
    cause=st.sampled_from(Cause),
    diagnosed_on=days,
    reported_on=days,
    joined_on=days,
    birth_date=days,
    tier_fen=st.sampled_from(QINGSONG.tiers.fen),
    accident_on=maybe_day,
    medical=medical,
    papers=st.lists(papers, max_size=5).map(tuple),
    unpaid=st.lists(st.builds(Unpaid, days, st.integers(0, 10**7)), max_size=4).map(tuple),
    breaches=st.lists(words, max_size=2).map(tuple),
    migrated_unchecked=st.booleans(),
    joining_corrected=st.booleans(),
    late_waived=st.booleans(),
    non_disclosure_upheld=st.booleans(),
    forgery_found=st.booleans(),
    days_off=st.frozensets(days, max_size=3),
)


@given(cases)
def test_facts_survive_their_json(facts):
    assert Facts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


@given(cases)
def test_stored_facts_give_the_same_assessment_again(facts):
    again = assess(Facts.from_json(facts.to_json()), QINGSONG)
    first = assess(facts, QINGSONG)
    assert (again.outcome, again.codes, again.net_fen) == (first.outcome, first.codes, first.net_fen)
    assert [each.text() for each in again.findings] == [each.text() for each in first.findings]


@given(cases)
def test_the_outcome_is_that_of_the_first_code(facts):
    assessment = assess(facts, QINGSONG)
    coded = [each for each in assessment.findings if each.code]
    strengths = [list(type(assessment.outcome)).index(each.outcome) for each in coded]
    assert strengths == sorted(strengths)
    assert assessment.outcome == (coded[0].outcome if coded else "accept")
    assert assessment.net_fen is None or assessment.net_fen >= 0


def test_the_last_paper_of_a_kind_counts():
    older, newer = Paper(PaperKind.IMAGING), Paper(PaperKind.IMAGING, sealed=True)
    assert tumour(papers=(older, newer)).on_file[PaperKind.IMAGING] is newer


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"behaviour": "odd"}, "facts.behaviour"),
        ({"behaviour": 3}, "facts.behaviour"),
        ({"hiv_related": "yes"}, "facts.hiv_related"),
        ({"dialysis_since": "2025-02-30"}, "facts.dialysis_since"),
        ({"dialysis_since": "2025-02-03T00:00"}, "facts.dialysis_since"),
        ({"criteria": ["ecg", "cough"]}, "facts.criteria"),
        ({"criteria": "ecg"}, "facts.criteria"),
        ({"tnm": 1}, "facts.tnm"),
        ({"symptoms_in_waiting": "some"}, "facts.symptoms_in_waiting"),
        ([], "facts"),
    ],
)
def test_medical_facts_of_the_wrong_shape_are_refused_with_their_path(data, path):
    with pytest.raises(FactsInvalid) as refused:
        Medical.from_json(data, "facts")
    assert refused.value.path == path
    assert refused.value.why


def test_facts_that_no_rule_reads_are_let_be():
    assert Medical.from_json({"gcs": 3}) == Medical()


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({}, "materials[0].kind"),
        ({"kind": "poem"}, "materials[0].kind"),
        ({"kind": "diagnosis_certificate", "hospital": {"grade": "4A"}}, "materials[0].hospital.grade"),
        ({"kind": "diagnosis_certificate", "hospital": {"ownership": "state"}}, "materials[0].hospital.ownership"),
        ({"kind": "diagnosis_certificate", "hospital": "3A"}, "materials[0].hospital"),
        ({"kind": "diagnosis_certificate", "sealed": 1}, "materials[0].sealed"),
        ({"kind": "dialysis_record", "through": "soon"}, "materials[0].through"),
    ],
)
def test_papers_of_the_wrong_shape_are_refused_with_their_path(data, path):
    with pytest.raises(FactsInvalid) as refused:
        Paper.from_json(data, "materials[0]")
    assert refused.value.path == path


@pytest.mark.parametrize("fen", [True, 1.5, "305", -1])
def test_money_is_a_whole_number_of_fen(fen):
    data = tumour().to_json() | {"unpaid": [{"due_on": "2025-01-14", "fen": fen}]}
    with pytest.raises(FactsInvalid) as refused:
        Facts.from_json(data)
    assert refused.value.path == "unpaid[0].fen"
