"""Filters of the case list by work: the lists that the desk's tiles count."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from claims.models import Claim
from claims.panels.work_lists import LISTS, PARAMETER
from config.kernel.clock import database_now
from config.kernel.models import User


class WorkFilter(admin.SimpleListFilter):
    """One of the lists of work; those of "mine" are the reader's own."""

    title = _("work")
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        by = request.user
        return [(name, listed.label) for name, listed in LISTS.items() if by.has_perm(listed.permission)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        listed = LISTS.get(self.value() or "")
        assert isinstance(request.user, User)
        if listed is None or not request.user.has_perm(listed.permission):
            return queryset
        return queryset.filter(pk__in=listed.rows(request.user, database_now()).order_by().values("pk"))


WORK_FILTERS = (WorkFilter,)
