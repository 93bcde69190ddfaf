"""Who works on a case and who looks at it, for the head of its page."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from claims import policies
from claims.models import Claim
from claims.panels.work_lists import given_in_step, rests_until, sent_back, with_people
from config.kernel.clock import database_now
from config.kernel.models import User

register = template.Library()


@register.inclusion_tag("desk/case/work.html", takes_context=True)
def work(context: Any, row: Claim) -> dict[str, Any]:
    """Of a case as one person reads it."""
    by, at = context["request"].user, database_now()
    claim: Any = with_people(Claim.objects.filter(pk=row.pk), by, at=at).get()
    given = given_in_step(claim)
    return {
        "is_work": claim.state in policies.WORK,
        "given": given,
        "is_mine": given is not None and given.user_id == by.pk,
        "rests_until": rests_until(claim, given, at=at),
        "note": given.note if given is not None and given.given_by_id != given.user_id else "",
        "sent_back": sent_back(claim),
        "also_open": ", ".join(seen(claim, at=at)),
        "here_url": reverse("admin:claims_claim_here", args=[claim.pk]),
        "next_url": _next_url(claim, by),
        "csrf_token": context.get("csrf_token", ""),
    }


def seen(claim: Any, *, at: datetime) -> list[str]:
    """Everybody else who looks at the case, and since when he was not seen."""
    return [f"{one.user} ({ago(at - one.seen_at)})" for one in claim.seen_by]


def ago(since: timedelta) -> str:
    minutes = int(since.total_seconds() // 60)
    if minutes < 1:
        return gettext("just now")
    return ngettext("%(minutes)s minute ago", "%(minutes)s minutes ago", minutes) % {"minutes": minutes}


def _next_url(claim: Claim, by: User) -> str:
    """The case after this one, for those who have a desk of cases."""
    return reverse("admin:claims_claim_next", args=[claim.pk]) if by.has_perm("claims.take_claim") else ""
