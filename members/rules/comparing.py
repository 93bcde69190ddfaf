"""What differs between two versions of a covenant: term by term, clause by clause, question by question."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Change(StrEnum):
    """What became of one part from one version to the other."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of two versions, by its name; `was` or `now` is None where that version has it not."""

    name: str
    was: Any
    now: Any
    change: Change


@dataclass(frozen=True, slots=True)
class Wording:
    """The content of a version: flat `terms`, `clauses` by number, the clause of each term, the health questions."""

    terms: Mapping[str, Any]
    clauses: Mapping[str, Mapping[str, str]]
    term_clauses: Mapping[str, str]
    questions: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All parts of two versions, in the order of the later one; what only the earlier one has follows."""

    terms: tuple[Difference, ...]
    clauses: tuple[Difference, ...]
    questions: tuple[Difference, ...]
    term_clauses: tuple[Difference, ...]

    def unworded(self, term_clauses: Mapping[str, str]) -> tuple[Difference, ...]:
        """Changed terms whose clause says what it said before: the text may now contradict its figure."""
        reworded = {one.name for one in self.clauses if one.change is not Change.SAME}
        changed = (one for one in self.terms if one.change is Change.CHANGED)
        return tuple(one for one in changed if term_clauses.get(one.name) not in reworded)


def compare(was: Wording, now: Wording) -> Comparison:
    """From `was` to `now`; lists whose order has no meaning are compared as they are kept."""
    return Comparison(
        terms=tuple(_parts(was.terms, now.terms)),
        clauses=tuple(_parts(was.clauses, now.clauses)),
        questions=tuple(_parts(_by_key(was.questions), _by_key(now.questions))),
        term_clauses=tuple(_parts(was.term_clauses, now.term_clauses)),
    )


def changed(parts: Sequence[Difference]) -> list[Difference]:
    """Those that differ."""
    return [one for one in parts if one.change is not Change.SAME]


def in_order(number: str) -> tuple[tuple[int, int | str], ...]:
    """The place of a clause number: "3.10" after "3.9"."""
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in number.split("."))


def _parts(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for name in [*now, *(name for name in was if name not in now)]:
        yield Difference(name, was.get(name), now.get(name), _change(name, was, now))


def _change(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Change:
    if name not in was:
        return Change.ADDED
    if name not in now:
        return Change.REMOVED
    return Change.SAME if was[name] == now[name] else Change.CHANGED


def _by_key(questions: Sequence[Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    return {question["key"]: question for question in questions}
