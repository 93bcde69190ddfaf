"""The rows of a list, lean: a class for a column, and no word more than the row says."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_field, display_for_value

if TYPE_CHECKING:
    from config.kernel.admin.listing import LongList

CHECKBOX = "action_checkbox"

Shown = Callable[[models.Model], Any]


def headers(cl: "LongList") -> list[dict[str, Any]]:
    """What stands above the columns: the skin's own, and `direction` in the words of `aria-sort`."""
    return [{**header, "name": name, "direction": _direction(header)} for name, header in _named(cl)]


def rows(cl: "LongList") -> Iterator[SafeString]:
    """The cells of each row of the page."""
    columns = list(_columns(cl))
    for row in cl.result_list:
        cells = (f"{opening}{conditional_escape(shown(row))}</td>" for opening, shown in columns)
        yield mark_safe("".join(cells))


def _named(cl: "LongList") -> Iterator[tuple[str, dict[str, Any]]]:
    return zip((_name(column) for column in cl.list_display), result_headers(cl), strict=True)


def _name(column: Any) -> str:
    return column if isinstance(column, str) else str(getattr(column, "__name__", ""))


def _direction(header: dict[str, Any]) -> str:
    if not header["sortable"] or not header["sorted"]:
        return ""
    return "ascending" if header["ascending"] else "descending"


def _columns(cl: "LongList") -> Iterator[tuple[SafeString, Shown]]:
    """How the cells of each column begin, and what stands in one; found out once for all rows."""
    links = cl.list_display_links
    is_linked = False
    for column, (name, header) in zip(cl.list_display, _named(cl), strict=True):
        label = _("Select record") if name == CHECKBOX else str(header["text"])
        shown = partial(_checkbox, label) if name == CHECKBOX else _shown(cl, column)
        if links is not None and (name in links if links else not is_linked and name != CHECKBOX):
            shown, is_linked = partial(_linked, cl, shown), True
        yield format_html('<td class="field-{}" data-label="{}">', name, label), shown


def _checkbox(label: str, row: models.Model) -> SafeString:
    return format_html(
        '<input type="checkbox" class="action-select desk-check" name="{}" value="{}" aria-label="{}">',
        *(ACTION_CHECKBOX_NAME, row.pk, label),
    )


def _linked(cl: "LongList", inner: Shown, row: models.Model) -> Any:
    shown = inner(row)
    try:
        url = cl.url_for_result(row)
    except NoReverseMatch:
        return shown
    if cl.preserved_filters:
        url = f"{url}?{cl.preserved_filters}"
    if not cl.is_popup:
        return format_html('<a href="{}">{}</a>', url, shown)
    value = row.serializable_value(str(cl.to_field) if cl.to_field else row._meta.pk.attname)
    return format_html('<a href="{}" data-popup-opener="{}">{}</a>', url, value, shown)


def _shown(cl: "LongList", column: Any) -> Shown:
    """What stands in a cell of the column: of a method of the list's, told by its `@display`, or of the row's own."""
    empty = cl.model_admin.get_empty_value_display()
    method = None if _is_field(cl, column) else column if callable(column) else getattr(cl.model_admin, column, None)
    return partial(_of_a_method, method, empty) if callable(method) else partial(_of_the_row, cl, column, empty)


def _is_field(cl: "LongList", column: Any) -> bool:
    return isinstance(column, str) and column in (field.name for field in cl.lookup_opts.get_fields())


def _of_a_method(method: Any, empty: str, row: models.Model) -> Any:
    try:
        value = method(row)
    except ObjectDoesNotExist:
        return empty
    return _displayed(method, value, empty)


def _of_the_row(cl: "LongList", column: Any, empty: str, row: models.Model) -> Any:
    try:
        field, attribute, value = lookup_field(column, row, cl.model_admin)
    except ObjectDoesNotExist:
        return empty
    if field is not None and not field.auto_created:
        return _of_a_field(row, field, value, empty)
    return _displayed(attribute, value, empty)


def _displayed(attribute: Any, value: Any, empty: str) -> Any:
    empty = getattr(attribute, "empty_value_display", empty)
    if label := getattr(attribute, "label", False):
        return _labelled(value, label, empty)
    return _yes_or_no(value, empty) if getattr(attribute, "boolean", False) else display_for_value(value, empty)


def _of_a_field(row: models.Model, field: Any, value: Any, empty: str) -> Any:
    if isinstance(field.remote_field, models.ManyToOneRel):
        related = getattr(row, field.name)
        return empty if related is None else related
    return (
        _yes_or_no(value, empty) if isinstance(field, models.BooleanField) else display_for_field(value, field, empty)
    )


def _labelled(value: Any, kinds: Any, empty: str) -> Any:
    """`(key, text)` with a dictionary of colours, or a text or a list of texts."""
    kind: str = kinds if isinstance(kinds, str) else ""
    if isinstance(kinds, dict):
        key, value = value if isinstance(value, tuple) else (value, value)
        kind = kinds.get(key) or ""
    texts = value if isinstance(value, list | tuple) else [value] if value else []
    marks = ((f"desk-step desk-{kind}" if kind else "desk-step", text) for text in texts)
    return format_html_join(" ", '<span class="{}">{}</span>', marks) or empty


def _yes_or_no(value: bool | None, empty: str) -> Any:
    if value is None:
        return empty
    return format_html('<span class="{}">{}</span>', "desk-yes" if value else "desk-no", _("yes") if value else _("no"))
