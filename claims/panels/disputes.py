"""Objections on the page of a case, and in their list: what each does to the clock, who was asked, what comes next.

What a third party answered is known to an upper app only; it says so by `tell_of_procedures`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from claims.models import Claim, Objection, Procedure
from config.kernel.civil import civil_date, days_between
from config.kernel.display import day
from config.kernel.pages import Look, Panel, add_panels
from members.rules.sections import Effect
from members.services.plans import terms_of


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """Who was asked by a procedure, and what he said: `said` in words, `reported_at` empty until a report is in."""

    who: str
    said: str = ""
    reported_at: datetime | None = None


Teller = Callable[[Sequence[Procedure]], Mapping[int, ThirdParty]]

_tellers: list[Teller] = []


def tell_of_procedures(teller: Teller) -> Teller:
    """Register what knows about the third parties of procedures; it is asked once for all rows of a page."""
    _tellers.append(teller)
    return teller


def third_parties(procedures: Sequence[Procedure]) -> dict[int, ThirdParty]:
    """Who was asked by each of these procedures, by its id; those that were not sent out yet are missing."""
    told: dict[int, ThirdParty] = {}
    for teller in _tellers if procedures else ():
        told |= teller(procedures)
    return told


def asked(procedure: Procedure, told: Mapping[int, ThirdParty]) -> str:
    """What is asked of whom, and how far it has come, in words."""
    return f"{procedure.get_kind_display()} · {progress(procedure, told)}"


def progress(procedure: Procedure, told: Mapping[int, ThirdParty]) -> str:
    """Who was asked, and how far it has come."""
    third = told.get(procedure.pk)
    parts = [third.who if third else ""]
    if third is not None and third.reported_at is not None:
        parts += [gettext("report filed on %(day)s") % {"day": day(civil_date(third.reported_at))}, third.said]
    elif procedure.sent_at is not None:
        parts.append(gettext("sent out on %(day)s, no report yet") % {"day": day(civil_date(procedure.sent_at))})
    elif procedure.closed_at is None:
        parts.append(gettext("not sent out yet"))
    if procedure.closed_at is not None:
        parts.append(gettext("ended"))
    return " · ".join(part for part in parts if part)


def effect(objection: Objection) -> str:
    """What it does to the clock of its publicity, in words (SR-25, AMB-13)."""
    rule = getattr(terms_of(objection.claim.covenant).objection, objection.kind)
    if objection.merged_into_id is not None:
        return gettext("none of its own: it goes with the earlier one of its kind")
    if objection.effect_at is None and objection.publicity.ended_at is not None:
        return gettext("none: the publicity was over")
    return _standstill(objection) if rule.effect is Effect.SUSPEND else _extension(objection, rule.days)


def _standstill(objection: Objection) -> str:
    publicity, since = objection.publicity, civil_date(objection.received_at)
    if objection.resolved_at is not None:
        days = days_between(since, civil_date(objection.resolved_at))
        return ngettext("the clock stood still for %(n)s day", "the clock stood still for %(n)s days", days) % {
            "n": days
        }
    left = days_between(publicity.suspended_on or since, publicity.scheduled_on)
    return ngettext(
        "the clock stands still since %(day)s, %(left)s day left",
        "the clock stands still since %(day)s, %(left)s days left",
        left,
    ) % {"day": day(publicity.suspended_on or since), "left": left}


def _extension(objection: Objection, days: int) -> str:
    publicity = objection.publicity
    said: dict[str, int | str] = {"n": days, "longest": publicity.extension_days}
    if days < publicity.extension_days:
        return gettext("+%(n)s days, within the %(longest)s days of a longer one") % said
    if publicity.extension_days < days and objection.effect_at is not None:
        return gettext("none: the publicity was over")
    if publicity.suspended_on is not None:
        return gettext("+%(n)s days, counted once the clock goes on") % said
    was = publicity.scheduled_on - timedelta(days=publicity.extension_days)
    said |= {"day": day(was + timedelta(days=days)), "was": day(was)}
    return gettext("+%(n)s days: last day %(day)s instead of %(was)s") % said


def next_step(objection: Objection, procedures: Sequence[Procedure], told: Mapping[int, ThirdParty]) -> str:
    """What is wanted next; nothing of one that is resolved, or goes with another."""
    if objection.resolved_at is not None or objection.merged_into_id is not None:
        return ""
    return wanted(procedures, told, last=gettext("resolve it"))


def wanted(procedures: Sequence[Procedure], told: Mapping[int, ThirdParty], *, last: str) -> str:
    """What is wanted next while third parties are asked; `last` when nobody is waited for any more."""
    at_work = [procedure for procedure in procedures if procedure.closed_at is None]
    if any(procedure.sent_at is None for procedure in at_work):
        return gettext("a third party is to be asked")
    if any((third := told.get(one.pk)) is None or third.reported_at is None for one in at_work):
        return gettext("wait for the report")
    return last


def read(claim: Claim, look: Look) -> dict[str, Any]:
    objections = list(
        claim.objections.select_related("publicity", "objector__member", "objector__plan", "recorded_by", "resolved_by")
    )
    procedures = list(claim.procedures.all())
    told = third_parties(procedures)
    reasons = _reasons(claim) if any(objection.resolved_at for objection in objections) else {}
    return {
        "objections": [
            {
                "objection": objection,
                "effect": effect(objection),
                "asked": [asked(one, told) for one in procedures if one.objection_id == objection.pk],
                "reason": reasons.get(objection.resolved_at, ""),
                "next": next_step(objection, [one for one in procedures if one.objection_id == objection.pk], told),
            }
            for objection in objections
        ],
        "procedures": [asked(one, told) for one in procedures if one.objection_id is None],
    }


def _reasons(claim: Claim) -> dict[datetime | None, str]:
    """Why each finding was made, by its time: the event has it."""
    return dict(claim.events.filter(verb="resolve").values_list("at", "reason"))


add_panels(
    Claim,
    Panel(
        name="disputes",
        title=_("Objections"),
        template="desk/case/disputes.html",
        read=read,
        permission="claims.view_objection",
        place=50,
        is_half=True,
    ),
)
