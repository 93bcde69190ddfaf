"""Do by hand what the beat rings for: every sweep, for everything that is due."""

import logging
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from config.kernel import sweeping
from config.kernel.clock import database_now

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Run every sweep until nothing is due, or again and again with --loop; safe beside any number of workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", type=float, metavar="SECONDS", help="ring every so many seconds until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        failed: set[str] = set()
        while self._run_all(failed) or options["loop"] is not None:
            if options["loop"] is not None:
                time.sleep(options["loop"])
                close_old_connections()
        if failed:
            raise CommandError(f"{', '.join(sorted(failed))} failed.")

    def _run_all(self, failed: set[str]) -> int:
        """Each sweep once; one that fails is noted and holds up no other. How many rows were worked on."""
        done = 0
        for name in sweeping.names():
            try:
                count = sweeping.run(name, at=database_now())
            except Exception as error:
                log.exception("%s failed: %s", name, type(error).__name__)
                failed.add(name)
            else:
                self.stdout.write(f"{name}: {count}")
                done += count
        return done
