"""What Chinese keyboards and spreadsheets put into a field: full-width forms, odd spaces, grouping."""

from datetime import date

# Only the forms of printable ASCII: NFKC would also turn superscripts and circled numbers into digits.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x00A0: " ",
    0x2212: "-",
    0x3000: " ",
    0xFFE5: "¥",
}


LONGEST_KEY = 18
"""Digits; what is longer is no key of a row, and past some thousand digits not even a number to Python."""


YEARS = range(2000, 3000)
"""What an address may ask for."""


def half_width(text: str) -> str:
    """The text with full-width letters, digits and signs as their plain forms, without spaces at its ends."""
    return text.strip() if text.isascii() else text.translate(_HALF_WIDTH).strip()


def whole_number(text: str) -> int | None:
    """A number as addresses and hidden fields carry it; None for anything else, and for more than a key can be."""
    return int(text) if len(text) <= LONGEST_KEY and text.isascii() and text.isdigit() else None


def civil_day(text: str) -> date | None:
    """A day as addresses carry it; None for anything else, and for years at whose borders no day can be counted on."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def compact(text: str) -> str:
    """A number as it is stored and compared: half-width, upper case, without the spaces and dashes that group it."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return "".join(half_width(text).replace("-", " ").split()).upper()
