"""Many cases out of one that was played, by SQL: the guards of the tables are off while they are copied."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from django.db import connection, models

from claims.models import Claim

_series = count(1)


def copies(claim: Claim, number: int, *, with_rows_of: tuple[type[models.Model], ...] = ()) -> list[int]:
    """The ids of `number` copies, each of another disease, with their rows of other tables."""
    columns = columns_of(Claim, "id", "number", "disease")
    name = f"copy {next(_series)}-"
    with connection.cursor() as cursor, unguarded(Claim):
        cursor.execute(
            f"INSERT INTO claims_claim (number, disease, {columns}) SELECT %s || n, %s || n, {columns}"
            " FROM claims_claim, generate_series(1, %s) n WHERE id = %s RETURNING id",
            [name, name, number, claim.pk],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
        for model in with_rows_of:
            columns = columns_of(model, "id", "claim_id")
            table = model._meta.db_table
            cursor.execute(
                f"INSERT INTO {table} (claim_id, {columns}) SELECT copy, {columns}"
                f" FROM {table}, unnest(%s) copy WHERE claim_id = %s",
                [ids, claim.pk],
            )
    tidy(Claim, *with_rows_of)
    return ids


def tidy(*tables: type[models.Model]) -> None:
    """What autovacuum would do by and by."""
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")


def columns_of(model: type[models.Model], *without: str) -> str:
    names = (field.column for field in model._meta.concrete_fields if field.column not in without)
    return ", ".join(f'"{name}"' for name in names)


@contextmanager
def unguarded(model: type[models.Model]) -> Iterator[None]:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
