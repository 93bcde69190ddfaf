"""Two people decide one case at one moment."""

from collections.abc import Callable
from threading import Barrier

import pytest
from django.db import transaction

from claims.enums import State
from claims.models import Claim, Publicity
from claims.services import deciding
from config.kernel import gate
from tests.concurrency.racing import Move, at_once, queue, read_without_lock
from tests.factories import PUBLISHED, case_in, staff

ROUNDS = 3


@pytest.fixture
def case() -> Claim:
    return case_in(State.DECIDING)


def publishing(case: Claim, *, version: int | None = None) -> Move:
    reviewer = staff("reviewer")
    return lambda: deciding.publish(case.pk, by=reviewer, at=PUBLISHED, version=version)


def rejecting(case: Claim, *, version: int | None = None) -> Move:
    reviewer = staff("reviewer")
    return lambda: deciding.reject(
        case.pk,
        contrary="nothing found",
        ground="DEFINITION_NOT_MET",
        reason="seen so",
        by=reviewer,
        at=PUBLISHED,
        version=version,
    )


def decisions(case: Claim) -> list[str]:
    """The events that decided the case."""
    return list(case.events.filter(verb__in=("publish", "reject")).values_list("verb", flat=True))


@pytest.mark.parametrize(
    ("first", "second", "decision"),
    [
        (publishing, publishing, "publish"),
        (publishing, rejecting, "publish"),
        (rejecting, publishing, "reject"),
        (rejecting, rejecting, "reject"),
    ],
)
def test_the_second_of_two_reviewers_is_told_that_the_page_is_stale(
    case: Claim, first: Callable[..., Move], second: Callable[..., Move], decision: str
) -> None:
    seen = case.version

    assert queue(case, first(case, version=seen), second(case, version=seen)) == ["done", "STALE"]
    assert decisions(case) == [decision]
    assert Claim.objects.get(pk=case.pk).version == seen + 1


def test_without_a_version_the_step_itself_refuses_the_second(case: Claim) -> None:
    assert queue(case, publishing(case), publishing(case)) == ["done", "WRONG_STATE"]
    assert decisions(case) == ["publish"]
    assert Publicity.objects.count() == 1


def test_of_eight_reviewers_at_once_one_decides() -> None:
    for _round in range(ROUNDS):
        case = case_in(State.DECIDING)
        seen = case.version

        outcome = at_once(*(who(case, version=seen) for who in [publishing, rejecting] * 4))

        assert sorted(outcome) == ["STALE"] * 7 + ["done"]
        assert len(decisions(case)) == 1


def test_whoever_waits_too_long_is_told_to_try_again(case: Claim) -> None:
    with transaction.atomic():
        gate.lock(Claim.objects.all(), case.pk)
        outcome = at_once(publishing(case))

    assert outcome == ["BUSY"]
    assert decisions(case) == []


# Negative controls: the same races with the gate's lock switched off.


def test_without_the_lock_only_the_index_of_the_events_is_left(case: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    read_without_lock(monkeypatch)
    seen = case.version

    assert queue(case, rejecting(case, version=seen), rejecting(case, version=seen)) == ["done", "one_event_a_version"]


def test_without_lock_and_index_both_decide(
    case: Claim, monkeypatch: pytest.MonkeyPatch, events_unnumbered: None
) -> None:
    read_without_lock(monkeypatch)
    seen = case.version

    assert queue(case, publishing(case, version=seen), rejecting(case, version=seen)) == ["done", "done"]
    assert decisions(case) == ["publish", "reject"]
    assert Claim.objects.get(pk=case.pk).version == seen + 1


def test_a_deadlock_would_be_seen(case: Claim, no_deadlock: list[str]) -> None:
    """The control of the watch over all these tests: two cases, each locked by one and wanted by the other."""
    other = case_in(State.DECIDING)
    both = Barrier(2)

    def lock_in_turn(*ids: int) -> None:
        with transaction.atomic():
            for pk in ids:
                gate.lock(Claim.objects.all(), pk)
                if pk == ids[0]:
                    both.wait(timeout=10)

    outcome = at_once(lambda: lock_in_turn(case.pk, other.pk), lambda: lock_in_turn(other.pk, case.pk))

    assert sorted(outcome) == ["BUSY", "done"]
    no_deadlock.append("on purpose")
