"""Many rows into a table at once, by COPY: the quickest way in, past no constraint and no trigger."""

import io
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection, models
from psycopg.copy import Copy, FileWriter

from config.kernel.fields import EncryptedTextField


class Made(NamedTuple):
    """Rows of a table as COPY takes them."""

    table: str
    columns: list[str]
    data: bytes


def made(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Made:
    """Rows of these attributes, not written yet; encrypted columns are given as tokens already made."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    out = io.BytesIO()
    with connection.cursor() as cursor, Copy(cursor.cursor, binary=True, writer=FileWriter(out)) as copy:
        copy.set_types([_type(field) for field in fields])
        for row in rows:
            copy.write_row(row)
    return Made(model._meta.db_table, [field.column for field in fields], out.getvalue())


def copy_in(rows: Made) -> None:
    """Write them, in the caller's transaction."""
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, rows.columns))
    statement = f"COPY {quote(rows.table)} ({columns}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.cursor.copy(statement) as copy:
        copy.write(rows.data)


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
