"""SR-01 … SR-05 and AMB-11: both sides of every limit."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.admission import Person, admit, removed_on
from members.rules.findings import Outcome, Status
from members.rules.plan_files import read_plan
from members.rules.terms import Terms

JOINED = date(2024, 6, 1)
BOTH = frozenset({"birth_certificate", "exam_report"})


def terms(plan="qingsong", **overrides):
    file = read_plan(plan)
    return Terms.parse(
        file.terms | {name.replace("__", "."): value for name, value in overrides.items()}, file.term_clauses
    )


def codes(birth_date, plan="qingsong", **person):
    return [
        code.value for code in admit(Person(birth_date, person.pop("joined_on", JOINED), **person), terms(plan)).codes
    ]


@pytest.mark.parametrize(
    ("days", "expected"), [(0, ["AGE_BELOW_MINIMUM"]), (29, ["AGE_BELOW_MINIMUM"]), (30, []), (31, [])]
)
def test_the_thirtieth_day_is_in(days, expected):
    assert codes(JOINED - timedelta(days), documents=BOTH) == expected


def test_a_child_not_yet_born_is_too_young():
    assert codes(JOINED + timedelta(1), documents=BOTH) == ["AGE_BELOW_MINIMUM"]


@pytest.mark.parametrize(
    ("plan", "birth_date", "expected"),
    [
        ("qingsong", date(1958, 6, 2), []),
        ("qingsong", date(1958, 6, 1), ["AGE_ABOVE_MAXIMUM"]),
        ("xianghu", date(1964, 6, 2), []),
        ("xianghu", date(1964, 6, 1), ["AGE_ABOVE_MAXIMUM"]),
        ("meituan", date(1963, 6, 2), []),
        ("meituan", date(1963, 6, 1), ["AGE_ABOVE_MAXIMUM"]),
    ],
)
def test_the_highest_age_lasts_until_the_next_birthday(plan, birth_date, expected):
    assert codes(birth_date, plan, documents=BOTH) == expected


def test_those_born_on_a_leap_day_grow_older_on_28_february():
    born = date(1960, 2, 29)
    assert codes(born, joined_on=date(2026, 2, 27), documents=BOTH) == []
    assert codes(born, joined_on=date(2026, 2, 28), documents=BOTH) == ["AGE_ABOVE_MAXIMUM"]


@pytest.mark.parametrize(("days", "expected"), [(365, ["BIRTH_CERTIFICATE"]), (366, [])])
def test_up_to_a_year_the_birth_certificate_is_needed(days, expected):
    assert codes(JOINED - timedelta(days)) == expected
    assert codes(JOINED - timedelta(days), documents=frozenset({"birth_certificate"})) == []


@pytest.mark.parametrize(("birth_date", "expected"), [(date(1964, 6, 1), ["EXAM_REPORT"]), (date(1964, 6, 2), [])])
def test_from_sixty_an_examination_report_is_needed(birth_date, expected):
    assert codes(birth_date) == expected
    assert codes(birth_date, documents=frozenset({"exam_report"})) == []


def test_any_yes_to_a_health_question_keeps_out():
    assert codes(date(1990, 1, 1), answered_yes=("hospital_stay_2y",)) == ["DECLARATION_NOT_MET"]


def test_all_grounds_are_listed_and_no_paper_is_asked_of_who_cannot_join():
    person = Person(date(1950, 1, 1), JOINED, answered_yes=("diabetes",))
    admission = admit(person, terms())

    assert admission.outcome is Outcome.REJECT
    assert [code.value for code in admission.codes] == ["AGE_ABOVE_MAXIMUM", "DECLARATION_NOT_MET"]
    assert not {"SR-02", "SR-03"} & {each.rule for each in admission.findings}


def test_a_missing_paper_is_a_need():
    assert admit(Person(date(1964, 6, 1), JOINED), terms()).outcome is Outcome.NEED


def test_a_migrated_member_comes_in_and_is_to_be_checked_again():
    unchecked = admit(Person(date(1990, 1, 1), JOINED, migrated=True), terms())
    checked = admit(Person(date(1990, 1, 1), JOINED, migrated=True, health_rechecked=True), terms())

    assert (unchecked.outcome, unchecked.codes) == (Outcome.ACCEPT, ())
    assert [each.status for each in unchecked.findings if each.rule == "SR-05"] == [Status.UNKNOWN]
    assert [each.status for each in checked.findings if each.rule == "SR-05"] == [Status.MET]


def test_findings_name_their_clause_and_figures():
    found = admit(Person(JOINED - timedelta(29), JOINED), terms()).findings[0]
    assert found.clause == "2.1"
    assert found.text() == "29 days old on joining; the youngest age is 30 days."


def test_the_limits_are_terms():
    assert admit(Person(JOINED - timedelta(5), JOINED, BOTH), terms(age__min_days=5)).outcome is Outcome.ACCEPT


def test_unpaid_shares_end_no_membership_by_default():
    assert removed_on([date(2024, month, 14) for month in range(1, 13)], terms()) is None


@pytest.mark.parametrize(
    ("cycles", "dues", "expected"),
    [
        (2, [date(2024, 1, 14)], None),
        (2, [date(2024, 1, 14), date(2024, 2, 14)], date(2024, 2, 14)),
        (2, [date(2024, 1, 14), date(2024, 2, 15)], None),
        (2, [date(2024, 1, 31), date(2024, 2, 29)], date(2024, 2, 29)),
        (2, [date(2024, 1, 31), date(2024, 3, 1)], None),
        (2, [date(2024, 1, 14), date(2024, 3, 14), date(2024, 4, 14)], date(2024, 4, 14)),
        (3, [date(2024, 1, 14), date(2024, 2, 14), date(2024, 4, 14), date(2024, 5, 14)], None),
        (2, [date(2024, 1, 14), date(2024, 1, 14)], None),
        (1, [date(2024, 5, 1), date(2024, 3, 1)], date(2024, 3, 1)),
    ],
)
def test_cycles_in_a_row_end_the_membership_on_the_due_date_of_the_last(cycles, dues, expected):
    assert removed_on(dues, terms(removal__after_cycles=cycles)) == expected


@given(st.lists(st.dates(date(2023, 1, 1), date(2025, 1, 1)), max_size=8), st.integers(1, 4), st.randoms())
def test_removal_does_not_depend_on_the_order_and_falls_on_a_due_date(dues, cycles, random):
    shuffled = random.sample(dues, len(dues))
    on = removed_on(dues, terms(removal__after_cycles=cycles))
    assert removed_on(shuffled, terms(removal__after_cycles=cycles)) == on
    assert on is None or on in dues
