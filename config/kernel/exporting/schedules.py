"""Exports that are asked for again and again: masked ones only, because nobody could agree to each."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from config.kernel.bell import ring_bell
from config.kernel.civil import SHANGHAI, add_months, civil_date
from config.kernel.exporting.jobs import TooManyExports, TooManyRows, Wanted, ask, check_wanted
from config.kernel.models import ExportSchedule, Rhythm, User
from config.kernel.refusals import InvalidInput, NotPermitted, Refusal
from config.kernel.working_days import work_calendar

LATEST = 23


def plan(wanted: Wanted, name: str, rhythm: str, hour: int, *, by: User, at: datetime) -> ExportSchedule:
    """Ask for the same file again and again, from the next time on. What is refused once is refused here."""
    check_wanted(wanted, by)
    if wanted.clear:
        raise InvalidInput(
            field=_("Columns of the file"), why=_("a scheduled export is masked: a second person agrees to one file.")
        )
    if rhythm not in Rhythm.values or not 0 <= hour <= LATEST:
        raise InvalidInput(field=_("How often"), why=rhythm)
    if not name.strip():
        raise InvalidInput(field=_("Name"), why=_("name the scheduled export."))
    return ExportSchedule.objects.create(
        name=name.strip()[:40],
        sheet=wanted.sheet,
        query=wanted.query,
        columns=list(wanted.columns),
        format=wanted.format,
        language=wanted.language,
        purpose=wanted.purpose.strip(),
        rhythm=rhythm,
        hour=hour,
        owner=by,
        next_at=next_time(rhythm, hour, after=at),
    )


def end(schedule_id: int, *, by: User, at: datetime) -> None:
    """Whoever planned it ends it; the files that were made stay as long as any."""
    with transaction.atomic():
        schedule = ExportSchedule.objects.select_for_update(of=("self",)).get(pk=schedule_id, ended_at__isnull=True)
        if schedule.owner_id != by.pk:
            raise NotPermitted(who=str(schedule.owner))
        schedule.ended_at = at
        schedule.save()


def ask_due(schedule_id: int, *, at: datetime) -> int:
    """Ask for what is due, once, however many times went by; 0 where another was first.

    Whoever planned it and may not have it any more, or has gone, ends it.
    """
    with transaction.atomic():
        rows = ExportSchedule.objects.select_for_update(of=("self",), skip_locked=True).select_related("owner")
        schedule = rows.filter(pk=schedule_id, ended_at__isnull=True, next_at__lte=at).first()
        if schedule is None:
            return 0
        due, schedule.next_at = schedule.next_at, next_time(schedule.rhythm, schedule.hour, after=at)
        try:
            with transaction.atomic():
                ask(Wanted.of(schedule), by=schedule.owner, at=due, schedule_id=schedule.pk)
        except (TooManyExports, TooManyRows):
            pass  # the next time may be luckier
        except Refusal:
            schedule.ended_at = at
        schedule.save()
        ring_bell()
    return 1


def next_time(rhythm: str, hour: int, *, after: datetime) -> datetime:
    """The first time after `after` at which it is due, at that hour in Shanghai."""
    day = civil_date(after)
    while (due := _instant(day, hour)) <= after or not _falls_on(rhythm, day):
        day = add_months(day.replace(day=1), 1) if rhythm == Rhythm.MONTHLY else day + timedelta(days=1)
    return due


def _falls_on(rhythm: str, day: date) -> bool:
    if rhythm == Rhythm.WEEKLY:
        return day.weekday() == 0
    return day.day == 1 if rhythm == Rhythm.MONTHLY else work_calendar().is_working(day)


def _instant(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)
