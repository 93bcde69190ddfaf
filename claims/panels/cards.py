"""The card that the members see, as the desk shows it."""

from typing import Any

from claims.models import Publicity
from config.kernel.display import language, yuan_or_dash


def card(publicity: Publicity) -> dict[str, Any]:
    """What is on it, with the name of the disease and the amount as the present reader writes them."""
    kept = publicity.card
    return {
        **kept,
        "disease": kept.get("disease_name", {}).get(language()) or kept["disease"],
        "amount": yuan_or_dash(kept.get("amount_fen")),
    }
