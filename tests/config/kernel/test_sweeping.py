from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError

from config.kernel import sweeping
from config.kernel.clock import database_now
from config.kernel.models import CalendarDay
from config.kernel.sweeping import StuckSweep, each_in_turn, next_due, register, ring, ring_until

NOON = datetime(2025, 4, 22, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def sweep(monkeypatch) -> Callable[..., list[tuple[datetime, int | None]]]:
    """`sweep("a", NOON, NOON + HOUR)`: a sweep with work due then; it returns the list of its runs."""
    monkeypatch.setattr(sweeping, "_sweeps", {})

    def one(called: str, *due: datetime, works: bool = True, fails: bool = False) -> list[tuple[datetime, int | None]]:
        waiting, runs = sorted(due), []

        class Sweep:
            name = called

            def next_due(self, *, only: int | None) -> datetime | None:
                return waiting[0] if waiting else None

            def run(self, *, at: datetime, only: int | None = None) -> int:
                runs.append((at, only))
                if fails:
                    raise LookupError(called)
                ripe = [instant for instant in waiting if instant <= at] if works else []
                del waiting[: len(ripe)]
                return len(ripe)

        register(Sweep)
        return runs

    return one


def test_a_ring_runs_every_sweep_in_a_fixed_order(sweep):
    second, first = sweep("b", NOON), sweep("a", NOON, NOON + HOUR)

    assert ring(at=NOON) == 2

    assert sweeping.names() == ["a", "b"]
    assert (first, second) == ([(NOON, None)], [(NOON, None)])


def test_a_ring_may_be_narrowed_to_one_case(sweep):
    runs = sweep("a", NOON)

    ring(at=NOON, only=7)

    assert runs == [(NOON, 7)]


def test_two_sweeps_do_not_share_a_name(sweep):
    sweep("a")

    with pytest.raises(ValueError, match="a"):
        sweep("a")


def test_a_sweep_that_fails_holds_up_no_other_and_is_heard_of(sweep, caplog):
    sweep("a", fails=True)
    runs = sweep("b", NOON)

    with pytest.raises(LookupError):
        ring(at=NOON)

    assert runs == [(NOON, None)]
    assert "a failed: LookupError" in caplog.text


def test_the_next_instant_is_the_earliest_of_all(sweep):
    assert next_due(only=1) is None
    sweep("a", NOON + HOUR)
    sweep("b", NOON)

    assert next_due(only=1) == NOON


@pytest.mark.django_db
def test_a_ring_without_an_instant_reads_the_databases_clock(sweep):
    runs = sweep("a")
    before = database_now()

    ring()

    assert before <= runs[0][0] <= database_now()


@pytest.mark.django_db
def test_the_databases_clock_does_not_stand_still_in_a_transaction():
    first, second = database_now(), database_now()

    assert first < second
    assert first.utcoffset() is not None


class TestRingUntil:
    def test_each_instant_is_rung_earliest_first_up_to_the_end(self, sweep):
        runs = sweep("a", NOON + 2 * HOUR, NOON + HOUR, NOON + 3 * HOUR)

        rung = list(ring_until(until=NOON + 2 * HOUR, only=7, since=NOON))

        assert rung == [NOON + HOUR, NOON + 2 * HOUR]
        assert runs == [(NOON + HOUR, 7), (NOON + 2 * HOUR, 7)]

    def test_what_was_due_before_is_done_at_the_beginning(self, sweep):
        sweep("a", NOON - HOUR)

        assert list(ring_until(until=NOON + HOUR, only=7, since=NOON)) == [NOON]

    def test_time_does_not_run_back_for_work_that_appears_late(self, sweep):
        sweep("a", NOON + HOUR)
        rung = []
        for instant in ring_until(until=NOON + 3 * HOUR, only=7, since=NOON):
            rung.append(instant)
            if len(rung) == 1:
                sweep("b", NOON)

        assert rung == [NOON + HOUR, NOON + HOUR]

    def test_a_sweep_that_is_due_and_does_nothing_is_stuck(self, sweep):
        sweep("a", NOON, works=False)

        with pytest.raises(StuckSweep):
            list(ring_until(until=NOON, only=7, since=NOON))


@pytest.mark.django_db
class TestEachInTurn:
    def work(self, day: int) -> int:
        CalendarDay.objects.create(day=date(2000, 1, day), is_working=True, name="x")
        if day == 2:
            CalendarDay.objects.create(day=date(2000, 1, 1), is_working=True, name="twice")
        return 1

    def days(self) -> list[int]:
        rows = CalendarDay.objects.filter(day__year=2000).order_by("day")
        return [day.day for day in rows.values_list("day", flat=True)]

    def test_the_work_is_summed(self):
        assert each_in_turn(self.work, [1, 3]) == 2
        assert self.days() == [1, 3]

    def test_a_row_that_fails_takes_back_its_own_work_and_no_other(self, caplog):
        with pytest.raises(IntegrityError):
            each_in_turn(self.work, [1, 2, 3])

        assert self.days() == [1, 3]
        assert "2 failed: IntegrityError" in caplog.text
        assert "twice" not in caplog.text


def test_every_sweep_is_a_task_of_the_same_name():
    current_app.loader.import_default_modules()

    assert sweeping.names()
    assert [name for name in sweeping.names() if name not in current_app.tasks] == []
    assert "kernel.ring" in current_app.tasks


def test_work_that_takes_long_stops_when_its_time_is_over_and_does_one_at_least() -> None:
    assert [sweeping.in_turn(lambda _item: 1, range(5), seconds=seconds) for seconds in (0, 60, None)] == [1, 5, 5]


def test_a_worker_whose_time_is_over_is_not_kept_from_stopping() -> None:
    worked: list[int] = []

    def work(item: int) -> int:
        worked.append(item)
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        sweeping.in_turn(work, range(5))
    assert worked == [0]
