"""The random part and those that stand apart, worked out by hand."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules.sampling import FAST, HIGH_AMOUNT, SLOW, Apart, Ended, random_part, size_of, standing_apart


@pytest.mark.parametrize(
    ("cases", "size"),
    [(0, 0), (1, 1), (4, 4), (5, 5), (6, 5), (100, 5), (101, 6), (120, 6), (121, 7), (4000, 200), (80_000, 200)],
)
def test_five_percent_at_least_five_and_at_most_two_hundred(cases: int, size: int) -> None:
    assert size_of(cases) == size


@given(st.sets(st.integers(1, 10**9), max_size=60), st.text(max_size=8), st.randoms())
def test_the_same_cases_and_the_same_seed_give_the_same_sample_in_any_order(
    claims: set[int], seed: str, dice: object
) -> None:
    shuffled = sorted(claims)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    first = random_part(sorted(claims), seed=seed, size=size_of(len(claims)))

    assert random_part(shuffled, seed=seed, size=size_of(len(claims))) == first
    assert len(set(first)) == size_of(len(claims))
    assert set(first) <= claims


def test_another_seed_gives_another_sample() -> None:
    assert random_part(range(1000), seed="a", size=50) != random_part(range(1000), seed="b", size=50)


def test_every_case_has_the_same_chance() -> None:
    """2,000 drawings of 10 of 50: each is expected 400 times; chi-square with 49 degrees stays under 85.4 (0.1 %).

    Of drawings without putting back the statistic is smaller still, by 40/49.
    """
    counted = Counter(one for seed in range(2000) for one in random_part(range(50), seed=f"s{seed}", size=10))
    statistic = sum((counted[one] - 400) ** 2 / 400 for one in range(50))

    assert 15 < statistic < 85.4 * 40 / 49


def ended(claim: int, fen: int | None, days: int, plan: int = 1) -> Ended:
    return Ended(claim, plan, fen, days)


def test_an_amount_above_the_mean_and_one_deviation_is_drawn() -> None:
    """30, 30, 30, 30, 30, 90: mean 40, deviation sqrt(500) = 22.36, bound 62."""
    cases = [ended(number, 30, 10) for number in range(1, 6)] + [ended(6, 90, 10)]

    assert standing_apart(cases) == {6: [Apart(HIGH_AMOUNT, 90, 40, 62)]}


def test_what_is_exactly_at_the_bound_is_not_drawn() -> None:
    """0, 0, 0, 0, 100, 100, 100, 100: mean 50, deviation 50, so 100 is the bound itself."""
    cases = [ended(number, 0 if number < 5 else 100, 10) for number in range(1, 9)]

    assert standing_apart(cases) == {}


def test_fast_is_one_deviation_below_and_slow_two_above() -> None:
    """Days 20 x 8, 2, 60: mean 22.2, deviation 13.65. Bounds 8.5 and 49.5."""
    cases = [ended(number, 30, 20) for number in range(1, 9)] + [ended(9, 30, 2), ended(10, 30, 60)]

    assert standing_apart(cases) == {9: [Apart(FAST, 2, 22, 8)], 10: [Apart(SLOW, 60, 22, 49)]}


def test_averages_are_of_the_plan_and_of_five_cases_at_least() -> None:
    """90 is nothing special in a plan of 90s; four cases of a third plan make no average."""
    ours = [ended(number, 30, 10) for number in range(1, 7)]
    theirs = [ended(number, 90, 10, plan=2) for number in range(11, 17)]
    few = [ended(21, 1, 10, plan=3), ended(22, 1, 10, plan=3), ended(23, 1, 10, plan=3), ended(24, 1000, 10, plan=3)]

    assert standing_apart([*ours, *theirs, *few]) == {}


def test_refusals_have_no_amount_but_days() -> None:
    cases = [ended(number, None, 20) for number in range(1, 9)] + [ended(9, None, 1)]

    assert {claim: [why.reason for why in found] for claim, found in standing_apart(cases).items()} == {9: [FAST]}


def test_no_more_than_twenty_of_a_plan_are_drawn_for_one_reason() -> None:
    """300 small ones and 30 large ones: the twenty largest, the lower number first where they are equal."""
    cases = [ended(number, 10, 10) for number in range(300)] + [ended(1000 + n, 500 + n // 2, 10) for n in range(30)]

    assert sorted(standing_apart(cases)) == list(range(1010, 1030))
