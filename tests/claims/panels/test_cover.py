"""The cover panel: its arithmetic against days counted by hand."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils.translation import override

from claims.enums import State
from claims.models import Claim
from claims.panels.cover import Line, cover, measured, owed, timely
from claims.rules.facts import Cause, Facts, Unpaid
from members.enums import EndReason
from members.models import Membership
from members.rules.terms import Terms
from members.services import dues
from members.services.plans import terms_of
from tests.factories import JOINED, at, case_in, look, membership


@pytest.fixture
def terms(db: None) -> Terms:
    return terms_of(membership().covenant)


def facts(**changes: object) -> Facts:
    """Joined on 1 June 2024, diagnosed on 1 April 2025, reported on the 5th; born on 20 May 1980."""
    known = Facts(
        disease="malignant_tumor",
        cause=Cause.ILLNESS,
        diagnosed_on=date(2025, 4, 1),
        reported_on=date(2025, 4, 5),
        joined_on=date(2024, 6, 1),
        birth_date=date(1980, 5, 20),
        tier_fen=10_000_000,
    )
    return replace(known, **changes)


def words(line: Line) -> str:
    return " ".join(line.sentences)


WAITED = [
    (
        {},
        "Joined on 1 June 2024 + 90 days = 30 August 2024. First diagnosed on 1 April 2025: day 304, after it.",
        False,
    ),
    (
        {"diagnosed_on": date(2024, 8, 30)},
        "Joined on 1 June 2024 + 90 days = 30 August 2024. First diagnosed on 30 August 2024: day 90, within it.",
        True,
    ),
    ({"diagnosed_on": date(2024, 5, 1)}, "First diagnosed on 1 May 2024, before joining on 1 June 2024.", True),
    (
        {"cause": Cause.ACCIDENT, "diagnosed_on": date(2024, 6, 3)},
        "None: the cause is an accident after joining.",
        False,
    ),
]


@pytest.mark.parametrize(("changes", "sentence", "is_against"), WAITED)
def test_the_waiting_period(terms: Terms, changes: dict[str, object], sentence: str, is_against: bool) -> None:
    with override("en"):
        line = next(timely(facts(**changes), terms))

    assert words(line) == sentence
    assert line.is_against is is_against


REPORTED = [
    ({}, "Reported on 5 April 2025: day 4, in time.", False),
    ({"reported_on": date(2025, 4, 12)}, "Reported on 12 April 2025: day 11, too late.", True),
    (
        {"reported_on": date(2025, 4, 12), "late_waived": True},
        "Reported on 12 April 2025: day 11, too late; a supervisor waived it.",
        False,
    ),
]


@pytest.mark.parametrize(("changes", "sentence", "is_against"), REPORTED)
def test_the_reporting_window(terms: Terms, changes: dict[str, object], sentence: str, is_against: bool) -> None:
    with override("en"):
        _waited, line = timely(facts(**changes), terms)

    assert line.sentences[0] == "First diagnosed on 1 April 2025 + 10 days = 11 April 2025."
    assert line.sentences[2] == sentence
    assert line.is_against is is_against


def test_a_window_that_is_moved_says_so(terms: Terms) -> None:
    moved = replace(terms, report=replace(terms.report, extend_on_holiday=True))
    off = frozenset({date(2025, 4, 11), date(2025, 4, 12)})
    with override("en"):
        _waited, line = timely(facts(days_off=off), moved)

    assert words(line).startswith(
        "First diagnosed on 1 April 2025, 10 days; moved to 13 April 2025. "
        "A last day that is no working day moves to the next one."
    )


def test_age_ratio_and_tier(terms: Terms) -> None:
    with override("en"):
        young = [words(line) for line in measured(facts(), terms)]
        old = next(measured(facts(birth_date=date(1965, 4, 1)), terms))

    assert young == [
        "44 years old on joining, 44 on the day of the first diagnosis. Below 60 the age factor is 100 %.",
        "100 % of the tier.",
        "CNY 100,000",
    ]
    assert words(old) == (
        "59 years old on joining, 60 on the day of the first diagnosis. From 60 on the age factor is 80 %."
    )


def test_arrears_one_by_one(terms: Terms) -> None:
    shares = (Unpaid(date(2024, 4, 4), 100), Unpaid(date(2024, 4, 5), 300), Unpaid(date(2025, 4, 5), 500))
    with override("en"):
        due, none = owed(facts(unpaid=shares), terms), owed(facts(), terms)

    assert due.sentences == [
        "Due in the 12 months from 5 April 2024 to the day before 5 April 2025:",
        "5 April 2024: CNY 3",
        "In all CNY 3.",
    ]
    assert none.sentences[1:] == ["None."]


class TestThePanel:
    def test_a_member_who_left_and_came_back(self, db: None) -> None:
        again = membership()
        before = Membership.objects.get(pk=again.pk)
        before.pk, before.joined_on, before.joined_at = None, date(2020, 1, 1), at("2020-01-01")
        before.ended_on, before.end_reason = date(2021, 1, 1), EndReason.LEFT
        before.save()
        dues.owe(again, due_on=date(2025, 1, 7), fen=300)

        found = cover(case_in(State.REVIEWING, of=again), look())

        assert [(one["row"].joined_on, one["is_this"]) for one in found["memberships"]] == [
            (date(2020, 1, 1), False),
            (JOINED.date(), True),
        ]
        assert found["memberships"][0]["ended"]

    def test_why_this_version_binds(self, db: None) -> None:
        with override("en"):
            found = cover(case_in(State.REVIEWING), look())

        assert found["bound_because"] == "The member joined under it on 1 June 2024."

    def test_other_cases_of_the_member_and_nobody_elses(self, db: None) -> None:
        claim, _stranger = case_in(State.COLLECTING), case_in(State.COLLECTING)
        other = case_in(State.COLLECTING, of=_twin(claim))

        assert cover(claim, look())["earlier"] == [other]

    def test_before_the_first_assessment_it_says_who_the_member_is(self, db: None) -> None:
        claim = case_in(State.COLLECTING)
        Claim.objects.filter(pk=claim.pk).update(assessment=None)

        found = cover(Claim.objects.get(pk=claim.pk), look())

        assert found["lines"] == []
        assert len(found["memberships"]) == 1


def _twin(claim: Claim) -> Membership:
    """Another membership of the same person."""
    other = membership()
    Membership.objects.filter(pk=other.pk).update(
        member=claim.membership.member, ended_on=date(2026, 1, 1), end_reason="left"
    )
    return Membership.objects.get(pk=other.pk)
