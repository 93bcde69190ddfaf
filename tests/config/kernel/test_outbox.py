"""What has to leave the house leaves it: late perhaps, but none lost, and none twice as far as the database sees."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from config.kernel import outbox
from config.kernel.models import CalendarDay, Outbox, OutboxState

NOW = datetime(2025, 4, 22, 1, tzinfo=UTC)


class Broken(Exception):
    """What a handler raises when it fails; its text would name a person."""


@pytest.fixture
def handlers(monkeypatch) -> dict[str, outbox.Handler]:
    """No handlers but the test's own."""
    own: dict[str, outbox.Handler] = {}
    monkeypatch.setattr(outbox, "_handlers", own)
    return own


@pytest.fixture
def delivered(handlers) -> list[int]:
    """The refs that the handler of `letter` delivered, in order."""
    refs: list[int] = []
    handlers["letter"] = lambda item: refs.append(item.ref)
    return refs


def fail(item: Outbox) -> None:
    raise Broken("吴小漫 <wu@example.org>")


def die(item: Outbox) -> None:
    """As a worker that is killed in the middle: nothing catches it."""
    raise SystemExit


def put(count: int, topic: str = "letter", *, at: datetime = NOW) -> None:
    for ref in range(1, count + 1):
        outbox.put(topic, ref, at=at)


@pytest.mark.django_db
class TestDelivery:
    def test_an_item_is_delivered_once(self, delivered):
        put(1)

        assert outbox.deliver(at=NOW) == 1
        assert outbox.deliver(at=NOW) == 0

        assert delivered == [1]
        item = Outbox.objects.get()
        assert (item.state, item.done_at, item.attempts) == (OutboxState.DONE, NOW, 1)

    def test_an_item_is_not_due_before_its_time(self, delivered):
        put(1)

        assert outbox.deliver(at=NOW - timedelta(microseconds=1)) == 0
        assert delivered == []

    def test_the_oldest_go_first_up_to_the_limit(self, delivered):
        outbox.put("letter", 7, at=NOW - timedelta(hours=1))
        put(3)

        assert outbox.deliver(at=NOW, limit=3) == 3
        assert delivered == [7, 1, 2]

    def test_an_item_is_written_once(self, delivered):
        put(1)

        with pytest.raises(IntegrityError, match="outbox_item_is_written_once"), transaction.atomic():
            put(1)

    def test_the_next_instant_is_that_of_the_earliest_that_waits(self, delivered):
        assert outbox.next_due() is None
        outbox.put("letter", 1, at=NOW + timedelta(hours=1))
        outbox.put("letter", 2, at=NOW)
        assert outbox.next_due() == NOW

        outbox.deliver(at=NOW)

        assert outbox.next_due() == NOW + timedelta(hours=1)

    def test_a_topic_has_one_handler(self, handlers):
        outbox.delivers("letter")(fail)

        with pytest.raises(ValueError, match="letter"):
            outbox.delivers("letter")(fail)


@pytest.mark.django_db
class TestFailure:
    def test_a_failed_try_rests_longer_each_time(self, handlers):
        handlers["letter"] = fail
        put(1)
        at, pauses = NOW, []
        while Outbox.objects.get().state == OutboxState.PENDING:
            outbox.deliver(at=at)
            item = Outbox.objects.get()
            pauses.append((item.retry_at - at).total_seconds())
            assert outbox.deliver(at=item.retry_at - timedelta(seconds=1)) == 0
            at = item.retry_at

        assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600]

    def test_after_eight_tries_it_is_given_up_with_an_alarm_that_names_nobody(self, handlers, caplog):
        handlers["letter"] = fail
        put(1)
        for hours in range(10):
            outbox.deliver(at=NOW + timedelta(hours=2 * hours))

        item = Outbox.objects.get()
        assert (item.state, item.attempts, item.last_error, item.done_at) == (OutboxState.DEAD, 8, "Broken", None)
        assert [record.levelname for record in caplog.records].count("ERROR") == 1
        assert "wu@example.org" not in caplog.text
        assert "吴小漫" not in caplog.text

    def test_what_a_failing_handler_wrote_is_taken_back(self, handlers):
        def write_and_fail(item: Outbox) -> None:
            CalendarDay.objects.create(day=date(2000, 1, 1), is_working=True, name="x")
            raise Broken

        handlers["letter"] = write_and_fail
        put(1)

        outbox.deliver(at=NOW)

        assert not CalendarDay.objects.filter(day=date(2000, 1, 1)).exists()
        assert Outbox.objects.get().attempts == 1

    def test_a_handler_that_breaks_its_transaction_is_a_failed_try(self, handlers):
        def break_it(item: Outbox) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

        handlers["letter"] = break_it
        put(1)

        outbox.deliver(at=NOW)

        assert Outbox.objects.get().last_error == "DataError"

    def test_a_poison_row_holds_up_no_other(self, handlers, delivered):
        handlers["poison"] = fail
        outbox.put("poison", 1, at=NOW - timedelta(hours=1))
        put(20)

        outbox.deliver(at=NOW)

        assert sorted(delivered) == list(range(1, 21))
        assert Outbox.objects.get(topic="poison").state == OutboxState.PENDING

    def test_a_topic_that_nobody_delivers_waits_for_who_does(self, handlers):
        put(1, "newer")
        outbox.deliver(at=NOW)
        assert Outbox.objects.get().last_error == "UnknownTopic"

        refs: list[int] = []
        handlers["newer"] = lambda item: refs.append(item.ref)
        outbox.deliver(at=NOW + timedelta(minutes=1))

        assert refs == [1]
        assert (Outbox.objects.get().state, Outbox.objects.get().last_error) == (OutboxState.DONE, "")

    def test_a_worker_whose_time_is_up_stops_and_leaves_the_rest(self, handlers):
        refs: list[int] = []

        def time_is_up(item: Outbox) -> None:
            refs.append(item.ref)
            raise SoftTimeLimitExceeded

        handlers["letter"] = time_is_up
        put(3)

        with pytest.raises(SoftTimeLimitExceeded):
            outbox.deliver(at=NOW)

        assert refs == [1]
        assert set(Outbox.objects.values_list("ref", "state", "attempts")) == {
            (1, "pending", 1),
            (2, "pending", 0),
            (3, "pending", 0),
        }

    def test_an_item_that_kills_its_worker_wears_out(self, handlers, delivered, caplog):
        handlers["deadly"] = die
        outbox.put("deadly", 1, at=NOW - timedelta(hours=1))
        put(1)
        kills = 0
        for hours in range(20):
            try:
                outbox.deliver(at=NOW + timedelta(hours=2 * hours))
            except SystemExit:
                kills += 1

        item = Outbox.objects.get(topic="deadly")
        assert (kills, item.state, item.last_error) == (8, OutboxState.DEAD, "its worker died each time")
        assert delivered == [1]
        assert "given up" in caplog.text


@pytest.mark.django_db(transaction=True)
class TestCrowd:
    ITEMS = 60

    def crowd(self, workers: int) -> None:
        start = Barrier(workers)

        def work(_number: int) -> None:
            try:
                start.wait(5)
                outbox.deliver(at=NOW, limit=1000)
            finally:
                connection.close()

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, range(workers)))

    def is_free(self) -> bool:
        with transaction.atomic():
            return Outbox.objects.select_for_update(skip_locked=True).first() is not None

    @pytest.mark.parametrize("workers", [2, 4])
    def test_workers_at_once_deliver_each_item_once(self, delivered, workers):
        put(self.ITEMS)

        self.crowd(workers)

        assert Counter(delivered) == Counter(range(1, self.ITEMS + 1))
        assert set(Outbox.objects.values_list("state", "attempts")) == {("done", 1)}

    def test_without_locks_some_are_delivered_twice(self, delivered, monkeypatch):
        """Negative control: the crowd is real."""
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
        put(self.ITEMS)

        self.crowd(2)

        assert len(delivered) > self.ITEMS

    def test_an_item_in_hand_is_left_alone_even_when_its_pause_is_over(self, handlers):
        """A handler that is slower than the first pause: a second worker comes by, and goes on."""
        inside, release = Barrier(2), Barrier(2)
        refs: list[int] = []

        def slow(item: Outbox) -> None:
            refs.append(item.ref)
            inside.wait(5)
            release.wait(5)

        def work() -> int:
            try:
                return outbox.deliver(at=NOW)
            finally:
                connection.close()

        handlers["letter"] = slow
        put(1)
        with ThreadPoolExecutor(1) as pool:
            slow_one = pool.submit(work)
            inside.wait(5)
            assert outbox.deliver(at=NOW + timedelta(hours=1)) == 0
            release.wait(5)
            assert slow_one.result() == 1

        assert refs == [1]
        assert Outbox.objects.get().state == OutboxState.DONE

    def test_a_worker_killed_amid_a_try_leaves_the_item_for_the_next(self, delivered):
        put(1)
        worker = subprocess.Popen(
            [sys.executable, "-c", KILLED_AMID],
            env=os.environ | {"TEST_DATABASE": connection.settings_dict["NAME"]},
        )
        assert worker.wait(60) == -signal.SIGKILL
        until = time.monotonic() + 10  # the server notices the death a little later
        while not self.is_free() and time.monotonic() < until:
            time.sleep(0.05)

        item = Outbox.objects.get()
        assert (item.state, item.attempts) == (OutboxState.PENDING, 1)
        assert not CalendarDay.objects.filter(day=date(2000, 1, 1)).exists()

        assert outbox.deliver(at=NOW + timedelta(minutes=1)) == 1
        assert delivered == [1]
        assert Outbox.objects.get().state == OutboxState.DONE


KILLED_AMID = """
import os, signal
from datetime import UTC, date, datetime
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
django.setup()
from config.kernel import outbox
from config.kernel.models import CalendarDay

def kill(item):
    CalendarDay.objects.create(day=date(2000, 1, 1), is_working=True, name="x")
    os.kill(os.getpid(), signal.SIGKILL)

outbox.delivers("letter")(kill)
outbox.deliver(at=datetime(2025, 4, 22, 1, tzinfo=UTC))
"""
