"""Saved views: a list as somebody likes to see it, under a name.

Filters and order are saved, never what was searched of a person. What a list no longer knows is left out when the view
is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.errors import UniqueViolation

from config.kernel.clock import database_now
from config.kernel.keyboard import whole_number
from config.kernel.models import SavedView, User
from config.kernel.refusals import InvalidInput, NotPermitted, Refusal
from config.kernel.roles import who_has

if TYPE_CHECKING:
    from config.kernel.admin.listing import LongList

SHARE = "claims.assign_claim"
"""Whoever gives work to others gives them views, too."""

LONGEST = 40
LONGEST_QUERY = 1_000
MOST = 20
"""Views that one person keeps of one list: more would not fit above it."""


class SearchIsNotSaved(Refusal):
    code = "SEARCH_IS_NOT_SAVED"
    sentence = gettext_lazy("A search for a person is never saved. Empty the search field, then save the view.")


class NothingToSave(Refusal):
    code = "NOTHING_TO_SAVE"
    sentence = gettext_lazy("This is the whole list. Filter or sort it first, then save the view.")


class NameTaken(Refusal):
    code = "NAME_TAKEN"
    sentence = gettext_lazy("You already have a view named “%(name)s” of this list.")


class ViewTooLong(Refusal):
    code = "VIEW_TOO_LONG"
    sentence = gettext_lazy("These are too many filters for one view. Take some away, then save the view.")


class TooManyViews(Refusal):
    code = "TOO_MANY_VIEWS"
    sentence = gettext_lazy("You already have %(most)s views of this list. Delete one that you do not need.")


@dataclass(frozen=True)
class Tab:
    view: SavedView
    query: str
    is_current: bool
    is_of_others: bool


@dataclass(frozen=True)
class Tabs:
    """What stands above a list; `own` is the present view, where it is the reader's."""

    tabs: list[Tab]
    is_plain: bool
    own: SavedView | None
    may_save: bool
    may_share: bool


def save(page: str, name: str, query: str, *, is_shared: bool, by: User, at: datetime) -> SavedView:
    """Keep filters and order of the list `page` under a name."""
    if is_shared and not by.has_perm(SHARE):
        raise NotPermitted(who=who_has(SHARE))
    if not query:
        raise NothingToSave
    if len(query) > LONGEST_QUERY:
        raise ViewTooLong
    if SavedView.objects.filter(user=by, page=page).count() >= MOST:
        raise TooManyViews(most=MOST)
    view = SavedView(user=by, page=page, name=_checked(name), query=query, is_shared=is_shared, saved_at=at)
    _write(view)
    return view


def rename(view_id: int, name: str, *, by: User, at: datetime) -> None:
    """Another name for an own view."""
    view = _own(view_id, by)
    view.name, view.saved_at = _checked(name), at
    _write(view)


def delete(view_id: int, *, by: User) -> None:
    """An own view goes; who had it shared loses it, too."""
    _own(view_id, by).delete()


def seen_by(user: Any, page: str) -> QuerySet[SavedView]:
    """The views of a list that somebody has, or was given."""
    return SavedView.objects.filter(Q(user=user) | Q(is_shared=True), page=page).select_related("user")


def tabs(cl: "LongList", user: Any) -> Tabs:
    """The views above this list; the present one is that with the same filters and order."""
    present = query_of(cl, cl.filter_params)
    views = [(view, query_of(cl, dict(QueryDict(view.query).lists()))) for view in seen_by(user, cl.opts.label_lower)]
    shown = [
        Tab(view, query, is_current=query == present, is_of_others=view.user_id != user.pk) for view, query in views
    ]
    own = next((tab.view for tab in shown if tab.is_current and not tab.is_of_others), None)
    return Tabs(
        shown,
        is_plain=not present and not cl.query,
        own=own,
        may_save=bool(present) and own is None,
        may_share=user.has_perm(SHARE),
    )


def query_of(cl: "LongList", said: Mapping[str, list[str]]) -> str:
    """What of an address this list knows as filter, order or public search, in one way of writing."""
    known = {name for spec in cl.filter_specs for name in spec.expected_parameters()}
    query = QueryDict(mutable=True)
    for name in sorted(said):
        values = [value for value in said[name] if value]
        if name == SEARCH_VAR:
            values = [value for value in values if cl.model_admin.is_public(value)]
        if values and (name in known or name in (ORDER_VAR, SEARCH_VAR)):
            query.setlist(name, values)
    return query.urlencode()


def answer(request: HttpRequest, cl: "LongList") -> str:
    """Do what was posted from above a list; what to say of it. Raises a Refusal."""
    user, said = request.user, request.POST
    assert isinstance(user, User)
    name, view_id = said.get("view_name", ""), said.get("view_id", "")
    number = whole_number(view_id) or 0
    if said["view"] == "rename":
        rename(number, name, by=user, at=database_now())
        return _("The view was renamed.")
    if said["view"] == "delete":
        delete(number, by=user)
        return _("The view was deleted.")
    searched = request.GET.get(SEARCH_VAR, "")
    if searched and not cl.model_admin.is_public(searched):
        raise SearchIsNotSaved
    query = query_of(cl, cl.filter_params)
    save(cl.opts.label_lower, name, query, is_shared="view_shared" in said, by=user, at=database_now())
    return _("The view was saved.")


def _own(view_id: int, by: User) -> SavedView:
    view = SavedView.objects.filter(pk=view_id, user=by).first()
    if view is None:
        raise InvalidInput(field=_("View"), why=_("this is none of yours."))
    return view


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name.isprintable() or not 1 <= len(name) <= LONGEST:
        raise InvalidInput(field=_("Name of the view"), why=_("1 to %(longest)s characters.") % {"longest": LONGEST})
    return name


def _write(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        raise NameTaken(name=view.name) from error
