"""SR-15, SR-18 … SR-22: the amount, worked out by hand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules.amount import arrears_fen, product, read_stage
from claims.rules.facts import Unpaid
from claims.rules.kinds import Behaviour
from members.rules.findings import Code, Outcome
from tests.claims.rules.cases import (
    QINGSONG,
    alzheimer,
    codes,
    coma,
    finding,
    judged,
    terms,
    thyroid,
    tumour,
)

SIXTY = date(1965, 4, 1)
FIFTY_NINE = date(1965, 4, 2)


def gross(facts, **overrides):
    return judged(facts, **overrides).gross_fen


@pytest.mark.parametrize(
    ("tier_yuan", "full", "full_60", "alzheimer_", "alzheimer_60", "thyroid_", "thyroid_60"),
    [
        (50_000, 50_000, 40_000, 40_000, 32_000, 15_000, 12_000),
        (100_000, 100_000, 80_000, 80_000, 64_000, 30_000, 24_000),
        (300_000, 300_000, 240_000, 240_000, 192_000, 90_000, 72_000),
    ],
)
def test_all_eighteen_cells(tier_yuan, full, full_60, alzheimer_, alzheimer_60, thyroid_, thyroid_60):
    tier = {"tier_fen": tier_yuan * 100}
    yuan = [
        gross(facts) / 100
        for facts in (
            coma(**tier),
            coma(**tier, birth_date=SIXTY),
            alzheimer(**tier),
            alzheimer(**tier, birth_date=SIXTY),
            thyroid("T1bN0M0", **tier),
            thyroid("T1bN0M0", **tier, birth_date=SIXTY),
        )
    ]
    assert yuan == [full, full_60, alzheimer_, alzheimer_60, thyroid_, thyroid_60]


def test_the_age_factor_begins_on_the_sixtieth_birthday():
    assert gross(coma(birth_date=SIXTY)) == 8_000_000
    assert gross(coma(birth_date=FIFTY_NINE)) == 10_000_000


def test_the_age_is_that_of_the_diagnosis_and_not_of_the_report():
    assert gross(coma(birth_date=FIFTY_NINE, reported_on=date(2025, 4, 11))) == 10_000_000


def test_those_born_on_a_leap_day_grow_older_on_28_february():
    born = date(1964, 2, 29)
    assert (
        gross(coma(birth_date=born, diagnosed_on=date(2025, 2, 27), reported_on=date(2025, 2, 27)), age_factor__from=61)
        == 10_000_000
    )
    assert (
        gross(coma(birth_date=born, diagnosed_on=date(2025, 2, 28), reported_on=date(2025, 2, 28)), age_factor__from=61)
        == 8_000_000
    )


@pytest.mark.parametrize(
    "tnm",
    ["T1N0M0", "T1aN0M0", "T1bN0M0", "pT1aN0M0", "t1an0m0", "T1a N0 M0", "pT1b(m)N0aM0", "T1aN0bM0", "pT1a, pN0, cM0"],
)
def test_the_early_stage_of_thyroid_carcinoma_has_its_ratio(tnm):
    assert codes(thyroid(tnm)) == []
    assert gross(thyroid(tnm)) == 3_000_000


@pytest.mark.parametrize("tnm", ["T2N0M0", "T1aN1aM0", "T1bN1bM0", "T1N0M1", "T3bN0M0", "pT4aN1bM1"])
def test_any_other_stage_has_the_full_ratio(tnm):
    assert codes(thyroid(tnm)) == []
    assert gross(thyroid(tnm)) == 10_000_000


@pytest.mark.parametrize("tnm", [None, "", "T1aNxM0", "T1aNXM0", "TxN0M0", "T1aN0Mx", "T1aN0", "stage I", "T9N0M0"])
def test_a_stage_that_cannot_be_read_goes_to_an_expert_at_the_full_ratio(tnm):
    assessment = judged(thyroid(tnm))

    assert [code.value for code in assessment.codes] == ["MEDICAL_EXPERT"]
    assert assessment.outcome is Outcome.REFER
    assert assessment.net_fen == 10_000_000


def test_stages_are_read_in_one_spelling():
    assert read_stage("pt1A N0 cM0") == ("T1a", "N0", "M0")
    assert read_stage("T1N0") is None


def test_the_stage_matters_for_the_thyroid_only():
    assert gross(tumour({"site": "lung", "tnm": "T1aN0M0"})) == 10_000_000


def test_the_early_cells_are_terms():
    assert gross(thyroid("T2N0M0"), thyroid__t=["T1", "T1a", "T1b", "T2"]) == 3_000_000
    assert gross(thyroid("T1N0M0"), ratio__thyroid_t1n0m0=25) == 2_500_000


def test_the_ratio_in_situ_is_a_persons_until_the_covenant_sets_it():
    facts = tumour({"behaviour": Behaviour.IN_SITU})
    assessment = judged(facts)

    assert [code.value for code in assessment.codes] == ["IN_SITU_RATIO"]
    assert (assessment.outcome, assessment.gross_fen, assessment.net_fen) == (Outcome.REFER, None, None)
    assert gross(facts, ratio__in_situ=30) == 3_000_000
    assert codes(facts, ratio__in_situ=30) == []


def test_in_situ_goes_before_the_thyroids_table():
    facts = tumour({"behaviour": Behaviour.IN_SITU, "site": "thyroid", "tnm": None})
    assert codes(facts) == ["IN_SITU_RATIO"]
    assert gross(facts, ratio__in_situ=20) == 2_000_000


def test_mild_diseases_have_their_ratio():
    mild = coma(disease="malignant_tumor_mild")
    assert gross(mild) == 3_000_000
    assert gross(mild, ratio__mild=10) == 1_000_000


@pytest.mark.parametrize(
    ("due_on", "owed"),
    [
        (date(2024, 4, 4), 0),
        (date(2024, 4, 5), 305),
        (date(2025, 4, 4), 305),
        (date(2025, 4, 5), 0),
        (date(2025, 4, 6), 0),
    ],
)
def test_the_window_of_arrears_is_twelve_months_to_the_day_before_the_report(due_on, owed):
    assert judged(coma(reported_on=date(2025, 4, 5), unpaid=(Unpaid(due_on, 305),))).arrears_fen == owed


def test_the_window_is_clamped_at_month_ends():
    facts = coma(
        diagnosed_on=date(2025, 2, 27),
        reported_on=date(2025, 2, 28),
        unpaid=(Unpaid(date(2024, 2, 28), 7), Unpaid(date(2024, 2, 27), 5)),
    )
    assert arrears_fen(facts, QINGSONG) == 7
    leap = coma(
        diagnosed_on=date(2024, 2, 27),
        reported_on=date(2024, 2, 29),
        unpaid=(Unpaid(date(2023, 2, 28), 7), Unpaid(date(2023, 2, 27), 5)),
    )
    assert arrears_fen(leap, QINGSONG) == 7


def test_the_months_of_arrears_are_a_term():
    facts = coma(unpaid=(Unpaid(date(2025, 3, 4), 1), Unpaid(date(2025, 3, 5), 2)))
    assert arrears_fen(facts, terms(arrears__months=1)) == 2
    assert arrears_fen(facts, terms(arrears__months=0)) == 0


def test_arrears_are_deducted_after_all_factors_and_never_below_zero():
    owed = (Unpaid(date(2025, 1, 14), 305),)
    assessment = judged(thyroid("T1aN0M0", birth_date=SIXTY, unpaid=owed))
    assert (assessment.gross_fen, assessment.arrears_fen, assessment.net_fen) == (2_400_000, 305, 2_399_695)

    over = judged(coma(unpaid=(Unpaid(date(2025, 1, 14), 10_000_001),)))
    assert (over.gross_fen, over.arrears_fen, over.net_fen) == (10_000_000, 10_000_001, 0)


def test_a_rejection_gives_nothing_and_still_names_the_arrears():
    assessment = judged(coma(disease="headache", unpaid=(Unpaid(date(2025, 1, 14), 305),)))
    assert (assessment.gross_fen, assessment.arrears_fen, assessment.net_fen) == (0, 305, 0)


def test_the_product_is_rounded_once_and_half_up():
    assert product(333, 50, 100) == 167  # 166.5
    assert product(333, 30, 80) == 80  # 79.92; rounded at each step it would be 80 as well
    assert product(105, 30, 50) == 16  # 15.75; rounded at each step 31.5 -> 32 -> 16
    assert product(101, 50, 50) == 25  # 25.25; rounded at each step 50.5 -> 51 -> 25.5 -> 26


def test_the_steps_lead_from_the_base_to_the_net():
    assessment = judged(thyroid("T1aN0M0", birth_date=SIXTY, unpaid=(Unpaid(date(2025, 1, 14), 305),)))
    assert [step.fen for step in assessment.steps] == [10_000_000, 3_000_000, 2_400_000, 2_399_695]
    assert [step.fen for step in judged(tumour({"behaviour": Behaviour.IN_SITU})).steps] == [10_000_000, None]
    assert [step.fen for step in judged(coma(disease="headache")).steps] == [0]
    for step in assessment.steps:
        assert step.because % step.params


def test_the_amount_is_explained():
    facts = thyroid("T1aN0M0", unpaid=(Unpaid(date(2025, 1, 14), 305),))
    assert finding(facts, rule="SR-18").text() == "Thyroid carcinoma of the early stage T1aN0M0: the ratio is 30 %."
    assert "3.05 yuan" in finding(facts, rule="SR-22").text()
    assert finding(tumour({"behaviour": Behaviour.IN_SITU}), Code.IN_SITU_RATIO).clause == "8.5"


shares = st.lists(
    st.builds(Unpaid, st.dates(date(2023, 1, 1), date(2026, 1, 1)), st.integers(0, 10**8)),
    max_size=6,
).map(tuple)


@given(unpaid=shares, more=shares, tier=st.sampled_from(QINGSONG.tiers.fen))
def test_more_arrears_never_raise_the_net_and_the_net_is_never_negative(unpaid, more, tier):
    less, owing = coma(tier_fen=tier, unpaid=unpaid), coma(tier_fen=tier, unpaid=unpaid + more)
    assert 0 <= judged(owing).net_fen <= judged(less).net_fen <= tier
    assert judged(owing).arrears_fen >= judged(less).arrears_fen


@given(tier=st.integers(1, 10**9), ratio=st.integers(0, 100), age=st.integers(0, 100))
def test_the_gross_amount_is_within_half_a_fen_of_the_product(tier, ratio, age):
    assert abs(product(tier, ratio, age) * 10_000 - tier * ratio * age) <= 5_000
