from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.money import MAX_FEN, AmountCode, InvalidAmount, format_yuan, half_up, yuan_to_fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("500", 50_000),
        ("500.5", 50_050),
        ("29,996.95 元", 2_999_695),
        ("29996.95", 2_999_695),
        ("30 万元", 30_000_000),
        ("30万", 30_000_000),
        ("1.5万元", 1_500_000),
        ("0.000001万元", 1),
        ("¥3", 300),
        ("¥3.00元", 300),
        ("12,345.6", 1_234_560),
        ("\uff11\uff12\uff0c\uff13\uff14\uff15\uff0e\uff16\u3000元", 1_234_560),
        ("\uffe5\uff0d\uff15", -500),
        ("\u22125\u00a0元", -500),
        ("CNY -5.00", -500),
        ("-¥5", -500),
        ("cny 29,996.95", 2_999_695),
        ("人民币 8 元", 800),
    ],
)
def test_an_amount_is_read_as_people_write_it(text, fen):
    assert yuan_to_fen(text) == fen


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", AmountCode.FORM),
        ("元", AmountCode.FORM),
        ("NaN", AmountCode.FORM),
        ("Infinity", AmountCode.FORM),
        ("1e3", AmountCode.FORM),
        ("1,00", AmountCode.FORM),
        ("30,0000", AmountCode.FORM),
        ("1 000", AmountCode.FORM),
        (".5", AmountCode.FORM),
        ("5.", AmountCode.FORM),
        ("--5", AmountCode.FORM),
        ("-¥-5", AmountCode.FORM),
        ("5\u00b2", AmountCode.FORM),
        ("\u0665", AmountCode.FORM),
        ("5\n6", AmountCode.FORM),
        ("$5", AmountCode.FORM),
        ("0.005", AmountCode.DECIMALS),
        ("5.000", AmountCode.DECIMALS),
        ("1.0000001万", AmountCode.DECIMALS),
        ("92233720368547758.08", AmountCode.TOO_LARGE),
        ("9" * 5000, AmountCode.TOO_LARGE),
    ],
)
def test_what_is_no_amount_is_refused_with_a_code_and_not_repeated(text, code):
    with pytest.raises(InvalidAmount) as refused:
        yuan_to_fen(text)

    assert refused.value.code == code
    assert str(refused.value) == code


@pytest.mark.parametrize("value", [1.5, 3, None, Decimal("1.5"), float("nan")])
def test_only_text_is_read(value):
    with pytest.raises(TypeError):
        yuan_to_fen(value)


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (0, "0 元", "CNY 0"),
        (1, "0.01 元", "CNY 0.01"),
        (50_000, "500 元", "CNY 500"),
        (2_999_695, "29,996.95 元", "CNY 29,996.95"),
        (30_000_000, "30 万元", "CNY 300,000"),
        (30_500_000, "305,000 元", "CNY 305,000"),
        (-500, "-5 元", "CNY -5"),
        (-1_000_000, "-1 万元", "CNY -10,000"),
    ],
)
def test_an_amount_is_written_as_staff_write_it(fen, chinese, english):
    assert format_yuan(fen, "zh-hans") == chinese
    assert format_yuan(fen, "zh_Hans") == chinese
    assert format_yuan(fen, "en") == english


@given(st.integers(-MAX_FEN, MAX_FEN), st.sampled_from(["zh-hans", "en"]))
def test_what_was_written_is_read_back(fen, language):
    assert yuan_to_fen(format_yuan(fen, language)) == fen


@given(st.integers(-10_000, 10_000), st.sampled_from(["zh-hans", "en"]))
def test_whole_wan_are_read_back(wan, language):
    assert yuan_to_fen(format_yuan(wan * 1_000_000, language)) == wan * 1_000_000


@pytest.mark.parametrize(
    ("amount", "fen"),
    [
        (Fraction(5, 2), 3),
        (Fraction(-5, 2), -3),
        (Fraction(3, 2), 2),
        (Fraction(249, 100), 2),
        (Fraction(1, 3), 0),
        (Fraction(-1, 3), 0),
        (7, 7),
    ],
)
def test_halves_go_up(amount, fen):
    assert half_up(amount) == fen


@given(st.decimals(-(10**9), 10**9, places=4))
def test_rounding_is_that_of_the_decimal_module(amount):
    assert half_up(Fraction(amount)) == int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def test_a_float_is_not_rounded():
    with pytest.raises(TypeError):
        half_up(2.5)
