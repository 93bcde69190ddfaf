"""The one gate, on a row of its own: a door that is shut and opened."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import IntegrityError, connection, models, transaction
from django_fsm import FSMField, FSMModelMixin, TransitionNotAllowed, transition

from config.kernel import gate
from config.kernel.gate import asking, busy_when_locked, lock, moving, permits, refusals
from config.kernel.models import CalendarDay, User
from config.kernel.refusals import NotPermitted, Refusal, SamePerson, Stale, WrongState

NOW = datetime(2025, 4, 22, 1, tzinfo=UTC)


def check_keeper(door: "Door", *, by: User, at: datetime) -> None:
    if by.username != "keeper":
        raise NotPermitted(permission="doors.shut_door", who="the keeper")


def check_not_painted(door: "Door", *, by: User, at: datetime) -> None:
    if door.colour:
        raise SamePerson(did="painting")


class Door(FSMModelMixin, models.Model):
    state = FSMField(default="open", choices=[("open", "standing open"), ("shut", "shut")], protected=True)
    version = models.IntegerField(default=0)
    colour = models.CharField(max_length=20, default="")

    class Meta:
        app_label = "doors"
        apps = Apps()

    def __str__(self) -> str:
        return f"door {self.pk}"

    @transition(
        field=state, source="open", target="shut", conditions=[permits(check_keeper), permits(check_not_painted)]
    )
    def shut(self) -> None: ...


class Log:
    def __init__(self) -> None:
        self.written: list[tuple[Any, ...]] = []

    def since(self, row: Door, version: int) -> str:
        return f"{row.version - version} moves"

    def write(self, row: Door, verb: str, was: str, *, by: User, at: datetime) -> None:
        self.written.append((verb, was, row.state, row.version, by, at))


KEEPER, GUEST = User(username="keeper"), User(username="guest")


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def door(db) -> Iterator[Door]:
    with connection.schema_editor() as editor:
        editor.create_model(Door)
    yield Door.objects.create()
    with connection.schema_editor() as editor:
        editor.delete_model(Door)


def fresh(door: Door) -> Door:
    return Door.objects.get(pk=door.pk)


def paint_and_shut(row: Door) -> None:
    row.colour = "red"
    row.shut()


class TestMoving:
    def test_a_move_is_saved_and_logged_as_one(self, door, log):
        with moving(Door.objects.all(), door.pk, "shut", by=KEEPER, at=NOW, log=log) as row:
            row.shut()
            row.colour = "red"

        assert (fresh(door).state, fresh(door).version, fresh(door).colour) == ("shut", 1, "red")
        assert log.written == [("shut", "open", "shut", 1, KEEPER, NOW)]

    def test_what_moves_no_state_counts_too(self, door, log):
        with moving(Door.objects.all(), door.pk, "paint", by=GUEST, at=NOW, log=log) as row:
            row.colour = "red"

        assert (fresh(door).state, fresh(door).version) == ("open", 1)
        assert log.written == [("paint", "open", "open", 1, GUEST, NOW)]

    def test_a_check_refuses_in_its_own_words_and_nothing_is_kept(self, door, log):
        with pytest.raises(NotPermitted), moving(Door.objects.all(), door.pk, "shut", by=GUEST, at=NOW, log=log) as row:
            paint_and_shut(row)

        assert (fresh(door).state, fresh(door).version, fresh(door).colour) == ("open", 0, "")
        assert log.written == []

    def test_a_move_that_the_state_does_not_know_names_the_state(self, door, log):
        with moving(Door.objects.all(), door.pk, "shut", by=KEEPER, at=NOW, log=log) as row:
            row.shut()

        with (
            pytest.raises(WrongState) as no,
            moving(Door.objects.all(), door.pk, "shut", by=KEEPER, at=NOW, log=log) as row,
        ):
            row.shut()
        assert no.value.state == "shut"
        assert fresh(door).version == 1

    def test_an_older_version_is_stale_and_says_what_happened(self, door, log):
        with moving(Door.objects.all(), door.pk, "paint", by=KEEPER, at=NOW, version=0, log=log) as row:
            row.colour = "red"

        with (
            pytest.raises(Stale) as no,
            moving(Door.objects.all(), door.pk, "paint", by=KEEPER, at=NOW, version=0, log=log) as row,
        ):
            row.colour = "blue"
        assert no.value.what == "1 moves"
        assert fresh(door).colour == "red"

    def test_a_log_that_fails_takes_the_move_back(self, door):
        class Broken(Log):
            def write(self, *args: Any, **kwargs: Any) -> None:
                raise LookupError

        with (
            pytest.raises(LookupError),
            moving(Door.objects.all(), door.pk, "paint", by=KEEPER, at=NOW, log=Broken()) as row,
        ):
            row.colour = "red"
        assert fresh(door).version == 0


class TestGuards:
    def test_who_passes_the_gate_by_finds_it_shut(self, door):
        with pytest.raises(TransitionNotAllowed):
            door.shut()

        assert fresh(door).state == "open"

    def test_the_state_cannot_be_assigned(self, door):
        with pytest.raises(AttributeError):
            door.state = "shut"

    def test_why_not_runs_the_same_checks_in_the_same_order(self, door):
        assert refusals(door, "shut", by=KEEPER, at=NOW) == []
        door.colour = "red"

        assert [no.code for no in refusals(door, "shut", by=GUEST, at=NOW)] == ["NOT_PERMITTED", "SAME_PERSON"]

    def test_why_not_of_another_state(self, door, log):
        with moving(Door.objects.all(), door.pk, "shut", by=KEEPER, at=NOW, log=log) as row:
            row.shut()

        assert [no.code for no in refusals(fresh(door), "shut", by=KEEPER, at=NOW)] == ["WRONG_STATE"]

    def test_asking_why_not_opens_nothing(self, door):
        refusals(door, "shut", by=KEEPER, at=NOW)

        with pytest.raises(TransitionNotAllowed):
            door.shut()

    def test_a_second_row_opens_its_own_guards(self, door, log):
        second = Door.objects.create()
        with moving(Door.objects.all(), door.pk, "shut", by=KEEPER, at=NOW, log=log):
            with asking(lock(Door.objects.all(), second.pk), by=KEEPER, at=NOW) as row:
                row.shut()
                row.save()
            with pytest.raises(TransitionNotAllowed):
                row.shut()

        assert fresh(second).state == "shut"

    def test_a_second_row_is_refused_in_words_too(self, door, log):
        with pytest.raises(NotPermitted), asking(door, by=GUEST, at=NOW) as row:
            row.shut()

    def test_guards_that_are_open_are_not_opened_again(self, door):
        with asking(door, by=KEEPER, at=NOW):
            with pytest.raises(RuntimeError), asking(door, by=GUEST, at=NOW):
                pass
            door.shut()


class TestNesting:
    def test_the_gate_of_one_row_is_not_opened_twice(self, door, log):
        rows = Door.objects.all()

        def paint_again(row: Door) -> None:
            row.colour = "red"
            with moving(rows, str(door.pk), "paint", by=KEEPER, at=NOW, log=log):
                pass

        with (
            pytest.raises(RuntimeError, match="open already"),
            moving(rows, door.pk, "paint", by=KEEPER, at=NOW, log=log) as row,
        ):
            paint_again(row)

        assert fresh(door).colour == ""

    def test_another_row_may_be_opened_meanwhile(self, door, log):
        second = Door.objects.create()
        with (
            moving(Door.objects.all(), door.pk, "paint", by=KEEPER, at=NOW, log=log) as one,
            moving(Door.objects.all(), second.pk, "paint", by=KEEPER, at=NOW, log=log) as two,
        ):
            one.colour, two.colour = "red", "blue"

        assert [fresh(door).colour, fresh(second).colour] == ["red", "blue"]

    def test_after_a_refusal_the_gate_opens_again(self, door, log):
        for _ in range(2):
            with (
                pytest.raises(NotPermitted),
                moving(Door.objects.all(), door.pk, "shut", by=GUEST, at=NOW, log=log) as row,
            ):
                row.shut()

    def test_a_row_that_does_not_exist_leaves_the_gate_as_it_was(self, door, log):
        for _ in range(2):
            with (
                pytest.raises(Door.DoesNotExist),
                moving(Door.objects.all(), 0, "shut", by=KEEPER, at=NOW, log=log),
            ):
                pass


def at_once(*works: Any) -> list[str]:
    """Run these in threads of their own: "ok" or the code of the refusal, for each."""

    def one(work: Any) -> str:
        try:
            work()
            return "ok"
        except Refusal as no:
            return no.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


@pytest.mark.django_db(transaction=True)
class TestRaces:
    ROUNDS = 10

    def paint(self, door: Door, version: int | None, start: Barrier) -> None:
        start.wait(5)
        with moving(Door.objects.all(), door.pk, "paint", by=KEEPER, at=NOW, version=version, log=Log()) as row:
            row.colour = "red"

    def race(self, door: Door) -> list[list[str]]:
        outcomes = []
        for _ in range(self.ROUNDS):
            start, version = Barrier(2), fresh(door).version
            outcomes.append(sorted(at_once(*[lambda: self.paint(door, version, start)] * 2)))  # noqa: B023  (run within this round)
        return outcomes

    def test_of_two_who_saw_the_same_version_one_is_stale(self, door):
        assert self.race(door) == [["STALE", "ok"]] * self.ROUNDS
        assert fresh(door).version == self.ROUNDS

    def test_without_the_lock_both_would_move(self, door, monkeypatch):
        """Negative control."""
        both_have_read = Barrier(2)

        def unlocked(rows: models.QuerySet[Any], pk: int) -> Any:
            row = rows.get(pk=pk)
            both_have_read.wait(5)
            return row

        monkeypatch.setattr(gate, "lock", unlocked)

        assert self.race(door).count(["ok", "ok"]) >= self.ROUNDS // 2
        assert fresh(door).version < 2 * self.ROUNDS

    def test_whoever_waits_too_long_is_told_that_it_is_busy(self, door):
        inside, done = Barrier(2), Barrier(2)

        def hold() -> None:
            with moving(Door.objects.all(), door.pk, "paint", by=KEEPER, at=NOW, log=Log()):
                inside.wait(5)
                done.wait(5)

        def come() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            inside.wait(5)
            try:
                with moving(Door.objects.all(), door.pk, "paint", by=KEEPER, at=NOW, log=Log()):
                    pass
            finally:
                done.wait(5)

        assert at_once(hold, come) == ["ok", "BUSY"]

    def test_of_two_who_wait_for_each_other_one_is_told_that_it_is_busy(self, door):
        second = Door.objects.create()
        both_hold_one = Barrier(2)

        def cross(first: Door, then: Door) -> None:
            with moving(Door.objects.all(), first.pk, "paint", by=KEEPER, at=NOW, log=Log()):
                both_hold_one.wait(5)
                Door.objects.filter(pk=then.pk).update(colour="red")

        assert sorted(at_once(lambda: cross(door, second), lambda: cross(second, door))) == ["BUSY", "ok"]

    def test_any_other_database_error_stays_what_it_is(self, door):
        CalendarDay.objects.create(day=NOW.date(), is_working=True, name="x")

        with pytest.raises(IntegrityError), busy_when_locked(), transaction.atomic():
            CalendarDay.objects.create(day=NOW.date(), is_working=True, name="x")
