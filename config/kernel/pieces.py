"""Large files in pieces: each is sealed by itself, so that no file is ever in memory as a whole.

A token is bound to the file and to the number of the piece: pieces that change places do not open. What is known of a
file (how many pieces it has, what it is) stands in the row it belongs to.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from config.kernel.crypto import DamagedValue, keyring
from config.kernel.files import FileLost, write_whole

PIECE = 1024 * 1024
"""Bytes of a piece at most."""


@dataclass(frozen=True)
class Pieces:
    """The pieces of one file, counted from one; `kind` and `pk` say whose they are."""

    kind: str
    pk: int

    @property
    def folder(self) -> Path:
        return _root() / self.kind / str(self.pk)

    def write(self, number: int, data: bytes) -> None:
        """Store a piece, on the disk when this returns; one of the same number that was there is replaced."""
        if len(data) > PIECE:
            raise ValueError(f"A piece has {PIECE} bytes at most.")
        with self._alone() as folder:
            write_whole(self._path(number), keyring().seal(data, where=self._where(number)))
            os.fsync(folder)  # its name, too
        if number == 1:
            _sync(self.folder.parent)

    def read(self, number: int) -> bytes:
        """The bytes as they came in; FileLost when they are not there or are others."""
        try:
            return keyring().open(self._path(number).read_bytes(), where=self._where(number))
        except (OSError, DamagedValue) as error:
            raise FileLost(self._where(number)) from error

    def stream(self, count: int) -> Iterator[bytes]:
        """The first `count` pieces, one after the other."""
        return (self.read(number) for number in range(1, count + 1))

    def part(self, count: int, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop` of the first `count` pieces; those before and behind are not opened."""
        begins = 0
        for number in range(1, count + 1):
            if begins >= stop:
                return
            ends = begins + self._length(number)
            if start < ends:
                yield self.read(number)[max(0, start - begins) : stop - begins]
            begins = ends

    def drop(self) -> None:
        """Throw all of them away; it may have been done before. OSError where they cannot be."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self.folder)

    def touched_at(self) -> datetime | None:
        """When a piece was last written; None where nothing is there."""
        try:
            return datetime.fromtimestamp(self.folder.stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def rotate(self) -> int:
        """Encrypt anew what another key than the first did; how many that were. FileLost, Unreadable."""
        return sum(self._rotate(int(path.name)) for path in sorted(self.folder.glob("[0-9]*")))

    def _length(self, number: int) -> int:
        try:
            with self._path(number).open("rb") as file:
                return keyring().length_within(os.fstat(file.fileno()).st_size, head=file.read(2))
        except OSError as error:
            raise FileLost(self._where(number)) from error

    def _rotate(self, number: int) -> bool:
        with self._alone():
            if self._path(number).read_bytes().startswith(keyring().header):
                return False
            write_whole(self._path(number), keyring().seal(self.read(number), where=self._where(number)))
        return True

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Nobody else writes here meanwhile: a rotation never brings back a piece that was just replaced."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06}"

    def _where(self, number: int) -> str:
        return f"pieces.{self.kind}.{self.pk}.{number}"


def _sync(folder: Path) -> None:
    """The names in it are on the disk when this returns."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def all_stored(kind: str = "*") -> Iterator[Pieces]:
    """Every file, of one kind or of any, that has pieces on the disk."""
    for folder in sorted(_root().glob(f"{kind}/*")):
        yield Pieces(folder.parent.name, int(folder.name))


def free_bytes() -> int:
    """What is left on the disk of the store."""
    root = _root()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    return shutil.disk_usage(root).free


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "pieces"
