"""A row locked and written by prepared statements: as `get()` and `save()` do it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import DataError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from config.kernel.fields import BlindIndexField, EncryptedTextField
from config.kernel.rows import Event, lock_row, values_of, write_row

NOON = datetime(2025, 4, 22, 4, tzinfo=UTC)
OURS = Apps()


class Shelf(models.Model):
    name = models.CharField(max_length=20)

    class Meta:
        app_label = "rows"
        apps = OURS

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    title = models.CharField(max_length=20, db_column="name of it")
    shelf = models.ForeignKey(Shelf, models.PROTECT, null=True)
    lent_at = models.DateTimeField(null=True)
    notes = models.JSONField(default=dict)
    owner = EncryptedTextField(null=True)
    owner_index = BlindIndexField(source="owner")
    version = models.IntegerField(default=0)

    class Meta:
        app_label = "rows"
        apps = OURS

    def __str__(self) -> str:
        return self.title


class Entry(models.Model):
    book = models.ForeignKey(Book, models.PROTECT)
    verb = models.CharField(max_length=5)
    data = models.JSONField(default=dict)
    read_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "rows"
        apps = OURS

    def __str__(self) -> str:
        return self.verb


@pytest.fixture
def book(transactional_db) -> Iterator[Book]:
    tables = (Shelf, Book, Entry)
    with connection.schema_editor() as editor:
        for table in tables:
            editor.create_model(table)
    yield Book.objects.create(title="红楼梦", notes={"pages": [1, 2]}, owner="13800138000", lent_at=NOON)
    with connection.schema_editor() as editor:
        for table in reversed(tables):
            editor.delete_model(table)


def change(book: Book, event: Event | None = None, **values: Any) -> None:
    """Lock, set, write."""
    with transaction.atomic():
        row = lock_row(Book.objects.all(), book.pk)
        was = values_of(row)
        row.version += 1
        for name, value in values.items():
            setattr(row, name, value)
        write_row(row, was, event)


def entry(book: Book, verb: str) -> Event:
    return Entry, {"book_id": book.pk, "verb": verb, "data": {"to": "B"}, "read_at": None}


def test_a_row_is_read_as_the_orm_reads_it(book):
    with transaction.atomic():
        row = lock_row(Book.objects.all(), book.pk)

    expected = Book.objects.get(pk=book.pk)
    assert {**row.__dict__, "_state": 0} == {**expected.__dict__, "_state": 0}
    assert (row._state.adding, row._state.db) == (False, "default")
    assert row.owner == "13800138000"


def test_values_of_every_kind_are_written(book):
    shelf = Shelf.objects.create(name="A")

    change(book, title="西游记", shelf=shelf, lent_at=None, notes={"pages": []}, owner="13900139000")

    row = Book.objects.get(owner="13900139000")
    assert (row.title, row.shelf, row.lent_at, row.notes, row.version) == ("西游记", shelf, None, {"pages": []}, 1)


def test_json_that_is_changed_in_place_is_written(book):
    with transaction.atomic():
        row = lock_row(Book.objects.all(), book.pk)
        was = values_of(row)
        row.notes["pages"].append(True)
        row.version += 1
        write_row(row, was, None)

    assert Book.objects.get(pk=book.pk).notes == {"pages": [1, 2, True]}


def test_only_what_differs_is_written_in_one_statement_with_the_event(book):
    with CaptureQueriesContext(connection) as queries:
        change(book, entry(book, "sort"), title="红楼梦")

    lock, write = (query["sql"] for query in queries if '"rows_book"' in query["sql"])
    assert lock.endswith("FOR UPDATE")
    assert write.startswith('WITH moved AS (UPDATE "rows_book" SET "version" = 1 WHERE')
    written = Entry.objects.get()
    assert (written.book_id, written.verb, written.data, written.read_at) == (book.pk, "sort", {"to": "B"}, None)


def test_an_event_that_cannot_be_written_takes_the_change_back(book):
    with pytest.raises(DataError):
        change(book, entry(book, "far too long"), title="西游记")

    assert Book.objects.get(pk=book.pk).title == "红楼梦"


def test_an_event_leaves_no_value_out(book):
    with pytest.raises(KeyError):
        change(book, (Entry, {"book_id": book.pk}), title="西游记")

    assert Book.objects.get(pk=book.pk).title == "红楼梦"


def test_whoever_wraps_statements_sees_them(book):
    seen = []

    def look_on(execute: Any, sql: str, *others: Any) -> Any:
        seen.append(sql.split()[0])
        return execute(sql, *others)

    with connection.execute_wrapper(look_on):
        change(book)

    assert seen == ["SELECT", "UPDATE"]


def test_a_key_to_a_row_that_is_not_saved_is_refused(book):
    with pytest.raises(ValueError, match=r"Book\.shelf"):
        change(book, shelf=Shelf(name="B"))


def test_joins_and_conditions_are_left_to_the_orm(book):
    with transaction.atomic():
        assert lock_row(Book.objects.select_related("shelf").filter(version=0), book.pk) == book
        with pytest.raises(Book.DoesNotExist):
            lock_row(Book.objects.filter(version=7), book.pk)


def test_what_was_set_though_it_was_not_loaded_is_written(book):
    with transaction.atomic():
        row = lock_row(Book.objects.only("version"), book.pk)
        was = values_of(row)
        row.owner = "13900139000"
        row.version += 1
        write_row(row, was)

    assert Book.objects.get(owner="13900139000").title == "红楼梦"


def test_a_time_without_a_zone_is_the_orms_to_refuse(book):
    with pytest.warns(RuntimeWarning, match="naive datetime"):
        change(book, lent_at=datetime(2025, 4, 22, 12))  # noqa: DTZ001  (the naive one is the point)


def test_what_was_not_loaded_is_not_written(book):
    with transaction.atomic():
        row = lock_row(Book.objects.only("version"), book.pk)
        was = values_of(row)
        row.version += 1
        write_row(row, was, None)

    assert Book.objects.get(pk=book.pk).title == "红楼梦"


def test_nothing_is_locked_outside_a_transaction(book):
    with pytest.raises(transaction.TransactionManagementError):
        lock_row(Book.objects.all(), book.pk)


def test_the_server_keeps_the_plan(book):
    for _ in range(2):
        change(book, title=f"{_}")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%\"rows_book\"%'")
        assert cursor.fetchone() == (2,)
