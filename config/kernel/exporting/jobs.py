"""An export from its asking to its end: who may have what, who else has to agree, and how long the file lies there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.bell import ring_bell
from config.kernel.civil import civil_date, start_of
from config.kernel.exporting.sheets import may_read, sheet_of, titles_of
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
from config.kernel.pieces import Pieces, all_stored
from config.kernel.refusals import InvalidInput, NotPermitted, Refusal, SamePerson
from config.kernel.roles import who_has

CLEAR, AGREE = "kernel.export_clear", "kernel.agree_export"

FETCHED_WITHIN = timedelta(hours=1)
"""A file is thrown away so long after nobody may begin to fetch it: whoever began in time gets all of it."""
AT_ONCE = 5
"""Exports of one person that are not finished."""
ROWS_A_DAY = 3_000_000
"""Rows that one person takes out of the house in a day."""
GROWS_TIMES, GROWS_BY = 2, 100
"""A file has at most so many times the rows that were agreed to, or so many more: whichever is more."""
KIND = "exports"


class TooManyExports(Refusal):
    code = "TOO_MANY_EXPORTS"
    sentence = _("You have %(most)s exports that are not finished. Wait for one, or call one off.")


class TooManyRows(Refusal):
    code = "TOO_MANY_ROWS"
    sentence = _("%(most)s rows are the most that one person exports in a day. Narrow the list, or wait for tomorrow.")


class NotWaiting(Refusal):
    code = "EXPORT_IS_NOT_WAITING"
    sentence = _("This export is “%(status)s”: that is not possible any more.")


class ListHasGrown(Refusal):
    code = "EXPORT_LIST_HAS_GROWN"
    sentence = _("The list has %(rows)s rows by now, far more than you were shown. Look again, then agree or decline.")


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
        note(export, "ask", by=by, at=at)
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


def agree(export_id: int, *, shown: int, there: int, by: User, at: datetime) -> None:
    """A second person agrees that private columns of about so many rows leave the house in the clear.

    To as many as were `shown`, and never to more than are `there` now; ListHasGrown where these are far more.
    """
    check_permission(AGREE, by)
    with transaction.atomic():
        export = _locked(export_id, ExportStatus.WAITING)
        check_another(export, by)
        if is_far_more(there, than=shown):
            raise ListHasGrown(rows=there)
        export.status, export.agreed_by, export.agreed_at = ExportStatus.ASKED, by, at
        export.agreed_rows = min(shown, there)
        export.save()
        note(export, "agree", by=by, at=at, note=str(export.agreed_rows))
        ring_bell()


def is_far_more(rows: int, *, than: int) -> bool:
    """Whether these are so many that whoever agreed to `than` did not agree to them."""
    return rows > max(GROWS_TIMES * than, than + GROWS_BY)


def decline(export_id: int, reason: str, *, by: User, at: datetime) -> None:
    """A second person does not agree, and says why."""
    check_permission(AGREE, by)
    with transaction.atomic():
        export = _locked(export_id, ExportStatus.WAITING)
        check_another(export, by)
        export.status, export.finished_at, export.failed_because = ExportStatus.DECLINED, at, reason
        export.save()
        note(export, "decline", by=by, at=at, note=reason)
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
        note(export, "cancel", by=by, at=at)


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
    note(export, "fetch", by=by, at=at)
    return export, pieces_of(export).stream(export.pieces)


def expire(export_id: int, *, at: datetime) -> int:
    """Throw away a file that nobody fetches any more, and note it last: who dies in between is followed by another."""
    with transaction.atomic():
        rows = Export.objects.select_for_update(skip_locked=True).filter(status=ExportStatus.READY)
        export = rows.filter(pk=export_id, expires_at__lte=at - FETCHED_WITHIN).first()
        if export is None:
            return 0
        pieces_of(export).drop()
        export.status = ExportStatus.EXPIRED
        export.save()
        note(export, "expire", at=at)
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


def _check_measure(by: User, at: datetime) -> None:
    own = Export.objects.filter(asked_by=by)
    if own.filter(status__in=UNFINISHED).count() >= AT_ONCE:
        raise TooManyExports(most=AT_ONCE)
    if (rows := _rows_today(own, at)) >= ROWS_A_DAY:
        raise TooManyRows(rows=rows, most=ROWS_A_DAY)


def check_is_left(export: Export, rows: int, *, at: datetime) -> None:
    """TooManyRows where whoever asked would take out more than a day's, with his other exports of the day."""
    others = Export.objects.filter(asked_by=export.asked_by).exclude(pk=export.pk)
    if rows > ROWS_A_DAY - _rows_today(others, at):
        raise TooManyRows(rows=rows, most=ROWS_A_DAY)


def _rows_today(own: QuerySet[Export], at: datetime) -> int:
    return own.filter(asked_at__gte=start_of(civil_date(at))).aggregate(rows=Sum("done"))["rows"] or 0


def _locked(export_id: int, *statuses: str) -> Export:
    export = Export.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=export_id)
    if export.status not in statuses:
        raise NotWaiting(status=export.get_status_display())
    return export


def note(export: Export, verb: str, *, at: datetime, by: User | None = None, note: str = "") -> None:
    """Write down what happened to an export."""
    ExportEvent.objects.create(export=export, verb=verb, by=by, at=at, note=note[:200])


def pieces_of(export: Export) -> Pieces:
    """Where its file lies."""
    return Pieces(KIND, export.pk)
