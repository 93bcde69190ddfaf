"""The first page: what waits where, what is late, and what is wrong with the calendar."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse

from claims.admin.case_filters import overdue
from claims.admin.cases import LABELS
from claims.enums import State
from claims.models import Claim
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.working_days import calendar_warnings


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the index shows beside the list of tables; counts are for those who may read cases."""
    at = database_now()
    context["calendar_warnings"] = calendar_warnings(civil_date(at))
    context["calendar_url"] = reverse("admin:kernel_calendarday_changelist")
    if not request.user.has_perm("claims.view_claim"):  # type: ignore[union-attr]
        return context
    cases = reverse("admin:claims_claim_changelist")
    counts = dict(Claim.objects.order_by().values_list("state").annotate(Count("pk")))
    context["steps"] = [
        {
            "label": state.label,
            "count": counts.get(state.value, 0),
            "colour": LABELS.get(state, ""),
            "url": f"{cases}?state__exact={state.value}",
        }
        for state in State
    ]
    context["overdue"] = overdue(at=at).values("claim").distinct().count()
    context["overdue_url"] = f"{cases}?overdue=1"
    return context
