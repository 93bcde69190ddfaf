"""Imports of spreadsheets from their coming in to their end: what people decide, and what becomes of the file.

The rows are the worker's (`config.kernel.importing.working`). One worker at a time is at a file: a lock of its session,
gone with it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from config.kernel.bell import ring_bell
from config.kernel.files import plain_name
from config.kernel.importing.importers import importer_of, in_both
from config.kernel.importing.sheets import LARGEST, EmptySheet, SheetTooBig, ending_of
from config.kernel.models import Import, ImportEvent, ImportLine, ImportStatus, User
from config.kernel.permissions import check_permission
from config.kernel.pieces import PIECE, Pieces, all_stored
from config.kernel.refusals import Refusal

LOCK = 0x494D50
"""The class of the advisory locks; the other half is the import's id."""
DECIDED_WITHIN = timedelta(days=7)
"""From the dry run on; then an import lapses that nobody confirmed or cancelled, and its file goes."""
FILE, MADE = KINDS = ("imports", "made")
"""What of an import lies in pieces."""
ROW_WITHIN = timedelta(hours=1)
"""Of its pieces, a row is there that needs them; they are strays then where it is not."""
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


def confirm(pk: int, *, is_whole: bool, by: User, at: datetime) -> Import:
    """Leave the good rows to the worker; with `is_whole` all rows or none. `WrongStatus` once it lapsed."""
    with _changing(pk, ImportStatus.READ, by=by) as it:
        if (until := lapses_at(it)) is not None and at >= until:  # the sweep may come later
            raise WrongStatus(status=ImportStatus.LAPSED.label)
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


def lapses_at(it: Import) -> datetime | None:
    """Until when it can be decided about; None where there is nothing to decide, or not yet."""
    return (it.read_at or it.asked_at) + DECIDED_WITHIN if it.status == ImportStatus.READ else None


def lapse(pk: int, *, at: datetime) -> int:
    """End an import that nobody decided about in time."""
    with transaction.atomic():
        it = Import.objects.select_for_update().get(pk=pk)
        if (until := lapses_at(it)) is None or at < until:
            return 0
        finish(it, ImportStatus.LAPSED, at=at)
    return 1


def give_up(pk: int, because: Refusal | None = None, *, at: datetime) -> None:
    """End an import that cannot go on; what was taken in stays."""
    with transaction.atomic():
        it = Import.objects.select_for_update().get(pk=pk)
        if it.status not in (ImportStatus.WAITING, ImportStatus.CONFIRMED):
            return
        if it.status == ImportStatus.WAITING:
            forget(it)
        said = in_both(lambda: str(because or STOPPED))
        it.refused = {"code": because.code if because else "ERROR", **said}
        finish(it, ImportStatus.FAILED, at=at)


def take_faults(pk: int, *, by: User, at: datetime) -> tuple[Import, list[ImportLine]]:
    """The bad rows for a file, all they hold in the clear: for those who may import, and noted."""
    it = Import.objects.get(pk=pk)
    check_permission(importer_of(it.kind).permission, by)
    with transaction.atomic():
        it = Import.objects.select_for_update().get(pk=pk)
        note(it, "download", by=by, at=at)
    return it, list(it.lines.order_by("line"))


def drop(pk: int) -> int:
    """Throw away the file of an import that is over, and its rows that are made already.

    Its bad rows can be fetched for `LINES_KEPT`.
    """
    with alone(pk) as it:
        if it is None or it.finished_at is None or not it.pieces:
            return 0
        pieces_of(it).drop()
        made_of(it).drop()
        return Import.objects.filter(pk=pk).update(pieces=0)


def drop_leftovers(*, at: datetime) -> int:
    """Throw away files without a row that needs them; how many. A row that is just being made is not seen yet."""
    old = [one for kind in KINDS for one in all_stored(kind) if (one.touched_at() or at) < at - ROW_WITHIN]
    needed = set(Import.objects.filter(pk__in={one.pk for one in old}, pieces__gt=0).values_list("pk", flat=True))
    left = [one for one in old if one.pk not in needed]
    for one in left:
        one.drop()
    return len(left)


def drop_lines(pk: int) -> int:
    """Throw away the bad rows of an import that is over; how many there were is still said."""
    return ImportLine.objects.filter(of=pk, of__finished_at__isnull=False).delete()[0]


def pieces_of(it: Import) -> Pieces:
    return Pieces(FILE, it.pk)


def made_of(it: Import) -> Pieces:
    """Where the dry run leaves rows that are made already (`config.kernel.importing.staging`)."""
    return Pieces(MADE, it.pk)


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
def alone(pk: int) -> Iterator[Import | None]:
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


def forget(it: Import) -> None:
    """Nothing is read of it any more, or not yet; the caller saves it."""
    made_of(it).drop()
    it.total = it.good = it.bad = it.new = it.changed = it.unchanged = 0
    ImportLine.objects.filter(of=it).delete()


def status_of(it: Import) -> str:
    """Locked, as it stands now."""
    return Import.objects.select_for_update().values_list("status", flat=True).get(pk=it.pk)


def finish(it: Import, status: ImportStatus, *, at: datetime) -> None:
    it.status, it.finished_at = status, at
    it.save()
    done = {
        "made": it.made,
        "altered": it.altered,
        "kept": it.kept,
        "late": it.late,
        "code": it.refused.get("code", ""),
    }
    verb = {"applied": "apply", "refused": "refuse", "lapsed": "lapse"}.get(status, "fail")
    note(it, verb, by=User.objects.system(), at=at, **done)
