"""A published covenant is for ever: whoever writes, and by whatever road."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from members.models import Covenant
from members.services.plans import covenant_on, founders
from tests.members.conftest import at

pytestmark = pytest.mark.django_db

ROADS = {
    "save": lambda covenant: covenant.save(),
    "save of one field": lambda covenant: covenant.save(update_fields=["in_force_from"]),
    "queryset update": lambda covenant: Covenant.objects.filter(pk=covenant.pk).update(version="x"),
    "bulk update": lambda covenant: Covenant.objects.bulk_update([covenant], ["terms"]),
    "back to a draft": lambda covenant: Covenant.objects.filter(pk=covenant.pk).update(
        published_at=None, published_by=None
    ),
    "delete": lambda covenant: covenant.delete(),
    "queryset delete": lambda covenant: Covenant.objects.filter(pk=covenant.pk).delete(),
    "raw update": lambda covenant: raw("UPDATE members_covenant SET version = 'x' WHERE id = %s", covenant.pk),
    "raw delete": lambda covenant: raw("DELETE FROM members_covenant WHERE id = %s", covenant.pk),
}


def raw(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def covenant(plan) -> Covenant:
    return covenant_on(plan, date(2024, 1, 1))


@pytest.fixture
def unpublished(covenant) -> Covenant:
    return Covenant.objects.create(
        plan=covenant.plan,
        version="draft",
        terms=covenant.terms,
        clauses=covenant.clauses,
        term_clauses=covenant.term_clauses,
        questions=covenant.questions,
        in_force_from=date(2025, 1, 1),
        drafted_by=covenant.drafted_by,
        drafted_at=at("2024-12-01"),
    )


@pytest.mark.parametrize("road", ROADS)
def test_a_published_version_never_changes(covenant, road):
    before = Covenant.objects.filter(pk=covenant.pk).values().get()

    with pytest.raises(DatabaseError, match="published_covenant_is_for_ever"), transaction.atomic():
        ROADS[road](covenant)

    assert Covenant.objects.filter(pk=covenant.pk).values().get() == before


@pytest.mark.parametrize("road", sorted(set(ROADS) - {"back to a draft"}))
def test_a_draft_does(unpublished, road):
    ROADS[road](unpublished)


def test_a_publisher_who_drafted_is_refused_by_the_database(unpublished):
    with pytest.raises(IntegrityError, match="covenant_publisher_did_not_draft_it"), transaction.atomic():
        Covenant.objects.filter(pk=unpublished.pk).update(
            published_by=unpublished.drafted_by, published_at=at("2024-12-02")
        )


def test_a_publisher_comes_with_a_time(unpublished):
    _drafter, publisher = founders()

    with pytest.raises(IntegrityError, match="covenant_publisher_comes_with_a_time"), transaction.atomic():
        Covenant.objects.filter(pk=unpublished.pk).update(published_by=publisher)


def test_a_version_is_named_once_in_its_plan(unpublished):
    unpublished.pk = None

    with pytest.raises(IntegrityError, match="covenant_version_is_unique_in_its_plan"), transaction.atomic():
        unpublished.save()


def test_a_clause_is_read_in_either_language_and_an_unknown_one_is_empty(covenant):
    number = covenant.term_clauses["waiting.days"]

    assert "90" in covenant.clause_text(number, "zh")
    assert "90" in covenant.clause_text(number, "en")
    assert covenant.clause_text("", "zh") == covenant.clause_text("99.9", "en") == ""
