"""The bell: rung once after a commit, and nobody's trouble when it is not heard."""

import json
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
import redis
from celery import Celery, current_app
from django.conf import settings
from django.db import connection, transaction

from config.kernel import bell, sweeping
from config.kernel.bell import one_bell, ring_bell
from config.kernel.tasks import ring

PREFIX = f"test-{uuid4()}-"


@pytest.fixture
def broker(monkeypatch) -> Iterator[Callable[..., None]]:
    """`broker(broker_url=…)`: from now on the bell rings through an application with these settings."""
    ours = current_app._get_current_object()
    monkeypatch.setattr(bell, "_resting_until", 0.0)
    made: list[Celery] = []

    def use(**conf: object) -> None:
        app = Celery("bell", set_as_current=True)
        app.config_from_object("django.conf:settings", namespace="CELERY")
        app.conf.update(conf)
        made.append(app)

    yield use
    ours.set_current()
    for app in made:
        app.close()


@pytest.fixture
def heard(broker, transactional_db) -> Iterator[Callable[[], list[str]]]:
    """`heard()`: the names of the tasks that lie in this test's own queue of the real Redis."""
    server = redis.Redis.from_url(settings.REDIS_URL)
    broker(broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS | {"global_keyprefix": PREFIX})

    yield lambda: [json.loads(message)["headers"]["task"] for message in server.lrange(f"{PREFIX}celery", 0, -1)]

    for key in server.scan_iter(f"{PREFIX}*"):
        server.delete(key)
    server.close()


@pytest.fixture
def deaf(broker) -> None:
    """The broker does not answer."""
    broker(broker_url="redis://127.0.0.1:1/0")


def test_it_rings_after_the_commit_and_once_a_transaction(heard):
    with transaction.atomic():
        ring_bell()
        with transaction.atomic():
            ring_bell()
        ring_bell()
        assert heard() == []

    assert heard() == ["kernel.ring"]


def test_each_transaction_rings_for_itself(heard):
    for _ in range(2):
        with transaction.atomic():
            ring_bell()

    assert len(heard()) == 2


def test_outside_a_transaction_it_rings_at_once(heard):
    ring_bell()

    assert heard() == ["kernel.ring"]


def test_work_that_was_rolled_back_rings_for_nobody(heard):
    with transaction.atomic():
        ring_bell()
        transaction.set_rollback(True)

    assert heard() == []


def test_a_ring_in_a_part_that_was_rolled_back_does_not_silence_the_next(heard):
    with transaction.atomic():
        with transaction.atomic():
            ring_bell()
            transaction.set_rollback(True)
        ring_bell()

    assert heard() == ["kernel.ring"]


def test_the_message_carries_nothing_but_its_name(heard):
    ring_bell()

    server = redis.Redis.from_url(settings.REDIS_URL)
    message = json.loads(server.lindex(f"{PREFIX}celery", 0))
    server.close()
    assert message["headers"]["task"] == "kernel.ring"
    assert (message["headers"]["argsrepr"], message["headers"]["kwargsrepr"]) == ("()", "{}")


def test_the_ring_calls_every_sweep_as_a_task_of_its_own(heard):
    ring()

    assert sorted(heard()) == sweeping.names()


def test_a_bell_that_nobody_hears_is_no_error_and_rests(deaf, transactional_db, caplog):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        ring_bell()
    began = time.monotonic()
    for _ in range(20):
        ring_bell()

    assert time.monotonic() - began < 0.2
    assert [record.levelname for record in caplog.records if record.name == bell.__name__] == ["WARNING"]


def test_while_it_rests_it_stays_silent_and_then_rings_again(heard, monkeypatch):
    monkeypatch.setattr(bell, "_resting_until", time.monotonic() + 30)
    ring_bell()
    assert heard() == []

    monkeypatch.setattr(bell, "_resting_until", time.monotonic() - 1)
    ring_bell()

    assert heard() == ["kernel.ring"]


def test_many_transactions_may_ring_as_one(heard):
    with one_bell():
        for _ in range(3):
            with transaction.atomic():
                ring_bell()
        assert heard() == []

    assert heard() == ["kernel.ring"]


def test_one_bell_for_nothing_is_silent_and_rings_for_what_was_done_before_a_failure(heard):
    with one_bell():
        pass
    assert heard() == []

    def ring_and_fail() -> None:
        with one_bell():
            ring_bell()
            raise LookupError

    with pytest.raises(LookupError):
        ring_and_fail()

    assert heard() == ["kernel.ring"]
