"""Two people ask for the next case at one moment."""

from datetime import datetime
from threading import Barrier

import pytest
from django.db.models import QuerySet

from claims.enums import State
from claims.models import Assignment, Claim
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


def test_whoever_finds_the_same_case_is_first_or_goes_on_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: both choose the same case before either has it, and the gate lets one of them in."""
    first, second = case_in(State.REVIEWING), case_in(State.REVIEWING)
    both, offered = Barrier(2), assigning.offered

    class Unlocked:
        def __init__(self, rows: "QuerySet[Claim]") -> None:
            self.rows = rows

        def exclude(self, **tried: list[int]) -> "Unlocked":
            self.waits = not tried["pk__in"]
            return Unlocked.of(self.rows.exclude(**tried), waits=self.waits)

        @classmethod
        def of(cls, rows: "QuerySet[Claim]", *, waits: bool) -> "Unlocked":
            made = cls(rows)
            made.waits = waits
            return made

        def select_for_update(self, **how: object) -> "Unlocked":
            return self

        def first(self) -> Claim | None:
            found = self.rows.first()
            if self.waits:
                both.wait(timeout=30)
            return found

    def without_lock(user: User, *, at: datetime) -> Unlocked:
        return Unlocked(offered(user, at=at))

    monkeypatch.setattr(assigning, "offered", without_lock)
    people = [staff("reviewer") for _ in range(2)]

    assert at_once(*map(taking_next, people)) == ["done", "done"]
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
