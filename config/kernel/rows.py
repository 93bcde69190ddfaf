"""One row, locked, and written back with its event: prepared statements, for every move of every case passes here.

What `select_for_update().get()` and `save()` do, without building their SQL again and again; no signals are sent.
See docs/decisions/0012.
"""

from functools import cache
from typing import Any

from django.db import connection, models
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models.expressions import Col

Values = dict[str, Any]
"""A row's values by attribute."""


def lock_row(rows: models.QuerySet[Any], pk: int) -> Any:
    """The row, locked until the transaction ends; `DoesNotExist` when `rows` have none of that key.

    "All rows of a model" has a prepared statement; joins and conditions are left to the ORM.
    """
    model, query = rows.model, rows.query
    if query.where or query.select_related or query.annotations or query.deferred_loading[0]:
        return rows.select_for_update(of=("self",)).get(pk=pk)
    table = _table(model)
    with _cursor() as cursor:
        cursor.execute(table.select_for_update, (pk,))
        values = cursor.fetchone()
    if values is None:
        raise model.DoesNotExist(f"{model.__name__} {pk} does not exist.")
    return model.from_db(connection.alias, table.names, table.converted(values))


def values_of(row: models.Model) -> Values:
    """The row's values as they are now, to be compared later."""
    return {
        field.attname: _comparable(row.__dict__[field.attname])
        for field in _table(type(row)).written
        if field.attname in row.__dict__
    }


def write_row(row: models.Model, was: Values, event: models.Model | None) -> None:
    """Update what differs from `was` and insert `event`, in one statement."""
    row._prepare_related_fields_for_save(operation_name="save")  # type: ignore[attr-defined]
    table = _table(type(row))
    now = [(field, field.pre_save(row, False)) for field in table.written if field.attname in was]
    changed = [(field, value) for field, value in now if _comparable(value) != was[field.attname]]
    statement = table.update(tuple(field.column for field, _ in changed))
    values = [field.get_db_prep_save(value, connection) for field, value in changed] + [row.pk]
    if event is not None:
        log = _table(type(event))
        statement = f"WITH moved AS ({statement}) {log.insert}"
        values += [field.get_db_prep_save(field.pre_save(event, True), connection) for field in log.written]
    with _cursor() as cursor:
        cursor.execute(statement, values)


def _comparable(value: Any) -> Any:
    """JSON is changed in place, so it is compared as text."""
    return repr(value) if isinstance(value, dict | list) else value


def _cursor() -> CursorWrapper:
    """A cursor that sends statement and values apart, so that the server keeps the plan; logged as any other."""
    connection.ensure_connection()
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    return wrap(ServerBindingCursor(connection.connection))  # type: ignore[arg-type, call-arg]


class _Table:
    """What is known of a model's table for good: its statements, and how its values are read and written."""

    def __init__(self, model: type[models.Model]) -> None:
        fields = model._meta.concrete_fields
        self.names = [field.attname for field in fields]
        self.written = [field for field in fields if not field.primary_key and not field.generated]
        columns = [Col(model._meta.db_table, field) for field in fields]
        self.converters = [
            (position, convert, column)
            for position, column in enumerate(columns)
            for convert in connection.ops.get_db_converters(column) + column.get_db_converters(connection)
        ]
        self.name, self.key = _quoted(model._meta.db_table), _quoted(model._meta.pk.column)
        self.select_for_update = f"SELECT {_listed(fields)} FROM {self.name} WHERE {self.key} = %s FOR UPDATE"
        places = ", ".join("%s" for _ in self.written)
        self.insert = f"INSERT INTO {self.name} ({_listed(self.written)}) VALUES ({places})"
        self._updates: dict[tuple[str | None, ...], str] = {}

    def converted(self, values: tuple[Any, ...]) -> list[Any]:
        """Values of the database as those of Python."""
        read = list(values)
        for position, convert, column in self.converters:
            read[position] = convert(read[position], column, connection)
        return read

    def update(self, columns: tuple[str | None, ...]) -> str:
        """The statement that writes these columns of one row; kept, for a move always writes the same ones."""
        if columns not in self._updates:
            pairs = ", ".join(f"{_quoted(column)} = %s" for column in columns)
            self._updates[columns] = f"UPDATE {self.name} SET {pairs} WHERE {self.key} = %s"
        return self._updates[columns]


@cache
def _table(model: Any) -> _Table:
    return _Table(model)


def _listed(fields: Any) -> str:
    return ", ".join(_quoted(field.column) for field in fields)


def _quoted(name: str | None) -> str:
    assert name is not None
    return connection.ops.quote_name(name)
