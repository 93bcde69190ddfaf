"""Tables that hang on cases, found by the number of the case."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from claims.services.searching import by_number
from config.kernel.admin import DeskAdmin


class FoundByCase(DeskAdmin):
    """Rows of the cases whose number was typed: whole, its beginning, or the part after the dash."""

    way_to_case: ClassVar[str] = "claim"
    search_fields: tuple[str, ...] = ("claim__number",)
    search_help_text = _("Case number")

    def found_otherwise(self, term: str) -> QuerySet[Any] | None:
        """What else a term may mean in this table."""
        return None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term, rows = search_term.strip(), self.model._default_manager
        if not term:
            return queryset, False
        of_cases = by_number(term, rows.all(), of=f"{self.way_to_case}__")
        other = self.found_otherwise(term)
        return self.found(request, queryset, of_cases if other is None else [*of_cases, other])
