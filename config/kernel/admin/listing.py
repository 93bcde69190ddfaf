"""Lists that stay quick however many rows they have.

A list asks two things of a table: the rows of one page, and how many there are, counted no further than MANY. It is
leafed through from the row where the last page ended ("Older", "Newer"), so page 20,000 costs what the first one does;
that needs an order by columns that are never empty, and a list only sorts by what has an index. Tables that stay small
say so (`is_small`): they sort by anything, and their pages have numbers.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from unfold.views import ChangeList

from config.kernel.admin import rows, saved_views
from config.kernel.exporting import may_export, of_model
from config.kernel.models import User

MANY = 10_000
"""Nobody leafs through more; counting stops here."""

AFTER, BEFORE = "after", "before"
"""Parameters of an address: the page that follows, or precedes, a row."""


class Beyond(Func):
    """`(a, b) < (1, 2)`: rows that come before a place in the order of some columns; one index answers it."""

    conditional = True

    def __init__(self, columns: Sequence[str], place: Sequence[Value], sign: str) -> None:
        super().__init__(*(F(column) for column in columns), *place, output_field=BooleanField())
        self.sign = sign

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]  # as Django calls it
        parts = [compiler.compile(part) for part in self.source_expressions]
        half = len(parts) // 2
        columns, place = (", ".join(sql for sql, _ in some) for some in (parts[:half], parts[half:]))
        return f"({columns}) {self.sign} ({place})", tuple(value for _, params in parts for value in params)


@dataclass(frozen=True)
class Order:
    """Columns of one table that are never empty, all in one direction, the last of them unique."""

    fields: tuple[Any, ...]
    descends: bool

    def turned(self) -> "Order":
        return Order(self.fields, not self.descends)

    @property
    def names(self) -> list[str]:
        return [("-" if self.descends else "") + field.attname for field in self.fields]

    def place_of(self, row: models.Model) -> str:
        """Where a row stands, for an address."""
        values = [field.value_to_string(row) for field in self.fields]
        return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    def read(self, text: str) -> list[Value] | None:
        """The place that an address names; None where it names none."""
        try:
            values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            pairs = list(zip(self.fields, values, strict=True))
            return [Value(field.to_python(value), output_field=field) for field, value in pairs]
        except (binascii.Error, ValueError, TypeError, ValidationError, OverflowError, RecursionError):
            return None

    def beyond(self, place: Sequence[Value]) -> Beyond:
        return Beyond([field.attname for field in self.fields], place, "<" if self.descends else ">")


class LongList(ChangeList):  # unfold has no types
    """The rows of one page and a bounded count: two queries, whatever page it is."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.is_beyond_count = False
        self.newer: str | None = None
        self.older: str | None = None
        super().__init__(request, *args, **kwargs)
        self.notice: str = getattr(request, "desk_notice", "")
        self.user = request.user

    @property
    def headers(self) -> list[dict[str, Any]]:
        return rows.headers(self)

    @property
    def rows(self) -> Iterator[str]:
        return rows.rows(self)

    @property
    def views(self) -> saved_views.Tabs:
        return saved_views.tabs(self, self.user)

    @property
    def pages(self) -> Iterator[tuple[str, str]]:
        """What the foot of the list links to."""
        if self.newer is not None:
            yield "first", self.get_query_string({})
            yield "newer", self.newer
        if self.older is not None:
            yield "older", self.older

    @property
    def export_url(self) -> str:
        """Where a file of these rows is asked for; empty for who may not have one."""
        sheet = of_model(self.model)
        if sheet is None or not (isinstance(self.user, User) and may_export(sheet, self.user)):
            return ""
        return reverse("admin:kernel_export_new", args=[sheet.name]) + self.get_query_string({})

    @property
    def search_advice(self) -> str:
        return str(self.model_admin.search_advice(self.query))

    @property
    def without_search(self) -> str:
        return self.get_query_string({SEARCH_VAR: None})

    @property
    def without_filters(self) -> str:
        said = {SEARCH_VAR: self.params[SEARCH_VAR]} if SEARCH_VAR in self.params else {}
        return f"?{urlencode(said)}"

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Without what no column can hold: a zero byte filters nothing."""
        said = super().get_filters_params(params)
        return {
            name: values
            for name, values in said.items()
            if name not in (AFTER, BEFORE) and not any("\0" in value for value in values)
        }

    def get_query_string(self, new_params: dict[str, Any] | None = None, remove: list[str] | None = None) -> str:
        """The same list otherwise filtered or sorted begins at its first page."""
        kept = {AFTER: None, BEFORE: None, **(new_params or {})}
        query: str = super().get_query_string(kept, remove)
        return query

    def get_ordering_field(self, field_name: Any) -> Any:
        """Columns without an index sort nothing, also when an address asks for it."""
        if self.sortable_by is not None and field_name not in self.sortable_by:
            return None
        return super().get_ordering_field(field_name)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """What the address asks for, or the list's own order, never one after the other: no index serves both."""
        ordering: list[Any] = super().get_ordering(request, queryset.order_by())
        return ordering

    def _get_deterministic_ordering(self, ordering: list[Any]) -> list[Any]:
        """The primary key last, in the direction of the columns before it, so that one index serves them all."""
        ordering = ordering or list(self._get_default_ordering())
        last = ordering[-1] if ordering else "-pk"
        unique = {"pk", *(field.name for field in self.lookup_opts.fields if field.unique and not field.null)}
        if isinstance(last, str) and last.lstrip("-") in unique:
            return ordering or [last]
        return [*ordering, "-pk" if str(last).startswith("-") else "pk"]

    def get_results(self, request: HttpRequest) -> None:
        """Fills in what Django's own method does, with neither a second count nor a page counted off.

        Of a request that only wants to know which rows these are (`reads_no_rows`), nothing is read at all.
        """
        if getattr(request, "reads_no_rows", False):
            self.result_list = []
            return
        self.result_count = self._count()
        self.full_result_count = self.result_count  # nothing is counted twice to say how many are filtered out
        self.show_full_result_count, self.show_admin_actions = False, True
        self.can_show_all, self.show_all = False, False
        self.multi_page = self.result_count > self.list_per_page
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        shown = self.model_admin.rows_shown(self.queryset)
        order = self.order()
        self.result_list = self._numbered(shown) if order is None else self._leafed(request, shown, order)

    def order(self) -> Order | None:
        """The order of the list where it can be leafed through by place; None where it cannot."""
        names = [name for name in self.queryset.query.order_by if isinstance(name, str)]
        descends = {name.startswith("-") for name in names}
        if len(names) != len(self.queryset.query.order_by) or len(descends) != 1:
            return None
        try:
            fields = [self._field(name.lstrip("-")) for name in names]
        except FieldDoesNotExist:
            return None
        is_plain = all(field.concrete and not field.null and not field.is_relation for field in fields)
        return Order(tuple(fields), descends.pop()) if is_plain else None

    def _field(self, name: str) -> Any:
        return self.lookup_opts.pk if name == "pk" else self.lookup_opts.get_field(name)

    def _count(self) -> int:
        """How many there are, no further than MANY: without the joins and columns that only the page needs."""
        counted: int = self.queryset.order_by().select_related(None).values("pk")[: MANY + 1].count()
        self.is_beyond_count = counted > MANY
        return min(counted, MANY)

    def _leafed(self, request: HttpRequest, shown: QuerySet[Any], order: Order) -> list[Any]:
        size = self.list_per_page
        if (said := request.GET.get(BEFORE)) and (place := order.read(said)):
            turned = order.turned()
            found = list(shown.filter(turned.beyond(place)).order_by(*turned.names)[: size + 1])
            if len(found) >= size:
                return self._page(order, found[size - 1 :: -1], newer=len(found) > size, older=True)
        if (said := request.GET.get(AFTER)) and (place := order.read(said)):
            found = list(shown.filter(order.beyond(place))[: size + 1])
            return self._page(order, found[:size], newer=True, older=len(found) > size)
        found = list(shown[: size + 1])
        return self._page(order, found[:size], newer=False, older=len(found) > size)

    def _page(self, order: Order, page: list[Any], *, newer: bool, older: bool) -> list[Any]:
        if newer:
            self.newer = self.get_query_string({BEFORE: order.place_of(page[0])} if page else {})
        if older:
            self.older = self.get_query_string({AFTER: order.place_of(page[-1])})
        return page

    def _numbered(self, shown: QuerySet[Any]) -> list[Any]:
        size, number = self.list_per_page, self.page_num
        if not 1 <= number <= max(1, -(-self.result_count // size)):
            raise IncorrectLookupParameters
        if number > 1:
            self.newer = self.get_query_string({PAGE_VAR: number - 1})
        if number * size < self.result_count:
            self.older = self.get_query_string({PAGE_VAR: number + 1})
        return list(shown[(number - 1) * size : number * size])


def sorted_by_index(model: type[models.Model]) -> set[str]:
    """Names of the fields by which a large table is sorted without reading all of it."""
    unique = {field.name for field in model._meta.concrete_fields if field.unique or field.primary_key}
    led = {index.fields[0].lstrip("-") for index in model._meta.indexes if index.fields and index.condition is None}
    fields = [model._meta.get_field(name) for name in unique | led]
    return {field.name for field in fields if not (field.is_relation or field.null or getattr(field, "choices", None))}
