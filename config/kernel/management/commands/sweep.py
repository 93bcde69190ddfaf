"""Do by hand what the beat rings for: every sweep, for everything that is due."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.kernel import sweeping
from config.kernel.clock import database_now


class Command(BaseCommand):
    help = "Run every sweep once, or again and again with --loop; safe beside any number of workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", type=float, metavar="SECONDS", help="ring every so many seconds until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            at = database_now()
            for name in sweeping.names():
                self.stdout.write(f"{name}: {sweeping.run(name, at=at)}")
            if options["loop"] is None:
                return
            time.sleep(options["loop"])
