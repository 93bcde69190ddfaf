"""How a figure is written once: SQL that gives cases, and the part of a figure that each is in.

The figure counts its rows by part; the list behind a number has the cases of one part. Instants are half-open.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from claims.models import Claim
from config.kernel.figures import Asked

_NAME = re.compile(r"%\((\w+)\)s")

_OF_PLAN = """ AND e.claim_id IN (
    SELECT c.id FROM claims_claim c JOIN members_covenant v ON v.id = c.covenant_id
    JOIN members_plan p ON p.id = v.plan_id WHERE p.code = %(plan)s)"""

_OF_PART = """(%(one)s = '' OR split_part(part, ':', 1) = %(one)s)
    AND (%(two)s = '' OR split_part(part, ':', 2) = %(two)s)"""

_FOR_MANY_ROWS = "SELECT set_config('work_mem', '64MB', true), set_config('random_page_cost', '1.1', true)"
"""Of this transaction alone: sort in memory, and look rows up in a table where one would else read all of it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`sql` selects `part` (text) and `claim_id`, a case at most once in a part, and perhaps more columns.

    It may name `start` and `end` of the period, `at`, and what `said` adds. `{of_plan}` stands where its table `e` is
    narrowed to the cases of one plan.
    """

    sql: str

    def read(self, what: str, asked: Asked, at: datetime, **said: Any) -> list[tuple[Any, ...]]:
        """`what` is a SELECT from `fact`, the rows of these facts."""
        sql = f"WITH fact AS ({self._sql(asked)}) {what}"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FOR_MANY_ROWS)
            cursor.execute(sql, _said(asked, at) | said)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def counted(self, asked: Asked, at: datetime, **said: Any) -> dict[str, int]:
        """How many cases are in each part."""
        return dict(self.read("SELECT part, count(*) FROM fact GROUP BY part", asked, at, **said))

    def cases(self, asked: Asked, part: str, at: datetime, **said: Any) -> QuerySet[Claim]:
        """The cases of one part. Of a part in two, `one:two`, either may be empty, which means all of them."""
        one, _colon, two = part.partition(":")
        values = _said(asked, at) | said | {"one": one, "two": two}
        sql = f"SELECT claim_id FROM ({self._sql(asked)}) fact WHERE part IS NOT NULL AND {_OF_PART}"
        names = _NAME.findall(sql)
        return Claim.objects.filter(pk__in=RawSQL(_NAME.sub("%s", sql), [values[name] for name in names]))

    def _sql(self, asked: Asked) -> str:
        return self.sql.replace("{of_plan}", _OF_PLAN if asked.plan else "")


def _said(asked: Asked, at: datetime) -> dict[str, Any]:
    return {"start": asked.period.start, "end": asked.period.end, "at": at, "plan": asked.plan}


def in_two(counted: dict[str, int]) -> dict[str, dict[str, int]]:
    """Counts of parts that are written `one:two`, by one and then by two."""
    found: dict[str, dict[str, int]] = {}
    for part, count in counted.items():
        one, _colon, two = part.partition(":")
        found.setdefault(one, {})[two] = count
    return found
