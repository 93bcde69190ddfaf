"""A report as it is typed on its page: what the form of the page posts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from investigations.enums import Method
from investigations.rules.visits import Visit
from tests.factories import FILED, visit

INCONSISTENT = "病历与报案不一致"


def typed(
    *others: Visit,
    methods: Iterable[str] = Method.values,
    at: datetime = FILED,
    conclusion: str = "inconsistent",
    text: str = INCONSISTENT,
    **said: Any,
) -> dict[str, Any]:
    """The visits asked for, made at `at`, and `others`; `said` overrides by the names of the fields."""
    data: dict[str, Any] = {"conclusion": conclusion, "text": text, "signed": "on"}
    for method in methods:
        data |= _fields(method, visit(method, at=at))
    for number, other in enumerate(others):
        data |= _fields(f"others-{number}", other)
    return data | {"others-TOTAL_FORMS": len(others), "others-INITIAL_FORMS": 0} | said


def _fields(prefix: str, one: Visit) -> dict[str, Any]:
    told = one.to_json()
    told["visited_at"] = one.visited_at and one.visited_at.strftime("%Y-%m-%dT%H:%M")
    facts = told.pop("facts")
    return {f"{prefix}-{name}": value for name, value in (told | facts).items() if value not in (None, "")}
