"""What differs between two versions, written by hand."""

import pytest

from members.rules import term_words
from members.rules.comparing import Change, Wording, changed, compare, in_order
from members.rules.terms import CHECKS

WAS = Wording(
    terms={"waiting.days": 90, "ratio.in_situ": None, "report.days": 10},
    clauses={"1.1": {"zh": "九十天", "en": "90 days"}, "1.2": {"zh": "十天", "en": "10 days"}},
    term_clauses={"waiting.days": "1.1", "ratio.in_situ": "1.2", "report.days": "1.2"},
    questions=({"key": "a", "zh": "甲?", "en": "A?"}, {"key": "b", "zh": "乙?", "en": "B?"}),
)
NOW = Wording(
    terms={"waiting.days": 180, "ratio.in_situ": 30, "report.days": 10},
    clauses={"1.1": {"zh": "九十天", "en": "90 days"}, "1.3": {"zh": "比例", "en": "Ratio"}},
    term_clauses={"waiting.days": "1.1", "ratio.in_situ": "1.3", "report.days": "1.2"},
    questions=({"key": "b", "zh": "乙?", "en": "Really B?"}, {"key": "c", "zh": "丙?", "en": "C?"}),
)


def kinds(parts):
    return [(one.name, one.change) for one in parts]


def test_every_part_is_said_to_be_added_left_out_changed_or_the_same():
    both = compare(WAS, NOW)

    assert kinds(both.terms) == [
        ("waiting.days", Change.CHANGED),
        ("ratio.in_situ", Change.CHANGED),
        ("report.days", Change.SAME),
    ]
    assert kinds(both.clauses) == [("1.1", Change.SAME), ("1.3", Change.ADDED), ("1.2", Change.REMOVED)]
    assert kinds(both.questions) == [("b", Change.CHANGED), ("c", Change.ADDED), ("a", Change.REMOVED)]
    assert kinds(changed(both.term_clauses)) == [("ratio.in_situ", Change.CHANGED)]


def test_a_version_does_not_differ_from_itself():
    both = compare(WAS, WAS)

    assert not [*changed(both.terms), *changed(both.clauses), *changed(both.questions), *changed(both.term_clauses)]


def test_a_term_whose_clause_still_says_the_old_is_named():
    unworded = compare(WAS, NOW).unworded(NOW.term_clauses)

    assert [one.name for one in unworded] == ["waiting.days"]


def test_clauses_are_read_in_the_order_of_their_numbers():
    assert sorted(["3.10", "10.1", "3.9", "3"], key=in_order) == ["3", "3.9", "3.10", "10.1"]


@pytest.mark.parametrize("name", CHECKS)
def test_every_term_has_a_label_and_a_section(name):
    assert term_words.label(name)
    assert isinstance(term_words.unit(name), str)
    assert [name] in [names for _section, names in term_words.by_section([name])]


def test_the_sections_hold_every_term_once():
    listed = [name for _section, names in term_words.by_section() for name in names]
    assert sorted(listed) == sorted(CHECKS)
