"""Imports of spreadsheets: received, looked through without writing anything, confirmed, and taken in by portions.

One worker at a time is at a file (a lock of its session, gone with it). A portion's rows and the mark of how far it
came are one transaction: what a dead worker had begun was never written, and nothing is written twice.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from config.kernel.bell import ring_bell
from config.kernel.files import plain_name
from config.kernel.importing.importers import Effect, Importer, Row, importer_of, in_both, known_headings, places
from config.kernel.importing.sheets import LARGEST, EmptySheet, Sheet, SheetTooBig, UnreadableSheet, ending_of, opened
from config.kernel.models import Import, ImportEvent, ImportLine, ImportStatus, User
from config.kernel.permissions import check_permission
from config.kernel.pieces import PIECE, Pieces
from config.kernel.refusals import Refusal

LOCK = 0x494D50
"""The class of the advisory locks; the other half is the import's id."""
TRIES = 3
"""Of a portion, where somebody else wrote the same rows at the same moment."""
ATTEMPTS = 3
"""Of a file that comes no further: its worker dies, or its time is over, each time."""

LINES_KEPT = timedelta(days=7)
"""For so long the bad rows of an import that is over can be fetched."""

UNDER_WAY = (ImportStatus.WAITING, ImportStatus.READ, ImportStatus.CONFIRMED)
STOPPED = _("An error stopped it. Nothing of the portion that was at work was written.")


class SentBefore(Refusal):
    """The same file again, by its content."""

    code = "SENT_BEFORE"
    sentence = _("This very file was sent before (%(when)s: %(status)s). Tick “send it again” to go on all the same.")


class WrongStatus(Refusal):
    code = "WRONG_STATE"
    sentence = _("This import is “%(status)s”: that is not possible any more, or not yet.")


class NothingGood(Refusal):
    code = "NOTHING_GOOD"
    sentence = _("No row of the file can be taken in. Correct the rows and send the file again.")


class HasBadRows(Refusal):
    code = "HAS_BAD_ROWS"
    sentence = _(
        "%(bad)s rows cannot be taken in: then it is none of them. Correct them, or take in the good rows only."
    )


class TriedTooOften(Refusal):
    code = "TOO_MANY_TRIES"
    sentence = _("It was begun %(tries)s times and never came further. Send the file in parts.")


class _NotWhole(Exception):
    """A row failed where all are taken in or none; everything is taken back."""


def receive(kind: str, name: str, data: bytes, *, again: bool, by: User, at: datetime) -> Import:
    """Keep a file and leave it to the worker to be looked through. `SentBefore`, unless it is meant."""
    check_permission(importer_of(kind).permission, by)
    if not data:
        raise EmptySheet
    if len(data) > LARGEST:
        raise SheetTooBig
    ending, sha256 = ending_of(data), hashlib.sha256(data).hexdigest()
    portions = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
    with transaction.atomic():
        if not again:
            _check_is_new(kind, sha256)
        it = Import.objects.create(
            kind=kind,
            name=plain_name(name) or f"{kind}.{ending}",
            ending=ending,
            size=len(data),
            pieces=len(portions),
            sha256=sha256,
            asked_by=by,
            asked_at=at,
        )
        for number, portion in enumerate(portions, 1):
            pieces_of(it).write(number, portion)
        note(it, "receive", by=by, at=at, sha256=sha256)
        ring_bell()
    return it


def _check_is_new(kind: str, sha256: str) -> None:
    """`SentBefore`; the same file again at this moment waits until the caller's transaction is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [content_lock(sha256)])
    sent = Import.objects.filter(kind=kind, sha256=sha256, status__in=(*UNDER_WAY, ImportStatus.APPLIED))
    if (before := sent.first()) is not None:
        raise SentBefore(when=before.asked_at, status=before.get_status_display())


def content_lock(sha256: str) -> int:
    """The advisory lock of a content that is received."""
    return int(sha256[:15], 16)


def look_through(pk: int, *, at: datetime) -> int:
    """The dry run: every row is read and judged, nothing is written but what is wrong. How many rows it was."""
    with _alone(pk) as it:
        if it is None or not _begin(it, ImportStatus.WAITING, at=at):
            return 0
        importer = importer_of(it.kind)(by=it.asked_by, at=at)
        _forget(it)
        try:
            check_permission(importer.permission, it.asked_by)
            with _opened(it) as sheet:
                it.header, it.encoding, it.sheet = sheet.header, sheet.encoding, sheet.name[:80]
                for rows in _judged(importer, sheet):
                    _tally(it, rows)
                    bad = [_kept(it, row, is_late=False) for row in rows if row.faults]
                    ImportLine.objects.bulk_create(bad, batch_size=2_000)
                    Import.objects.filter(pk=pk).update(total=it.total)  # so that a page shows how far it is
        except Refusal as no:
            return _refuse(it, no, at=at)
        return _close_reading(it, at=at)


def confirm(pk: int, *, is_whole: bool, by: User, at: datetime) -> Import:
    """Leave the good rows to the worker; with `is_whole` all rows or none."""
    with _changing(pk, ImportStatus.READ, by=by) as it:
        is_whole = is_whole or importer_of(it.kind).is_whole
        check_has_good_rows(it)
        if is_whole and it.bad:
            raise HasBadRows(bad=it.bad)
        it.status, it.is_whole, it.confirmed_by, it.confirmed_at = ImportStatus.CONFIRMED, is_whole, by, at
        note(it, "confirm", by=by, at=at, is_whole=is_whole)
        ring_bell()
    return it


def check_has_good_rows(it: Import) -> None:
    """`NothingGood` where no row can be taken in."""
    if not it.good:
        raise NothingGood


def cancel(pk: int, *, by: User, at: datetime) -> Import:
    """Go no further; what was taken in stays."""
    with _changing(pk, *UNDER_WAY, by=by) as it:
        it.status, it.finished_at = ImportStatus.CANCELLED, at
        note(it, "cancel", by=by, at=at, done_line=it.done_line)
    return it


def carry_on(pk: int, *, at: datetime, seconds: float) -> int:
    """Portions of a confirmed import, one after the other, for some seconds; how many rows that were.

    All or nothing is one transaction, and is not cut short.
    """
    with _alone(pk) as it:
        if it is None or not _begin(it, ImportStatus.CONFIRMED, at=at):
            return 0
        by = it.confirmed_by or it.asked_by
        importer = importer_of(it.kind)(by=by, at=at)
        try:
            check_permission(importer.permission, by)
            with _opened(it) as sheet:
                if it.is_whole:
                    return _take_whole(pk, importer, sheet, at=at)
                return _take(pk, importer, sheet, at=at, until=time.monotonic() + seconds)
        except Refusal as no:  # it was read before: the file is not what it was, or the person may not any more
            give_up(pk, no, at=at)
            return 0


def _begin(it: Import, status: ImportStatus, *, at: datetime) -> bool:
    """Count the try before anything that a worker may die of; False where it is over, or was tried too often."""
    with transaction.atomic():
        if _status_of(it) != status:
            return False
        it.attempts += 1
        Import.objects.filter(pk=it.pk).update(attempts=it.attempts)
        if it.attempts > ATTEMPTS:
            give_up(it.pk, TriedTooOften(tries=ATTEMPTS), at=at)
        return it.attempts <= ATTEMPTS


def give_up(pk: int, because: Refusal | None = None, *, at: datetime) -> None:
    """End an import that cannot go on; what was taken in stays."""
    with transaction.atomic():
        it = Import.objects.select_for_update().get(pk=pk)
        if it.status not in (ImportStatus.WAITING, ImportStatus.CONFIRMED):
            return
        if it.status == ImportStatus.WAITING:
            _forget(it)
        said = in_both(lambda: str(because or STOPPED))
        it.refused = {"code": because.code if because else "ERROR", **said}
        _finish(it, ImportStatus.FAILED, at=at)


def take_faults(pk: int, *, by: User, at: datetime) -> tuple[Import, list[ImportLine]]:
    """The bad rows for a file, all they hold in the clear: for those who may import, and noted."""
    it = Import.objects.get(pk=pk)
    check_permission(importer_of(it.kind).permission, by)
    with transaction.atomic():
        it = Import.objects.select_for_update().get(pk=pk)
        note(it, "download", by=by, at=at)
    return it, list(it.lines.order_by("line"))


def drop(pk: int) -> int:
    """Throw away the file of an import that is over; its bad rows can be fetched for `LINES_KEPT`."""
    with _alone(pk) as it:
        if it is None or it.finished_at is None or not it.pieces:
            return 0
        pieces_of(it).drop()
        return Import.objects.filter(pk=pk).update(pieces=0)


def drop_lines(pk: int) -> int:
    """Throw away the bad rows of an import that is over; how many there were is still said."""
    return ImportLine.objects.filter(of=pk, of__finished_at__isnull=False).delete()[0]


def pieces_of(it: Import) -> Pieces:
    return Pieces("imports", it.pk)


def note(it: Import, verb: str, *, by: User, at: datetime, **data: Any) -> None:
    """Write down what happened to an import, which the caller has locked or just made."""
    version = it.events.count() + 1
    ImportEvent.objects.create(of=it, verb=verb, version=version, to_state=it.status, by=by, at=at, data=data)


@contextmanager
def _changing(pk: int, *statuses: ImportStatus, by: User) -> Iterator[Import]:
    with transaction.atomic():
        it = Import.objects.select_for_update().get(pk=pk)
        check_permission(importer_of(it.kind).permission, by)
        if it.status not in statuses:
            raise WrongStatus(status=it.get_status_display())
        yield it
        it.save()


@contextmanager
def _alone(pk: int) -> Iterator[Import | None]:
    """The import, as long as this session alone is at it; None where another is. The lock dies with the session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, pk % 2**31])
        if not cursor.fetchone()[0]:
            yield None
            return
        try:
            yield Import.objects.select_related("asked_by", "confirmed_by").filter(pk=pk).first()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, pk % 2**31])


@contextmanager
def _opened(it: Import) -> Iterator[Sheet]:
    importer = importer_of(it.kind)
    with opened(pieces_of(it).stream(it.pieces), it.ending, known=known_headings(importer)) as sheet:
        yield sheet


def _portions(importer: Importer, sheet: Sheet, *, after: int = 0) -> Iterator[list[Row]]:
    """Rows behind line `after`, read, in portions as the importer wants them."""
    where, portion, count = places(type(importer), sheet.header), [], 0
    size = importer.most_rows + 1 if importer.is_whole else importer.portion
    for batch in sheet.batches:
        count += len(batch)
        if count > importer.most_rows:
            raise TooManyRows(most=importer.most_rows)
        portion += [one for one in batch if one[0] > after]
        while len(portion) >= size:
            yield importer.read(portion[:size], where)
            portion = portion[size:]
    if portion:
        yield importer.read(portion, where)


class TooManyRows(UnreadableSheet):
    code = "TOO_MANY_ROWS"
    sentence = _("At most %(most)s rows of this kind are taken at once. Send the file in parts.")


def _judged(importer: Importer, sheet: Sheet) -> Iterator[list[Row]]:
    for rows in _portions(importer, sheet):
        with transaction.atomic():
            _judge(importer, rows)
            if importer.tries:
                importer.write(_to_write(rows))
                transaction.set_rollback(True)
        yield rows


def _judge(importer: Importer, rows: Sequence[Row]) -> None:
    importer.judge([row for row in rows if not row.faults])


def _to_write(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not row.faults and row.effect is not Effect.UNCHANGED]


def _tally(it: Import, rows: Sequence[Row]) -> None:
    it.total += len(rows)
    effects = [row.effect for row in rows if not row.faults]
    it.good += len(effects)
    it.bad += len(rows) - len(effects)
    it.new += effects.count(Effect.NEW)
    it.changed += effects.count(Effect.CHANGED)
    it.unchanged += effects.count(Effect.UNCHANGED)


def _kept(it: Import, row: Row, *, is_late: bool) -> ImportLine:
    return ImportLine(
        of=it, line=row.line, cells=json.dumps(row.cells, ensure_ascii=False), faults=row.faults, is_late=is_late
    )


def _forget(it: Import) -> None:
    """Nothing is read of it any more, or not yet; the caller saves it."""
    it.total = it.good = it.bad = it.new = it.changed = it.unchanged = 0
    ImportLine.objects.filter(of=it).delete()


def _close_reading(it: Import, *, at: datetime) -> int:
    with transaction.atomic():
        if _status_of(it) != ImportStatus.WAITING:  # somebody cancelled it meanwhile
            return 0
        it.status, it.attempts = ImportStatus.READ, 0
        it.save()
        note(it, "read", by=User.objects.system(), at=at, total=it.total, good=it.good, bad=it.bad)
    return it.total


def _status_of(it: Import) -> str:
    """Locked, as it stands now."""
    return Import.objects.select_for_update().values_list("status", flat=True).get(pk=it.pk)


def _refuse(it: Import, no: Refusal, *, at: datetime) -> int:
    with transaction.atomic():
        if _status_of(it) == ImportStatus.WAITING:
            it.refused = {"code": no.code, **in_both(lambda: str(no))}
            it.header = []  # the first row of a sheet without headings is a person's
            _forget(it)
            _finish(it, ImportStatus.REFUSED, at=at)
    return 0


def _finish(it: Import, status: ImportStatus, *, at: datetime) -> None:
    it.status, it.finished_at = status, at
    it.save()
    done = {
        "made": it.made,
        "altered": it.altered,
        "kept": it.kept,
        "late": it.late,
        "code": it.refused.get("code", ""),
    }
    note(it, {"applied": "apply", "refused": "refuse"}.get(status, "fail"), by=User.objects.system(), at=at, **done)


def _take(pk: int, importer: Importer, sheet: Sheet, *, at: datetime, until: float) -> int:
    bad = set(ImportLine.objects.filter(of=pk).values_list("line", flat=True))
    after, done = Import.objects.values_list("done_line", flat=True).get(pk=pk), 0
    for rows in _portions(importer, sheet, after=after):
        with transaction.atomic():
            it = Import.objects.select_for_update().get(pk=pk)
            if it.status != ImportStatus.CONFIRMED:
                return done
            _take_portion(it, importer, [row for row in rows if row.line not in bad])
            it.done_line, it.attempts = rows[-1].line, 0
            it.save()
        done += len(rows)
        if time.monotonic() >= until:
            return done
    with transaction.atomic():
        it = Import.objects.select_for_update().get(pk=pk)
        if it.status == ImportStatus.CONFIRMED:
            _finish(it, ImportStatus.APPLIED, at=at)
    return done


def _take_whole(pk: int, importer: Importer, sheet: Sheet, *, at: datetime) -> int:
    """All in one transaction; where a row fails by now, all is taken back and the row is among the bad ones."""
    late: list[ImportLine] = []
    try:
        with transaction.atomic():
            it = Import.objects.select_for_update().get(pk=pk)
            for rows in _portions(importer, sheet):
                _take_portion(it, importer, rows)
            late = list(ImportLine.objects.filter(of=pk))
            if late:
                raise _NotWhole
            _finish(it, ImportStatus.APPLIED, at=at)
            return it.total
    except _NotWhole:
        with transaction.atomic():
            ImportLine.objects.bulk_create(ImportLine(**_copy(line)) for line in late)
            Import.objects.filter(pk=pk).update(late=len(late))
            give_up(pk, HasBadRows(bad=len(late)), at=at)
        return 0


def _copy(line: ImportLine) -> dict[str, Any]:
    return {"of_id": line.of_id, "line": line.line, "cells": line.cells, "faults": line.faults, "is_late": True}


def _take_portion(it: Import, importer: Importer, rows: Sequence[Row]) -> None:
    """Judge the rows once more and write them; what fails by now is kept as bad."""
    for left in range(TRIES, 0, -1):
        try:
            with transaction.atomic():
                _judge(importer, rows)
                importer.write(_to_write(rows))
            break
        except IntegrityError:  # somebody wrote the same rows at this moment: they are there when it is judged again
            if left == 1:
                raise
    effects = [row.effect for row in rows if not row.faults]
    it.made += effects.count(Effect.NEW)
    it.altered += effects.count(Effect.CHANGED)
    it.kept += effects.count(Effect.UNCHANGED)
    late = [_kept(it, row, is_late=True) for row in rows if row.faults]
    it.late += len(late)
    ImportLine.objects.bulk_create(late)
