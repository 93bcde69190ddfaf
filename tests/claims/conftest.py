"""The cases of a module are played once; each test takes back what it did to them."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.utils.translation import override
from pytest_django.plugin import DjangoDbBlocker

from tests.claims.cases import World


@pytest.fixture(scope="module")
def played(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Every case of this module, in a transaction around that of each test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def world(played: World, db: None) -> Iterator[World]:
    """The cases as they were played, and English for whatever is read out."""
    with override("en"):
        yield played
