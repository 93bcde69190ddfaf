"""Checks of single facts: each takes a JSON value and returns the typed one, or raises ValueError with the reason."""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

_GRADE = re.compile(r"[1-3][A-C]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class FactsInvalid(ValueError):
    """Facts of the wrong shape: `path` leads to the value, `why` is the reason."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


def optional(check: Callable[[Any], T]) -> Callable[[Any], T | None]:
    """Nothing, or what `check` takes."""
    return lambda value: None if value is None else check(value)


def listed(kinds: type[E]) -> Callable[[Any], E]:
    """One of the values of `kinds`."""

    def check(value: Any) -> E:
        if not isinstance(value, str) or value not in set(kinds):
            raise ValueError("must be one of " + ", ".join(kinds))
        return kinds(value)

    return check


def listed_many(kinds: type[E]) -> Callable[[Any], frozenset[E]]:
    """A list of values of `kinds`; naming one twice adds nothing."""
    one = listed(kinds)

    def check(value: Any) -> frozenset[E]:
        if not isinstance(value, list):
            raise ValueError("must be a list")
        return frozenset(one(entry) for entry in value)

    return check


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise ValueError("must be text")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of strings."""
    if not isinstance(value, list):
        raise ValueError("must be a list")
    return tuple(text(entry) for entry in value)


def switch(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def fen(value: Any) -> int:
    """A whole number of fen, zero or more."""
    if type(value) is not int or value < 0:
        raise ValueError("must be a whole number of fen")
    return value


def civil_day(value: Any) -> date:
    """A civil day, written YYYY-MM-DD."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("must be a date, YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("is no day of the calendar") from error


def grade(value: Any) -> str:
    """A hospital's grade, 1A to 3C."""
    if not isinstance(value, str) or not _GRADE.fullmatch(value):
        raise ValueError("must be a grade from 1A to 3C")
    return value
