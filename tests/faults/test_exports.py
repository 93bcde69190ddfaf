"""A worker that dies while it writes a file: the file is written all the same, whole, and once."""

import hashlib

import pytest
from django.conf import settings
from django.db import connection

from config.kernel.clock import database_now
from config.kernel.exporting import jobs
from config.kernel.models import Export, ExportStatus, User
from tests.concurrency.racing import wait_for
from tests.factories import membership, staff
from tests.faults.processes import Crew, hang_up, kill

ROWS = 400_000


def shares(rows: int) -> None:
    """A long list, by SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_share (membership_id, due_on, fen) SELECT %s, date '2020-01-01' + n %% 2000, n"
            " FROM generate_series(1, %s) n",
            [membership().pk, rows],
        )


def asked(by: User) -> Export:
    columns = ["membership", "member", "due_on", "amount", "paid_at"]
    wanted = jobs.Wanted(sheet="shares", query="", columns=columns, language="zh-hans", purpose="对账", format="xlsx")
    return jobs.ask(wanted, by=by, at=database_now())


def test_a_worker_killed_amid_a_file_leaves_it_to_the_next(
    crew: Crew, doorbell: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's store is the test's own."""
    monkeypatch.setenv("MEDIA_FOLDER", str(settings.MEDIA_ROOT))
    supervisor = staff("supervisor")
    shares(ROWS)
    crew.beat()
    worker = crew.worker()
    export = asked(supervisor)

    def written() -> int:
        export.refresh_from_db()
        return export.done

    wait_for(lambda: 0 < written() < ROWS)
    kill(worker)
    hang_up()
    assert export.status == ExportStatus.RUNNING
    crew.worker(), crew.worker()
    wait_for(lambda: written() == ROWS and export.status == ExportStatus.READY)

    assert export.attempts == 2
    data = b"".join(jobs.open_file(export.pk, by=supervisor, at=database_now())[1])
    assert hashlib.sha256(data).hexdigest() == export.sha256
    assert list(export.events.values_list("verb", flat=True)) == ["ask", "ready", "fetch"]
