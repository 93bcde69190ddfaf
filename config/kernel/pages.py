"""What the page of a row is made of: panels and moves, which any app adds in a `panels.py` that autodiscovery finds.

A move here is data: how it is called, what it asks for, which guards say whether it is possible, and the service that
makes it. The guards are asked for the greyed button only; the service asks them again, under the lock.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise

from config.kernel import gate
from config.kernel.models import User
from config.kernel.refusals import Refusal

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks at a page, when, and what its address asks of it: the same for all its parts."""

    by: User
    at: datetime
    query: Mapping[str, str] = field(default_factory=dict)


def once(row: Any, read: Callable[..., Any], **asked: Any) -> Any:
    """What `read(row, **asked)` gives, found out once for this row of a page, which its parts share."""
    known: dict[str, Any] = row.__dict__.setdefault("_once", {})
    name = f"{read.__module__}.{read.__qualname__}"
    if name not in known:
        known[name] = read(row, **asked)
    return known[name]


def itself(row: Any) -> tuple[Any, ...]:
    """The row of the page."""
    return (row,)


def always(row: Any) -> bool:
    return True


def in_states(*states: str) -> Callable[[Any], bool]:
    """Whether the row is in one of these."""
    return lambda row: row.state in states


def elsewhere(row: Any, said: Any, *, by: User, at: datetime, version: int | None) -> None:
    """Of a move that nobody makes by hand."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A part of the page: `read(row, look)` gives its data to `template`; shown to those who hold `permission`.

    A part that belongs to some rows only says so by `when`. One that `is_half` shares a line with its neighbour where
    the screen is wide.
    """

    name: str
    title: Text
    template: str
    read: Callable[[Any, Look], Mapping[str, Any]]
    permission: str
    place: int = 50
    is_half: bool = False
    when: Callable[[Any], bool] = always


def panel(
    folder: str,
    name: str,
    title: Text,
    read: Callable[[Any, Look], Mapping[str, Any]],
    permission: str,
    place: int,
    *,
    is_half: bool = False,
) -> Panel:
    """A panel whose template stands under its name in a folder of `desk`."""
    template = f"desk/{folder}/{name}.html"
    return Panel(
        name=name, title=title, template=template, read=read, permission=permission, place=place, is_half=is_half
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move would leave behind, for `template` to show."""

    template: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Something that can be done from the page. `form` is made with the `row` and the `look`.

    `rows` are what it is done to: the page's own row, or others of the page (its payouts, its objections). It belongs
    to a row when `transition` leaves the row's state and `when` says so. `perform` is called with the row, the form's
    cleaned data, `by`, `at` and the page's `version`; `form` is None for what the clock does. `arrive` gives the
    address to go to afterwards, from what `perform` returned. One that is `in_place` is offered where its row is shown,
    by a panel, and not among the moves of the page. A move with a `preview` is shown before it is confirmed: after
    `perform`, and before everything is taken back, `preview(row, at=)` reads what it did; `row` is as it was.
    """

    name: str
    label: Text
    consequence: Text
    form: Callable[..., Any] | None = None
    perform: Callable[..., Any] = elsewhere
    rows: Callable[[Any], Iterable[Any]] = itself
    transition: str = ""
    when: Callable[[Any], bool] = always
    checks: Sequence[gate.Check] = ()
    arrive: Callable[[Any], str] | None = None
    harsh: bool = False
    in_place: bool = False
    preview: Callable[..., Preview] | None = None

    def belongs_to(self, row: Any) -> bool:
        """Whether the row's state knows this move."""
        if self.transition and not getattr(type(row), self.transition)._django_fsm.has_transition(row.state):
            return False
        return self.when(row)

    def refusals(self, row: Any, *, by: User, at: datetime) -> list[Refusal]:
        """Why it is not possible now; empty when it is."""
        found = gate.refusals(row, self.transition, by=by, at=at) if self.transition else []
        asked = (gate.refusal_of(check, row, by=by, at=at) for check in self.checks)
        return found + [no for no in asked if no is not None]


@dataclass(frozen=True, slots=True)
class Offer:
    """A move as one person sees it on the page; `about` names the row where it is not the page's own."""

    move: Move
    row: Any
    about: str
    refusals: list[Refusal]

    @property
    def is_open(self) -> bool:
        return not self.refusals and self.move.form is not None

    @property
    def code(self) -> str:
        """Of the first refusal, which is the one that the attempt would get."""
        return self.refusals[0].code if self.refusals else ""

    @property
    def why_not(self) -> str:
        return " ".join(str(no) for no in self.refusals)


_panels: dict[str, dict[str, Panel]] = {}
_moves: dict[str, dict[str, Move]] = {}
_verbs: dict[str, Text] = {}
_codes: dict[str, Text] = {}


def add_panels(model: type[models.Model], *panels: Panel) -> None:
    """Put panels on the page of a model's rows; ValueError for a name that is taken."""
    _add(_panels, model, panels)


def add_moves(model: type[models.Model], *moves: Move) -> None:
    """Offer moves on the page of a model's rows, in this order; ValueError for a name that is taken."""
    _add(_moves, model, moves)


def name_verbs(words: Mapping[str, Text]) -> None:
    """How the events of these verbs are called in a timeline."""
    _verbs.update(words)


def verb_label(verb: str) -> Text:
    """The event's name for a reader; the verb itself where nobody named it."""
    return _verbs.get(verb, verb)


def verb_labels() -> Mapping[str, Text]:
    """The names of all events that somebody named."""
    return dict(_verbs)


def name_codes(words: Mapping[str, Text]) -> None:
    """How the coded reasons of events are called, where they are an upper app's."""
    _codes.update(words)


def code_label(code: str) -> Text:
    """The coded reason for a reader; the code itself where nobody named it."""
    return _codes.get(code, code)


def moves_of(model: type[models.Model]) -> dict[str, Move]:
    """All moves of a model's page, by name."""
    return dict(_moves.get(model._meta.label, {}))


def panels_for(row: models.Model, by: User) -> list[Panel]:
    """The panels of this row that `by` may read, in their places."""
    panels = _panels.get(row._meta.label, {}).values()
    open_to = (panel for panel in panels if by.has_perm(panel.permission) and panel.when(row))
    return sorted(open_to, key=lambda panel: panel.place)


def offers(row: models.Model, *, by: User, at: datetime) -> list[Offer]:
    """Every move of the row's page in its present state, possible or not. Moves of the same rows read them once."""
    read: dict[Callable[[Any], Iterable[Any]], list[Any]] = {}
    found = []
    for move in moves_of(type(row)).values():
        if move.rows not in read:
            read[move.rows] = list(move.rows(row))
        found += [_offer(move, one, row, by=by, at=at) for one in read[move.rows] if move.belongs_to(one)]
    return found


def _offer(move: Move, row: Any, page_row: models.Model, *, by: User, at: datetime) -> Offer:
    return Offer(move, row, "" if row is page_row else str(row), move.refusals(row, by=by, at=at))


def _add(register: dict[str, dict[str, Any]], model: type[models.Model], parts: Iterable[Any]) -> None:
    own = register.setdefault(model._meta.label, {})
    for part in parts:
        if part.name in own:
            raise ValueError(f"Two parts of the page of {model.__name__} are named {part.name}.")
        own[part.name] = part
