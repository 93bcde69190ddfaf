"""`manage.py custody_key`: the public key with which a bundle of evidence is checked."""

from typing import Any

from django.core.management.base import BaseCommand

from investigations.services import exporting


class Command(BaseCommand):
    help = "Print the public key of exported evidence. Publish it where whoever checks a bundle can trust it."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(exporting.public_key().hex())
