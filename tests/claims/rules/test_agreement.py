"""Cohen's kappa against tables that were worked out by hand."""

from fractions import Fraction

import pytest

from claims.rules.agreement import kappa


def pairs(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> list[tuple[str, str]]:
    return [("aid", "aid")] * yes_yes + [("aid", "no")] * yes_no + [("no", "aid")] * no_yes + [("no", "no")] * no_no


@pytest.mark.parametrize(
    ("table", "coefficient"),
    [
        ((20, 5, 10, 15), Fraction(2, 5)),  # 35/50 agree; by chance 25*30 + 25*20 of 2500, 1/2
        ((45, 15, 25, 15), Fraction(3, 23)),  # 60/100 agree; by chance 60*70 + 40*30 of 10000, 54/100
        ((10, 0, 0, 10), Fraction(1)),
        ((0, 10, 10, 0), Fraction(-1)),
        ((10, 10, 10, 10), Fraction(0)),
    ],
)
def test_kappa_is_that_of_the_table(table: tuple[int, int, int, int], coefficient: Fraction) -> None:
    assert kappa(pairs(*table)) == coefficient


def test_below_twenty_it_says_nothing() -> None:
    assert kappa(pairs(9, 0, 0, 10)) is None
    assert kappa([]) is None


def test_where_both_always_say_the_same_chance_explains_it() -> None:
    assert kappa(pairs(30, 0, 0, 0)) is None
