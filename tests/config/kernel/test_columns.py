"""Cells as spreadsheet programs give them: what each reader takes, and what it refuses."""

from typing import Any

import pytest

from config.kernel import columns
from config.kernel.columns import Unfit
from tests.factories import at


@pytest.mark.parametrize("cell", [float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("read", [columns.words(40), columns.phone, columns.yuan, columns.number, columns.yes_or_no])
def test_a_number_that_is_none_is_a_fault_of_its_cell(read: columns.Read, cell: float) -> None:
    with pytest.raises(Unfit):
        read(cell)
