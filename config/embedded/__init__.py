"""PostgreSQL and Redis from wheels, for a machine that has neither: development, tests and the demo.

Importing starts nothing. `ensure()` starts what does not answer; the servers outlive the command that started them
and are re-used by the next one. `python -m config.embedded start|stop|status` does it by hand.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from config.embedded.addresses import LOCAL, database_url, redis_url
from config.embedded.processes import ServiceFailure

__all__ = ["ServiceFailure", "database_url", "ensure", "redis_url", "status", "stop"]


def ensure() -> None:
    """Start what the environment leaves to us and does not answer; quick when all does. Raises ServiceFailure."""
    from config.embedded import postgres, valkey

    wanted = [service for service in (postgres, valkey) if service.is_wanted()]
    if all(service.answers() for service in wanted):
        return
    with only_one():
        for service in wanted:
            if not service.answers():
                service.start()


def stop() -> None:
    """Stop both servers, whoever started them; PostgreSQL's data stay."""
    from config.embedded import postgres, valkey

    with only_one():
        for service in (postgres, valkey):
            service.stop()


def status() -> dict[str, bool]:
    """Which server answers, by name."""
    from config.embedded import postgres, valkey

    return {service.name: service.answers() for service in (postgres, valkey)}


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the lock under which servers of this checkout are started and stopped. Raises ServiceFailure."""
    try:
        LOCAL.mkdir(exist_ok=True)
        file = (LOCAL / "embedded.lock").open("w")
    except PermissionError as error:
        raise ServiceFailure(f"{LOCAL} belongs to another user: run as that user, or remove it.") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
