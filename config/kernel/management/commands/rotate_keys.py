"""`manage.py rotate_keys`: after a new key was put first in FIELD_KEYS; the old key can go when nothing is left."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.kernel.rotation import Tally, encrypted_fields, rotate_field, rotate_files, rotate_pieces


class Command(BaseCommand):
    help = "Encrypt private numbers and stored files under the first key of FIELD_KEYS. May be stopped and run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="rows a transaction (default 500)")

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        tallies = [self._say(field.where, rotate_field(field, batch=batch)) for field in encrypted_fields()]
        tallies.append(self._say("stored files", rotate_files()))
        tallies.append(self._say("pieces of large files", rotate_pieces()))
        if unreadable := sum(len(tally.unreadable) for tally in tallies):
            raise CommandError(
                f"{unreadable} values do not open with any key: keep the old keys until that is settled."
            )

    def _say(self, where: str, tally: Tally) -> Tally:
        self.stdout.write(f"{where}: {tally.rotated} rotated, {len(tally.unreadable)} unreadable")
        for pk in tally.unreadable[:20]:
            self.stderr.write(f"{where}: row {pk} does not open")
        return tally
