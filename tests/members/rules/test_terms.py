"""Terms are typed on the way in: unknown, missing and misshapen ones are refused with their name."""

import pytest

from members.rules.plan_files import read_plan
from members.rules.sections import Effect, Unit
from members.rules.terms import CHECKS, Terms, TermsInvalid, overridable, parse_override

FLAT = read_plan("qingsong").terms

CONTRACT = {
    "age.min_days": 30,
    "age.max_years": 65,
    "newborn.max_days": 365,
    "exam_report.from_age": 60,
    "waiting.days": 90,
    "report.days": 10,
    "report.extend_on_holiday": False,
    "publicity.days": 7,
    "objection.non_disclosure.days": 15,
    "objection.definition.days": 30,
    "dialysis.days": 90,
    "ratio.severe_alzheimer": 80,
    "ratio.thyroid_t1n0m0": 30,
    "ratio.in_situ": None,
    "age_factor.from": 60,
    "age_factor.percent": 80,
    "arrears.months": 12,
    "removal.after_cycles": None,
    "appeal.days": 30,
    "appeal.deposit_fen": 50000,
    "investigation.required": True,
}


@pytest.mark.parametrize(("name", "value"), CONTRACT.items())
def test_the_terms_of_the_public_contract_have_their_names_and_values(name, value):
    assert FLAT[name] == value
    assert type(FLAT[name]) is type(value)
    assert name in overridable()


def test_the_flat_terms_become_sections():
    terms = Terms.parse(FLAT)
    assert terms.waiting.days == 90
    assert terms.age_factor.from_ == 60
    assert terms.objection.forgery.effect is Effect.SUSPEND
    assert (terms.review.days, terms.review.unit, terms.review.reminders) == (5, Unit.WORKING, (1,))
    assert (terms.supplement.days, terms.supplement.unit, terms.supplement.reminders) == (30, Unit.NATURAL, (10, 3))
    assert terms.condition.reminders == (0,)
    assert terms.tiers.fen == (5_000_000, 10_000_000, 30_000_000)
    assert terms.materials.by_disease["coronary_bypass"] == ("surgery_record", "discharge_summary")
    assert set(CHECKS) == set(FLAT)


def test_clauses_are_found_by_the_name_of_their_term():
    assert Terms.parse(FLAT, {"waiting.days": "4.1"}).clause("waiting.days") == "4.1"
    assert Terms.parse(FLAT).clause("waiting.days") == ""


def test_terms_are_frozen():
    with pytest.raises(AttributeError):
        Terms.parse(FLAT).waiting.days = 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("waiting.days", "90"),
        ("waiting.days", None),
        ("waiting.days", True),
        ("waiting.days", -1),
        ("waiting.days", 90.0),
        ("report.extend_on_holiday", 0),
        ("ratio.in_situ", 101),
        ("ratio.in_situ", "30"),
        ("removal.after_cycles", 0),
        ("supplement.reminders", 3),
        ("supplement.reminders", [3, 3]),
        ("supplement.reminders", [-1]),
        ("review.unit", "weeks"),
        ("tiers.fen", []),
        ("tiers.fen", [0]),
        ("diseases.covered", ["deep_coma", "deep_coma"]),
        ("diseases.covered", "catalogue"),
        ("materials.common", ["poem"]),
        ("materials.by_disease", {"deep_coma": ["guardianship"]}),
        ("materials.by_disease", ["imaging"]),
        ("definition.infarction_criteria", 5),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_its_name(name, value):
    with pytest.raises(TermsInvalid) as refused:
        Terms.parse(FLAT | {name: value})
    assert refused.value.path == name
    assert refused.value.why


def test_an_unknown_and_a_missing_term_are_refused():
    with pytest.raises(TermsInvalid) as unknown:
        Terms.parse(FLAT | {"waiting.weeks": 1})
    with pytest.raises(TermsInvalid) as missing:
        Terms.parse({name: value for name, value in FLAT.items() if name != "waiting.days"})
    assert (unknown.value.path, missing.value.path) == ("waiting.weeks", "waiting.days")


def test_null_is_taken_only_where_a_term_may_be_open():
    nullable = set()
    for name in overridable():
        try:
            parse_override(name, None)
        except TermsInvalid:
            continue
        nullable.add(name)
    assert nullable == {"ratio.in_situ", "removal.after_cycles"}


def test_an_override_is_checked_and_kept_as_it_came():
    assert parse_override("review.reminders", [1, 2]) == [1, 2]
    assert Terms.parse(FLAT | {"review.reminders": [1, 2]}).review.reminders == (2, 1)


@pytest.mark.parametrize(("name", "value"), [("tiers.fen", [1]), ("nothing", 1), ("waiting", 1), ("waiting.days", "x")])
def test_an_override_that_cannot_be_is_refused(name, value):
    with pytest.raises(TermsInvalid) as refused:
        parse_override(name, value)
    assert refused.value.path == name
