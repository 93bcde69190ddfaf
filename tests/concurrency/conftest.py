"""Every race is run on committed rows, and none may end in a deadlock."""

from collections.abc import Iterator

import pytest
from django.db import connection

from claims.models import ClaimEvent
from tests.concurrency.racing import deadlocks


@pytest.fixture(autouse=True)
def no_deadlock(transactional_db: None) -> Iterator[list[str]]:
    """A deadlock would be hidden as `Busy`; the server counts it all the same. A test that wants one says so here."""
    before, wanted = deadlocks(), list[str]()
    yield wanted
    assert deadlocks() == before + len(wanted)


@pytest.fixture
def events_unnumbered(transactional_db: None) -> Iterator[None]:
    """For negative controls: without the index that lets one version of a case have one event, the second net."""
    numbered = next(one for one in ClaimEvent._meta.constraints if one.name == "one_event_a_version")
    with connection.schema_editor() as editor:
        editor.remove_constraint(ClaimEvent, numbered)
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE claims_claimevent")
    with connection.schema_editor() as editor:
        editor.add_constraint(ClaimEvent, numbered)
