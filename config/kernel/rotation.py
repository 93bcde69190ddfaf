"""Writing every encrypted value anew under the first key, so that an old key can be thrown away."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

from config.kernel.crypto import Unreadable, keyring, rotate
from config.kernel.fields import EncryptedTextField


@dataclass
class Tally:
    """What was done to one field: values written anew, and the keys of rows whose value does not open."""

    rotated: int
    unreadable: list[Any]


def encrypted_fields() -> list[EncryptedTextField]:
    """Every encrypted field of every installed model's own table."""
    options = (model._meta for model in apps.get_models())
    return [field for own in options for field in own.local_concrete_fields if isinstance(field, EncryptedTextField)]


def rotate_field(field: EncryptedTextField, *, batch: int) -> Tally:
    """Rewrite the values that another key made, `batch` rows a transaction, locked by ascending key.

    Stopped at any point, it goes on where it was: a value of the first key is not looked at again. A value that does
    not open is left alone and reported.
    """
    tally, last = Tally(rotated=0, unreadable=[]), None
    while True:
        with transaction.atomic():
            rows = _stale(field, after=last, limit=batch)
            for pk, token in rows:
                try:
                    _write(field, pk, rotate(bytes(token), where=field.where))
                    tally.rotated += 1
                except Unreadable:
                    tally.unreadable.append(pk)
        if not rows:
            return tally
        last = rows[-1][0]


def _names(field: EncryptedTextField) -> dict[str, sql.Identifier]:
    meta = field.model._meta
    names = {"table": meta.db_table, "column": field.column, "pk": meta.pk.column}
    return {role: sql.Identifier(name) for role, name in names.items()}


def _stale(field: EncryptedTextField, *, after: Any, limit: int) -> list[tuple[Any, Any]]:
    """The next rows whose token the first key did not make, locked."""
    header = keyring().header
    query = sql.SQL(
        "SELECT {pk}, {column} FROM {table} WHERE substr({column}, 1, %s) <> %s {after} ORDER BY {pk} LIMIT %s FOR UPDATE"
    ).format(
        after=sql.SQL("AND {pk} > %s").format(**_names(field)) if after is not None else sql.SQL(""), **_names(field)
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [len(header), header, *([] if after is None else [after]), limit])
        return cursor.fetchall()


def _write(field: EncryptedTextField, pk: Any, token: bytes) -> None:
    query = sql.SQL("UPDATE {table} SET {column} = %s WHERE {pk} = %s").format(**_names(field))
    with connection.cursor() as cursor:
        cursor.execute(query, [token, pk])
