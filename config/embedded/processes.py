"""Run, launch, recognise and end processes of the servers' user."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class ServiceFailure(RuntimeError):
    """An embedded server cannot be started or reached; the text says why and what to do."""


def server_user() -> pwd.struct_passwd | None:
    """Whom the servers run as, since PostgreSQL refuses root; None is whoever we are.

    Raises ServiceFailure where root finds nobody else.
    """
    if os.geteuid() != 0:
        return None
    for name in ("nobody", "daemon", "postgres"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServiceFailure("PostgreSQL refuses root, and this machine has no user 'nobody': run as another user.")


def run(command: Sequence[str | Path], *, new_session: bool = False) -> subprocess.CompletedProcess[str]:
    """Run `command` to its end as the servers' user, away from our folder, environment and terminal."""
    user = server_user()
    return subprocess.run(
        command,
        cwd="/",
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=new_session,
        user=None if user is None else user.pw_uid,
        group=None if user is None else user.pw_gid,
        extra_groups=None if user is None else [],
    )


def works(command: Sequence[str | Path]) -> bool:
    """Whether the servers' user can do it: tried, since modes do not tell of parents, mounts and missing libraries."""
    try:
        return run(command).returncode == 0
    except OSError:
        return False


def launch(command: Sequence[str | Path], *, log: Path) -> int:
    """Start a server in a session of its own, orphaned so that it outlives us, and return its process id."""
    script = 'log=$1; shift; "$@" >> "$log" 2>&1 & echo $!'
    started = run(["/bin/sh", "-c", script, "sh", log, *command], new_session=True)
    if started.returncode != 0:
        raise ServiceFailure(f"Cannot start {command[0]}: {started.stderr.strip()}")
    return int(started.stdout)


def command_of(pid: int) -> str:
    """The command line of a living process; empty for a dead one and for a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    shown = subprocess.run(["/bin/ps", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, text=True).stdout
    return "" if shown.lstrip().startswith("Z") else shown


def pid_in(file: Path) -> int | None:
    """The process id on the first line of `file`."""
    try:
        return abs(int(file.read_text().split("\n", 1)[0]))
    except (OSError, ValueError):
        return None


def exists(pid: int) -> bool:
    """Whether the number is taken, be it by a zombie: that is what PostgreSQL asks of its own stale files."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def wait_until(happened: Callable[[], bool], *, seconds: float) -> bool:
    """Whether it happened in time."""
    end_of_patience = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end_of_patience:
            return False
        time.sleep(0.02)
    return True


def end(pid: int, *signals: signal.Signals) -> None:
    """Ask a process to end, each time less politely, and wait until it has."""
    for number in signals:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if wait_until(lambda: not command_of(pid), seconds=10):
            return


def tail(log: Path) -> str:
    """The last lines of a log, for a message."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.exists() else ""
