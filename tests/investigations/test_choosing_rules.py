"""The choice of an agency and its score, by hand: the figures and what comes of them."""

from typing import Any

import pytest

from investigations.rules.choosing import Because, Figures, LeftOut, Record, percent, rank, reaches

A, B = 1, 2

CASES: list[tuple[dict[str, Any], dict[str, Any], int, Because]] = [
    ({}, {}, A, Because.ORDER),
    ({"load": 1}, {}, B, Because.LOAD),
    ({"load": 9}, {"knows_case": 1}, A, Because.KNOWS_CASE),
    ({"knows_case": 2}, {"knows_case": 1}, B, Because.KNOWS_CASE),
    ({"load": 9}, {"reaches": False}, A, Because.REGION),
    ({"reaches": False, "score": 100}, {"score": 10, "load": 9}, B, Because.REGION),
    ({"reaches": False}, {"knows_case": 1}, A, Because.KNOWS_CASE),
    ({"load": 3, "capacity": 3}, {"load": 9}, B, Because.ROOM),
    ({"load": 2, "capacity": 3}, {"load": 9}, A, Because.LOAD),
    ({"capacity": 0}, {"load": 9, "score": 0}, B, Because.ROOM),
    ({"load": 3, "capacity": 3}, {"reaches": False}, A, Because.REGION),
    ({"score": 84}, {"score": 85, "load": 9}, B, Because.SCORE),
    ({"score": 99, "load": 1}, {"score": 85}, B, Because.LOAD),
    ({"score": 69}, {"score": 70, "load": 9}, B, Because.SCORE),
    ({"score": 70}, {"load": 9}, B, Because.SCORE),
    ({"load": 1}, {"score": 85}, B, Because.LOAD),
    ({"left_out": LeftOut.CONFLICT}, {"knows_case": 1, "reaches": False, "load": 99}, B, Because.ONLY),
]
"""Figures of A and of B, who is asked, and why; what is not said is the best there is."""


@pytest.mark.parametrize(("a", "b", "asked", "because"), CASES)
def test_the_rule_asks(a: dict[str, Any], b: dict[str, Any], asked: int, because: Because) -> None:
    of_a, of_b = Figures(agency=A, name="甲", **a), Figures(agency=B, name="乙", **b)

    for order in ((of_a, of_b), (of_b, of_a)):
        ranking = rank(order)
        assert (ranking.ranked[0].agency, ranking.because) == (asked, because)


def test_whoever_is_left_out_is_never_ranked() -> None:
    nobody = rank([Figures(agency=n, name=str(n), left_out=why) for n, why in enumerate(LeftOut)])

    assert nobody.ranked == ()
    assert [one.left_out for one in nobody.left_out] == list(LeftOut)


@pytest.mark.parametrize(
    ("provinces", "place", "said"),
    [
        ([], "湖北", True),
        (["湖北"], "湖北", True),
        (["湖北"], "湖北省武汉市", True),
        (["湖南", "湖北"], "湖北省", True),
        (["湖南"], "湖北", False),
        (["湖南"], "", True),
        (["内蒙古"], "内蒙古自治区", True),
    ],
)
def test_an_agency_reaches_the_provinces_it_goes_to(provinces: list[str], place: str, said: bool) -> None:
    assert reaches(provinces, place) is said


SCORES: list[tuple[dict[str, int], int | None]] = [
    ({}, None),
    ({"answered": 4, "on_time": 4, "finished": 4}, None),
    ({"unanswered": 4}, None),
    ({"unanswered": 20}, 20),  # whoever never answers earns nothing for not being sent back
    ({"answered": 4, "on_time": 4, "unanswered": 1, "finished": 4}, 90),
    ({"answered": 5, "on_time": 5, "finished": 5}, 100),
    ({"answered": 5, "on_time": 0, "finished": 5}, 50),
    ({"answered": 5, "on_time": 5, "reworked": 5, "finished": 5}, 70),
    ({"answered": 5, "on_time": 5, "finished": 5, "overturned": 5}, 80),
    ({"answered": 5, "on_time": 5, "reworked": 5, "finished": 5, "overturned": 5}, 50),
    ({"answered": 5, "on_time": 5, "unanswered": 5, "finished": 5}, 75),
    ({"answered": 8, "on_time": 7, "reworked": 2, "finished": 4, "overturned": 1}, 81),  # 43.75 + 22.5 + 15
    ({"answered": 5, "on_time": 5}, 100),  # nothing is finished yet, so nothing was overturned
]


@pytest.mark.parametrize(("counts", "score"), SCORES)
def test_a_score_is_made_of(counts: dict[str, int], score: int | None) -> None:
    assert Record(**counts).score == score


def test_the_cost_leaves_out_what_has_no_agreed_fee() -> None:
    assert Record(finished=3, fee_fen=100_001, without_fee=1).cost_fen == 50_001  # half a fen goes up
    assert Record(finished=2, without_fee=2).cost_fen is None
    assert Record().cost_fen is None


def test_a_share_of_nothing_is_none() -> None:
    assert percent(0, 0) is None
    assert (percent(1, 3), percent(2, 3), percent(1, 8)) == (33, 67, 13)
