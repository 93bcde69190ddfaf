"""The embedded Valkey, which speaks Redis's protocol. It keeps nothing: the work to be done is in PostgreSQL."""

import os
import signal

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded.addresses import LOCAL, RUN, VALKEY_SOCKET
from config.embedded.places import home, valkey_binary
from config.embedded.processes import ServiceFailure, command_of, end, launch, pid_in, tail, wait_until

PID_FILE = LOCAL / "valkey.pid"  # in the checkout, so that the orphan of a deleted one is known by its absence
SETTINGS = {
    "port": "0",
    "unixsocket": str(VALKEY_SOCKET),
    "unixsocketperm": "700",
    "databases": "64",
    "save": "",
    "appendonly": "no",
    "maxmemory": "512mb",
    "maxmemory-policy": "noeviction",  # anything else throws queued messages away
    "dir": str(RUN),
}

name = "Valkey"


def is_wanted() -> bool:
    """Whether the environment leaves Redis to us."""
    url = os.environ.get("REDIS_URL", "")
    return not url or str(RUN) in url


def answers() -> bool:
    """Whether the server that this checkout started answers."""
    pid = answering()
    return pid is not None and pid == pid_in(PID_FILE)


def answering() -> int | None:
    """The process that answers at our socket, be it an orphan."""
    at_once = Retry(NoBackoff(), 0)  # the client would try for seconds
    with redis.Redis(unix_socket_path=str(VALKEY_SOCKET), socket_timeout=3, retry=at_once) as client:
        try:
            return int(client.info("server")["process_id"])
        except (redis.RedisError, OSError):
            return None


def start() -> None:
    """Bring the server up anew. Raises ServiceFailure."""
    log = home() / "valkey.log"
    stop()
    options = [part for key, value in SETTINGS.items() for part in (f"--{key}", value)]
    pid = launch([valkey_binary(), *options], log=log)
    if not wait_until(lambda: answering() == pid, seconds=15):
        raise ServiceFailure(f"Valkey does not start:\n{tail(log)}")
    PID_FILE.write_text(f"{pid}\n")


def stop() -> None:
    """Stop what answers at our socket, and what we started and hangs."""
    for pid in (answering(), pid_in(PID_FILE)):
        if pid is not None and VALKEY_SOCKET.name in command_of(pid):
            end(pid, signal.SIGTERM, signal.SIGKILL)
    PID_FILE.unlink(missing_ok=True)
