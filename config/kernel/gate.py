"""The one gate for every move: lock, compare, let it happen, save, write the event last.

Knows no case: an app binds it to its own row and log.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import OperationalError, models, transaction
from django_fsm import TransitionNotAllowed
from psycopg import errors

from config.kernel.models import User
from config.kernel.refusals import Busy, Refusal, Stale, WrongState
from config.kernel.rows import Event, lock_row, values_of, write_row

Check = Callable[..., None]
"""`check(row, *, by, at)`: returns None or raises a Refusal."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants something, and when: what the guards of an open row are asked with."""

    by: User
    at: datetime


class Log(Protocol):
    """Where an app writes what happened to its rows."""

    def since(self, row: Any, version: int) -> str:
        """What happened to `row` after `version`, in one readable sentence."""
        ...

    def write(self, row: Any, verb: str, was: str, *, by: User, at: datetime) -> Event | None:
        """The event of a move, which the gate writes with the row; None from a log that is no table."""
        ...


def permits(check: Check) -> Callable[[Any], bool]:
    """A django-fsm condition that raises the check's own refusal, and is shut to whoever passes the gate by."""

    def condition(row: Any) -> bool:
        asked: Asked | None = row.__dict__.get("_asked")
        if asked is None:
            return False
        check(row, by=asked.by, at=asked.at)
        return True

    condition.check = check  # type: ignore[attr-defined]  # django-fsm takes plain functions
    return condition


def refusals(row: Any, move: str, *, by: User, at: datetime) -> list[Refusal]:
    """Why `move` is not possible now; empty when it is. The same checks, in the same order, as the move itself."""
    meta = getattr(type(row), move)._django_fsm
    if not meta.has_transition(row.state):
        return [WrongState(state=row.get_state_display())]
    conditions = meta.get_transition(row.state).conditions
    return [no for condition in conditions if (no := refusal_of(condition.check, row, by=by, at=at)) is not None]


def refusal_of(check: Check, row: Any, *, by: User, at: datetime) -> Refusal | None:
    """The refusal that `check` would raise, or None."""
    try:
        check(row, by=by, at=at)
    except Refusal as no:
        return no
    return None


class asking:
    """Open the guards of a row that is locked already; a transition that its state does not know is `WrongState`."""

    def __init__(self, row: Any, *, by: User, at: datetime) -> None:
        if "_asked" in row.__dict__:
            raise RuntimeError(f"{type(row).__name__} {row.pk} is being asked already.")
        self.row, self.asked = row, Asked(by, at)

    def __enter__(self) -> Any:
        self.row._asked = self.asked
        return self.row

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        del self.row._asked
        if isinstance(error, TransitionNotAllowed):
            raise WrongState(state=self.row.get_state_display()) from error


@contextmanager
def moving(
    rows: models.QuerySet[Any], pk: int, verb: str, *, by: User, at: datetime, version: int | None = None, log: Log
) -> Iterator[Any]:
    """Open the gate of one row; what is done to the row in the body is saved, and logged, as one move.

    Raises `Busy` when another holds the row, `Stale` when `version` is no longer the row's, RuntimeError when nested.
    After any refusal the row that was yielded is worthless: throw it away.
    """
    with _only_once(rows.model, pk), busy_when_locked(), transaction.atomic():
        row = lock(rows, pk)
        if version is not None and version != row.version:
            raise Stale(what=log.since(row, version))
        was = values_of(row)
        with asking(row, by=by, at=at):
            yield row
        row.version += 1
        write_row(row, was, log.write(row, verb, was["state"], by=by, at=at))


def lock(rows: models.QuerySet[Any], pk: int) -> Any:
    """The row, locked until the transaction ends. `Busy` when that takes longer than the connection's lock_timeout."""
    with busy_when_locked():
        return lock_row(rows, pk)


_LOST = (errors.LockNotAvailable, errors.DeadlockDetected)


class busy_when_locked:
    """Whatever waits too long for a lock, or loses a deadlock, is `Busy`: nothing was done, it can be tried again."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OperationalError) and isinstance(error.__cause__, _LOST):
            raise Busy from error


_open_rows: ContextVar[frozenset[tuple[type, int]]] = ContextVar("open_rows", default=frozenset())


class _only_once:
    """A second opening of the same row would silently lose what the inner move did."""

    def __init__(self, model: type, pk: int) -> None:
        self.key = (model, int(pk))

    def __enter__(self) -> None:
        if self.key in _open_rows.get():
            model, pk = self.key
            raise RuntimeError(
                f"The gate of {model.__name__} {pk} is open already: hand the open row on instead of its id."
            )
        self.token = _open_rows.set(_open_rows.get() | {self.key})

    def __exit__(self, *error: object) -> None:
        _open_rows.reset(self.token)
