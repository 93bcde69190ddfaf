"""A broker, a crew of workers and the test's database, all real, and all of them allowed to die."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery, current_app

from config.kernel import bell
from tests.faults.processes import Broker, Crew, hang_up


@pytest.fixture
def broker() -> Iterator[Broker]:
    folder = Path(tempfile.mkdtemp(prefix="desk-", dir="/var/tmp"))  # a socket's path must be short
    server = Broker(folder)
    yield server
    server.kill()
    server.client.close()
    shutil.rmtree(folder)


@pytest.fixture
def crew(broker: Broker, transactional_db: None) -> Iterator[Crew]:
    """The tables are emptied only when everybody has left them."""
    people = Crew(broker)
    yield people
    people.disband()
    hang_up()
    print(people.logs())  # pytest shows it where a test failed


@pytest.fixture
def doorbell(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What this process commits rings at `broker`."""
    monkeypatch.setattr(bell, "_resting_until", 0.0)
    ours = current_app._get_current_object()
    app = Celery("doorbell", set_as_current=True)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.broker_url = broker.url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    yield
    ours.set_current()
    app.close()
