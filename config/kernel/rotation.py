"""Writing every encrypted value anew under the first key, so that an old key can be thrown away."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

from config.kernel import files, pieces
from config.kernel.crypto import Unreadable, keyring, rotate
from config.kernel.fields import EncryptedTextField
from config.kernel.models import StoredFile


@dataclass
class Tally:
    """What was done to one field, or to the files: values written anew, and the rows whose value does not open."""

    rotated: int
    unreadable: list[int]


def encrypted_fields() -> list[EncryptedTextField]:
    """Every encrypted field of every installed model's own table."""
    options = (model._meta for model in apps.get_models())
    return [field for own in options for field in own.local_concrete_fields if isinstance(field, EncryptedTextField)]


def rotate_field(field: EncryptedTextField, *, batch: int) -> Tally:
    """Rewrite the values that another key made, `batch` rows a transaction, locked by ascending key.

    Stopped at any point, it goes on where it was: a value of the first key is not looked at again. A value that does
    not open is left alone and reported.
    """
    tally = Tally(rotated=0, unreadable=[])
    last: int | None = None
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


def rotate_files() -> Tally:
    """Rewrite the stored files that another key made; one that does not open, or is not there, is reported."""
    tally = Tally(rotated=0, unreadable=[])
    for stored in StoredFile.objects.order_by("pk").iterator():
        try:
            tally.rotated += files.rotate(stored)
        except (Unreadable, files.FileLost):
            tally.unreadable.append(stored.pk)
    return tally


def rotate_pieces() -> Tally:
    """The same for files that are stored in pieces, by the number of the row that each belongs to."""
    tally = Tally(rotated=0, unreadable=[])
    for stored in pieces.all_stored():
        try:
            tally.rotated += stored.rotate()
        except (Unreadable, OSError, files.FileLost):
            tally.unreadable.append(stored.pk)
    return tally


def _names(field: EncryptedTextField) -> dict[str, sql.Identifier]:
    meta = field.model._meta
    names = {"table": meta.db_table, "column": field.column, "pk": meta.pk.column}
    return {role: sql.Identifier(str(name)) for role, name in names.items()}


def _stale(field: EncryptedTextField, *, after: int | None, limit: int) -> list[tuple[int, Any]]:
    """The next rows whose token the first key did not make, locked."""
    header = keyring().header
    query = sql.SQL(
        "SELECT {pk}, {column} FROM {table} WHERE substr({column}, 1, %(length)s) <> %(header)s"
        " AND (%(after)s::bigint IS NULL OR {pk} > %(after)s) ORDER BY {pk} LIMIT %(limit)s FOR UPDATE"
    ).format(**_names(field))
    values: dict[str, Any] = {"length": len(header), "header": header, "after": after, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def _write(field: EncryptedTextField, pk: int, token: bytes) -> None:
    query = sql.SQL("UPDATE {table} SET {column} = %s WHERE {pk} = %s").format(**_names(field))
    with connection.cursor() as cursor:
        cursor.execute(query, [token, pk])
