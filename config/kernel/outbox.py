"""What has to leave the house: written as a row beside its cause, delivered later, once.

A try is counted and committed before it is made, so that an item which kills its worker wears out like one that fails.
The handler's work in the database and the done-mark are one transaction. What the handler does outside (an e-mail) can
happen again when the worker dies before the commit; it carries the item's id, so that a duplicate can be told.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import QuerySet

from config.kernel.bell import ring_bell
from config.kernel.models import Outbox, OutboxState

Handler = Callable[[Outbox], None]
"""Delivers one item; any exception is a failed try."""

MAX_TRIES = 8
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)

log = logging.getLogger(__name__)

_handlers: dict[str, Handler] = {}
_apart: set[str] = set()


def delivers(topic: str, *, apart: bool = False) -> Callable[[Handler], Handler]:
    """Decorator: this function delivers the items of `topic`; `apart`, when a sweep of its own asks for them."""

    def register(handler: Handler) -> Handler:
        if topic in _handlers:
            raise ValueError(f"Two handlers deliver {topic}.")
        _handlers[topic] = handler
        if apart:
            _apart.add(topic)
        return handler

    return register


def put(topic: str, ref: int, *, at: datetime) -> Outbox:
    """Leave an item in the transaction of its cause and ring the bell. `ref` is the id of a row: nothing personal."""
    item = Outbox.objects.create(topic=topic, ref=ref, created_at=at, retry_at=at)
    ring_bell()
    return item


def next_due(topic: str = "") -> datetime | None:
    """The earliest instant at which an item is to be tried; None when nothing waits."""
    pending = _pending(topic).order_by("retry_at")
    return pending.values_list("retry_at", flat=True).first()


def deliver(topic: str = "", *, at: datetime, limit: int = 100) -> int:
    """Try up to `limit` items that are due at `at`, oldest first; how many were tried.

    They are those of one topic, or of every topic that no sweep of its own asks for, so that what is slow holds up no
    other. Several may run at once: each item is taken by one. What is left over is rung for again.
    """
    tried = 0
    while tried < limit:
        claimed = _claim(topic, at)
        if claimed is None:
            return tried
        _try(claimed, at)
        tried += 1
    ring_bell()
    return tried


def pause_after(attempts: int) -> timedelta:
    """How long an item rests after its n-th try: 30 seconds, doubled each time, at most an hour."""
    return min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)


def _pending(topic: str) -> QuerySet[Outbox]:
    pending = Outbox.objects.filter(state=OutboxState.PENDING)
    return pending.filter(topic=topic) if topic else pending.exclude(topic__in=_apart)


@transaction.atomic
def _claim(topic: str, at: datetime) -> Outbox | None:
    """The oldest due item, its next try counted and put off: until then it is ours."""
    due = _pending(topic).filter(retry_at__lte=at).order_by("retry_at", "id")
    item = due.select_for_update(skip_locked=True).first()
    if item is not None:
        item.attempts += 1
        item.retry_at = at + pause_after(item.attempts)
        item.save(update_fields=["attempts", "retry_at"])
    return item


@transaction.atomic
def _try(claimed: Outbox, at: datetime) -> None:
    """Deliver and mark done, or note the failure; nothing if somebody else took the item meanwhile.

    This waits for the lock: who looks for work holds every item it passes for a moment, and skipping then would lose
    the try.
    """
    same_try = Outbox.objects.filter(pk=claimed.pk, state=OutboxState.PENDING, attempts=claimed.attempts)
    item = same_try.select_for_update().first()
    if item is None:
        return
    if item.attempts > MAX_TRIES:
        _fail(item, "its worker died each time")
    else:
        try:
            with transaction.atomic():
                _handler_of(item.topic)(item)
        except SoftTimeLimitExceeded:
            raise  # the worker's time is up, which is not this item's fault alone: the rest waits for the next ring
        except Exception as error:
            _fail(item, type(error).__name__)
        else:
            item.state, item.done_at, item.last_error = OutboxState.DONE, at, ""
    item.save(update_fields=["state", "done_at", "last_error"])


class UnknownTopic(LookupError):
    """Nobody here delivers this: an older process met a newer item. It waits for the next try."""


def _handler_of(topic: str) -> Handler:
    if topic not in _handlers:
        raise UnknownTopic(topic)
    return _handlers[topic]


def _fail(item: Outbox, why: str) -> None:
    """Note why, without the error's text: it may name a person."""
    item.last_error = why
    if item.attempts >= MAX_TRIES:
        item.state = OutboxState.DEAD
        log.error("Outbox item %s (%s) is given up after %s tries: %s", item.pk, item.topic, item.attempts, why)
    else:
        log.warning("Outbox item %s (%s) failed: %s", item.pk, item.topic, why)
