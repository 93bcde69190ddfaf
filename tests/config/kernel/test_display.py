"""Dates as their reader writes them: in Chinese and in English, by the Shanghai clock, in lists and in sentences."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils.formats import localize
from django.utils.translation import override

from config.kernel import display
from config.kernel.refusals import Refusal

LATE_IN_LONDON = datetime(2025, 7, 13, 17, 30, tzinfo=UTC)
"""In Shanghai it is the next day already, half past one."""


@pytest.mark.parametrize(("language", "day"), [("zh-hans", "2025年7月14日"), ("en", "14 July 2025")])
def test_a_day(language: str, day: str) -> None:
    with override(language):
        assert display.day(date(2025, 7, 14)) == day
        assert display.day(LATE_IN_LONDON) == day
        assert display.said("2025-07-14") == day
        assert localize(date(2025, 7, 14)) == day  # what a column of a list shows


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [(None, "—", "—"), (0, "0 元", "CNY 0"), (3_000_000, "3 万元", "CNY 30,000")],
)
def test_an_amount_that_may_be_unknown(fen: int | None, zh: str, en: str) -> None:
    with override("zh-hans"):
        assert display.yuan_or_dash(fen) == zh
    with override("en"):
        assert display.yuan_or_dash(fen) == en


@pytest.mark.parametrize(("language", "moment"), [("zh-hans", "2025年7月14日 01:30"), ("en", "14 July 2025, 01:30")])
def test_an_instant(language: str, moment: str) -> None:
    with override(language):
        assert display.moment(LATE_IN_LONDON) == moment
        assert display.said(LATE_IN_LONDON) == moment


@pytest.mark.parametrize(("language", "month"), [("zh-hans", "2025年7月"), ("en", "July 2025")])
def test_a_month(language: str, month: str) -> None:
    with override(language):
        assert display.said("2025-07") == month


@pytest.mark.parametrize("fact", ["2025-02-30", "2025-13", "20250714", "T1aN0M0", 20250714, None, "2025-07-14x"])
def test_what_is_no_day_is_let_be(fact: object) -> None:
    assert display.said(fact) == fact


def test_a_template_writes_them_and_leaves_out_what_is_not_there() -> None:
    template = Template("{% load desk %}{{ on|day }}|{{ at|moment }}|{{ fen|yuan }}|{{ month|said }}")
    with override("zh-hans"):
        known = {"on": date(2025, 7, 14), "at": LATE_IN_LONDON, "fen": 30_000_000, "month": "2025-07"}
        assert template.render(Context(known)) == "2025年7月14日|2025年7月14日 01:30|30 万元|2025年7月"
        assert template.render(Context(dict.fromkeys(known))) == "|||"


def test_a_refusal_says_its_days_so_too() -> None:
    class Over(Refusal):
        code = "OVER"
        sentence = "until %(day)s"

    with override("zh-hans"):
        assert str(Over(day=date(2025, 7, 14))) == "until 2025年7月14日"
