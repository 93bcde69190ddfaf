"""An export from its asking to its end: who may have what, who else has to agree, the file, and how long it lies there.

A worker that dies while it writes leaves a row that says so: the next ring finds that nobody holds its lock any more,
and writes the file anew.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _

from config.kernel.bell import ring_bell
from config.kernel.civil import civil_date, start_of
from config.kernel.display import moment
from config.kernel.exporting.copying import Chosen, Copy, csv_blocks, own_connection, xml_blocks
from config.kernel.exporting.sheets import Sheet, may_read, sheet_of, titles_of
from config.kernel.exporting.workbook import Workbook
from config.kernel.models import (
    IN_TURN,
    UNFINISHED,
    Export,
    ExportEvent,
    ExportSchedule,
    ExportStatus,
    FileFormat,
    User,
)
from config.kernel.permissions import check_permission, holders
from config.kernel.pieces import PIECE, Pieces, all_stored
from config.kernel.refusals import InvalidInput, NotPermitted, Refusal, SamePerson
from config.kernel.roles import who_has

log = logging.getLogger(__name__)

CLEAR, AGREE = "kernel.export_clear", "kernel.agree_export"

LIES_FOR = timedelta(hours=24)
"""How long a file can be fetched."""
FETCHED_WITHIN = timedelta(hours=1)
"""A file is thrown away so long after nobody may begin to fetch it: whoever began in time gets all of it."""
AT_ONCE = 5
"""Exports of one person that are not finished."""
ROWS_A_DAY = 3_000_000
"""Rows that one person takes out of the house in a day."""
GROWS_TIMES, GROWS_BY = 2, 100
"""A file has at most so many times the rows that were agreed to, or so many more: whichever is more."""
TRIES = 3
TELLS_EVERY = 1.0
"""Seconds between two notes of how far it came."""
LOCK = 0x4558
"""The first half of the advisory lock that a worker holds while it writes an export; the second is its key."""

KIND = "exports"
BOM = b"\xef\xbb\xbf"

DIED = gettext_noop("its worker died, or its time was over, each time: narrow the list")
BROKEN = gettext_noop("an error stopped it")
NO_RIGHT = gettext_noop("whoever asked for it may not have it any more")
UNKNOWN_FILTER = gettext_noop("one of its filters or columns is not known any more: ask for it again")

Rows = Callable[[Export], QuerySet[Any]]
"""The rows of an export's list as it was filtered, for whoever asked."""
Clock = Callable[[], datetime]


class TooManyExports(Refusal):
    code = "TOO_MANY_EXPORTS"
    sentence = _("You have %(most)s exports that are not finished. Wait for one, or call one off.")


class TooManyRows(Refusal):
    code = "TOO_MANY_ROWS"
    sentence = _("%(most)s rows are the most that one person exports in a day. Narrow the list, or wait for tomorrow.")


TOO_MUCH = gettext_noop("it has more rows than one person exports in a day: narrow the list")

WHY: dict[type[Refusal], str] = {NotPermitted: NO_RIGHT, TooManyRows: TOO_MUCH}
"""Why an export cannot be written after all; anything else is a filter or a column of old."""


class NotWaiting(Refusal):
    code = "EXPORT_IS_NOT_WAITING"
    sentence = _("This export is “%(status)s”: that is not possible any more.")


class FileIsGone(Refusal):
    code = "EXPORT_HAS_EXPIRED"
    sentence = _("This file cannot be fetched any more: it lay there for a day. Ask for the export again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asks for; `clear` are those of the private columns that are not to be masked."""

    sheet: str
    query: str
    columns: Sequence[str]
    clear: Sequence[str] = ()
    format: str = FileFormat.XLSX
    language: str
    purpose: str

    @classmethod
    def of(cls, row: Export | ExportSchedule) -> "Wanted":
        """What a row asked for, or asks for again and again, which is masked."""
        return cls(
            sheet=row.sheet,
            query=row.query,
            columns=row.columns,
            clear=row.clear if isinstance(row, Export) else (),
            format=row.format,
            language=row.language,
            purpose=row.purpose,
        )


def ask(wanted: Wanted, *, by: User, at: datetime, schedule_id: int | None = None) -> Export:
    """Leave an export to the worker, or to a second person where private columns are to be clear.

    NotPermitted for a sheet or a column that is not for `by`; TooManyExports, TooManyRows, InvalidInput.
    """
    check_wanted(wanted, by)
    with transaction.atomic():
        User.objects.select_for_update(of=("self",)).get(pk=by.pk)
        _check_measure(by, at)
        export = Export.objects.create(
            sheet=wanted.sheet,
            query=wanted.query,
            columns=list(wanted.columns),
            clear=list(wanted.clear),
            format=wanted.format,
            language=wanted.language,
            purpose=wanted.purpose.strip(),
            schedule_id=schedule_id,
            asked_by=by,
            asked_at=at,
            status=ExportStatus.WAITING if wanted.clear else ExportStatus.ASKED,
        )
        _note(export, "ask", by=by, at=at)
        ring_bell()
    return export


def check_wanted(wanted: Wanted, by: User) -> None:
    """Whether this person sees the list, may have these columns of its sheet, and said what for."""
    sheet = sheet_of(wanted.sheet)
    for permission in sheet.permissions():
        check_permission(permission, by)
    if unknown := [name for name in wanted.columns if name not in sheet.fields]:
        raise InvalidInput(field=_("Columns of the file"), why=", ".join(unknown))
    if not wanted.columns:
        raise InvalidInput(field=_("Columns of the file"), why=_("choose one at least."))
    for name in wanted.columns:
        if not may_read(sheet.fields[name], by):
            raise NotPermitted(who=who_has(sheet.fields[name].permission))
    if wanted.clear:
        check_permission(CLEAR, by)
    masked = {name for name in wanted.columns if sheet.fields[name].is_private}
    if odd := [name for name in wanted.clear if name not in masked]:
        raise InvalidInput(field=_("Columns of the file"), why=", ".join(titles_of(sheet.name, odd)))
    if wanted.format not in FileFormat.values:
        raise InvalidInput(field=_("Format"), why=wanted.format)
    if not 2 <= len(wanted.purpose.strip()) <= 200:
        raise InvalidInput(field=_("Purpose"), why=_("say in 2 to 200 characters what the file is needed for."))


def agree(export_id: int, *, rows: int, by: User, at: datetime) -> None:
    """A second person agrees that private columns of about so many rows leave the house in the clear."""
    check_permission(AGREE, by)
    with transaction.atomic():
        export = _locked(export_id, ExportStatus.WAITING)
        check_another(export, by)
        export.status, export.agreed_by, export.agreed_at = ExportStatus.ASKED, by, at
        export.agreed_rows = rows
        export.save()
        _note(export, "agree", by=by, at=at, note=str(rows))
        ring_bell()


def decline(export_id: int, reason: str, *, by: User, at: datetime) -> None:
    """A second person does not agree, and says why."""
    check_permission(AGREE, by)
    with transaction.atomic():
        export = _locked(export_id, ExportStatus.WAITING)
        check_another(export, by)
        export.status, export.finished_at, export.failed_because = ExportStatus.DECLINED, at, reason
        export.save()
        _note(export, "decline", by=by, at=at, note=reason)
        ring_bell()


def check_another(export: Export, by: User) -> None:
    """SamePerson for whoever asked."""
    if export.asked_by_id == by.pk:
        others = holders(AGREE).exclude(pk=by.pk).order_by("username")[:5]
        raise SamePerson(did=gettext("ask for the export"), who=", ".join(map(str, others)))


def cancel(export_id: int, *, by: User, at: datetime) -> None:
    """Whoever asked calls it off; a worker that writes it stops within a second or so."""
    with transaction.atomic():
        export = _locked(export_id, *UNFINISHED)
        if export.asked_by_id != by.pk:
            raise NotPermitted(who=str(export.asked_by))
        export.status, export.finished_at = ExportStatus.CANCELLED, at
        export.told_at = at
        export.save()
        _note(export, "cancel", by=by, at=at)


def open_file(export_id: int, *, by: User, at: datetime) -> tuple[Export, Iterator[bytes]]:
    """The finished file for whoever asked for it, piece by piece; each fetching is noted. FileIsGone, NotPermitted."""
    export = Export.objects.select_related("asked_by", "agreed_by").get(pk=export_id)
    if export.asked_by_id != by.pk:
        raise NotPermitted(who=str(export.asked_by))
    check_wanted(Wanted.of(export), by)
    if export.status not in (ExportStatus.READY, ExportStatus.EXPIRED) or export.expires_at is None:
        raise NotWaiting(status=export.get_status_display())
    if export.status == ExportStatus.EXPIRED or export.expires_at <= at:
        raise FileIsGone
    _note(export, "fetch", by=by, at=at)
    return export, _pieces(export).stream(export.pieces)


def expire(export_id: int, *, at: datetime) -> int:
    """Throw away a file that nobody fetches any more, and note it last: who dies in between is followed by another."""
    with transaction.atomic():
        rows = Export.objects.select_for_update(skip_locked=True).filter(status=ExportStatus.READY)
        export = rows.filter(pk=export_id, expires_at__lte=at - FETCHED_WITHIN).first()
        if export is None:
            return 0
        _pieces(export).drop()
        export.status = ExportStatus.EXPIRED
        export.save()
        _note(export, "expire", at=at)
    return 1


def drop_leftovers() -> int:
    """Throw away what a worker left that died after its export was called off; how many files.

    Nobody fetches one of these: a file that was ready stays so until `expire`.
    """
    stored = [file for file in all_stored() if file.kind == KIND]
    alive = (*IN_TURN, ExportStatus.READY)
    kept = set(
        Export.objects.filter(pk__in=[file.pk for file in stored], status__in=alive).values_list("pk", flat=True)
    )
    left = [file for file in stored if file.pk not in kept]
    for file in left:
        file.drop()
    return len(left)


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
    _pieces(export).drop()
    return None


def _write(export: Export, here: Any, *, rows: Rows, clock: Clock) -> int:
    wanted, file = Wanted.of(export), _pieces(export)
    check_wanted(wanted, export.asked_by)
    file.drop()
    began = clock()
    with override(export.language):
        sheet = sheet_of(export.sheet)
        chosen = [Chosen(name, sheet.fields[name], clear=name in export.clear) for name in export.columns]
        listed = rows(export)
        export.total = listed.order_by().values("pk").count()
        if export.total > _left_today(export, began):
            raise TooManyRows(rows=export.total, most=ROWS_A_DAY)
        if _outgrew(export, export.total):
            return _ask_again(export, rows=export.total, at=began)
        Export.objects.filter(pk=export.pk).update(total=export.total)
        content = _Content(export, sheet, chosen, sheet.rows(listed, export.columns), here, began)
        kept = _keep(export, content, file)
    if kept is None:  # it was called off
        file.drop()
        return 0
    if _outgrew(export, content.rows):
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

    with ThreadPoolExecutor(max_workers=1) as beside:
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


def _is_wanted(export: Export, rows: int) -> bool:
    """Note how far it came; whether anybody still waits for it."""
    running = Export.objects.filter(pk=export.pk, status=ExportStatus.RUNNING)
    return bool(running.update(done=rows))


def _finish(export: Export, kept: tuple[int, int, str], *, rows: int, at: datetime) -> None:
    with transaction.atomic():
        row = Export.objects.select_for_update(of=("self",)).get(pk=export.pk)
        if row.status != ExportStatus.RUNNING:
            _pieces(row).drop()
            return
        row.pieces, row.size, row.sha256 = kept
        row.done, row.total, row.expires_at = rows, rows, at + LIES_FOR
        _end(row, ExportStatus.READY, at=at)


def _outgrew(export: Export, rows: int) -> bool:
    """Whether these are far more rows than a second person agreed to."""
    agreed = export.agreed_rows
    return agreed is not None and rows > max(GROWS_TIMES * agreed, agreed + GROWS_BY)


def _ask_again(export: Export, *, rows: int, at: datetime) -> int:
    """Nothing is written: a second person is asked once more, and sees how many rows there are now."""
    _pieces(export).drop()
    with transaction.atomic():
        row = Export.objects.select_for_update(of=("self",)).get(pk=export.pk)
        if row.status != ExportStatus.RUNNING:
            return 0
        row.status, row.attempts, row.done, row.total = ExportStatus.WAITING, 0, 0, 0
        row.agreed_by = row.agreed_at = row.agreed_rows = row.asked_told_at = None
        row.save()
        _note(row, "grow", at=at, note=str(rows))
        ring_bell()
    return 0


def _fail(export: Export, because: str, *, at: datetime) -> None:
    _pieces(export).drop()
    with transaction.atomic():
        row = Export.objects.select_for_update(of=("self",)).get(pk=export.pk)
        if row.status == ExportStatus.RUNNING:
            _end(row, ExportStatus.FAILED, at=at, because=because)


def _end(row: Export, status: ExportStatus, *, at: datetime, because: str = "") -> None:
    row.status, row.finished_at, row.failed_because = status, at, because
    row.save()
    _note(row, status.value, at=at, note=because)
    ring_bell()


def _check_measure(by: User, at: datetime) -> None:
    own = Export.objects.filter(asked_by=by)
    if own.filter(status__in=UNFINISHED).count() >= AT_ONCE:
        raise TooManyExports(most=AT_ONCE)
    if (rows := _rows_today(own, at)) >= ROWS_A_DAY:
        raise TooManyRows(rows=rows, most=ROWS_A_DAY)


def _rows_today(own: QuerySet[Export], at: datetime) -> int:
    return own.filter(asked_at__gte=start_of(civil_date(at))).aggregate(rows=Sum("done"))["rows"] or 0


def _left_today(export: Export, at: datetime) -> int:
    """Rows that whoever asked may still take out, besides his other exports of the day."""
    return ROWS_A_DAY - _rows_today(Export.objects.filter(asked_by=export.asked_by).exclude(pk=export.pk), at)


def _locked(export_id: int, *statuses: str) -> Export:
    export = Export.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=export_id)
    if export.status not in statuses:
        raise NotWaiting(status=export.get_status_display())
    return export


def _note(export: Export, verb: str, *, at: datetime, by: User | None = None, note: str = "") -> None:
    ExportEvent.objects.create(export=export, verb=verb, by=by, at=at, note=note[:200])


def _pieces(export: Export) -> Pieces:
    return Pieces(KIND, export.pk)
