"""Celery's Redis transport, with one thing mended: kombu 5.7 ends a worker that loses Redis in the middle of a task.

What is left of the lost connection (an acknowledgement, messages to be put back) asks its channel for a new one, and
fails with an AttributeError that nobody up there expects.
"""

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as ConnectionLost


class Channel(redis.Channel):
    """A channel that has lost its connection says so, in the error that Celery handles."""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise ConnectionLost("The connection of this channel is closed.")
        return super()._connparams(asynchronous)  # type: ignore[misc]  # kombu has no types


class Transport(redis.Transport):
    """For `redis://`, `rediss://` and `redis+socket://`, wherever `config.celery` is imported."""

    Channel = Channel
