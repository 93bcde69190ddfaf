"""The rows of a list, lean: a class for a column, and no word more than the row says."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.urls import NoReverseMatch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_dropdown, display_for_field, display_for_header, display_for_value

if TYPE_CHECKING:
    from config.kernel.admin.listing import LongList

CHECKBOX = "action_checkbox"


def headers(cl: "LongList") -> list[dict[str, Any]]:
    """What stands above the columns: the skin's own, and `direction` in the words of `aria-sort`."""
    return [{**header, "name": name, "direction": _direction(header)} for name, header in _named(cl)]


def rows(cl: "LongList") -> Iterator[SafeString]:
    """The cells of each row of the page."""
    labels = [_("Select record") if name == CHECKBOX else str(header["text"]) for name, header in _named(cl)]
    return (mark_safe("".join(_cells(cl, row, labels))) for row in cl.result_list)


def _named(cl: "LongList") -> Iterator[tuple[str, dict[str, Any]]]:
    return zip((_name(column) for column in cl.list_display), result_headers(cl), strict=True)


def _name(column: Any) -> str:
    return column if isinstance(column, str) else str(getattr(column, "__name__", ""))


def _direction(header: dict[str, Any]) -> str:
    if not header["sortable"] or not header["sorted"]:
        return ""
    return "ascending" if header["ascending"] else "descending"


def _cells(cl: "LongList", row: models.Model, labels: list[str]) -> Iterator[SafeString]:
    links = cl.list_display_links
    is_linked = False
    for column, label in zip(cl.list_display, labels, strict=True):
        name, shown = _name(column), _shown(cl, row, column)
        if links is not None and (name in links if links else not is_linked and name != CHECKBOX):
            shown, is_linked = _linked(cl, row, shown), True
        yield format_html('<td class="field-{}" data-label="{}">{}</td>', name, label, shown)


def _linked(cl: "LongList", row: models.Model, shown: Any) -> Any:
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


def _shown(cl: "LongList", row: models.Model, column: Any) -> Any:
    """What stands in one cell."""
    empty = cl.model_admin.get_empty_value_display()
    try:
        field, attribute, value = lookup_field(column, row, cl.model_admin)
    except ObjectDoesNotExist:
        return empty
    if field is not None and not field.auto_created:
        return _of_a_field(row, field, value, empty)
    empty = getattr(attribute, "empty_value_display", empty)
    is_boolean = getattr(attribute, "boolean", False)
    if label := getattr(attribute, "label", False):
        return _labelled(value, label, empty)
    if getattr(attribute, "dropdown", False):
        return display_for_dropdown(row, _name(column), value, empty)
    if getattr(attribute, "header", False):
        return display_for_header(value, empty)
    return _yes_or_no(value, empty) if is_boolean else display_for_value(value, empty)


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
