"""A filter that is chosen from a list or typed, in a form of its own: no script, and no link for each of a hundred."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

LONGEST = 80


class TypedFilter(admin.ListFilter):
    """Some parameters of an address, one field each; what is empty or not understood filters nothing.

    `kind` is how a field is filled in: `select`, `date`, or `list`, a text with proposals.
    """

    template = "desk/list/filter.html"
    parameters: ClassVar[tuple[str, ...]]
    kind: ClassVar[str] = "select"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.said = {name: str(params.pop(name, [""])[-1]).strip()[:LONGEST] for name in self.parameters}
        self.used_parameters = {name: value for name, value in self.said.items() if value}

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        """Values and names that a field offers."""
        return []

    def label_of(self, name: str) -> str:
        return str(self.title)

    def links(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Choices that are made at once."""
        return iter(())

    def filtered(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that fit what was said."""
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.filtered(request, queryset) if self.used_parameters else queryset

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameters)

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """One description of the whole form, which the template takes as the first choice."""
        others = {name: values for name, values in changelist.filter_params.items() if name not in self.parameters}
        yield {
            "hidden": [(name, value) for name, values in others.items() for value in values],
            "fields": [
                {"name": name, "label": self.label_of(name), "value": self.said[name], "choices": self.choices_of(name)}
                for name in self.parameters
            ],
            "links": [
                (label, changelist.get_query_string(query), self.used_parameters == query)
                for label, query in self.links()
            ],
            "all": changelist.get_query_string(dict.fromkeys(self.parameters)),
            "is_used": bool(self.used_parameters),
            "kind": self.kind,
        }
