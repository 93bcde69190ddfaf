"""Numbers with a check digit: resident ID (GB 11643), bank card, mobile phone, social credit code (GB 32100).

Each function takes what was typed and returns what is stored, or raises InvalidIdentity with a code; the number itself
is never repeated in an error.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from operator import mul
from typing import Literal

from config.kernel.keyboard import compact
from config.kernel.wording import _

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_DOUBLED = str.maketrans("0123456789", "0246813579")
"""What a digit counts in every second place of a card number: twice itself, and the digits of that added up."""
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I O S V Z


class IdentityCode(StrEnum):
    """Why a number is none; stable."""

    ID_LENGTH = "ID_LENGTH"
    ID_CHARACTERS = "ID_CHARACTERS"
    ID_BIRTH_DATE = "ID_BIRTH_DATE"
    ID_CHECK_DIGIT = "ID_CHECK_DIGIT"
    CARD_LENGTH = "CARD_LENGTH"
    CARD_CHARACTERS = "CARD_CHARACTERS"
    PHONE_FORM = "PHONE_FORM"
    USCC_LENGTH = "USCC_LENGTH"
    USCC_CHARACTERS = "USCC_CHARACTERS"
    USCC_CHECK_DIGIT = "USCC_CHECK_DIGIT"


_WHY = {
    IdentityCode.ID_LENGTH: _("A resident ID number has 18 characters (15 on old cards)."),
    IdentityCode.ID_CHARACTERS: _("A resident ID number has digits only, with an X possible at its end."),
    IdentityCode.ID_BIRTH_DATE: _("The date of birth in the resident ID number does not exist or has not come yet."),
    IdentityCode.ID_CHECK_DIGIT: _("The resident ID number is mistyped: its last character does not fit the others."),
    IdentityCode.CARD_LENGTH: _("A bank card number has 13 to 19 digits."),
    IdentityCode.CARD_CHARACTERS: _("A bank card number has digits only."),
    IdentityCode.PHONE_FORM: _("A mobile number has 11 digits and begins with 13 to 19."),
    IdentityCode.USCC_LENGTH: _("A unified social credit code has 18 characters."),
    IdentityCode.USCC_CHARACTERS: _("A unified social credit code has digits and capitals without I, O, S, V and Z."),
    IdentityCode.USCC_CHECK_DIGIT: _("The social credit code is mistyped: its last character does not fit the others."),
}


class InvalidIdentity(ValueError):
    """A number that is none: `code`, and `why` in English, to be translated. The number is not repeated."""

    def __init__(self, code: IdentityCode) -> None:
        super().__init__(code.value)
        self.code = code
        self.why = _WHY[code]


@dataclass(frozen=True)
class ResidentId:
    """A resident ID number that passed its check, and what it says; `region` is a hint only, codes change yearly.

    Residents of Hong Kong, Macao and Taiwan (81, 82, 83) and foreign permanent residents (9) have the same form.
    """

    number: str
    region: str
    birth_date: date
    sex: Literal["F", "M"]


@dataclass(frozen=True)
class BankCard:
    """A card number; `is_doubtful` when its Luhn digit does not fit: ask twice, some old cards break the rule."""

    number: str
    is_doubtful: bool


def resident_id(text: str, *, today: date) -> ResidentId:
    """Read a resident ID number of 18 characters, or 15 of the first generation, which become 18.

    `today` is the civil day: a birth after it is refused. Raises InvalidIdentity with an ID_… code.
    """
    number = compact(text)
    if len(number) not in (15, 18):
        raise InvalidIdentity(IdentityCode.ID_LENGTH)
    if not _is_digits(number if len(number) == 15 else number[:17] + number[17].replace("X", "0")):
        raise InvalidIdentity(IdentityCode.ID_CHARACTERS)
    if len(number) == 15:
        body = number[:6] + "19" + number[6:]
        number = body + _id_check(body)
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise InvalidIdentity(IdentityCode.ID_BIRTH_DATE) from None
    if birth > today:
        raise InvalidIdentity(IdentityCode.ID_BIRTH_DATE)
    if number[17] != _id_check(number[:17]):
        raise InvalidIdentity(IdentityCode.ID_CHECK_DIGIT)
    return ResidentId(number, region=number[:6], birth_date=birth, sex="M" if int(number[16]) % 2 else "F")


def make_resident_id(region: str, birth: date, sequence: int) -> str:
    """A well-formed number for made-up people: six digits of region, 0-999 of sequence (odd is male)."""
    body = f"{region}{birth:%Y%m%d}{sequence:03}"
    if len(body) != 17 or not _is_digits(body):
        raise ValueError("a region has six digits, a sequence number is 0 to 999")
    return body + _id_check(body)


def bank_card(text: str) -> BankCard:
    """Read a bank card number of 13 to 19 digits. Raises InvalidIdentity with a CARD_… code."""
    number = compact(text)
    if not _is_digits(number):
        raise InvalidIdentity(IdentityCode.CARD_CHARACTERS)
    if not 13 <= len(number) <= 19:
        raise InvalidIdentity(IdentityCode.CARD_LENGTH)
    return BankCard(number, is_doubtful=not has_luhn_digit(number))


def has_luhn_digit(digits: str) -> bool:
    """Whether the last digit is the Luhn digit of the others."""
    return (sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2].translate(_DOUBLED)))) % 10 == 0


def mobile(text: str) -> str:
    """Read a mainland mobile number, with or without +86: 11 digits. Raises InvalidIdentity with PHONE_FORM."""
    number = compact(text)
    for prefix in ("+86", "0086", "86"):
        if number.startswith(prefix) and len(number) == len(prefix) + 11:
            number = number[len(prefix) :]
    if len(number) != 11 or not _is_digits(number) or number[0] != "1" or number[1] in "012":
        raise InvalidIdentity(IdentityCode.PHONE_FORM)
    return number


def social_credit_code(text: str) -> str:
    """Read the unified social credit code of an agency. Raises InvalidIdentity with a USCC_… code."""
    number = compact(text)
    if len(number) != 18:
        raise InvalidIdentity(IdentityCode.USCC_LENGTH)
    if not set(number) <= set(_USCC_ALPHABET):
        raise InvalidIdentity(IdentityCode.USCC_CHARACTERS)
    total = sum(weight * _USCC_ALPHABET.index(sign) for weight, sign in zip(_USCC_WEIGHTS, number[:17], strict=True))
    if number[17] != _USCC_ALPHABET[-total % 31]:
        raise InvalidIdentity(IdentityCode.USCC_CHECK_DIGIT)
    return number


def _is_digits(text: str) -> bool:
    """ASCII digits only: `isdigit` alone takes every script's."""
    return text.isascii() and text.isdigit()


def _id_check(body: str) -> str:
    """ISO 7064 MOD 11-2 of seventeen digits."""
    return _ID_CHECKS[sum(map(mul, _ID_WEIGHTS, map(int, body))) % 11]
