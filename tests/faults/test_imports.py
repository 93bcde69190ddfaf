"""A worker dies amid an import: what it had begun was never written, and the next one goes on behind it."""

import pytest
from django.conf import settings
from django.db import connection, transaction

from config.kernel.clock import database_now
from config.kernel.importing import jobs
from config.kernel.models import CalendarDay, Import
from members.models import Member, Membership
from tests.concurrency.racing import wait_for, waiting
from tests.factories import plan, staff
from tests.faults.processes import Crew, hang_up, kill
from tests.sheets import PEOPLE, csv_file, person

HEAD = ["日期", "是否上班", "名称"]
ROWS = [[f"{2101 + place // 336}-{1 + place // 28 % 12:02}-{1 + place % 28:02}", "否", "假"] for place in range(3_000)]


def test_kill_nine_amid_the_reading_and_amid_the_writing(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    by = staff("administrator")
    monkeypatch.setenv("MEDIA_FOLDER", str(settings.MEDIA_ROOT))
    it = jobs.receive("holidays", "x.csv", csv_file([HEAD, *ROWS]), again=False, by=by, at=database_now())
    crew.beat()

    killed_while_nobody_writes("kernel_importevent", crew)  # all was read, and the end of it not noted yet
    assert Import.objects.get(pk=it.pk).status == "waiting"
    worker = crew.worker()
    wait_for(lambda: Import.objects.get(pk=it.pk).status == "read")
    kill(worker)
    jobs.confirm(it.pk, is_whole=False, by=by, at=database_now())

    killed_while_nobody_writes("kernel_calendarday", crew)  # amid the first portion
    assert Import.objects.get(pk=it.pk).made == CalendarDay.objects.filter(day__year__gte=2101).count() == 0
    killed_while_nobody_writes("kernel_importevent", crew)  # behind the last portion
    assert Import.objects.get(pk=it.pk).made == CalendarDay.objects.filter(day__year__gte=2101).count() == 3_000
    crew.worker()
    wait_for(lambda: Import.objects.get(pk=it.pk).status == "applied")

    it.refresh_from_db()
    assert (it.made, it.kept, it.late) == (3_000, 0, 0)
    assert CalendarDay.objects.filter(day__year__gte=2101).count() == 3_000
    assert [event.verb for event in it.events.all()] == ["receive", "read", "confirm", "apply"]


def killed_while_nobody_writes(table: str, crew: Crew) -> None:
    """A worker that comes as far as writing into this table, and no further."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        worker = crew.worker()
        wait_for(lambda: waiting() > 0)
        kill(worker)
        hang_up()


def test_kill_nine_amid_rows_that_are_made_already(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    plan()
    by = staff("supervisor")
    monkeypatch.setenv("MEDIA_FOLDER", str(settings.MEDIA_ROOT))
    it = jobs.receive(
        "members", "x.csv", csv_file([PEOPLE, *map(person, range(40))]), again=False, by=by, at=database_now()
    )
    crew.beat()

    killed_while_nobody_writes("kernel_importevent", crew)  # all rows were made, and the end of it not noted yet
    assert Import.objects.get(pk=it.pk).status == "waiting"
    worker = crew.worker()
    wait_for(lambda: Import.objects.get(pk=it.pk).status == "read")
    kill(worker)
    jobs.pieces_of(it).drop()  # from here on there is nothing else to take them from
    jobs.confirm(it.pk, is_whole=False, by=by, at=database_now())

    killed_while_nobody_writes("members_membership", crew)  # the members are written, their memberships not
    assert Import.objects.get(pk=it.pk).made == Member.objects.count() == 0
    crew.worker()
    wait_for(lambda: Import.objects.get(pk=it.pk).status == "applied")

    assert Import.objects.get(pk=it.pk).made == Member.objects.count() == Membership.objects.count() == 40
