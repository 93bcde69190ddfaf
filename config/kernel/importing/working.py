"""The worker's part of an import: to look through a file without writing anything, and to take its rows in by portions.

A portion's rows and the mark of how far it came are one transaction: what a dead worker had begun was never written,
and nothing is written twice.
"""

import json
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from config.kernel.importing.importers import Effect, Importer, Row, importer_of, in_both, known_headings, places
from config.kernel.importing.jobs import HasBadRows, alone, finish, forget, give_up, note, pieces_of, status_of
from config.kernel.importing.sheets import Sheet, UnreadableSheet, opened
from config.kernel.importing.staging import Portion, Stage
from config.kernel.models import Import, ImportLine, ImportStatus, User
from config.kernel.permissions import check_permission
from config.kernel.refusals import Refusal

TRIES = 3
"""Of a portion, where somebody else wrote the same rows at the same moment."""
ATTEMPTS = 3
"""Of a file that comes no further: its worker dies, or its time is over, each time."""


class TooManyRows(UnreadableSheet):
    code = "TOO_MANY_ROWS"
    sentence = _("At most %(most)s rows of this kind are taken at once. Send the file in parts.")


class TriedTooOften(Refusal):
    code = "TOO_MANY_TRIES"
    sentence = _("It was begun %(tries)s times and never came further. Send the file in parts.")


class _NotWhole(Exception):
    """A row failed where all are taken in or none; everything is taken back."""


def look_through(pk: int, *, at: datetime) -> int:
    """The dry run: every row is read and judged, nothing is written but what is wrong. How many rows it was."""
    with alone(pk) as it:
        if it is None or not _begin(it, ImportStatus.WAITING, at=at):
            return 0
        importer = importer_of(it.kind)(by=it.asked_by, at=at)
        forget(it)
        try:
            check_permission(importer.permission, it.asked_by)
            with _opened(it) as sheet:
                it.header, it.encoding, it.sheet = sheet.header, sheet.encoding, sheet.name[:80]
                _look_at(it, importer, sheet)
        except Refusal as no:
            return _refuse(it, no, at=at)
        return _close_reading(it, at=at)


def _look_at(it: Import, importer: Importer, sheet: Sheet) -> None:
    stage, keeps, after = Stage.of(it, importer), True, 0
    for rows in _portions(importer, sheet):
        with transaction.atomic():
            _judge(importer, rows)
            if importer.tries:
                importer.write(_to_write(rows))
                transaction.set_rollback(True)
        _tally(it, rows)
        bad = [_kept(it, row, is_late=False) for row in rows if row.faults]
        ImportLine.objects.bulk_create(bad, batch_size=2_000)
        good = [row for row in rows if not row.faults]
        if keeps and (made := importer.make(good)) is not None:
            keeps = stage.keep(made, after=after, last=rows[-1].line, rows=len(good))
        after = rows[-1].line
        Import.objects.filter(pk=it.pk).update(total=it.total)  # so that a page shows how far it is


def carry_on(pk: int, *, at: datetime, seconds: float) -> int:
    """Portions of a confirmed import, one after the other, for some seconds; how many rows that were.

    All or nothing is one transaction, and is not cut short.
    """
    with alone(pk) as it:
        if it is None or not _begin(it, ImportStatus.CONFIRMED, at=at):
            return 0
        by = it.confirmed_by or it.asked_by
        importer = importer_of(it.kind)(by=by, at=at)
        try:
            check_permission(importer.permission, by)
            if it.is_whole:
                return _take_whole(pk, importer, at=at)
            return _take(pk, importer, at=at, until=time.monotonic() + seconds)
        except Refusal as no:  # it was read before: the file is not what it was, or the person may not any more
            give_up(pk, no, at=at)
            return 0


def _begin(it: Import, status: ImportStatus, *, at: datetime) -> bool:
    """Count the try before anything that a worker may die of; False where it is over, or was tried too often."""
    with transaction.atomic():
        if status_of(it) != status:
            return False
        it.attempts += 1
        Import.objects.filter(pk=it.pk).update(attempts=it.attempts)
        if it.attempts > ATTEMPTS:
            give_up(it.pk, TriedTooOften(tries=ATTEMPTS), at=at)
        return it.attempts <= ATTEMPTS


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


def _close_reading(it: Import, *, at: datetime) -> int:
    with transaction.atomic():
        if status_of(it) != ImportStatus.WAITING:  # somebody cancelled it meanwhile
            return 0
        it.status, it.attempts, it.read_at = ImportStatus.READ, 0, at
        it.save()
        note(it, "read", by=User.objects.system(), at=at, total=it.total, good=it.good, bad=it.bad)
    return it.total


def _refuse(it: Import, no: Refusal, *, at: datetime) -> int:
    with transaction.atomic():
        if status_of(it) == ImportStatus.WAITING:
            it.refused = {"code": no.code, **in_both(lambda: str(no))}
            it.header = []  # the first row of a sheet without headings is a person's
            forget(it)
            finish(it, ImportStatus.REFUSED, at=at)
    return 0


def _take(pk: int, importer: Importer, *, at: datetime, until: float) -> int:
    first = it = Import.objects.get(pk=pk)
    with closing(_taken(it, importer)) as portions:
        for it in portions:
            if time.monotonic() >= until:
                return max(it.done - first.done, it.done_line > first.done_line)  # bad rows alone are progress, too
    with transaction.atomic():
        it = Import.objects.select_for_update().get(pk=pk)
        if it.status == ImportStatus.CONFIRMED:
            finish(it, ImportStatus.APPLIED, at=at)
    return it.done - first.done


def _taken(it: Import, importer: Importer) -> Generator[Import]:
    """The import behind each portion: those that are made already, as long as they hold, and then out of the file."""
    pk, stage = it.pk, Stage.of(it, importer)
    while (portion := stage.portion(after=it.done_line)) is not None:
        with _marking(pk) as marked:
            if marked is None:
                return
            if not _copy_made(marked, portion):
                break
            it = marked
        yield it
    if it.done == it.good:
        return
    bad = set(ImportLine.objects.filter(of=pk).values_list("line", flat=True))
    with _opened(it) as sheet:
        for rows in _portions(importer, sheet, after=it.done_line):
            with _marking(pk) as marked:
                if marked is None:
                    return
                _take_portion(marked, importer, [row for row in rows if row.line not in bad])
                marked.done_line = rows[-1].line
            yield marked


@contextmanager
def _marking(pk: int) -> Iterator[Import | None]:
    """A portion and the mark of how far it came are one transaction; None where somebody ended it meanwhile."""
    with transaction.atomic():
        it = Import.objects.select_for_update().get(pk=pk)
        if it.status != ImportStatus.CONFIRMED:
            yield None
            return
        before = it.done_line
        yield it
        if it.done_line > before:
            it.attempts = 0
            it.save()


def _take_whole(pk: int, importer: Importer, *, at: datetime) -> int:
    """All in one transaction; where a row fails by now, all is taken back and the row is among the bad ones."""
    late: list[ImportLine] = []
    try:
        with transaction.atomic():
            it = Import.objects.select_for_update().get(pk=pk)
            if it.status != ImportStatus.CONFIRMED:  # somebody cancelled it meanwhile
                return 0
            stage = Stage.of(it, importer)
            while (portion := stage.portion(after=it.done_line)) is not None and _copy_made(it, portion):
                pass
            if it.done < it.good:
                with _opened(it) as sheet:
                    for rows in _portions(importer, sheet, after=it.done_line):
                        _take_portion(it, importer, rows)
            late = list(ImportLine.objects.filter(of=pk))
            if late:
                raise _NotWhole
            finish(it, ImportStatus.APPLIED, at=at)
            return it.total
    except _NotWhole:
        with transaction.atomic():
            ImportLine.objects.bulk_create(ImportLine(**_copy(line)) for line in late)
            Import.objects.filter(pk=pk).update(late=len(late))
            give_up(pk, HasBadRows(bad=len(late)), at=at)
        return 0


def _copy(line: ImportLine) -> dict[str, Any]:
    return {"of_id": line.of_id, "line": line.line, "cells": line.cells, "faults": line.faults, "is_late": True}


def _copy_made(it: Import, portion: Portion) -> bool:
    """Write the rows that the dry run made; False, and nothing written, where one of them is there by now."""
    try:
        with transaction.atomic():
            portion.copy()
    except IntegrityError:
        return False
    it.made += portion.rows
    it.done_line = portion.last
    return True


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
