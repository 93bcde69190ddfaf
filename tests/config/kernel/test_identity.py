from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.identity import (
    IdentityCode,
    InvalidIdentity,
    bank_card,
    has_luhn_digit,
    make_resident_id,
    mobile,
    resident_id,
    social_credit_code,
)

TODAY = date(2026, 11, 22)


def code_of(read, text, **known):
    with pytest.raises(InvalidIdentity) as refused:
        read(text, **known)
    assert text == "" or text not in str(refused.value) + refused.value.why
    return refused.value.code


@pytest.mark.parametrize(
    ("text", "number", "birth", "sex"),
    [
        ("11010519491231002X", "11010519491231002X", date(1949, 12, 31), "F"),
        ("11010519491231002x", "11010519491231002X", date(1949, 12, 31), "F"),
        (" 110105 19491231 002X ", "11010519491231002X", date(1949, 12, 31), "F"),
        (
            "\uff11\uff11\uff10\uff11\uff10\uff1519491231002\uff38",
            "11010519491231002X",
            date(1949, 12, 31),
            "F",
        ),
        ("440524188001010014", "440524188001010014", date(1880, 1, 1), "M"),
        ("110105491231002", "11010519491231002X", date(1949, 12, 31), "F"),
        ("810000199408230021", "810000199408230021", date(1994, 8, 23), "F"),
        ("830000199201300022", "830000199201300022", date(1992, 1, 30), "F"),
        ("911124198108030024", "911124198108030024", date(1981, 8, 3), "F"),
    ],
)
def test_a_resident_id_is_read(text, number, birth, sex):
    read = resident_id(text, today=TODAY)

    assert (read.number, read.birth_date, read.sex, read.region) == (number, birth, sex, number[:6])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", IdentityCode.ID_LENGTH),
        ("1101051949123100", IdentityCode.ID_LENGTH),
        ("11010519491231002XX", IdentityCode.ID_LENGTH),
        ("1101051949123100AX", IdentityCode.ID_CHARACTERS),
        ("X1010519491231002X", IdentityCode.ID_CHARACTERS),
        ("1101054912310OX", IdentityCode.ID_CHARACTERS),
        ("\u0661\u06610105194912310021", IdentityCode.ID_CHARACTERS),
        ("11010519491231002\u00b2", IdentityCode.ID_CHARACTERS),
        (make_resident_id("110105", date(1949, 12, 31), 2).replace("1231", "1331"), IdentityCode.ID_BIRTH_DATE),
        ("110105202502290021", IdentityCode.ID_BIRTH_DATE),
        ("110105000001010021", IdentityCode.ID_BIRTH_DATE),
        (make_resident_id("110105", date(2026, 11, 23), 2), IdentityCode.ID_BIRTH_DATE),
        ("110105194912310021", IdentityCode.ID_CHECK_DIGIT),
        ("110105194912310025", IdentityCode.ID_CHECK_DIGIT),
        ("110106194912310020", IdentityCode.ID_CHECK_DIGIT),
    ],
)
def test_what_is_no_resident_id_is_refused_with_a_code_and_not_repeated(text, code):
    assert code_of(resident_id, text, today=TODAY) == code


def test_somebody_born_today_has_a_number():
    number = make_resident_id("420106", TODAY, 17)

    assert resident_id(number, today=TODAY).birth_date == TODAY


births = st.dates(min_value=date(1900, 1, 1), max_value=TODAY)
sequences = st.integers(0, 999)


@given(st.from_regex("[1-9][0-9]{5}", fullmatch=True).filter(str.isascii), births, sequences)
def test_a_number_made_is_read_back(region, birth, sequence):
    read = resident_id(make_resident_id(region, birth, sequence), today=TODAY)

    assert (read.region, read.birth_date, read.sex) == (region, birth, "M" if sequence % 2 else "F")


@given(births, sequences, st.integers(0, 16), st.integers(1, 9))
def test_one_mistyped_digit_is_always_noticed(birth, sequence, place, shift):
    number = make_resident_id("110105", birth, sequence)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]

    assert code_of(resident_id, wrong, today=TODAY) in (IdentityCode.ID_CHECK_DIGIT, IdentityCode.ID_BIRTH_DATE)


@pytest.mark.parametrize(("region", "sequence"), [("11010", 1), ("1101051", 1), ("11010X", 1), ("110105", 1000)])
def test_a_number_is_not_made_of_anything(region, sequence):
    with pytest.raises(ValueError, match="six digits"):
        make_resident_id(region, date(1990, 1, 1), sequence)


def test_a_bank_card_is_read_and_a_wrong_luhn_digit_warns():
    assert bank_card("6222 0212 3456 7890 128").number == "6222021234567890128"
    assert not bank_card("4111-1111-1111-1111").is_doubtful
    assert bank_card("4111111111111112").is_doubtful


@given(st.from_regex("[0-9]{12,18}", fullmatch=True).filter(str.isascii))
def test_exactly_one_last_digit_fits(body):
    assert [has_luhn_digit(f"{body}{last}") for last in range(10)].count(True) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", IdentityCode.CARD_CHARACTERS),
        ("6222O21234567890", IdentityCode.CARD_CHARACTERS),
        ("4.10e+17", IdentityCode.CARD_CHARACTERS),
        ("\u0664111111111111111", IdentityCode.CARD_CHARACTERS),
        ("411111111111", IdentityCode.CARD_LENGTH),
        ("41111111111111111111", IdentityCode.CARD_LENGTH),
    ],
)
def test_what_is_no_bank_card_is_refused(text, code):
    assert code_of(bank_card, text) == code


@pytest.mark.parametrize("text", ["13800138000", "+86 138 0013 8000", "0086-138-0013-8000", "86 13800138000"])
def test_a_mobile_number_is_read(text):
    assert mobile(text) == "13800138000"


@pytest.mark.parametrize("number", ["13000000000", "16600000000", "17000000000", "19900000000"])
def test_every_prefix_from_13_to_19_is_a_mobile_number(number):
    assert mobile(number) == number


@pytest.mark.parametrize("text", ["", "12800138000", "1380013800", "138001380001", "23800138000", "1380013800O", "110"])
def test_what_is_no_mobile_number_is_refused(text):
    assert code_of(mobile, text) == IdentityCode.PHONE_FORM


@pytest.mark.parametrize("text", ["91350100M000100Y43", "91350100m000100y43", "9135 0100 M000 100Y 43"])
def test_a_social_credit_code_is_read(text):
    assert social_credit_code(text) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("91350100M000100Y4", IdentityCode.USCC_LENGTH),
        ("91350100I000100Y43", IdentityCode.USCC_CHARACTERS),
        ("91350100M000100Y44", IdentityCode.USCC_CHECK_DIGIT),
        ("91350100M000010Y43", IdentityCode.USCC_CHECK_DIGIT),
    ],
)
def test_what_is_no_social_credit_code_is_refused(text, code):
    assert code_of(social_credit_code, text) == code


def test_every_code_says_why():
    assert all(InvalidIdentity(code).why.endswith(".") for code in IdentityCode)
