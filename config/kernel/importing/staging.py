"""Rows that the dry run made already, as COPY takes them, so that taking them in does not read and judge them again.

They are kept portion by portion, sealed as the file is and gone with it, and hold for what they were judged against:
the same code, keys and rules. Whether a row is still new is asked by the tables' own constraints when it is copied.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps

from config.embedded.addresses import ROOT
from config.kernel.crypto import derived_key, keyring
from config.kernel.files import FileLost
from config.kernel.importing.copying import Made, copy_in
from config.kernel.importing.importers import Importer
from config.kernel.importing.jobs import made_of
from config.kernel.models import Import
from config.kernel.pieces import PIECE, Pieces

PACKAGES = "requirements/*.txt"
"""Their versions, where the release has the list."""
MOST_PIECES = 100
"""Of a portion."""


@dataclass(frozen=True)
class Portion:
    """How many rows it is, up to and including line `last`."""

    last: int
    rows: int
    made: list[Made]

    def copy(self) -> None:
        """Into the tables, in the caller's transaction; IntegrityError where a row is there by now."""
        for one in self.made:
            copy_in(one)


@dataclass(frozen=True)
class Stage:
    """The portions of one import, by the line that each begins behind; `rests_on` names what they hold for."""

    pieces: Pieces
    rests_on: str

    @classmethod
    def of(cls, it: Import, importer: Importer) -> "Stage":
        return cls(made_of(it), _fingerprint(importer))

    def keep(self, made: Sequence[Made], *, after: int, last: int, rows: int) -> bool:
        """A portion; what a power failure takes is made anew.

        False, and nothing kept of any, where the store takes no more: no import fails for this.
        """
        try:
            self._write(made, after=after, last=last, rows=rows)
        except OSError:
            with suppress(OSError):
                self.pieces.drop()
            return False
        return True

    def _write(self, made: Sequence[Made], *, after: int, last: int, rows: int) -> None:
        sizes = [[one.table, one.columns, len(one.data)] for one in made]
        head = json.dumps({"rests_on": self.rests_on, "last": last, "rows": rows, "made": sizes}).encode()
        data = b"\n".join((head, b"".join(one.data for one in made)))
        for number, start in enumerate(range(0, len(data), PIECE)):
            self.pieces.write(_first(after) + number, data[start : start + PIECE])

    def portion(self, *, after: int) -> Portion | None:
        """What was kept; None where that is nothing, or rests on something else than now."""
        try:
            head, _line, data = self.pieces.read(_first(after)).partition(b"\n")
            told = json.loads(head)
            if told["rests_on"] != self.rests_on:
                return None
            number = 0
            while len(data) < sum(size for _table, _columns, size in told["made"]):
                number += 1
                data += self.pieces.read(_first(after) + number)
        except FileLost:
            return None
        made, start = [], 0
        for table, columns, size in told["made"]:
            made.append(Made(table, columns, data[start : start + size]))
            start += size
        return Portion(told["last"], told["rows"], made)


def _first(after: int) -> int:
    """The number of a portion's first piece."""
    return (after + 1) * MOST_PIECES


def _fingerprint(importer: Importer) -> str:
    """What rows were judged against and made with, beside the tables: another one, and they are made anew."""
    said = [importer.kind, importer.rests_on(), keyring().current, CODE]
    return hmac.new(derived_key("made rows"), json.dumps(said).encode(), hashlib.sha256).hexdigest()


def _code(root: Path) -> str:
    """Of the release: its columns, readers and rules, and the packages they use, may be others than the dry run's."""
    installed = (Path(one.path) for one in apps.get_app_configs())
    own = [path for path in installed if root in path.parents and "site-packages" not in path.relative_to(root).parts]
    digest = hashlib.sha256()
    for path in sorted([*root.glob(PACKAGES), *(path for folder in own for path in folder.rglob("*.py"))]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


CODE = _code(ROOT)
"""Of this process, worked out as it starts: the files on the disk may be those of the next release later."""
