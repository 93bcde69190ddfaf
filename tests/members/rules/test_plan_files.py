"""The shipped plans: complete, in both languages, and different only where they should be."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from members.rules.plan_files import complaints, plan_codes, read_plan

PLANS = ["meituan", "qingsong", "xianghu"]
NORM = "《重大疾病保险的疾病定义使用规范》"
NOT_INSURANCE = "互助计划不是保险"
FORBIDDEN = re.compile(
    "保险|保费|保额|投保|承保|理赔|赔付|拒赔|赔偿|被保险人|保单|premium|insured|policyholder|claim", re.I
)


def test_the_shipped_plans():
    assert list(plan_codes()) == PLANS


@pytest.mark.parametrize("code", PLANS)
def test_every_term_has_a_clause_in_both_languages(code):
    plan = read_plan(code)

    assert set(plan.term_clauses) == set(plan.terms)
    assert set(plan.term_clauses.values()) == set(plan.clauses)
    for texts in plan.clauses.values():
        assert re.search("[一-鿿]", texts["zh"])
        assert re.search("[a-z]{3}", texts["en"])
        assert not re.search("[一-鿿]", texts["en"])
        assert "{" not in texts["zh"] + texts["en"]


@pytest.mark.parametrize("code", PLANS)
def test_no_clause_uses_the_words_of_insurance(code):
    plan = read_plan(code)
    for text in [text for texts in (*plan.clauses.values(), *plan.questions, plan.name) for text in texts.values()]:
        assert not FORBIDDEN.search(text.replace(NORM, "").replace(NOT_INSURANCE, "")), text


@pytest.mark.parametrize(
    ("code", "years", "questions", "days"), [("qingsong", 65, 12, 90), ("xianghu", 59, 9, 90), ("meituan", 60, 14, 180)]
)
def test_the_plans_differ_in_age_questions_and_waiting_days(code, years, questions, days):
    plan = read_plan(code)
    terms = plan.parsed()

    assert (terms.age.max_years, len(plan.questions), terms.waiting.days) == (years, questions, days)
    assert [question["key"] for question in plan.questions] == list(terms.health.questions)
    assert {"hospital_stay_2y", "pre_existing_condition", "family_history"} <= set(terms.health.questions)
    assert plan.in_force_from == date(2010, 1, 1)
    assert f"{days} 个自然日" in plan.clauses["4.1"]["zh"]
    assert f"{questions} classes" in plan.clauses["2.4"]["en"]


@pytest.mark.parametrize("code", ["xianghu", "meituan"])
def test_the_plans_differ_in_nothing_else(code):
    ours, theirs = read_plan("qingsong").terms, read_plan(code).terms
    differing = {name for name in ours | theirs if ours.get(name) != theirs.get(name)}
    assert differing <= {"age.max_years", "waiting.days", "health.questions"}


def test_the_catalogue_gives_the_diseases():
    catalogue = json.loads(Path("members/catalogue/diseases.json").read_text(encoding="utf-8"))
    terms = read_plan("qingsong").parsed()

    assert terms.diseases.covered == {disease["code"] for disease in catalogue}
    assert len(terms.diseases.covered) == 113
    assert terms.diseases.mild == {disease["code"] for disease in catalogue if disease["class"] == "mild"}
    assert len(terms.diseases.mild) == 3


def test_an_unknown_plan_is_a_key_error():
    with pytest.raises(KeyError):
        read_plan("nothing")


def test_gaps_in_a_covenant_are_named():
    plan = read_plan("qingsong")
    clauses = {number: texts for number, texts in plan.clauses.items() if number != "4.1"}
    broken = replace(
        plan,
        clauses=clauses | {"8.1": {"zh": "", "en": "text"}},
        terms={name: value for name, value in plan.terms.items() if name != "ratio.mild"},
        questions=({"key": "odd", "zh": "", "en": "Odd?"},),
    )
    assert {message % params for message, params in complaints(broken)} == {
        "waiting.days has no clause",
        "ratio.mild has a clause but no value",
        "clause 8.1 lacks a language",
        "question odd lacks a language",
    }
