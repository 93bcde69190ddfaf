"""G1: 300,000 cases with 25 columns as CSV and as a workbook, masked and guarded, beside COPY of the same rows.

And beside django-import-export's own way of writing, on fewer rows, because it takes minutes: projected, and said so.
Everything is written to the encrypted store as in the worker; COPY is read and thrown away.
"""

import resource
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils.translation import override

from claims.enums import State
from claims.models import Claim
from claims.resources.exports import CaseSheet
from config.kernel.admin.exporting import listed
from config.kernel.clock import database_now
from config.kernel.exporting import jobs, working
from config.kernel.exporting.copying import own_connection
from config.kernel.models import Export, FileFormat, User
from config.kernel.pieces import Pieces
from tests.benchmarks import loading
from tests.benchmarks.measuring import Times, ratio, say, timed, verdict
from tests.factories import case_in, staff

ROWS = 300_000
STOCK_ROWS = 3_000
ROUNDS = 3
XLSX_GOAL, CSV_GOAL, MEMORY_GOAL_MB, STOCK_GOAL = 2.0, 1.1, 16, 40
COLUMNS = CaseSheet.sets["usual"][1]


def run() -> None:
    """Load the cases, then COPY, CSV, workbook in turn."""
    loading.load(case_in(State.REVIEWING), ROWS)
    supervisor = staff("supervisor")
    with override("zh-hans"):
        _export(supervisor, FileFormat.XLSX, query="state__exact=collecting")  # whatever is read once is read
        base = _peak()
        plain, csv, xlsx = Times(), Times(), Times()
        for _ in range(ROUNDS):
            plain.seconds.append(timed(_copied))
            csv.seconds.append(timed(_export, supervisor, FileFormat.CSV))
            xlsx.seconds.append(timed(_export, supervisor, FileFormat.XLSX))
        grown = _peak() - base
        stock = _stock()
    say(
        f"G1 export of {ROWS:,} cases with {len(COLUMNS)} columns",
        [
            ("COPY of the same rows", plain.in_ms()),
            ("CSV, masked, guarded, sealed, logged", csv.in_ms()),
            ("workbook, the same", xlsx.in_ms()),
            ("CSV / COPY", verdict(ratio(csv, plain), at_most=CSV_GOAL)),
            ("workbook / COPY", verdict(ratio(xlsx, plain), at_most=XLSX_GOAL)),
            ("memory above a small export (MB)", verdict(grown, at_most=MEMORY_GOAL_MB)),
            (f"stock workbook, projected from {STOCK_ROWS:,} rows", f"{stock:>8.1f} s"),
            ("times as fast as stock", verdict(stock / min(xlsx.seconds), at_least=STOCK_GOAL)),
        ],
    )


def _export(by: User, ending: str, query: str = "") -> None:
    wanted = jobs.Wanted(sheet="cases", query=query, columns=COLUMNS, format=ending, language="zh-hans", purpose="测量")
    Export.objects.update(done=0)  # or it is too much for a day
    export = jobs.ask(wanted, by=by, at=database_now())
    working.carry_on(export.pk, rows=listed, clock=database_now)
    export.refresh_from_db()
    assert export.sha256, export.failed_because
    Pieces("exports", export.pk).drop()


def _copied() -> None:
    rows = CaseSheet.rows(Claim.objects.order_by("-reported_at", "-pk"), COLUMNS)
    paths = [CaseSheet.fields[name].attribute for name in COLUMNS]
    sql, params = rows.values_list(*paths).query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        statement = f"COPY ({cursor.cursor.mogrify(sql, params)}) TO STDOUT WITH (FORMAT csv)"
    with own_connection() as here, here.cursor() as cursor, cursor.copy(statement) as copy:
        for _row in copy:
            pass


def _stock() -> float:
    """Seconds for all rows, if it took as long for each as for the first."""
    rows: Any = CaseSheet.rows(Claim.objects.order_by("-pk"), COLUMNS).select_related(*_neighbours())[:STOCK_ROWS]
    sheet = CaseSheet()
    return timed(lambda: sheet.export(rows, export_fields=list(COLUMNS)).export("xlsx")) * ROWS / STOCK_ROWS


def _neighbours() -> Iterator[str]:
    paths = (CaseSheet.fields[name].attribute for name in COLUMNS)
    return (path.rpartition("__")[0] for path in paths if "__" in path)


def _peak() -> float:
    """MB that this process ever needed."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
