"""A Redis of our own to kill, and real Celery workers and beats, each in a process group of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO
from urllib.parse import quote

import redis
from django.db import connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded.addresses import ROOT
from config.embedded.places import valkey_binary
from tests.concurrency.racing import wait_for

WORKER = ("worker", "--loglevel", "INFO", "--concurrency", "8", "--without-gossip", "--without-mingle")
BEAT = ("beat", "--loglevel", "INFO")


class Broker:
    """A server that keeps nothing on disk: killed, it has lost every message."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"unix://{folder}/redis.sock?db=0"
        self.client = redis.Redis(unix_socket_path=f"{folder}/redis.sock", retry=Retry(NoBackoff(), 0))
        self.start()

    def start(self) -> None:
        options = {"port": "0", "unixsocket": f"{self.folder}/redis.sock", "save": "", "appendonly": "no"}
        command = [str(valkey_binary()), *(part for key, value in options.items() for part in (f"--{key}", value))]
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL)
        wait_for(self.answers)

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()


class Crew:
    """Workers and beats at the test's database and at `broker`; whoever is left at the end is killed."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.members: list[subprocess.Popen[bytes]] = []

    def worker(self) -> subprocess.Popen[bytes]:
        return self._start(WORKER)

    def beat(self) -> subprocess.Popen[bytes]:
        return self._start(BEAT)

    def _start(self, arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
        name = f"{arguments[0]}-{len(self.members)}"
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATABASE_URL": database_url(),
            "REDIS_URL": self.broker.url,
            "BEAT_FILE": str(self.broker.folder / f"{name}.schedule"),
            "PYTHONWARNINGS": "ignore",
        }
        with self.log(name).open("wb") as log:
            command = [sys.executable, "-m", "celery", "--app", "config.celery", "--quiet", *arguments]
            process = start_group(command, environment, log)
        self.members.append(process)
        return process

    def log(self, name: str) -> Path:
        return self.broker.folder / f"{name}.log"

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.broker.folder.glob("*.log")))

    def disband(self) -> None:
        for process in self.members:
            kill(process)


def start_group(command: list[str], environment: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of the whole group: the worker and its pool."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def hang_up() -> None:
    """End every other connection to the test's database; a dead client's last statement would go on to its end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def database_url() -> str:
    """The test's own database, for another process."""
    its = connection.settings_dict
    host, password = str(its["HOST"]), quote(str(its["PASSWORD"]), safe="")
    where = ("", f"?host={host}") if host.startswith("/") else (host, "")
    user = f"{its['USER']}:{password}" if password else its["USER"]
    return f"postgresql://{user}@{where[0]}:{its['PORT'] or 5432}/{its['NAME']}{where[1]}"
