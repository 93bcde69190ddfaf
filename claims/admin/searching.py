"""Tables that hang on cases, found by the number of the case."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from claims.services import searching
from config.kernel.admin import DeskAdmin


class FoundByCase(DeskAdmin):
    """Rows of the cases whose number was typed: whole, its beginning, or the part after the dash."""

    way_to_case: ClassVar[str] = "claim"
    search_fields: tuple[str, ...] = ("claim__number",)
    search_help_text = _("Case number")

    def found_otherwise(self, term: str) -> Q:
        """What else a term may mean in this table."""
        return Q(pk__in=())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        cases = {pk for meaning in searching.by_number(search_term) for pk in searching.first(meaning)}
        return queryset.filter(
            Q(**{f"{self.way_to_case}__in": cases}) | self.found_otherwise(search_term.strip())
        ), False
