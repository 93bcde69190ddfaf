"""Where the money is, at each step of one payout of 30,000 yuan."""

from datetime import date, timedelta
from typing import Any

import pytest

from config.kernel.figures import Asked, Behind, Period, rows_behind
from payouts import services
from payouts.services.figures import money
from tests.factories import APPROVED, at
from tests.payouts.conftest import Finance

THAT_DAY = Asked(Period(date(2025, 4, 30), date(2025, 4, 30)))
"""APPROVED is its first instant."""


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"


def stages(asked: Asked = THAT_DAY) -> list[tuple[int, int]]:
    """Cases and fen of what is decided, approved, with the bank, paid."""
    return [(int(line.numbers[0].value or 0), int(line.numbers[1].value or 0)) for line in money(asked, APPROVED).lines]


def test_money_goes_from_stage_to_stage(finance: Finance) -> None:
    nothing, all_of_it = (0, 0), (1, 3_000_000)
    assert stages() == [nothing, all_of_it, nothing, nothing]
    payout = finance.submitted()
    assert stages() == [nothing, nothing, all_of_it, nothing]
    assert list(rows_behind(Behind("money", "paying"), THAT_DAY, at=APPROVED)) == [finance.case]
    services.settle(payout.pk, by=finance.preparer, at=APPROVED)
    assert stages() == [nothing, nothing, nothing, all_of_it]
    assert list(rows_behind(Behind("money", "paid"), THAT_DAY, at=APPROVED)) == [finance.case]


def test_what_came_back_is_owed_again(finance: Finance) -> None:
    services.bounce(finance.submitted().pk, reason="closed", by=finance.preparer, at=APPROVED)
    assert stages() == [(0, 0), (1, 3_000_000), (0, 0), (0, 0)]


def test_paid_is_of_the_period_by_the_book(finance: Finance) -> None:
    services.settle(finance.submitted().pk, by=finance.preparer, at=at("2025-05-01 00:00"))
    assert stages() == []
    day_after = Asked(Period.until(THAT_DAY.period.last + timedelta(days=1), days=1))
    assert stages(day_after)[3] == (1, 3_000_000)


def test_of_another_plan_there_is_none(finance: Finance) -> None:
    finance.submitted()
    assert stages(Asked(THAT_DAY.period, plan="xianghu")) == []
    assert stages(Asked(THAT_DAY.period, plan="qingsong"))[2] == (1, 3_000_000)


def test_the_page_leads_from_each_number_to_its_cases(finance: Finance) -> None:
    finance.submitted()
    for line in money(THAT_DAY, APPROVED).lines:
        count = line.numbers[0]
        assert count.behind is not None
        assert rows_behind(count.behind, THAT_DAY, at=APPROVED).count() == count.value
