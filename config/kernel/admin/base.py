"""Short lists, no deleting, and no encrypted column on any screen."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from config.kernel.admin import saved_views
from config.kernel.admin.listing import LongList, sorted_by_index
from config.kernel.fields import BlindIndexField, EncryptedTextField
from config.kernel.refusals import Refusal

Row = models.Model

FOUND = 1_000
"""Rows that a search finds at most."""


class DeskAdmin(ModelAdmin):
    """A table that people may edit; nothing is ever deleted here.

    Encrypted columns are left out; a page that shows one shows a mask, by a method of its own. Lists stay quick at any
    number of rows (`listing`) and can be kept as views (`saved_views`).
    """

    change_list_template = "desk/list.html"
    is_small: ClassVar[bool] = False
    """A register of some hundred rows: it sorts by any column."""

    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # they count the whole table, once for each choice
    actions = None
    warn_unsaved_form = True
    list_filter_submit = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[LongList]:
        return LongList

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        columns = list(super().get_sortable_by(request))
        if self.is_small:
            return columns
        served = sorted_by_index(self.model)
        return [column for column in columns if _order_of(self, column) in served]

    def rows_shown(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The rows of a page, with what only a page shows: neither counting nor searching pays for it."""
        return rows

    def is_public(self, text: str) -> bool:
        """Whether what was searched tells nothing about a person and may stand in an address."""
        return True

    def found(
        self, request: HttpRequest, rows: models.QuerySet[Any], meanings: Sequence[models.QuerySet[Any]]
    ) -> tuple[models.QuerySet[Any], bool]:
        """The rows that any of these queries finds, each asked for itself: no plan has to serve all of them at once.

        Where they find more than FOUND, they are asked once more within the list as it is filtered, so that what fits
        both is not cut off with what only fits the search. Where that is still too much, the list says so.
        """
        keys = _keys(meanings)
        if len(keys) > FOUND and rows.query.where:
            keys = _keys(meaning.filter(pk__in=rows.order_by().values("pk")) for meaning in meanings)
        if len(keys) > FOUND:
            request.desk_notice = _(  # type: ignore[attr-defined]  # read by the list of this request
                "More than %(count)s rows fit this search, and not all are listed. Type more, or filter the list."
            ) % {"count": FOUND}
        return rows.filter(pk__in=sorted(keys)[-FOUND:]), False

    def search_advice(self, text: str) -> str:
        """What to do where a search finds nothing."""
        if not self.search_help_text:
            return _("Check what was typed.")
        return _("Check what was typed. This list is searched by: %(help)s.") % {"help": self.search_help_text}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "POST" and "view" in request.POST:
            return self._answer_view(request)
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def _answer_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        try:
            messages.success(request, saved_views.answer(request, self.get_changelist_instance(request)))
        except Refusal as no:
            messages.error(request, str(no))
        return HttpResponseRedirect(request.get_full_path())

    def get_exclude(self, request: HttpRequest, obj: Row | None = None) -> list[str]:
        secret = [
            field.name
            for field in self.model._meta.get_fields()
            if isinstance(field, EncryptedTextField | BlindIndexField)
        ]
        return [*(super().get_exclude(request, obj) or ()), *secret]

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False


class ReadOnlyAdmin(DeskAdmin):
    """A table that services write, and nobody by hand."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False


def _keys(meanings: Iterable[models.QuerySet[Any]]) -> set[Any]:
    """More than FOUND of each at most; in an order only where the query brings one, not in that of its model."""
    asked = (meaning if meaning.query.order_by else meaning.order_by() for meaning in meanings)
    return {key for meaning in asked for key in meaning.values_list("pk", flat=True)[: FOUND + 1]}


def _order_of(desk: DeskAdmin, column: Any) -> str | None:
    """The field that a column of the list sorts by."""
    try:
        return str(desk.model._meta.get_field(column).name)
    except (FieldDoesNotExist, TypeError):
        attribute = column if callable(column) else getattr(desk, column, None) or getattr(desk.model, column, None)
        order = getattr(attribute, "admin_order_field", None)
        return order.lstrip("-") if isinstance(order, str) else None
