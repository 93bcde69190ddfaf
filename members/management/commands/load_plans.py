from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.kernel.clock import database_now
from members.services.shipping import ShippedVersionChanged, load_shipped


class Command(BaseCommand):
    help = "Load the holidays, diseases, hospitals and covenants that ship with the product; may be run any time."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            covenants = load_shipped(at=database_now())
        except ShippedVersionChanged as error:
            raise CommandError(str(error)) from error
        for covenant in covenants:
            self.stdout.write(f"{covenant.plan.code} {covenant.version}")
