"""The only clock: the database's. Edges read it once and hand it down as `at`."""

from datetime import datetime
from typing import cast

from django.db import connection


def database_now() -> datetime:
    """The present instant, aware. Not `now()`, which stands still within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cast(datetime, cursor.fetchone()[0])
