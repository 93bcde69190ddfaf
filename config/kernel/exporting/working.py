"""The worker's part of an export: the file, from its rows to sealed pieces.

A worker that dies while it writes leaves a row that says so: the next ring finds that nobody holds its lock any more,
and writes the file anew.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_noop, override

from config.kernel.bell import ring_bell
from config.kernel.display import moment
from config.kernel.exporting.copying import Chosen, Copy, csv_blocks, own_connection, xml_blocks
from config.kernel.exporting.jobs import (
    TooManyRows,
    Wanted,
    check_is_left,
    check_wanted,
    is_far_more,
    note,
    pieces_of,
)
from config.kernel.exporting.sheets import Sheet, sheet_of, titles_of
from config.kernel.exporting.workbook import Workbook
from config.kernel.models import IN_TURN, Export, ExportStatus, FileFormat
from config.kernel.pieces import PIECE, Pieces
from config.kernel.refusals import NotPermitted, Refusal

log = logging.getLogger(__name__)

LIES_FOR = timedelta(hours=24)
"""How long a file can be fetched."""
TRIES = 3
TELLS_EVERY = 1.0
"""Seconds between two notes of how far it came."""
LOCK = 0x4558
"""The first half of the advisory lock that a worker holds while it writes an export; the second is its key."""

BOM = b"\xef\xbb\xbf"

DIED = gettext_noop("its worker died, or its time was over, each time: narrow the list")
BROKEN = gettext_noop("an error stopped it")
NO_RIGHT = gettext_noop("whoever asked for it may not have it any more")
UNKNOWN_FILTER = gettext_noop("one of its filters or columns is not known any more: ask for it again")
TOO_MUCH = gettext_noop("it has more rows than one person exports in a day: narrow the list")

WHY: dict[type[Refusal], str] = {NotPermitted: NO_RIGHT, TooManyRows: TOO_MUCH}
"""Why an export cannot be written after all; anything else is a filter or a column of old."""

Rows = Callable[[Export], QuerySet[Any]]
"""The rows of an export's list as it was filtered, for whoever asked."""
Clock = Callable[[], datetime]


def carry_on(export_id: int, *, rows: Rows, clock: Clock) -> int:
    """Write the file of an export that waits, or that a worker died at; how many rows, 0 where another is at it."""
    with own_connection() as here:
        if not here.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCK, export_id)).fetchone()[0]:
            return 0
        export = _begun(export_id, at=clock())
        return 0 if export is None else _try(export, here, rows=rows, clock=clock)


def _try(export: Export, here: Any, *, rows: Rows, clock: Clock) -> int:
    """Any error but a database out of reach ends it: the next try would meet it too."""
    try:
        return _write(export, here, rows=rows, clock=clock)
    except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
        raise
    except Refusal as no:
        log.warning("Export %s: %s", export.pk, no.code)
        _fail(export, WHY.get(type(no), UNKNOWN_FILTER), at=clock())
    except Exception as error:  # whatever it is, this export is over and others have their turn
        log.error("Export %s failed: %s", export.pk, type(error).__name__)
        _fail(export, BROKEN, at=clock())
    return 0


def _begun(export_id: int, *, at: datetime) -> Export | None:
    """The export, as one that is written now; None where it is over or was tried too often."""
    with transaction.atomic():
        rows = Export.objects.select_for_update(of=("self",)).select_related("asked_by", "agreed_by")
        export = rows.filter(pk=export_id, status__in=IN_TURN).first()
        if export is None:
            return None
        export.attempts += 1
        export.status, export.done = ExportStatus.RUNNING, 0
        if export.attempts <= TRIES:
            export.save()
            return export
        _end(export, ExportStatus.FAILED, at=at, because=DIED)
    pieces_of(export).drop()
    return None


def _write(export: Export, here: Any, *, rows: Rows, clock: Clock) -> int:
    wanted, file = Wanted.of(export), pieces_of(export)
    check_wanted(wanted, export.asked_by)
    file.drop()
    began = clock()
    with override(export.language):
        sheet = sheet_of(export.sheet)
        chosen = [Chosen(name, sheet.fields[name], clear=name in export.clear) for name in export.columns]
        listed = rows(export)
        export.total = listed.order_by().values("pk").count()
        check_is_left(export, export.total, at=began)
        if _has_outgrown(export, export.total):
            return _ask_again(export, rows=export.total, at=began)
        Export.objects.filter(pk=export.pk).update(total=export.total)
        content = _Content(export, sheet, chosen, sheet.rows(listed, export.columns), here, began)
        kept = _keep(export, content, file)
    if kept is None:  # it was called off
        file.drop()
        return 0
    if _has_outgrown(export, content.rows):
        return _ask_again(export, rows=content.rows, at=clock())
    _finish(export, kept, rows=content.rows, at=clock())
    return content.rows


@dataclass
class _Content:
    """The bytes of the file, and how many rows of it are written."""

    export: Export
    sheet: type[Sheet]
    chosen: Sequence[Chosen]
    listed: QuerySet[Any]
    here: Any
    began: datetime
    rows: int = 0

    def stream(self) -> Iterator[bytes]:
        if self.export.format == FileFormat.CSV:
            copy = Copy(
                self.listed, self.chosen, trail=(gettext("Export"), f"{self.export} {self.export.asked_by.username}")
            )
            yield BOM + copy.header()
            yield from (data for _count, data in self._counted(csv_blocks(copy, self.here)))
        else:
            blocks = self._counted(xml_blocks(Copy(self.listed, self.chosen), self.here))
            yield from Workbook(blocks, self.chosen, str(self.sheet.title), self.about).stream()

    def _counted(self, blocks: Iterator[Any]) -> Iterator[Any]:
        for block in blocks:
            self.rows += block.rows
            yield block

    def about(self) -> tuple[str, list[tuple[str, str]]]:
        """The sheet that says what this file is: written last, so that it knows how many rows there are."""
        return gettext("About this file"), describe(self.export, self.sheet, rows=self.rows, began=self.began)


def describe(export: Export, sheet: type[Sheet], *, rows: int, began: datetime) -> list[tuple[str, str]]:
    """What a file says of itself, line by line."""
    clear = titles_of(sheet.name, export.clear)
    return [
        (gettext("Export"), str(export)),
        (gettext("Sheet"), str(sheet.title)),
        (gettext("For"), f"{export.asked_by} ({export.asked_by.username})"),
        (gettext("Purpose"), export.purpose),
        (gettext("Agreed by"), str(export.agreed_by or "—")),
        (gettext("Rows as of"), moment(began)),
        (gettext("Rows"), str(rows)),
        (gettext("In the clear"), ", ".join(clear) or gettext("nothing: private columns are masked")),
        (
            gettext("Please"),
            gettext("This file is for the one named above and for this purpose alone. Delete it when it is done."),
        ),
    ]


def _keep(export: Export, content: _Content, file: Pieces) -> tuple[int, int, str] | None:
    """Seal the bytes in pieces; their number, all their bytes and their hash; None where it was called off.

    A piece is hashed, sealed and brought to the disk while the rows of the next one come in.
    """
    digest, size, number, rest = hashlib.sha256(), 0, 0, bytearray()
    told = time.monotonic()

    def store(number: int, piece: bytes) -> None:
        digest.update(piece)
        file.write(number, piece)

    with beside_us() as beside:
        stored: Future[None] | None = None
        for data in content.stream():
            size += len(data)
            rest += data
            while len(rest) >= PIECE:
                if stored:
                    stored.result()
                number += 1
                stored = beside.submit(store, number, bytes(rest[:PIECE]))
                del rest[:PIECE]
            if time.monotonic() - told >= TELLS_EVERY:
                told = time.monotonic()
                if not _is_wanted(export, content.rows):
                    return None
        if stored:
            stored.result()
    if rest:
        number += 1
        store(number, bytes(rest))
    return number, size, digest.hexdigest()


@contextmanager
def beside_us() -> Iterator[ThreadPoolExecutor]:
    """A thread whose work is over when this is left, also where the time is over just while it is waited for."""
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        yield pool
    finally:
        last = pool.submit(int)  # behind whatever is under way
        pool.shutdown(wait=False)
        try:
            wait([last])
        finally:
            wait([last])  # the first may have been interrupted, which happens once


def _is_wanted(export: Export, rows: int) -> bool:
    """Note how far it came; whether anybody still waits for it."""
    running = Export.objects.filter(pk=export.pk, status=ExportStatus.RUNNING)
    return bool(running.update(done=rows))


def _finish(export: Export, kept: tuple[int, int, str], *, rows: int, at: datetime) -> None:
    with transaction.atomic():
        row = Export.objects.select_for_update(of=("self",)).get(pk=export.pk)
        if row.status != ExportStatus.RUNNING:
            pieces_of(row).drop()
            return
        row.pieces, row.size, row.sha256 = kept
        row.done, row.total, row.expires_at = rows, rows, at + LIES_FOR
        _end(row, ExportStatus.READY, at=at)


def _has_outgrown(export: Export, rows: int) -> bool:
    """Whether these are far more rows than a second person agreed to; he did to none where no number was kept."""
    if export.agreed_rows is None:
        return bool(export.clear)
    return is_far_more(rows, than=export.agreed_rows)


def _ask_again(export: Export, *, rows: int, at: datetime) -> int:
    """Nothing is written: a second person is asked once more, and sees how many rows there are now."""
    pieces_of(export).drop()
    with transaction.atomic():
        row = Export.objects.select_for_update(of=("self",)).get(pk=export.pk)
        if row.status != ExportStatus.RUNNING:
            return 0
        row.status, row.attempts, row.done, row.total = ExportStatus.WAITING, 0, 0, 0
        row.agreed_by = row.agreed_at = row.agreed_rows = row.asked_told_at = None
        row.save()
        note(row, "grow", at=at, note=str(rows))
        ring_bell()
    return 0


def _fail(export: Export, because: str, *, at: datetime) -> None:
    pieces_of(export).drop()
    with transaction.atomic():
        row = Export.objects.select_for_update(of=("self",)).get(pk=export.pk)
        if row.status == ExportStatus.RUNNING:
            _end(row, ExportStatus.FAILED, at=at, because=because)


def _end(row: Export, status: ExportStatus, *, at: datetime, because: str = "") -> None:
    row.status, row.finished_at, row.failed_because = status, at, because
    row.save()
    note(row, status.value, at=at, note=because)
    ring_bell()
