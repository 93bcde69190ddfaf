"""Searching for people: what was typed is posted and kept in the session; the address carries a key that says nothing.

Addresses end in the logs of proxies and in the histories of browsers, where no number or name of a person belongs.
"""

import base64
import secrets
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR, SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _

from config.kernel.admin.base import DeskAdmin
from config.kernel.admin.listing import AFTER, BEFORE, LongList
from config.kernel.crypto import Unreadable, decrypt, encrypt

KEPT = 20
"""Searches that a session remembers, the latest."""
LONGEST = 100

_SLOT = "searches"
_WHERE = "session.searches"


def keep(request: HttpRequest, text: str) -> str:
    """Remember what was searched, encrypted; the key under which it is found again."""
    key = secrets.token_urlsafe(8)
    token = base64.b64encode(encrypt(text, where=_WHERE)).decode()
    kept = [*request.session.get(_SLOT, {}).items(), (key, token)]
    request.session[_SLOT] = dict(kept[-KEPT:])
    return key


def recall(request: HttpRequest, key: str) -> str | None:
    """What was searched under this key in this session; None for any other."""
    token = request.session.get(_SLOT, {}).get(key)
    try:
        return None if token is None else decrypt(base64.b64decode(token), where=_WHERE)
    except Unreadable:
        return None


class FoundPeople(LongList):
    """A list that looks up what its address only points at."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        self.query = self.model_admin.searched(request) or ""
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return rows


class PeopleAdmin(DeskAdmin):
    """A table in which people are found by their numbers and names."""

    change_list_template = "desk/people_list.html"

    def is_public(self, text: str) -> bool:
        """Whether this text tells nothing about a person and may stand in an address."""
        return False

    def search_advice(self, text: str) -> str:
        if len(text.strip()) == 1:
            return _("Type at least two characters of a name, or the whole number.")
        return super().search_advice(text)

    def searched(self, request: HttpRequest) -> str | None:
        """What this address searches for; None where it is not known (any more)."""
        said = request.GET.get(SEARCH_VAR, "")
        return said if not said or self.is_public(said) else recall(request, said)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[LongList]:
        return FoundPeople

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if request.method == "POST" and SEARCH_VAR in request.POST:
            text = request.POST[SEARCH_VAR].strip()[:LONGEST]
            return self._list_of(request, text if not text or self.is_public(text) else keep(request, text))
        if self.searched(request) is None:
            messages.warning(request, _("This search is no longer kept. Type it again."))
            return self._list_of(request, "")
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def _list_of(self, request: HttpRequest, said: str) -> HttpResponse:
        """The first page of the list as it is filtered and sorted, with another search."""
        query: QueryDict = request.GET.copy()
        for name in (SEARCH_VAR, PAGE_VAR, ERROR_FLAG, AFTER, BEFORE):
            query.pop(name, None)
        if said:
            query[SEARCH_VAR] = said
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}" if query else request.path)
