"""Where apps put their verbs of the case script, and their parts of its output."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from config.kernel.refusals import Refusal

if TYPE_CHECKING:
    from claims.models import Claim
    from claims.replaying.play import Play
    from config.kernel.models import StoredFile

Verb = Callable[["Play", datetime, dict[str, Any]], None]
Part = Callable[["Claim"], Any]
Prop = Callable[[], Any]
Drawn = Callable[[tuple[str, ...], str], "StoredFile"]
Finale = Callable[..., int]

verbs: dict[str, Verb] = {}
parts: dict[str, Part] = {}
props: list[Prop] = []
extras: list[Prop] = []
finales: list[Finale] = []
follows: dict[str, list[Verb]] = {}


class DoubleName(ValueError):
    """Two apps want the same verb or part."""


def verb(name: str) -> Callable[[Verb], Verb]:
    """Register what the event `name` does: `(play, at, event)`, raising a Refusal where it cannot be done."""

    def register(function: Verb) -> Verb:
        if name in verbs:
            raise DoubleName(name)
        verbs[name] = function
        return function

    return register


def after(name: str) -> Callable[[Verb], Verb]:
    """Register what an upper app does when the event `name` has been done, as a part of it."""

    def register(function: Verb) -> Verb:
        follows.setdefault(name, []).append(function)
        return function

    return register


def part(name: str) -> Callable[[Part], Part]:
    """Register a key of the output: JSON about a case, or None."""

    def register(function: Part) -> Part:
        if name in parts:
            raise DoubleName(name)
        parts[name] = function
        return function

    return register


def prop(function: Prop) -> Prop:
    """Register what has to stand on the stage before any event: the third parties that a sweep may call."""
    props.append(function)
    return function


def extra(function: Prop) -> Prop:
    """Register who else is on the stage of a demonstration; scripts are played without."""
    extras.append(function)
    return function


def finale(function: Finale) -> Finale:
    """Register what a demonstration plays once its cases stand: `(drawn, at=)`, how many rows were worked on.

    `drawn` makes a sample page of some lines with a case's number.
    """
    finales.append(function)
    return function


__all__ = [
    "DoubleName",
    "Drawn",
    "Finale",
    "Part",
    "Prop",
    "Refusal",
    "Verb",
    "after",
    "extra",
    "extras",
    "finale",
    "finales",
    "follows",
    "part",
    "parts",
    "prop",
    "props",
    "verb",
    "verbs",
]
