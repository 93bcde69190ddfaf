"""Headings, as they are compared."""

from typing import Any

from config.kernel.keyboard import half_width


def normal(heading: Any) -> str:
    """A heading as it is compared: width, case, spaces and the star of what is needed make no difference."""
    return "".join(half_width(str(heading)).split()).rstrip("*").casefold()
