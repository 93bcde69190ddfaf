"""The way of a case, from events written by hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from claims.panels.stepping import path_of
from tests.factories import at

START = at("2025-04-05 09:30")


@dataclass(frozen=True)
class Event:
    from_state: str
    to_state: str
    at: datetime
    verb: str = "move"


def way(*states: str) -> list[Event]:
    """Events one day apart that lead from each state to the next."""
    pairs = pairwise(states)
    return [Event(was, becomes, START + timedelta(days=day)) for day, (was, becomes) in enumerate(pairs)]


def drawn(*states: str) -> str:
    """The path in one line: + done, * present, · ahead, ~ again, x skipped, ( ) a branch, ↩n ways back."""
    marks = {"done": "+", "present": "*", "ahead": "·", "again": "~", "skipped": "x"}
    words = []
    for step in path_of(way(*states)):
        word = marks[step.passed] + step.state + (f"↩{len(step.returns)}" if step.returns else "")
        words.append(f"({word})" if step.is_branch else word)
    return " ".join(words)


MONEY = "·approved ·paying ·paid"


@pytest.mark.parametrize(
    ("states", "path"),
    [
        (
            "reported",
            "*reported ·collecting ·reviewing ·investigating ·deciding ·publicised ·approved ·paying ·paid",
        ),
        (
            "reported collecting reviewing",
            "+reported +collecting *reviewing ·investigating ·deciding ·publicised " + MONEY,
        ),
        (  # no investigation is asked for
            "reported collecting reviewing deciding",
            "+reported +collecting +reviewing xinvestigating *deciding ·publicised " + MONEY,
        ),
        (  # sent back twice
            "reported collecting reviewing collecting reviewing collecting",
            "+reported *collecting↩2 ~reviewing ·investigating ·deciding ·publicised " + MONEY,
        ),
        (
            "reported collecting reviewing investigating deciding reviewing",
            "+reported +collecting *reviewing↩1 ~investigating ~deciding ·publicised " + MONEY,
        ),
        (
            "reported collecting reviewing deciding publicised suspended",
            "+reported +collecting +reviewing xinvestigating +deciding +publicised (*suspended) " + MONEY,
        ),
        (
            "reported collecting reviewing deciding publicised suspended publicised",
            "+reported +collecting +reviewing xinvestigating +deciding *publicised↩1 (+suspended) " + MONEY,
        ),
        ("reported withdrawn", "+reported (*withdrawn)"),
        ("reported collecting closed", "+reported +collecting (*closed)"),
        ("reported collecting reviewing rejected", "+reported +collecting +reviewing (*rejected)"),
        (
            "reported collecting reviewing rejected appealing rejected closed",
            "+reported +collecting +reviewing (+appealing) (+rejected) (*closed)",
        ),
        (
            "reported collecting reviewing rejected appealing deciding",
            "+reported +collecting +reviewing (+rejected) (+appealing) xinvestigating *deciding ·publicised " + MONEY,
        ),
        (  # the money came back
            "reported collecting reviewing deciding publicised approved paying approved",
            "+reported +collecting +reviewing xinvestigating +deciding +publicised *approved↩1 ~paying ·paid",
        ),
        (
            "reported collecting reviewing deciding publicised approved paying paid closed",
            "+reported +collecting +reviewing xinvestigating +deciding +publicised +approved +paying +paid (*closed)",
        ),
    ],
)
def test_the_way(states: str, path: str) -> None:
    assert drawn(*states.split()) == path


def test_a_step_says_when_it_was_entered_last() -> None:
    steps = path_of(way("reported", "collecting", "reviewing", "collecting"))

    assert [step.entered_at for step in steps[:3]] == [START, START + timedelta(days=2), START + timedelta(days=1)]
    assert steps[3].entered_at is None


def test_what_moves_no_state_is_no_step() -> None:
    events = [*way("reported", "collecting"), Event("collecting", "collecting", START + timedelta(days=9), "submit")]

    assert path_of(events) == path_of(way("reported", "collecting"))


def test_a_way_back_is_the_event_that_led_there() -> None:
    events = way("reported", "collecting", "reviewing", "collecting")

    assert path_of(events)[1].returns == (events[2],)
