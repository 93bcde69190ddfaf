"""`manage.py export_custody COMMISSION --by ACCOUNT [--to FILE]`: the evidence of a commission, for a court."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.kernel.clock import database_now
from config.kernel.files import FileLost
from config.kernel.models import User
from config.kernel.refusals import Refusal
from investigations.models import Commission
from investigations.services import exporting


class Command(BaseCommand):
    help = "Write files, manifest and custody log of a commission into one signed archive. The log tells of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("commission", type=int)
        parser.add_argument("--by", required=True, help="the account that answers for it")
        parser.add_argument("--to", type=Path, help="the archive (default: custody-COMMISSION.zip)")

    def handle(self, *args: Any, commission: int, by: str, to: Path | None, **options: Any) -> None:
        path = to or Path(f"custody-{commission}.zip")
        person = User.objects.filter(username=by, is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody is called {by}.")
        if path.exists():
            raise CommandError(f"{path} is there already.")
        try:
            with whole_or_not(path) as out:
                last = exporting.export(commission, out, by=person, at=database_now())
        except (Commission.DoesNotExist, Refusal, FileLost) as error:
            raise CommandError(f"{type(error).__name__}: {error}") from error
        self.stdout.write(f"{path}: up to custody entry {last.number}, {last.hash}")
        self.stdout.write(f"public key: {exporting.public_key().hex()}")


@contextmanager
def whole_or_not(path: Path) -> Iterator[BinaryIO]:
    """A file for its owner alone, under its name once it is complete; nothing is left of one that is not."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as out:
        try:
            yield cast(BinaryIO, out)
            out.flush()
            os.fsync(out.fileno())
            os.rename(out.name, path)
        except BaseException:
            os.unlink(out.name)
            raise
