"""Many rows into a table at once, by COPY: the quickest way in, past no constraint and no trigger."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

from config.kernel.fields import EncryptedTextField


def copy_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows of these attributes, in the caller's transaction; encrypted columns are given as tokens already made."""
    fields = [model._meta.get_field(name) for name in names]
    quoted = ", ".join(connection.ops.quote_name(field.column) for field in fields)  # type: ignore[union-attr,arg-type]  # a column's own field
    statement = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({quoted}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.cursor.copy(statement) as copy:
        copy.set_types([_type(field) for field in fields])
        for row in rows:
            copy.write_row(row)


def new_keys(model: type[models.Model], number: int) -> list[int]:
    """As many primary keys as are wanted, taken from the table's sequence."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [f'"{table}"', number]
        )
        return [key for (key,) in cursor.fetchall()]


def _type(field: Any) -> str:
    """PostgreSQL's name of the column's type, without its length."""
    if isinstance(field, EncryptedTextField):
        return "bytea"
    kind = str(getattr(field, "target_field", field).db_type(connection)).partition("(")[0]
    return {"varchar": "text"}.get(kind, kind)
