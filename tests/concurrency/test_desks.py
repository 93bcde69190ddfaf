"""Two people ask for the next case at one moment."""

from threading import Barrier
from typing import Any

import pytest

from claims.enums import State
from claims.models import Assignment, Claim
from claims.querysets import ClaimQuerySet
from claims.services import assigning
from config.kernel.models import User
from tests.concurrency.racing import Move, at_once, queue, read_without_lock
from tests.factories import REVIEWED, case_in, staff


def taking_next(user: User) -> Move:
    return lambda: assigning.take_next(by=user, at=REVIEWED)


def taking(case: Claim, *, version: int | None = None) -> Move:
    reviewer = staff("reviewer")
    return lambda: assigning.take(case.pk, by=reviewer, at=REVIEWED, version=version)


def test_all_who_ask_at_once_get_different_cases() -> None:
    cases = {case_in(State.REVIEWING).pk for _ in range(4)}
    people = [staff("reviewer") for _ in range(4)]

    assert at_once(*map(taking_next, people)) == ["done"] * 4
    assert set(Assignment.objects.values_list("claim", flat=True)) == cases
    assert set(Assignment.objects.values_list("user", flat=True)) == {one.pk for one in people}


def test_of_more_people_than_cases_some_get_nothing() -> None:
    case_in(State.REVIEWING)
    people = [staff("reviewer") for _ in range(3)]

    assert sorted(at_once(*map(taking_next, people))) == ["NOTHING_WAITS"] * 2 + ["done"]
    assert Assignment.objects.count() == 1


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the first two who ask have found, before either of them has taken anything."""
    cases: list[int] = []
    both, take = Barrier(2), assigning.take

    def take_together(claim_id: int, **who: Any) -> Assignment:
        cases.append(claim_id)
        if len(cases) <= 2:
            both.wait(timeout=30)
        return take(claim_id, **who)

    monkeypatch.setattr(assigning, "take", take_together)
    return cases


def test_two_find_different_cases_before_either_has_one(found: list[int]) -> None:
    first, second = case_in(State.REVIEWING), case_in(State.REVIEWING)
    people = [staff("reviewer") for _ in range(2)]

    assert at_once(*map(taking_next, people)) == ["done", "done"]
    assert sorted(found) == [first.pk, second.pk]


def test_without_the_lock_both_find_the_same_and_the_gate_parts_them(
    found: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the lock, and what the second net does."""
    monkeypatch.setattr(ClaimQuerySet, "select_for_update", lambda rows, **how: rows)
    first, second = case_in(State.REVIEWING), case_in(State.REVIEWING)
    people = [staff("reviewer") for _ in range(2)]

    assert at_once(*map(taking_next, people)) == ["done", "done"]
    assert found == [first.pk, first.pk, second.pk]
    assert set(Assignment.objects.values_list("claim", flat=True)) == {first.pk, second.pk}


def test_of_two_who_take_one_case_the_second_is_told_who_has_it() -> None:
    case = case_in(State.REVIEWING)

    assert queue(case, taking(case), taking(case)) == ["done", "ALREADY_TAKEN"]


def test_without_the_gates_lock_the_second_would_take_it_away(
    monkeypatch: pytest.MonkeyPatch, events_unnumbered: None
) -> None:
    """The control: what keeps the second out is the lock, under which he looks again."""
    read_without_lock(monkeypatch)
    case = case_in(State.REVIEWING)

    assert queue(case, taking(case), taking(case)) == ["done", "done"]
    assert Assignment.objects.count() == 1
