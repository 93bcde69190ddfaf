"""`manage.py states`: the case as a state machine, drawn and tabled from the declarations on `Claim`."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import override

from claims.enums import ENDED, State
from claims.models import Claim
from claims.services.reviewing import EARLIER
from config.embedded.addresses import ROOT

PAGE = ROOT / "docs" / "states.md"
NARROWED = {"return_to": EARLIER}
"""Moves whose declaration allows more pairs than the service that makes them."""

HEAD = """# The case as a state machine

Written by `manage.py states` from the declarations in `claims/models/claim.py`; `make check` fails when it is out of
date. What the database lets pass, whoever writes, stands in `claims.enums.MOVES`; a test has both once more, by hand.
"""


@dataclass(frozen=True, slots=True)
class Move:
    """One arrow: which move leads from where to where, what it means, and its checks in the order they are made."""

    name: str
    source: str
    target: str
    meaning: str
    checks: tuple[str, ...]


class Command(BaseCommand):
    help = "Write docs/states.md from the declared transitions; --check only says whether it is up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when the page differs")

    def handle(self, *args: Any, **options: Any) -> None:
        page, now = state_page(), PAGE.read_text(encoding="utf-8") if PAGE.exists() else None
        if page == now:
            self.stdout.write("docs/states.md is up to date.")
        elif options["check"]:
            self.stderr.write("docs/states.md is out of date: run `manage.py states`.")
            sys.exit(1)
        else:
            PAGE.write_text(page, encoding="utf-8")
            self.stdout.write("docs/states.md is written.")


def moves() -> list[Move]:
    """Every declared move, by the order of the steps that it leads from, then of those that it leads to."""
    found = [
        Move(each.name, str(each.source), target, _first_line(getattr(Claim, each.name)), _checks(each))
        for each in Claim._meta.get_field("state").get_all_transitions(Claim)
        for target in _targets(each)
    ]
    order = list(State.values)
    return sorted(found, key=lambda move: (order.index(move.source), order.index(move.target), move.name))


def state_page() -> str:
    """The whole page: diagram, steps, moves."""
    drawn = moves()
    with override("en"):
        steps = [f"| `{state.value}` | {state.label} |" for state in State]
    rows = [
        f"| `{move.source}` | `{move.name}` | `{move.target}` | {move.meaning} | {', '.join(move.checks)} |"
        for move in drawn
    ]
    return "\n".join(
        [
            HEAD,
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {State.REPORTED.value}",
            *(f"    {source} --> {target}: {names}" for source, target, names in _arrows(drawn)),
            *(f"    {state.value} --> [*]" for state in ENDED),
            "```",
            "",
            "## Steps",
            "",
            "| step | reads |",
            "|---|---|",
            *steps,
            "",
            "## Moves",
            "",
            "The checks are made in this order; the first that fails is the refusal.",
            "",
            "| from | move | to | what happens | checks |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _arrows(drawn: Iterable[Move]) -> list[tuple[str, str, str]]:
    """One arrow for each pair of steps, named for all its moves."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for move in drawn:
        pairs.setdefault((move.source, move.target), []).append(move.name)
    return [(source, target, " / ".join(names)) for (source, target), names in pairs.items()]


def _targets(transition: Any) -> list[str]:
    """Where it may lead: one step, or those that its method may return."""
    if transition.name in NARROWED:
        return [str(state) for state in NARROWED[transition.name][State(transition.source)]]
    allowed = getattr(transition.target, "allowed_states", None)
    return [str(state) for state in allowed or [transition.target]]


def _checks(transition: Any) -> tuple[str, ...]:
    return tuple(f"`{condition.check.__name__}`" for condition in transition.conditions)


def _first_line(method: Callable[..., Any]) -> str:
    return (method.__doc__ or "").strip().splitlines()[0]
