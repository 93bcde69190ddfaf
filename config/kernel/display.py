"""Values as the present reader writes them."""

from django.utils.translation import get_language

from config.kernel.money import format_yuan


def language() -> str:
    """`zh` or `en`, after the active translation."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def yuan(fen: int) -> str:
    """An amount of fen in the reader's way of writing money."""
    return format_yuan(fen, language())
