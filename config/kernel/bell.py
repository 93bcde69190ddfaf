"""The doorbell: wakes the sweeps after a commit. Nobody hearing it costs seconds, nothing else."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

REST = 30.0
"""Seconds without ringing after an unheard bell, so that requests do not wait for a broker that is down."""

_resting_until = 0.0
_held: ContextVar[list[str] | None] = ContextVar("held_bells", default=None)


def ring_bell() -> None:
    """Wake the sweeps once this transaction has committed; called by whoever left work as a row."""
    connection = transaction.get_connection()
    if any(function is _send for _, function, _ in connection.run_on_commit):
        return
    connection.on_commit(_send, robust=True)


@contextmanager
def one_bell() -> Iterator[None]:
    """All that rings within rings once, at the end: a sweep that moves five hundred cases wakes the others once."""
    if _held.get() is not None:
        yield
        return
    rings: list[str] = []
    token = _held.set(rings)
    try:
        yield
    finally:
        _held.reset(token)
        if rings:
            _send()


def _send() -> None:
    global _resting_until
    if (rings := _held.get()) is not None:
        rings.append("kernel.ring")
        return
    if time.monotonic() < _resting_until:
        return
    try:
        current_app.send_task("kernel.ring", retry=False, ignore_result=True)
    except OperationalError:
        _resting_until = time.monotonic() + REST
        log.warning("The bell was not heard: the broker does not answer. The beat will do the work.")
