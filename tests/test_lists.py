"""Every list of the desk, with one row on a page and with fifty: what it asks of the database."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import connection, models, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from claims.enums import State
from claims.models import Appeal, Drawing, MonthlyReport, SecondLook
from claims.services import objecting
from config.kernel.models import Absence, CalendarDay, Export, ExportSchedule, Import, Outbox, Team
from config.kernel.roles import ROLES
from investigations.sweeps import OpenCommissions
from members.models import JoiningCorrection, Membership, Share
from payouts import services as payouts
from tests.benchmarks.copies import columns_of
from tests.factories import APPROVED, JOINED, PUBLISHED, case_in, membership, signed_in, staff

pytestmark = pytest.mark.django_db

ROWS = 50
MODELS = list(admin.site._registry)
SENTENCES = dict[type[models.Model], list[str]]


def _tell() -> None:
    """A row, at least, in every table that has a list."""
    claim, paid = case_in(State.PUBLICISED), case_in(State.APPROVED)
    said = {"kind": objecting.ObjectionKind.FORGERY, "objector": membership()}
    objecting.object_to(claim.pk, by=staff("intake"), at=PUBLISHED + timedelta(hours=1), **said)
    OpenCommissions().run(at=PUBLISHED + timedelta(hours=2), only=claim.pk)
    one, two, three = staff("finance"), staff("finance"), staff("finance")
    payout = payouts.prepare(paid.pk, by=one, at=APPROVED + timedelta(hours=1))
    payouts.approve(payout.pk, by=two, at=APPROVED + timedelta(hours=2))
    payouts.release(payout.pk, by=three, at=APPROVED + timedelta(hours=3))
    row: Membership = claim.membership
    Appeal.objects.create(claim=claim, channel="online", filed_at=PUBLISHED, filed_by=one)
    JoiningCorrection.objects.create(membership=row, was=JOINED, becomes=JOINED, proposed_by=one, proposed_at=JOINED)
    Share.objects.create(membership=row, due_on=JOINED.date(), fen=100)
    CalendarDay.objects.create(day="1999-01-01", is_working=False, name="元旦")
    Absence.objects.create(user=one, first_day="1999-01-01", last_day="1999-01-02")
    Team.objects.create(name="一组", lead=one)
    drawing = Drawing.objects.create(month="2025-05-01", seed="0", drawn_at=PUBLISHED)
    SecondLook.objects.create(drawing=drawing, claim=claim, outcome="aid", reasons=["random"])
    MonthlyReport.objects.create(month="2025-05-01", asked_by=one, asked_at=PUBLISHED)
    Outbox.objects.create(topic="message", ref=1, created_at=JOINED, retry_at=JOINED)
    asked = {"sheet": "cases", "columns": ["number"], "format": "csv", "language": "en", "purpose": "x"}
    Export.objects.create(asked_by=one, asked_at=JOINED, **asked)
    ExportSchedule.objects.create(name="x", rhythm="daily", owner=one, next_at=JOINED, **asked)
    Import.objects.create(kind="holidays", name="x", ending="csv", size=1, pieces=1, asked_by=one, asked_at=JOINED)


def _multiply() -> None:
    """Fifty more of a row of each table; what keeps them apart is dropped, until the transaction is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conrelid::regclass, conname FROM pg_constraint"
            " WHERE contype IN ('u', 'c') AND connamespace = 'public'::regnamespace AND conrelid <> 0"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE')
        cursor.execute(
            "SELECT indexrelid::regclass FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE indisunique AND NOT indisprimary AND relnamespace = 'public'::regnamespace"
        )
        for (index,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX {index}")
        for model in MODELS:
            table, columns = model._meta.db_table, columns_of(model, "id")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}, generate_series(1, {ROWS})"
                f" WHERE id = (SELECT max(id) FROM {table})"
            )


def _asked(client: Client, size: int) -> SENTENCES:
    """What each list asks when a page has `size` rows; it has to have as many."""
    asked = {}
    for model in MODELS:
        desk = admin.site._registry[model]
        url, usual = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), desk.list_per_page
        desk.list_per_page = size
        try:
            client.get(url)  # whatever is read once a process has been read
            cache.clear()
            with CaptureQueriesContext(connection) as queries:
                response = client.get(url)
        finally:
            desk.list_per_page = usual
        assert len(response.context["cl"].result_list) == size, model
        asked[model] = [query["sql"] for query in queries]
    return asked


@pytest.fixture(scope="module")
def lists(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[SENTENCES, SENTENCES]]:
    with django_db_blocker.unblock(), transaction.atomic():
        client = signed_in(*(role for role in ROLES if role != "system"))
        _tell()
        _multiply()
        yield _asked(client, 1), _asked(client, ROWS)
        transaction.set_rollback(True)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_fifty_rows_ask_as_often_as_one(lists: tuple[SENTENCES, SENTENCES], model: type[models.Model]) -> None:
    one, fifty = lists
    assert len(fifty[model]) == len(one[model]) <= 16, "\n".join(fifty[model])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_list_counts_once_so_far_and_no_further_and_reads_no_table_whole(
    lists: tuple[SENTENCES, SENTENCES], model: type[models.Model]
) -> None:
    for sentence in (counts := [sql for sql in lists[1][model] if "COUNT(" in sql]):
        assert "LIMIT" in sentence
    assert len(counts) == 1
    assert not [sql for sql in lists[1][model] if "DISTINCT" in sql or "OFFSET" in sql]
    table = f'FROM "{model._meta.db_table}"'
    assert all("LIMIT" in sql or "WHERE" in sql for sql in lists[1][model] if table in sql)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_column_that_names_its_order_sorts_by_it(rf: RequestFactory, model: type[models.Model]) -> None:
    desk, request = admin.site._registry[model], rf.get("/")
    request.user = staff(*(role for role in ROLES if role != "system"))
    columns = desk.get_list_display(request)
    ordered = [name for name in columns if hasattr(getattr(desk, str(name), None), "admin_order_field")]
    assert [name for name in ordered if name not in desk.get_sortable_by(request)] == []
