"""Money is an integer number of fen; text is read and written here and nowhere else.

A ratio is a Fraction on its way to `half_up`, never a float.
"""

import re
from enum import StrEnum
from fractions import Fraction

from config.kernel.keyboard import half_width
from config.kernel.wording import _

FEN_PER_YUAN = 100
FEN_PER_WAN = 10_000 * FEN_PER_YUAN
MAX_FEN = 2**63 - 1  # what a BigIntegerField holds

_AMOUNT = re.compile(
    r"(?P<sign>[+-]?) *(?:¥|CNY|RMB|人民币)? *(?P<sign_after>[+-]?) *"
    r"(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]+))?"
    r" *(?P<unit>万元|万|元)?",
    re.IGNORECASE,
)


class AmountCode(StrEnum):
    """Why a text is no amount; stable."""

    FORM = "AMOUNT_FORM"
    DECIMALS = "AMOUNT_DECIMALS"
    TOO_LARGE = "AMOUNT_TOO_LARGE"


_WHY = {
    AmountCode.FORM: _("This is not an amount of money."),
    AmountCode.DECIMALS: _("An amount has no parts of a fen."),
    AmountCode.TOO_LARGE: _("This amount is too large."),
}


class InvalidAmount(ValueError):
    """A text that is no amount of money: `code`, and `why` in English, to be translated. The text is not repeated."""

    def __init__(self, code: AmountCode) -> None:
        super().__init__(code.value)
        self.code = code
        self.why = _WHY[code]


def yuan_to_fen(text: str) -> int:
    """Fen of an amount written in yuan: `500`, `29,996.95 元`, `¥3`, `30 万元`, `CNY -5.00`.

    Raises InvalidAmount for anything else and for parts of a fen; TypeError for what is not text (a float has already
    lost what it meant).
    """
    if not isinstance(text, str):
        raise TypeError("an amount is read from text")
    found = _AMOUNT.fullmatch(half_width(text))
    if found is None or (found["sign"] and found["sign_after"]):
        raise InvalidAmount(AmountCode.FORM)
    unit, places = (FEN_PER_WAN, 6) if (found["unit"] or "").startswith("万") else (FEN_PER_YUAN, 2)
    part = found["part"] or ""
    if len(part) > places:
        raise InvalidAmount(AmountCode.DECIMALS)
    whole = found["whole"].replace(",", "")
    if len(whole) > len(str(MAX_FEN)):
        raise InvalidAmount(AmountCode.TOO_LARGE)
    fen = int(whole) * unit + int(part.ljust(places, "0") or 0)
    if fen > MAX_FEN:
        raise InvalidAmount(AmountCode.TOO_LARGE)
    return -fen if "-" in (found["sign"], found["sign_after"]) else fen


def format_yuan(fen: int, language: str) -> str:
    """An amount as staff write it: `30 万元`, `500 元`, `29,996.95 元`; in English `CNY 300,000`, `CNY 29,996.95`.

    `language` is a language code; every Chinese one (`zh-hans`, `zh_Hans`) is written in Chinese.
    """
    sign = "-" if fen < 0 else ""
    yuan, part = divmod(abs(fen), FEN_PER_YUAN)
    digits = f"{yuan:,}" + (f".{part:02}" if part else "")
    if not language.lower().startswith("zh"):
        return f"CNY {sign}{digits}"
    if fen and fen % FEN_PER_WAN == 0:
        return f"{sign}{abs(fen) // FEN_PER_WAN:,} 万元"
    return f"{sign}{digits} 元"


def half_up(amount: Fraction | int) -> int:
    """The nearest integer, halves away from zero (AMB-14): a refund rounds like the charge it takes back."""
    if not isinstance(amount, (Fraction, int)):
        raise TypeError("round a Fraction, not a float")
    nearest = (2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    return -nearest if amount < 0 else nearest
