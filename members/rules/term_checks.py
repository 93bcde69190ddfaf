"""Checks of single terms: each takes a JSON value and returns the typed one, or raises Unfit with the reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from members.rules.codes import PAPER_CODES
from members.rules.wording import _

Check = Callable[[Any], Any]


class Unfit(ValueError):
    """A value that a term does not take: `message` is an English msgid, `params` fill its places."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message % params)
        self.message = message
        self.params = params


class TermsInvalid(ValueError):
    """A covenant's terms, or an override of one, that cannot be used.

    `path` is the dotted name, `why` the reason; `message` and `params` are the same reason for translating.
    """

    def __init__(self, path: str, message: str, **params: object) -> None:
        self.path = path
        self.message = message
        self.params = params
        self.why = message % params
        super().__init__(f"{path}: {self.why}")


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer from `bottom` to `top`; true and false are none."""

    bottom: int = 0
    top: int = 36_500

    def __call__(self, value: Any) -> int:
        if type(value) is not int:
            raise Unfit(_("must be a whole number"))
        if not self.bottom <= value <= self.top:
            raise Unfit(_("must lie between %(bottom)s and %(top)s"), bottom=self.bottom, top=self.top)
        return value


@dataclass(frozen=True, slots=True)
class Maybe:
    """Null, or what `check` takes."""

    check: Check

    def __call__(self, value: Any) -> Any:
        return None if value is None else self.check(value)


@dataclass(frozen=True, slots=True)
class Listed:
    """One of the values of `kinds`."""

    kinds: type[StrEnum]

    def __call__(self, value: Any) -> StrEnum:
        if type(value) is not str or value not in set(self.kinds):
            raise Unfit(_("must be one of %(kinds)s"), kinds=", ".join(self.kinds))
        return self.kinds(value)


percent = Whole(0, 100)


def switch(value: Any) -> bool:
    """True or false."""
    if type(value) is not bool:
        raise Unfit(_("must be true or false"))
    return value


def names(value: Any) -> tuple[str, ...]:
    """A list of different words, the order kept."""
    if type(value) is not list or not all(type(name) is str and name for name in value):
        raise Unfit(_("must be a list of names"))
    if len(set(value)) != len(value):
        raise Unfit(_("names something twice"))
    return tuple(value)


def codes(value: Any) -> frozenset[str]:
    """A list of different words, the order of no meaning."""
    return frozenset(names(value))


def papers(value: Any) -> tuple[str, ...]:
    """A list of different kinds of paper, each of which has a code to ask for it."""
    kinds = names(value)
    for kind in kinds:
        if kind not in PAPER_CODES:
            raise Unfit(_("%(kind)s is no kind of paper that can be asked for"), kind=kind)
    return kinds


def papers_by_disease(value: Any) -> Mapping[str, tuple[str, ...]]:
    """An object from a disease code to a list of kinds of paper."""
    if type(value) is not dict:
        raise Unfit(_("must be an object of lists"))
    return {disease: papers(kinds) for disease, kinds in value.items()}


def _numbers(value: Any) -> list[int]:
    if type(value) is not list or not all(type(number) is int for number in value):
        raise Unfit(_("must be a list of whole numbers"))
    if len(set(value)) != len(value):
        raise Unfit(_("names a number twice"))
    return value


def amounts(value: Any) -> tuple[int, ...]:
    """One or more amounts in fen, the smallest first."""
    numbers = _numbers(value)
    if not numbers or min(numbers) <= 0:
        raise Unfit(_("must hold amounts above zero"))
    return tuple(sorted(numbers))


def steps(value: Any) -> tuple[int, ...]:
    """Days before an end on which it reminds, the earliest reminder first; an empty list reminds of nothing."""
    numbers = _numbers(value)
    if any(number < 0 for number in numbers):
        raise Unfit(_("must hold days before the end"))
    return tuple(sorted(numbers, reverse=True))
