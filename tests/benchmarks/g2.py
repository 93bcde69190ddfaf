"""G2: 50,000 members with their memberships out of a workbook, every row validated, beside COPY of the finished rows.

The limit is plain COPY of the same finished rows, encrypted columns and all, into the same tables with their foreign
keys, indexes and triggers. Stock django-import-export, which validates less and writes no membership, does fewer rows:
its figure for all of them is projected.
"""

from collections.abc import Callable
from typing import Any

import tablib
from django.db import connection, transaction
from import_export import fields, resources

from config.kernel.importing import jobs, working
from config.kernel.models import Import
from members.models import Member, Membership
from tests.benchmarks.copies import columns_of, tidy
from tests.benchmarks.measuring import Times, ratio, say, timed, verdict
from tests.factories import at, plan, staff
from tests.sheets import PEOPLE, person, xlsx

ROWS, STOCK = 50_000, 2_000
ROUNDS = 2
GOAL, PEER = 1.0, 120
NOW = at("2025-06-01 12:00")
TABLES = (Member, Membership)


class StockMember(resources.ModelResource):
    """As the library's own guide has it: one row after the other, each looked up and saved."""

    name = fields.Field("name", "姓名")
    sex = fields.Field("sex", "性别")
    birth_date = fields.Field("birth_date", "出生日期")
    region = fields.Field("region", "地区")
    id_number = fields.Field("id_number", "身份证号")
    phone = fields.Field("phone", "手机号")
    bank_card = fields.Field("bank_card", "银行卡号")

    class Meta:
        model = Member
        import_id_fields = ("id_number",)
        fields = ("name", "sex", "birth_date", "region", "id_number", "phone", "bank_card")


def run() -> None:
    """Make the workbook, take it in, keep the finished rows, and write them again both ways in turn."""
    plan()
    people = [person(number) for number in range(ROWS)]
    data, by = xlsx([PEOPLE, *people]), staff("supervisor")
    dry, apply, copied, stock = Times(), Times(), Times(), Times()
    for number in range(ROUNDS + 1):
        it = jobs.receive("members", "g2.xlsx", data, again=True, by=by, at=NOW)
        reading = timed(lambda it=it: working.look_through(it.pk, at=NOW))
        jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)
        writing = timed(lambda it=it: working.carry_on(it.pk, at=NOW, seconds=3_600))
        _check(it.pk)
        copy = timed(_copier())
        peer = timed(_stock, people[:STOCK])
        if number:  # the first only warms up
            for times, seconds in ((dry, reading), (apply, writing), (copied, copy), (stock, peer * ROWS / STOCK)):
                times.seconds.append(seconds)
    both = Times([one + two for one, two in zip(dry.seconds, apply.seconds, strict=True)])
    say(
        f"G2  {ROWS:,} members with their memberships from XLSX, every row validated, {ROUNDS} rounds in turn",
        [
            ("COPY of the finished rows", copied.in_ms()),
            ("dry run: read, judge and make every row", dry.in_ms()),
            ("taking in: copy what was made", apply.in_ms()),
            (f"stock, by {STOCK:,} rows, no memberships", stock.in_ms()),
            ("time of taking in / COPY", verdict(ratio(apply, copied), at_most=GOAL)),
            ("time of dry run and taking in / COPY", f"{ratio(both, copied):.2f}"),
            ("times as fast as stock, one pass", verdict(ratio(stock, apply), at_least=PEER)),
            ("times as fast as stock: plain COPY is", f"{ratio(stock, copied):.2f}"),
            ("times as fast as stock: with the dry run", f"{ratio(stock, both):.2f}"),
        ],
    )


def _check(pk: int) -> None:
    it = Import.objects.get(pk=pk)
    if (it.status, it.made, Membership.objects.filter(migrated=True).count()) != ("applied", ROWS, ROWS):
        raise AssertionError(f"{it.status}: {it.made:,} rows written, {it.late:,} failed.")


def _copier() -> Callable[[], None]:
    """Empties the tables of what was taken in and gives the work of writing the very same rows by COPY."""
    kept = [(model, columns_of(model), _dumped(model)) for model in TABLES]
    _empty()

    def copy() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for model, columns, rows in kept:
                statement = f"COPY {model._meta.db_table} ({columns}) FROM STDIN (FORMAT BINARY)"
                with cursor.cursor.copy(statement) as into:
                    into.write(rows)

    return copy


def _dumped(model: Any) -> bytes:
    statement = f"COPY {model._meta.db_table} ({columns_of(model)}) TO STDOUT (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as out:
        return b"".join(bytes(block) for block in out)


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE members_member, members_membership CASCADE")
    tidy(*TABLES)


def _stock(people: list[list[Any]]) -> None:
    """What the library does with the first rows, taken back as its dry run is; the tables are emptied before."""
    _empty()
    sheet = tablib.Dataset(*people, headers=PEOPLE)
    result = StockMember().import_data(sheet, raise_errors=True, use_transactions=True)
    if result.totals["new"] != len(people):
        raise AssertionError(result.totals)
    _empty()
