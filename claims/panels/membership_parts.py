"""What a case adds to the page of a membership: reporting, and facts whose change asks the rules of every open case."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from claims import forms
from claims.enums import Cause, Reporter
from claims.models import Claim
from claims.services import correcting, reporting
from config.kernel.forms import Blank
from config.kernel.models import User
from config.kernel.pages import Look, Move, Panel, add_moves, add_panels
from config.kernel.permissions import may
from members.models import JoiningCorrection, Membership


def report(membership: Membership, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> Claim:
    return reporting.report(
        membership.pk,
        disease=said["disease"].code,
        diagnosed_on=said["diagnosed_on"],
        cause=Cause(said["cause"]),
        accident_on=said["accident_on"],
        facts=said["facts"],
        notes=said["notes"],
        reporter=Reporter(said["reporter"]),
        reporter_phone=said["reporter_phone"],
        reporter_agency=said["reporter_agency"],
        by=by,
        at=at,
    )


def page_of(claim: Claim) -> str:
    return reverse("admin:claims_claim_change", args=[claim.pk])


def confirm(correction: JoiningCorrection, said: Any, *, by: User, at: datetime, version: int | None) -> object:
    return correcting.confirm_joining(correction.pk, by=by, at=at)


def recheck(membership: Membership, said: Any, *, by: User, at: datetime, version: int | None) -> object:
    correcting.recheck_health(membership.pk, by=by, at=at)
    return membership


def breach(membership: Membership, said: Any, *, by: User, at: datetime, version: int | None) -> object:
    correcting.record_breach(membership.pk, question=said["question"], by=by, at=at)
    return membership


def corrections(membership: Membership) -> Iterable[JoiningCorrection]:
    return membership.corrections.select_related("membership__member", "membership__plan")


def cases(membership: Membership, look: Look) -> dict[str, Any]:
    return {"cases": Claim.objects.filter(membership=membership).order_by("-id")}


add_panels(
    Membership,
    Panel(
        name="cases",
        title=_("cases"),
        template="desk/membership/cases.html",
        read=cases,
        permission="claims.view_claim",
        place=10,
    ),
)

add_moves(
    Membership,
    Move(
        name="report",
        label=_("Take down a report"),
        consequence=_("A case is opened: it gets its number, its first assessment and the list of required papers."),
        form=forms.Report,
        perform=report,
        checks=(may("claims.report_claim"),),
        arrive=page_of,
    ),
    Move(
        name="confirm-correction",
        label=_("Confirm the corrected joining date"),
        consequence=_("The joining date changes, and the rules are asked again about every open case of the member."),
        form=Blank,
        perform=confirm,
        rows=corrections,
        when=lambda correction: correction.confirmed_at is None,
        checks=(may("members.correct_joining"),),
    ),
    Move(
        name="recheck-health",
        label=_("Record the health recheck"),
        consequence=_("The member counts as checked, and the rules are asked again about every open case."),
        form=Blank,
        perform=recheck,
        when=lambda membership: membership.migrated and membership.health_rechecked_at is None,
        checks=(may("members.recheck_health"),),
    ),
    Move(
        name="breach",
        label=_("Record an untrue declaration"),
        consequence=_("Every open case of the member is referred to a person; nothing is refused by this alone."),
        form=forms.Breach,
        perform=breach,
        checks=(may("members.record_breach"),),
        harsh=True,
    ),
)
