"""What ships is loaded once a module; each test takes back what it did."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from config.kernel.clock import database_now
from members.services.shipping import load_shipped


@pytest.fixture(scope="module")
def shipped(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Plans, diseases and hospitals, in a transaction around that of each test."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_shipped(at=database_now())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def stage(shipped: None, db: None) -> None:
    """A database in which scripts can be played."""
