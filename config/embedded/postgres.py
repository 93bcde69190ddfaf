"""The embedded PostgreSQL."""

import os
import shutil
import signal
import time
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.addresses import DATABASE, PORT, ROLE, RUN
from config.embedded.places import home, own, postgres_binaries
from config.embedded.processes import ServiceFailure, command_of, end, exists, launch, pid_in, run, tail, wait_until

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": str(RUN),
    "port": str(PORT),
    "max_connections": "200",
    "max_locks_per_transaction": "256",  # tests empty all tables by one TRUNCATE
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "fsync": "off",  # survives a killed server, not a power cut: nothing of worth lies here
    "full_page_writes": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",  # statements, like the details of an error, carry personal data
    "log_error_verbosity": "terse",
}
SOCKET = RUN / f".s.PGSQL.{PORT}"
SOCKET_LOCK = RUN / f".s.PGSQL.{PORT}.lock"  # first line the process, second the data folder

name = "PostgreSQL"


def is_wanted() -> bool:
    """Whether the environment leaves the database to us."""
    url = os.environ.get("DATABASE_URL", "")
    return not url or str(RUN) in url


def answers() -> bool:
    """Whether the application can sign in, to a server whose data are still there."""
    return has_data() and can_sign_in(ROLE, DATABASE)


def has_data() -> bool:
    """False for the orphan of a checkout that was deleted: it would answer for some time yet."""
    try:
        data = SOCKET_LOCK.read_text().splitlines()[1]
        return Path(data, "postmaster.pid").exists()
    except (OSError, IndexError):
        return False


def can_sign_in(role: str, database: str) -> bool:
    """Whether `role` gets a connection."""
    try:
        psycopg.connect(host=str(RUN), port=PORT, user=role, dbname=database, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def start() -> None:
    """Bring the server up, whatever state a kill or a deleted folder left behind. Raises ServiceFailure."""
    binaries = postgres_binaries()
    major = int(run([binaries / "postgres", "--version"]).stdout.split()[-1].split(".")[0])
    data = home() / f"postgresql-{major}"
    end_what_does_not_answer()
    if not can_sign_in("postgres", "postgres"):
        if not data.exists():
            make_cluster(binaries, data, builtin_locale=major >= 17)
        clear_stale_files(data)
        bring_up([binaries / "postgres", "-D", data, *options()], log=data.with_suffix(".log"))
    make_database()


def stop() -> None:
    """Stop the server if it runs; fast shutdown, then less politely."""
    if (pid := living()) is not None:
        end(pid, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)


def living() -> int | None:
    """Our server's process. Numbers are given again, so its command line must name our sockets."""
    pid = pid_in(SOCKET_LOCK)
    return pid if pid is not None and str(RUN) in command_of(pid) else None


def end_what_does_not_answer() -> None:
    """End an orphan at once, and a server that hangs after some patience: it may be recovering."""
    if (pid := living()) is None:
        return
    if not has_data():
        end(pid, signal.SIGQUIT, signal.SIGKILL)
    elif not wait_until(lambda: can_sign_in("postgres", "postgres"), seconds=10):
        end(pid, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)


def make_cluster(binaries: Path, data: Path, *, builtin_locale: bool) -> None:
    """Make the data folder; it appears under its name when it is whole."""
    making = data.with_suffix(".making")
    shutil.rmtree(making, ignore_errors=True)
    own(making)
    builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    locale = builtin if builtin_locale else ["--locale=C.UTF-8"]
    made = run(
        [binaries / "initdb", "-D", making, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", *locale]
    )
    if made.returncode != 0:
        raise ServiceFailure(f"PostgreSQL cannot make its data folder {making}:\n{made.stderr.strip()}")
    making.rename(data)


def clear_stale_files(data: Path) -> None:
    """Remove files that name a number which now belongs to another process: PostgreSQL would take it for itself.

    A file whose process is dead is left to PostgreSQL, which finds by it whether children still write.
    """
    for file in (data / "postmaster.pid", SOCKET_LOCK):
        pid = pid_in(file)
        if pid is not None and exists(pid) and str(RUN) not in command_of(pid):
            file.unlink()


def options() -> list[str]:
    """Settings as command line options: no file to edit, none to go stale."""
    return [part for key, value in SETTINGS.items() for part in ("-c", f"{key}={value}")]


def bring_up(command: list[str | Path], *, log: Path) -> None:
    """Launch until it accepts: after a kill, dying children hold the shared memory for a second or two."""
    end_of_patience = time.monotonic() + 15
    while True:
        pid = launch(command, log=log)
        wait_until(lambda: can_sign_in("postgres", "postgres") or not command_of(pid), seconds=60)  # noqa: B023  (asked within this round)
        if can_sign_in("postgres", "postgres"):
            return
        if time.monotonic() > end_of_patience:
            raise ServiceFailure(f"PostgreSQL does not start:\n{tail(log)}")
        time.sleep(0.2)


def make_database() -> None:
    """The application's role, no superuser, and the database that it owns; tests make databases of their own."""
    with psycopg.connect(host=str(RUN), port=PORT, user="postgres", dbname="postgres", autocommit=True) as connection:
        role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone() is None:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
