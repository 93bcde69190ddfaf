"""One row, locked, and written back with its event: prepared statements, for every move of every case passes here.

What `select_for_update().get()` and `save()` do, without building their SQL again and again; no signals are sent.
See docs/decisions/0012.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models.base import ModelState
from django.db.models.expressions import Col
from psycopg.pq import Format

Values = dict[str, Any]
"""A row's values by attribute."""

Event = tuple[type[models.Model], Values]
"""A row to be: its model and all its values but the key."""


def lock_row(rows: models.QuerySet[Any], pk: int) -> Any:
    """The row, locked until the transaction ends; `DoesNotExist` when `rows` have none of that key.

    "All rows of a model" has a prepared statement; joins and conditions are left to the ORM.
    """
    model, query = rows.model, rows.query
    if query.where or query.select_related or query.annotations or query.deferred_loading[0]:
        return rows.select_for_update(of=("self",)).get(pk=pk)
    table, here = _table(model), transaction.get_connection()
    values = _executed(here, table.lock, (pk,)).fetchone()
    if values is None:
        raise model.DoesNotExist(f"{model.__name__} {pk} does not exist.")
    row: Any = model.__new__(model)  # type: ignore[call-overload]  # mypy reads type.__new__
    row._state = ModelState()
    row._state.adding, row._state.db = False, here.alias
    row.__dict__.update(zip(table.names, table.read(values, here), strict=True))
    return row


def values_of(row: models.Model) -> Values:
    """The row's values as they are now, to be compared later; JSON as text, because it is changed in place."""
    now = row.__dict__
    return now | {name: repr(now[name]) for name in _table(type(row)).json if name in now}


def write_row(row: models.Model, was: Values, event: Event | None = None) -> None:
    """Update what differs from `was`, its version at least, and insert `event`, in one statement.

    ValueError for a key to a row that is not saved, KeyError for an event that leaves a value out.
    """
    table, here = _table(type(row)), transaction.get_connection()
    changed = table.changed(row, was)
    columns = tuple([field.column for field in changed])
    values = [*table.prepared(changed, row.__dict__, here), row.pk]
    log = None
    if event is not None:
        log = _table(event[0])
        values += log.prepared(log.written, event[1], here)
    _executed(here, table.update(columns, log), values)


def answer(question: str, values: Sequence[Any]) -> Any:
    """The one value that a SELECT gives; prepared within a transaction, for guards that ask it on every move."""
    here = transaction.get_connection()
    if here.in_atomic_block:
        return _executed(here, question.encode(), values).fetchone()[0]
    with here.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchone()[0]


def _executed(here: Any, statement: bytes, values: Sequence[Any]) -> Any:
    """The cursor of a statement that was sent apart from its values, so that the server keeps the plan.

    While somebody looks on (statements are logged or wrapped) it is Django's own cursor: he sees them as all others.
    """
    if not here.in_atomic_block:
        raise transaction.TransactionManagementError("A row is locked and written within a transaction.")
    if here.queries_logged or here.execute_wrappers:
        cursor = here.cursor()
        cursor.execute(statement.decode(), values)
        return cursor
    here.validate_no_broken_transaction()
    with here.wrap_database_errors:
        return _cursor(here.connection).execute(statement, values)


def _cursor(server: Any) -> Any:
    """The one cursor of a connection, which knows how its columns are loaded; binary, the quicker form."""
    if not hasattr(server, "_of_rows"):
        server._of_rows = ServerBindingCursor(server)  # type: ignore[call-arg]  # typed as of psycopg 2
        server._of_rows.format = Format.BINARY
    return server._of_rows


class _Table:
    """What is known of a model's table for good: its statements, and how its values are read and written."""

    def __init__(self, model: type[models.Model]) -> None:
        here, fields = transaction.get_connection(), model._meta.concrete_fields
        self.quoted = here.ops.quote_name
        self.name, self.key = self.quoted(model._meta.db_table), self.quoted(model._meta.pk.column)
        self.names = [field.attname for field in fields]
        self.written = [field for field in fields if not field.primary_key and not field.generated]
        self.json = [field.attname for field in self.written if isinstance(field, models.JSONField)]
        self.ready: dict[str, Any] = {
            field.attname: _READY.get(type(getattr(field, "target_field", field))) for field in self.written
        }
        self.computed = [field for field in self.written if _computes(field)]
        self.converters = [
            (position, convert, column)
            for position, column in enumerate(Col(model._meta.db_table, field) for field in fields)
            for convert in here.ops.get_db_converters(column) + column.get_db_converters(here)
        ]
        read = ", ".join(f"{self.quoted(field.column)}{'::text' * (field.attname in self.json)}" for field in fields)
        self.lock = f"SELECT {read} FROM {self.name} WHERE {self.key} = %s FOR UPDATE".encode()
        places = ", ".join("%s" for _ in self.written)
        self.insert = f"INSERT INTO {self.name} ({self.listed(self.written)}) VALUES ({places})"
        self.updates: dict[tuple[tuple[str, ...], _Table | None], bytes] = {}

    def listed(self, fields: Sequence[Any]) -> str:
        return ", ".join(self.quoted(field.column) for field in fields)

    def update(self, columns: tuple[str, ...], log: "_Table | None") -> bytes:
        """The statement that writes these columns of one row, and one row of `log`; kept, for a move repeats it."""
        if (columns, log) not in self.updates:
            pairs = ", ".join(f"{self.quoted(column)} = %s" for column in columns)
            statement = f"UPDATE {self.name} SET {pairs} WHERE {self.key} = %s"
            if log is not None:
                statement = f"WITH moved AS ({statement}) {log.insert}"
            self.updates[columns, log] = statement.encode()
        return self.updates[columns, log]

    def read(self, values: Sequence[Any], here: Any) -> list[Any]:
        """Values of the database as those of Python."""
        read = list(values)
        for position, convert, column in self.converters:
            read[position] = convert(read[position], column, here)
        return read

    def changed(self, row: models.Model, was: Values) -> list[Any]:
        """The fields whose values differ from `was`; what was never loaded has not changed."""
        self.complete(row)
        now = values_of(row)
        return [
            field
            for field in self.written
            if (name := field.attname) in now
            and (name not in was or (now[name] is not was[name] and now[name] != was[name]))
        ]

    def prepared(self, fields: Sequence[Any], values: Values, here: Any) -> list[Any]:
        """What the database is given for these fields."""
        return [
            value
            if (value := values[name := field.attname]) is None
            or (type(value) is (ready := self.ready[name]) and (ready is not datetime or value.tzinfo is not None))
            else field.get_db_prep_save(value, here)
            for field in fields
        ]

    def complete(self, row: models.Model) -> None:
        """Let fields compute their value, and see that the rows it points to exist, as `save()` does."""
        for field in self.computed:
            field.pre_save(row, False)
        for name, other in row._state.fields_cache.items():
            if other is not None and other.pk is None:
                raise ValueError(f"{type(row).__name__}.{name} is not saved.")


_READY = {
    models.BigAutoField: int,
    models.BigIntegerField: int,
    models.PositiveIntegerField: int,
    models.CharField: str,
    models.TextField: str,
    models.BooleanField: bool,
    models.DateField: date,
    models.DateTimeField: datetime,
}
"""What the database takes as it is, if it has a zone or needs none; by the exact class of the field, for a subclass may
have an opinion."""


def _computes(field: Any) -> bool:
    """Whether the field makes its own value on saving: a blind index, `auto_now`."""
    if isinstance(field, models.DateField):
        return field.auto_now
    return type(field).pre_save is not models.Field.pre_save


_tables: dict[type[models.Model], _Table] = {}


def _table(model: type[models.Model]) -> _Table:
    if model not in _tables:
        _tables[model] = _Table(model)
    return _tables[model]
