"""`manage.py rotate_keys`: after a new key was put first in FIELD_KEYS; the old key can go when nothing is left."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.kernel.rotation import encrypted_fields, rotate_field


class Command(BaseCommand):
    help = "Encrypt every private number under the first key of FIELD_KEYS. May be stopped and run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="rows a transaction (default 500)")

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        unreadable = 0
        for field in encrypted_fields():
            tally = rotate_field(field, batch=batch)
            unreadable += len(tally.unreadable)
            self.stdout.write(f"{field.where}: {tally.rotated} rotated, {len(tally.unreadable)} unreadable")
            for pk in tally.unreadable[:20]:
                self.stderr.write(f"{field.where}: row {pk} does not open")
        if unreadable:
            raise CommandError(
                f"{unreadable} values do not open with any key: keep the old keys until that is settled."
            )
