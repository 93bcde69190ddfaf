"""A spreadsheet of members of another platform, sent and looked through: a supervisor has to decide about it."""

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from openpyxl import Workbook

from config.kernel.identity import has_luhn_digit, make_resident_id
from config.kernel.importing import jobs, working
from config.kernel.models import Import, User
from payouts.management.demo.people import GIVEN, SURNAMES

ROWS = 36
HEADINGS = ("姓名", "性别", "出生日期", "地区", "身份证号", "手机号", "银行卡号", "计划", "档位（元）", "加入时间")
REGION = "350203"
"""Where no other member of the demo is from."""


def send_members(*, at: datetime) -> int:
    """How many rows were looked through; nothing where a file was sent before."""
    if Import.objects.exists():
        return 0
    book, out = Workbook(), io.BytesIO()
    for row in (HEADINGS, *_rows()):
        book.active.append(row)
    book.save(out)
    by = User.objects.get(username="supervisor-1")
    it = jobs.receive("members", "同舟互助平台成员.xlsx", out.getvalue(), again=False, by=by, at=at)
    return working.look_through(it.pk, at=at)


def _rows() -> Iterator[list[Any]]:
    rows = [_person(number) for number in range(ROWS)]
    rows[4][4] = _mistyped(rows[4][4])
    rows[11][6] = int(rows[11][6])  # a number of a spreadsheet has lost digits
    rows[17][7] = "同舟大病互助"  # no plan of this desk
    rows[23][0] = ""
    yield from rows
    yield rows[8]


def _person(number: int) -> list[Any]:
    born = date(1968, 3, 2) + timedelta(days=397 * number)
    joined_on = date(2024, 1, 8) + timedelta(days=9 * number)
    body = f"622848{number:09}"
    return [
        SURNAMES[-1 - number % len(SURNAMES)] + GIVEN[number % len(GIVEN)],
        "女" if number % 2 else "男",
        born.isoformat(),
        "福建",
        make_resident_id(REGION, born, 2 * number + 1 - number % 2),
        f"1380599{number:04}",
        next(f"{body}{digit}" for digit in range(10) if has_luhn_digit(f"{body}{digit}")),
        "qingsong",
        (50_000, 100_000)[number % 2],
        joined_on.isoformat(),
    ]


def _mistyped(number: str) -> str:
    return number[:-1] + ("1" if number[-1] != "1" else "2")
