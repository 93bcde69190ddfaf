"""Cells as spreadsheet programs give them: what each reader takes, and what it refuses."""

from typing import Any

import pytest

from config.kernel.importing import columns
from config.kernel.importing.columns import Unfit
from tests.factories import at


@pytest.mark.parametrize("cell", [float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("read", [columns.words(40), columns.phone, columns.yuan, columns.number, columns.yes_or_no])
def test_a_number_that_is_none_is_a_fault_of_its_cell(read: columns.Read, cell: float) -> None:
    with pytest.raises(Unfit):
        read(cell)


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2024/6/1 9:05:30", "2024-06-01 09:05:30"),
        ("2024-06-01 10:00:45", "2024-06-01 10:00:45"),
        ("2024-06-01 10:00:45.123000", "2024-06-01 10:00:45"),
        ("2024-06-01T10:00", "2024-06-01 10:00"),
        ("2024.6.1 9:05", "2024-06-01 09:05"),
        ("2024年6月1日", "2024-06-01"),
    ],
)
def test_a_moment_is_read_to_its_second(cell: str, instant: str) -> None:
    assert columns.moment(cell) == at(instant)


@pytest.mark.parametrize(
    "cell", ["2024-06-01 25:00", "2024-06-01 10:00:99", "2024-06-01 10:00+00:00", "2024-13-01 1:00"]
)
def test_a_moment_that_is_none(cell: str) -> None:
    with pytest.raises(Unfit):
        columns.moment(cell)


@pytest.mark.parametrize(
    ("read", "cell"), [(columns.yuan, True), (columns.yuan, -1), (columns.number, True), (columns.number, -5.0)]
)
def test_true_is_no_amount_and_no_number_lies_below_zero(read: columns.Read, cell: Any) -> None:
    with pytest.raises(Unfit):
        read(cell)


def test_amounts_and_numbers_as_cells_give_them() -> None:
    assert (columns.yuan(1.0), columns.yuan("1 元"), columns.number(5.0), columns.number("0")) == (100, 100, 5, 0)


@pytest.mark.parametrize(
    ("longest", "cell"), [(80, "吴\n小漫"), (80, "a\n\x07b"), (5_000, "a\n\x07b"), (5_000, "\x07"), (80, "a\tb")]
)
def test_signs_that_do_not_print_are_refused_and_so_are_breaks_in_short_texts(longest: int, cell: str) -> None:
    with pytest.raises(Unfit):
        columns.words(longest)(cell)


def test_a_long_text_has_lines() -> None:
    assert columns.words(5_000)("一\r\n\u3000\u3000二\n\t三 ") == "一\n\u3000\u3000二\n\t三"
