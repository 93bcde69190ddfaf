"""Text in the cells of a spreadsheet."""

import re

DANGEROUS = "=+-@\t\r\n\v\f '\"|%＝＋－＠\u00a0\u2002\u2003\u3000\u200b\ufeff"
"""A text that begins so is, or hides, a formula to some spreadsheet program; full-width signs are one to Chinese ones.
In CSV an apostrophe marks text that has one, and reading such a file in takes that apostrophe away."""

UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Signs that a workbook cannot hold."""


def plain(text: str) -> str:
    """Text that stays text in every spreadsheet program, also once a workbook is saved as text and opened again."""
    writable = UNWRITABLE.sub("", text)
    return f"'{writable}" if writable[:1] and writable[0] in DANGEROUS else writable
