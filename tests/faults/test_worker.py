"""Workers and Redis die amid the work; the work is rows in PostgreSQL, and each of its effects comes once."""

import os
import pickle
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery import current_app
from django.db import connection, transaction

from claims.enums import DeadlineKind, ObjectionKind, State
from claims.models import Claim, ClaimEvent, Deadline, Objection
from claims.services import objecting
from config.kernel.clock import database_now
from config.kernel.models import User
from investigations.models import Commission
from investigations.services import ensure_sample_agencies
from tests.concurrency.racing import PATIENCE, wait_for, waiting
from tests.factories import PUBLISHED, case_in, membership, staff
from tests.faults.processes import Broker, Crew, hang_up, kill
from tests.faults.volume import due, over


@contextmanager
def nobody_may_write_messages() -> Iterator[None]:
    """Every effect comes with a message: whoever works stops in the middle of his transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE members_message IN SHARE MODE")
        yield


def stopped() -> set[str]:
    """Which work stands still because nobody may write messages."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT CASE WHEN query LIKE '%missed%' THEN 'missed' WHEN query LIKE '%claims_reminder%' THEN 'reminders' "
            "ELSE 'publicity' END FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid IN (SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'members_message'::regclass)"
        )
        return {kind for (kind,) in cursor.fetchall()}


def test_kill_nine_amid_five_hundred_due_deadlines_and_redis_lost_meanwhile(broker: Broker, crew: Crew) -> None:
    work = due(reminders=230, missed=230, publicities=40)
    beat = crew.beat()

    with nobody_may_write_messages():
        worker = crew.worker()
        wait_for(lambda: stopped() == {"reminders", "missed", "publicity"})
        kill(worker)
        hang_up()
    for so_far, lose_redis in [(1, broker.client.flushall), (10, broker.restart), (20, broker.client.flushall)]:
        worker = crew.worker()
        wait_for(lambda: work.approved() >= so_far)  # noqa: B023 (asked now)
        with nobody_may_write_messages():
            wait_for(lambda: waiting() > 0)
            kill(worker)
            hang_up()
        lose_redis()
    amid = work.approved()
    crew.worker(), crew.worker()
    wait_for(work.is_done)

    assert 0 < amid < 40
    assert work.effects() == work.once()
    assert beat.poll() is None


def test_killed_children_of_the_pool_leave_nothing_undone(crew: Crew, doorbell: None) -> None:
    """What the kernel does to a process that takes too much memory; the worker itself lives on."""
    work = due(reminders=40, missed=40, publicities=20)
    crew.beat()
    worker = crew.worker()

    for so_far in (0, 5):
        wait_for(lambda: work.approved() >= so_far)  # noqa: B023 (asked now)
        with nobody_may_write_messages():
            wait_for(lambda: waiting() > 0)
            for child in children(worker.pid):
                os.kill(child, signal.SIGKILL)
            hang_up()
    wait_for(work.is_done)

    assert work.effects() == work.once()
    assert worker.poll() is None


def test_workers_live_through_the_loss_of_redis_amid_a_task(broker: Broker, crew: Crew) -> None:
    beat, worker = crew.beat(), crew.worker()
    with nobody_may_write_messages():
        before = due(reminders=5, missed=5, publicities=5)
        wait_for(lambda: waiting() > 0)
        broker.restart()
        wait_for(lambda: crew.logs().count("Connected to") > 1)
    wait_for(before.is_done)
    after = due(reminders=5, missed=5, publicities=5)
    wait_for(after.is_done)

    assert after.effects() == after.once()
    assert before.effects() == before.once()
    assert worker.poll() is beat.poll() is None


def object_to(case: Claim) -> None:
    """An objection that comes in now, before the last day is over; its effects are the worker's to bring about."""
    objecting.object_to(case.pk, kind=ObjectionKind.DEFINITION, objector=membership(), by=staff("intake"), at=PUBLISHED)


def is_extended(case: Claim) -> bool:
    """The publicity runs longer, and the expert panel has been asked."""
    took_effect = Objection.objects.filter(claim=case, effect_at__isnull=False).exists()
    return took_effect and Commission.objects.filter(claim=case, kind="expert").exists()


def test_what_is_committed_while_redis_is_down_is_done_when_it_is_back(
    broker: Broker, crew: Crew, doorbell: None
) -> None:
    case = case_in(State.PUBLICISED)
    crew.beat(), crew.worker()
    broker.kill()

    begun = time.monotonic()
    object_to(case)
    took = time.monotonic() - begun

    assert took < 5  # seconds, on the slowest machine: nobody's page waits for a broker
    assert Objection.objects.filter(claim=case, effect_at__isnull=True).exists()
    broker.start()
    wait_for(lambda: is_extended(case))
    assert Deadline.objects.filter(claim=case, kind=DeadlineKind.PUBLICITY).count() == 2


def test_the_bell_alone_wakes_the_worker(crew: Crew, doorbell: None) -> None:
    case = case_in(State.PUBLICISED)
    crew.worker()

    with transaction.atomic():
        object_to(case)
        transaction.set_rollback(True)  # nothing to do, and nobody rang
    object_to(case)

    wait_for(lambda: is_extended(case))
    assert case.events.filter(verb="object").count() == 1


def poison(case_id: int) -> None:
    """A case that no move can leave: its next event has been written already."""
    version = Claim.objects.get(pk=case_id).version + 1
    ClaimEvent.objects.create(
        claim_id=case_id, verb="assess", version=version, to_state="publicised", by=User.objects.system(), at=PUBLISHED
    )


def test_a_poisoned_row_backs_off_and_holds_up_no_other(crew: Crew) -> None:
    publicised, objected = case_in(State.PUBLICISED), [case_in(State.PUBLICISED) for _ in range(2)]
    ids = over(publicised, 12)
    for case in objected:
        object_to(case)
    for bad in (ids[0], objected[0].pk):
        poison(bad)
    ensure_sample_agencies()

    crew.beat(), crew.worker()
    clock = Deadline.objects.filter(claim=ids[0], kind=DeadlineKind.PUBLICITY)
    wait_for(lambda: Claim.objects.filter(pk__in=ids, state=State.APPROVED).count() == 11 and is_extended(objected[1]))
    wait_for(lambda: clock.get().retry_at is not None)

    assert clock.get().retry_at > database_now() + timedelta(seconds=60)
    assert Claim.objects.get(pk=ids[0]).state == State.PUBLICISED


class Bomb:
    """A pickle that leaves a mark when it is opened."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def test_no_message_hurts_the_worker(broker: Broker, crew: Crew, doorbell: None, tmp_path: Path) -> None:
    mark = tmp_path / "opened"
    bomb = Bomb(mark)
    assert pickle.dumps(bomb)  # it can be sent

    current_app.send_task("no.such.task")
    current_app.send_task("kernel.ring", args=[bomb], serializer="pickle")
    current_app.send_task("kernel.ring", args=["too", "many"])
    current_app.send_task("claims.close_publicity", kwargs={"claim": 1})
    worker = crew.worker()
    work = due(reminders=1, missed=1, publicities=1)
    wait_for(lambda: broker.client.llen("celery") == 0)
    current_app.send_task("kernel.ring")
    wait_for(work.is_done)

    assert work.effects() == work.once()
    assert worker.poll() is None
    assert not mark.exists()
    assert "no.such.task" in crew.logs()


def children(pid: int) -> list[int]:
    """The processes of a worker's pool, as the worker itself names them."""
    found = current_app.control.inspect(timeout=PATIENCE, limit=1).stats()
    (said,) = found.values()
    assert said["pid"] == pid
    return list(said["pool"]["processes"])
