"""The way that a case took through its steps, read from its events."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from claims.enums import State
from claims.forms import words
from claims.models import Claim, ClaimEvent
from config.kernel.pages import once, verb_label

MAIN = (
    State.REPORTED,
    State.COLLECTING,
    State.REVIEWING,
    State.INVESTIGATING,
    State.DECIDING,
    State.PUBLICISED,
    State.APPROVED,
    State.PAYING,
    State.PAID,
)
"""The way from the report to the payout; every other step is a branch."""

LEADS_ON = (*MAIN, State.SUSPENDED)
"""From here the rest of the main way is still ahead."""


class Passed(StrEnum):
    """How a step stands to where the case is."""

    DONE = "done"
    PRESENT = "present"
    AHEAD = "ahead"
    AGAIN = "again"
    SKIPPED = "skipped"


class Happened(Protocol):
    """What is read of an event."""

    verb: str
    from_state: str
    to_state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way; `entered_at` is the last time, `returns` are the events that led back to it."""

    state: State
    passed: Passed
    entered_at: datetime | None = None
    returns: tuple[Any, ...] = ()
    is_branch: bool = False


@dataclass(slots=True)
class _Way:
    """What the events have told so far. `place` is that of the last main step, also while on a branch."""

    state: State = State.REPORTED
    place: int = 0
    entered: dict[State, datetime] = field(default_factory=dict)
    returns: dict[State, list[Any]] = field(default_factory=dict)
    branches: dict[State, int] = field(default_factory=dict)

    def go(self, event: Happened) -> None:
        self.entered.setdefault(State.REPORTED, event.at)
        to = State(event.to_state)
        if to == self.state:
            return
        if to in MAIN:
            if MAIN.index(to) <= self.place:
                self.returns.setdefault(to, []).append(event)
            self.place = MAIN.index(to)
        else:
            self.branches.pop(to, None)
            self.branches[to] = self.place
        self.state, self.entered[to] = to, event.at


def path_of(events: Iterable[Happened]) -> list[Step]:
    """The steps in reading order, from events in the order of their versions.

    A branch stands behind the main step that it was last entered from. Steps that are ahead are listed only where the
    case can still come to them; one that it has been past without entering was skipped.
    """
    way = _Way()
    for event in events:
        way.go(event)
    steps = []
    for place, state in enumerate(MAIN):
        if place <= way.place or way.state in LEADS_ON:
            steps.append(_main(way, place, state))
        steps += [_branch(way, branch) for branch, behind in way.branches.items() if behind == place]
    return steps


def _main(way: _Way, place: int, state: State) -> Step:
    entered = way.entered.get(state)
    if state == way.state:
        passed = Passed.PRESENT
    elif place > way.place:
        passed = Passed.AHEAD if entered is None else Passed.AGAIN
    else:
        passed = Passed.SKIPPED if entered is None and place else Passed.DONE
    return Step(state, passed, entered, tuple(way.returns.get(state, ())))


def _branch(way: _Way, state: State) -> Step:
    passed = Passed.PRESENT if state == way.state else Passed.DONE
    return Step(state, passed, way.entered[state], is_branch=True)


def events_of(claim: Claim) -> list[ClaimEvent]:
    """All that happened to a case, in order; read once for the parts of its page."""
    return list(claim.events.select_related("by").order_by("version"))


def steps(claim: Claim) -> list[dict[str, Any]]:
    """The way of a case for its page."""
    return [
        {
            "label": step.state.label,
            "passed": step.passed.value,
            "entered_at": step.entered_at,
            "is_branch": step.is_branch,
            "returns": [_return(event) for event in step.returns],
        }
        for step in path_of(once(claim, events_of))
    ]


def _return(event: Any) -> dict[str, Any]:
    return {
        "at": event.at,
        "by": event.by,
        "verb": verb_label(event.verb),
        "from": State(event.from_state).label,
        "code": words.reason_code(event.reason_code) if event.reason_code else "",
        "reason": event.reason,
    }
