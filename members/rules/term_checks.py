"""Checks of single terms: each takes a JSON value and returns the typed one, or raises ValueError with the reason."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from members.rules.codes import PAPER_CODES

Check = Callable[[Any], Any]


class TermsInvalid(ValueError):
    """A covenant's terms, or an override of one, that cannot be used: `path` is the dotted name, `why` the reason."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


def whole(bottom: int = 0, top: int = 36_500) -> Check:
    """An integer from `bottom` to `top`; true and false are none."""

    def check(value: Any) -> int:
        if type(value) is not int:
            raise ValueError("must be a whole number")
        if not bottom <= value <= top:
            raise ValueError(f"must lie between {bottom} and {top}")
        return value

    return check


percent = whole(0, 100)


def switch(value: Any) -> bool:
    """True or false."""
    if type(value) is not bool:
        raise ValueError("must be true or false")
    return value


def maybe(check: Check) -> Check:
    """Null, or what `check` takes."""
    return lambda value: None if value is None else check(value)


def listed(kinds: type[StrEnum]) -> Check:
    """One of the values of `kinds`."""

    def check(value: Any) -> StrEnum:
        if type(value) is not str or value not in set(kinds):
            raise ValueError("must be one of " + ", ".join(kinds))
        return kinds(value)

    return check


def names(value: Any) -> tuple[str, ...]:
    """A list of different words, the order kept."""
    if type(value) is not list or not all(type(name) is str and name for name in value):
        raise ValueError("must be a list of names")
    if len(set(value)) != len(value):
        raise ValueError("names something twice")
    return tuple(value)


def codes(value: Any) -> frozenset[str]:
    """A list of different words, the order of no meaning."""
    return frozenset(names(value))


def papers(value: Any) -> tuple[str, ...]:
    """A list of different kinds of paper, each of which has a code to ask for it."""
    kinds = names(value)
    for kind in kinds:
        if kind not in PAPER_CODES:
            raise ValueError(f"{kind} is no kind of paper that can be asked for")
    return kinds


def papers_by_disease(value: Any) -> Mapping[str, tuple[str, ...]]:
    """An object from a disease code to a list of kinds of paper."""
    if type(value) is not dict:
        raise ValueError("must be an object of lists")
    return {disease: papers(kinds) for disease, kinds in value.items()}


def _numbers(value: Any) -> list[int]:
    if type(value) is not list or not all(type(number) is int for number in value):
        raise ValueError("must be a list of whole numbers")
    if len(set(value)) != len(value):
        raise ValueError("names a number twice")
    return value


def amounts(value: Any) -> tuple[int, ...]:
    """One or more amounts in fen, the smallest first."""
    numbers = _numbers(value)
    if not numbers or min(numbers) <= 0:
        raise ValueError("must hold amounts above zero")
    return tuple(sorted(numbers))


def steps(value: Any) -> tuple[int, ...]:
    """Days before an end on which it reminds, the earliest reminder first; an empty list reminds of nothing."""
    numbers = _numbers(value)
    if any(number < 0 for number in numbers):
        raise ValueError("must hold days before the end")
    return tuple(sorted(numbers, reverse=True))
