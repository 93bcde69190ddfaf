"""My desk, the first page: what waits for whom, what is late, and what is wrong with the calendar."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from claims.enums import ENDED, State
from claims.models import Claim
from claims.panels.desk_parts import tile
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.desks import sections_for, tiles_for
from config.kernel.models import User
from config.kernel.working_days import calendar_warnings


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the index shows above the list of tables: everybody's own work, and counts for those who read cases."""
    assert isinstance(request.user, User)
    by, at = request.user, database_now()
    context["title"] = _("My desk")
    context["calendar_warnings"] = calendar_warnings(civil_date(at))
    context["calendar_url"] = reverse("admin:kernel_calendarday_changelist")
    context["sections"] = sections_for(by, at=at)
    context["tiles"] = tiles_for(by, at=at)
    if by.has_perm("claims.assign_claim"):
        context["assign_url"] = reverse("admin:claims_claim_assign")
    if by.has_perm("claims.view_claim"):
        context["steps"] = _steps()
        if not context["tiles"] or (not by.has_perm("claims.assign_claim") and by.has_perm("claims.watch_deadline")):
            context["overdue"] = tile("overdue", by, at)
    return context


def _steps() -> list[dict[str, Any]]:
    """How many cases stand in each step; of the ends, where they only gather, the list alone."""
    cases = reverse("admin:claims_claim_changelist")
    going = [state for state in State if state not in ENDED]
    rows = Claim.objects.filter(state__in=going).order_by().values_list("state").annotate(Count("pk"))
    counts = dict.fromkeys(going, 0) | dict(rows)
    return [
        {
            "label": state.label,
            "count": counts.get(state),
            "url": f"{cases}?state__exact={state.value}",
        }
        for state in State
    ]
