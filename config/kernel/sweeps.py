"""What the kernel's own rows wait for: files to be written, thrown away, taken in; no part of any case."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from config.kernel import sweeping
from config.kernel.admin.exporting import listed
from config.kernel.bell import ring_bell
from config.kernel.clock import database_now
from config.kernel.exporting import jobs as exports
from config.kernel.exporting import schedules
from config.kernel.exporting.working import carry_on as write_export
from config.kernel.files import FileLost
from config.kernel.importing import jobs as imports
from config.kernel.importing.working import carry_on as take_in
from config.kernel.importing.working import look_through
from config.kernel.models import IN_TURN, Export, ExportSchedule, ExportStatus, Import, ImportLine, ImportStatus

log = logging.getLogger(__name__)

SECONDS = 60.0
"""After so long a ring begins no further file and no further portion; what is left is rung for again."""


class _Due:
    """A sweep over some rows by the time at which they are due; of a single case it does nothing."""

    column: str
    after = timedelta()
    """How long after its column's time a row is due."""

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def work(self) -> Callable[[int, datetime], int]:
        raise NotImplementedError

    def next_due(self, *, only: int | None) -> datetime | None:
        if only is not None:
            return None
        first = self.rows().order_by(self.column).values_list(self.column, flat=True).first()
        return None if first is None else first + self.after

    def run(self, *, at: datetime, only: int | None = None) -> int:
        if only is not None:
            return 0
        is_due = {f"{self.column}__lte": at - self.after}
        due = self.rows().filter(**is_due).order_by(self.column, "pk")
        work = self.work()
        done = sweeping.in_turn(lambda pk: work(pk, at), list(due.values_list("pk", flat=True)), seconds=SECONDS)
        if done and self.rows().filter(**is_due).exists():
            ring_bell()
        return done


@sweeping.register
class MakeExports(_Due):
    """Exports that wait for their turn, and those that a worker died at."""

    name = "kernel.make_exports"
    column = "asked_at"

    def rows(self) -> QuerySet[Export]:
        return Export.objects.filter(status__in=IN_TURN)

    def work(self) -> Callable[[int, datetime], int]:
        return lambda pk, at: write_export(pk, rows=listed, clock=database_now)


@sweeping.register
class ExpireExports(_Due):
    """Files that lay there for a day, when whoever began to fetch one has it."""

    name = "kernel.expire_exports"
    column = "expires_at"
    after = exports.FETCHED_WITHIN

    def rows(self) -> QuerySet[Export]:
        return Export.objects.filter(status=ExportStatus.READY)

    def work(self) -> Callable[[int, datetime], int]:
        return lambda pk, at: exports.expire(pk, at=at)

    def run(self, *, at: datetime, only: int | None = None) -> int:
        return super().run(at=at, only=only) + exports.drop_leftovers() if only is None else 0


@sweeping.register
class AskScheduled(_Due):
    """Scheduled exports that are due."""

    name = "kernel.ask_scheduled"
    column = "next_at"

    def rows(self) -> QuerySet[ExportSchedule]:
        return ExportSchedule.objects.filter(ended_at__isnull=True)

    def work(self) -> Callable[[int, datetime], int]:
        return lambda pk, at: schedules.ask_due(pk, at=at)


@sweeping.register
class LapseImports(_Due):
    """Imports that were looked through some days ago, and that nobody decided about."""

    name = "kernel.lapse_imports"
    column = "due_at"

    def rows(self) -> QuerySet[Import]:
        due_at = Coalesce(F("read_at"), F("asked_at")) + imports.DECIDED_WITHIN
        return Import.objects.filter(status=ImportStatus.READ).annotate(due_at=due_at)

    def work(self) -> Callable[[int, datetime], int]:
        return lambda pk, at: imports.lapse(pk, at=at)


@sweeping.register
class DropImports(_Due):
    """Files of imports that are over, and those that no row needs."""

    name = "kernel.drop_imports"
    column = "finished_at"

    def rows(self) -> QuerySet[Import]:
        return Import.objects.filter(finished_at__isnull=False, pieces__gt=0)

    def work(self) -> Callable[[int, datetime], int]:
        return lambda pk, at: imports.drop(pk)

    def run(self, *, at: datetime, only: int | None = None) -> int:
        return super().run(at=at, only=only) + imports.drop_leftovers(at=at) if only is None else 0


@sweeping.register
class DropLinesOfImports(_Due):
    """Bad rows of imports that were over some days ago."""

    name = "kernel.drop_lines_of_imports"
    column = "due_at"

    def rows(self) -> QuerySet[Import]:
        over = Import.objects.filter(finished_at__isnull=False).annotate(due_at=F("finished_at") + imports.LINES_KEPT)
        return over.filter(Exists(ImportLine.objects.filter(of=OuterRef("pk"))))

    def work(self) -> Callable[[int, datetime], int]:
        return lambda pk, at: imports.drop_lines(pk)


class _Imports:
    """Imports of one status, those that failed before behind the others; of a single case it does nothing."""

    name: str
    status: ImportStatus

    def waiting(self) -> list[int]:
        rows = Import.objects.filter(status=self.status).order_by("attempts", "asked_at", "pk")
        return list(rows.values_list("pk", flat=True))

    def next_due(self, *, only: int | None) -> datetime | None:
        if only is not None:
            return None
        rows = Import.objects.filter(status=self.status).order_by("asked_at")
        return rows.values_list("asked_at", flat=True).first()

    def run(self, *, at: datetime, only: int | None = None) -> int:
        if only is not None:
            return 0
        done = sweeping.in_turn(lambda pk: self._try(pk, at=at), self.waiting(), seconds=SECONDS)
        if done and self.waiting():
            ring_bell()
        return done

    def work(self, pk: int, *, at: datetime) -> int:
        raise NotImplementedError

    def _try(self, pk: int, *, at: datetime) -> int:
        """Any error ends it, but a database or a store out of reach and a time that is over: those may pass."""
        try:
            return self.work(pk, at=at)
        except (OperationalError, InterfaceError, OSError, FileLost, SoftTimeLimitExceeded):
            raise
        except Exception:  # the next try would meet it too
            log.exception("%s: import %s", self.name, pk)
            imports.give_up(pk, at=at)
            return 0


@sweeping.register
class ReadImports(_Imports):
    """Files that were sent and are to be looked through."""

    name = "kernel.read_imports"
    status = ImportStatus.WAITING

    def work(self, pk: int, *, at: datetime) -> int:
        return look_through(pk, at=at)


@sweeping.register
class ApplyImports(_Imports):
    """Confirmed imports, some portions a ring."""

    name = "kernel.apply_imports"
    status = ImportStatus.CONFIRMED

    def work(self, pk: int, *, at: datetime) -> int:
        return take_in(pk, at=at, seconds=SECONDS / 3)
