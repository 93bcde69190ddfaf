"""What the kernel's own rows wait for, done when the bell rings."""

import logging
from datetime import datetime

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError

from config.kernel import importing, sweeping
from config.kernel.bell import ring_bell
from config.kernel.models import Import, ImportStatus

log = logging.getLogger(__name__)

SECONDS = 60.0
"""That one ring works at one import before it rings for itself again."""


class _Imports:
    """Imports of one status, the oldest first. They are no part of any case: a sweep of one case does none."""

    name: str
    status: ImportStatus

    def waiting(self) -> list[int]:
        return list(Import.objects.filter(status=self.status).order_by("asked_at", "pk").values_list("pk", flat=True))

    def next_due(self, *, only: int | None) -> datetime | None:
        if only is not None:
            return None
        rows = Import.objects.filter(status=self.status).order_by("asked_at")
        return rows.values_list("asked_at", flat=True).first()

    def run(self, *, at: datetime, only: int | None = None) -> int:
        return sum(self._try(pk, at=at) for pk in self.waiting()) if only is None else 0

    def work(self, pk: int, *, at: datetime) -> int:
        raise NotImplementedError

    def _try(self, pk: int, *, at: datetime) -> int:
        """Any error but a database out of reach or a time that is over ends it: the next try would meet it too."""
        try:
            return self.work(pk, at=at)
        except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
            raise
        except Exception:
            log.exception("%s: import %s", self.name, pk)
            importing.give_up(pk, at=at)
            return 0


@sweeping.register
class ReadImports(_Imports):
    """Files that were sent and are to be looked through."""

    name = "kernel.read_imports"
    status = ImportStatus.WAITING

    def work(self, pk: int, *, at: datetime) -> int:
        return importing.look_through(pk, at=at)


@sweeping.register
class ApplyImports(_Imports):
    """Confirmed imports, some portions a ring."""

    name = "kernel.apply_imports"
    status = ImportStatus.CONFIRMED

    def work(self, pk: int, *, at: datetime) -> int:
        done = importing.carry_on(pk, at=at, seconds=SECONDS)
        if done and Import.objects.filter(pk=pk, status=self.status).exists():
            ring_bell()
        return done
