"""`manage.py sweep`: what the bell does, by hand and to the end."""

import logging
from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command

from config.kernel import sweeping

pytestmark = pytest.mark.django_db
MARKER = "13800138000"


class Sweep:
    """Does what it is given to do, a batch a run; an exception among them is raised."""

    def __init__(self, name: str, *batches: int | Exception) -> None:
        self.name, self.batches = name, list(batches)

    def next_due(self, *, only: int | None) -> datetime | None:
        return None

    def run(self, *, at: datetime, only: int | None = None) -> int:
        batch = self.batches.pop(0) if self.batches else 0
        if isinstance(batch, Exception):
            raise batch
        return batch


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Sweep]:
    monkeypatch.setattr(sweeping, "_sweeps", {})

    def one(name: str, *batches: int | Exception) -> Sweep:
        made = Sweep(name, *batches)
        sweeping.register(lambda: made)
        return made

    return one


def test_it_goes_on_until_nothing_is_left(given: Callable[..., Sweep]) -> None:
    long, short = given("a", 500, 500, 3), given("b", 1)

    call_command("sweep")

    assert (long.batches, short.batches) == ([], [])


def test_one_that_fails_holds_up_no_other_and_is_heard_of(
    given: Callable[..., Sweep], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    given("a", LookupError(MARKER), LookupError(MARKER), LookupError(MARKER))
    other = given("b", 500, 500)

    with pytest.raises(CommandError, match="a failed") as told:
        call_command("sweep")

    assert told.value.returncode != 0
    assert other.batches == []
    assert "a failed: LookupError" in caplog.text
    assert MARKER not in str(told.value) + capsys.readouterr().out


def test_one_that_fails_once_is_heard_of_at_the_end(given: Callable[..., Sweep]) -> None:
    given("a", LookupError(MARKER), 1)
    given("b", 1)

    with pytest.raises(CommandError, match="a failed"):
        call_command("sweep")


@pytest.mark.django_db(transaction=True)
def test_a_loop_outlives_a_failure(
    given: Callable[..., Sweep], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.ERROR)
    broken, other = given("a", LookupError(MARKER), 1), given("b", 1, 1)
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", nap)

    with pytest.raises(KeyboardInterrupt):
        call_command("sweep", loop=5.0)

    assert naps == [5.0, 5.0]
    assert (broken.batches, other.batches) == ([], [])
    assert "a failed: LookupError" in caplog.text


def test_a_loop_outlives_a_database_that_is_away(
    given: Callable[..., Sweep], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    given("a")

    def away() -> datetime:
        raise LookupError(MARKER)

    def nap(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("config.kernel.management.commands.sweep.database_now", away)
    monkeypatch.setattr("time.sleep", nap)

    with pytest.raises(KeyboardInterrupt):
        call_command("sweep", loop=5.0)

    assert "LookupError" in caplog.text
