"""Text in the cells of a spreadsheet."""

import re

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is read as a formula by some spreadsheet program; full-width signs are by Chinese ones."""

UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Signs that a workbook cannot hold."""


def plain(text: str) -> str:
    """Text that stays text in every spreadsheet program, also once a workbook is saved as text and opened again."""
    writable = UNWRITABLE.sub("", text)
    return f"'{writable}" if writable.startswith(DANGEROUS) else writable
