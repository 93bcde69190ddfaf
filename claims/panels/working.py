"""Who works on a case and who looks at it, for the head of its page; each part for those who may read it."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from claims import policies
from claims.panels.work_lists import given_in_step, rests_until, sent_back
from config.kernel.pages import Look


def work(claim: Any, look: Look) -> dict[str, Any]:
    """Of a case that came `with_people`, as one person reads it."""
    is_worker = look.by.has_perm("claims.take_claim")
    return {
        "also_open": ", ".join(f"{one.user} ({_ago(look.at - one.seen_at)})" for one in claim.seen_by),
        "here_url": reverse("admin:claims_claim_here", args=[claim.pk]),
        "next_url": reverse("admin:claims_claim_next", args=[claim.pk]) if is_worker else "",
        "sent_back": sent_back(claim) if look.by.has_perm("claims.view_claimevent") else "",
        **(_assignment(claim, look) if look.by.has_perm("claims.view_assignment") else {}),
    }


def _assignment(claim: Any, look: Look) -> dict[str, Any]:
    """Who has it, and what passed between those who had it."""
    given = given_in_step(claim)
    return {
        "is_work": claim.state in policies.WORK,
        "given": given,
        "is_mine": given is not None and given.user_id == look.by.pk,
        "rests_until": rests_until(claim, given, at=look.at),
        "note": given.note if given is not None and given.given_by_id != given.user_id else "",
    }


def _ago(since: timedelta) -> str:
    minutes = int(since.total_seconds() // 60)
    if minutes < 1:
        return gettext("just now")
    return ngettext("%(minutes)s minute ago", "%(minutes)s minutes ago", minutes) % {"minutes": minutes}
