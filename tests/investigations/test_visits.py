"""What must be said of a visit, what is asked of it by the disease, and how two versions differ."""

from datetime import timedelta

import pytest

from investigations.rules.visits import Content, Point, Visit, changes, facts_of, faults, points_read, points_written
from tests.factories import COMMISSIONED, FILED, visit

INTERVIEW = "doctor_interview"


def missing(one: Visit, *, is_recorded: bool = False) -> set[str]:
    return {field for field, _why in faults(one, since=COMMISSIONED, at=FILED, is_recorded=is_recorded)}


@pytest.mark.parametrize(
    ("others", "fields"),
    [
        ({}, set()),
        ({"result": ""}, {"result"}),
        ({"result": "guilty"}, {"result"}),
        ({"found": "  "}, {"found"}),
        ({"place": "", "met": "\n"}, {"place", "met"}),
        ({"visited_at": None}, {"visited_at"}),
        ({"visited_at": FILED + timedelta(seconds=1)}, {"visited_at"}),
        ({"visited_at": COMMISSIONED - timedelta(seconds=1)}, {"visited_at"}),
        ({"result": "contradicts"}, {"contradiction"}),
        ({"result": "contradicts", "contradiction": "出院日期不同"}, set()),
        ({"result": "nothing"}, set()),
        ({"result": "not_done", "place": "", "met": "", "visited_at": None}, set()),
        ({"result": "not_done", "found": ""}, {"found"}),
        ({"result": "not_done", "facts": {"tnm": "T4"}}, {"result"}),
    ],
)
def test_what_must_be_said_of_a_visit(others: dict[str, object], fields: set[str]) -> None:
    assert missing(visit("hospital_records", **others)) == fields


def test_an_interview_is_recorded_or_says_why_it_is_not() -> None:
    """SR-23: 主治医师面访录音."""
    silent = visit(INTERVIEW, why_unrecorded=" ")

    assert missing(silent) == {"why_unrecorded"}
    assert missing(silent, is_recorded=True) == set()
    assert missing(visit(INTERVIEW, why_unrecorded="医生拒绝录音")) == set()
    assert missing(visit("prior_exams", why_unrecorded="")) == set()
    assert missing(visit(INTERVIEW, why_unrecorded="", result="not_done")) == set()


@pytest.mark.parametrize(
    ("disease", "asked"),
    [
        ("malignant_tumor", {"hospital_records": {"diagnosed_on", "behaviour", "site", "tnm", "hiv_related"}}),
        ("acute_myocardial_infarction", {"hospital_records": {"diagnosed_on", "criteria"}}),
        ("coronary_bypass", {"hospital_records": {"diagnosed_on", "approach"}}),
        ("severe_alzheimer", {INTERVIEW: {"symptoms_in_waiting", "alcohol_related"}}),
        ("end_stage_renal_disease", {"hospital_records": {"diagnosed_on", "dialysis_since", "transplanted_on"}}),
        ("deep_coma", {"hospital_records": {"diagnosed_on"}}),
    ],
)
def test_each_visit_is_asked_for_what_the_definition_looks_at(disease: str, asked: dict[str, set[str]]) -> None:
    table = {"hospital_records": {"diagnosed_on"}, INTERVIEW: {"symptoms_in_waiting"}, "work_or_contributions": set()}
    table |= {"prior_exams": {"symptoms_in_waiting"}, "other": set()} | asked

    assert {method: set(facts_of(disease, method)) for method in table} == table


def test_what_is_written_is_read_and_the_same_content_is_the_same_text() -> None:
    content = Content(
        [visit("hospital_records", facts={"tnm": "T2N0M0", "hiv_related": False}, exhibits=(3, 1)), visit("other")],
        ["盖章页已补拍"],
    )

    assert Content.read(content.written()) == content
    assert Content.read(content.written()).written() == content.written()
    assert Content.read("") == Content([], [])
    assert points_read(points_written([Point("缺首页", 0), Point("总述不清")])) == [
        Point("缺首页", 0),
        Point("总述不清"),
    ]
    assert points_read(None) == []


def test_versions_are_compared_visit_by_visit() -> None:
    records, exams = visit("hospital_records"), visit("prior_exams")
    gone, first, second = (visit("other", place=place) for place in ("药店", "社保局", "公司"))
    better = visit("hospital_records", found="首页已盖章", exhibits=(7,))

    found = list(changes(Content([records, exams, gone, first]), Content([better, first, second])))

    assert [(one.visit.method, one.name) for one in found] == [
        ("hospital_records", "found"),
        ("hospital_records", "exhibits"),
        ("other", "visit"),
        ("prior_exams", "visit"),
        ("other", "visit"),
    ]
    assert (found[0].was, found[0].now) == ("原件一致", "首页已盖章")
    assert (found[2].was, found[2].now) == (None, second)
    assert (found[3].was, found[3].now) == (exams, None)
    assert (found[4].was, found[4].now) == (gone, None)
    assert list(changes(Content([records]), Content([records]))) == []
