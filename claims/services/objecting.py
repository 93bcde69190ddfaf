"""Objections of members during the publicity (SR-25, AMB-13, AMB-28).

An objection holds the case from the moment it is recorded. What it does to the clock is done by a sweep, once, from
the objection's own time.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from claims import policies
from claims.enums import (
    DeadlineKind,
    ObjectionFinding,
    ObjectionKind,
    ProcedureKind,
    State,
)
from claims.gate import moving
from claims.models import Claim, Objection, Publicity
from claims.refusals import PublicityEnded
from claims.services import clocks, deciding, letters
from claims.services.assessing import assess
from claims.services.investigating import close_procedure, open_procedure
from config.kernel.civil import civil_date
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import NotPermitted, WrongState
from members.enums import Recipient
from members.models import Membership
from members.refusals import NotAMember
from members.rules.findings import Code
from members.rules.sections import Effect
from members.services.plans import terms_of

PROCEDURES = {
    ObjectionKind.NON_DISCLOSURE: ProcedureKind.SECOND,
    ObjectionKind.DEFINITION: ProcedureKind.EXPERT,
    ObjectionKind.FORGERY: ProcedureKind.FORENSIC,
}


def object_to(
    claim_id: int,
    *,
    kind: ObjectionKind,
    objector: Membership | None,
    text: str = "",
    by: User,
    at: datetime,
    version: int | None = None,
) -> Objection:
    """Record an objection that came in at `at`; `objector` is None for somebody who is no member.

    Refused: `NotAMember`, `NotPermitted` (the applicant), `PublicityEnded`, `WrongState` where nothing is public.
    """
    with moving(claim_id, "object", by=by, at=at, version=version) as claim:
        check_permission("claims.record_objection", by)
        publicity, other = _publicity_open_to(claim, objector, at)
        first = claim.objections.filter(kind=kind, resolved_at__isnull=True, merged_into__isnull=True).first()
        objection = Objection.objects.create(
            claim=claim,
            publicity=publicity,
            kind=kind,
            objector=other,
            text=text,
            received_at=at,
            recorded_by=by,
            merged_into=first,
            effect_at=at if first else None,
        )
        claim.because(code=kind)
        if first is None:
            open_procedure(claim, PROCEDURES[kind], at=at, objection=objection)
            letters.tell(claim, "objection_received", to=Recipient.REVIEWER, at=at, kind=kind)
    return objection


def take_effect(claim: Claim, *, by: User, at: datetime) -> int:
    """What the objections that wait do to the clock of an open case: extend it, or stop it. How many there were."""
    waiting = list(
        claim.objections.filter(effect_at__isnull=True, merged_into__isnull=True).order_by("received_at", "id")
    )
    for objection in waiting:
        _take_effect(claim, objection, by=by, at=at)
        objection.effect_at = at
        objection.save(update_fields=["effect_at"])
    return len(waiting)


def resolve(
    claim: Claim, kind: ObjectionKind, finding: ObjectionFinding, *, by: User, at: datetime, reason: str = ""
) -> None:
    """Resolve what is open of this kind on an open case, close what was asked of third parties, and move the case on.

    Dismissed: the clock goes on. Forgery upheld: refused as FORGED_MATERIAL. Another kind upheld: final review again.
    """
    policies.may_resolve(claim, by=by, at=at)
    take_effect(claim, by=by, at=at)
    objections = list(claim.objections.filter(kind=kind, resolved_at__isnull=True))
    if not objections:
        raise WrongState(state=_("no open objection of this kind"))
    for objection in objections:
        objection.finding, objection.resolved_by, objection.resolved_at = finding, by, at
        objection.save(update_fields=["finding", "resolved_by", "resolved_at"])
        for procedure in objection.procedures.filter(closed_at__isnull=True):
            close_procedure(procedure, at=at)
    claim.because(code=f"{kind}:{finding}", reason=reason)
    if finding is ObjectionFinding.DISMISSED and kind is ObjectionKind.FORGERY and claim.state == State.SUSPENDED:
        _resume(claim, by=by, at=at)
    letters.objection_result(claim, kind, finding, by=by, at=at)
    if finding is ObjectionFinding.UPHELD:
        _uphold(claim, kind, reason, by=by, at=at)


def check_objector(claim: Claim, objector: Membership | None, *, at: datetime) -> Membership:
    """Another member of the plan, the waiting period included (AMB-28). Refused: `NotAMember`, `NotPermitted`."""
    members = Membership.objects.running_on(civil_date(at)).filter(plan=claim.membership.plan_id)
    if objector is None or not members.filter(pk=objector.pk).exists():
        raise NotAMember(day=civil_date(at))
    if objector.member_id == claim.membership.member_id:
        raise NotPermitted(permission="", who=_("another member of the plan"))
    return objector


def _publicity_open_to(claim: Claim, objector: Membership | None, at: datetime) -> tuple[Publicity, Membership]:
    publicity = claim.publicities.last()
    if publicity is None or claim.state in (State.COLLECTING, State.REVIEWING, State.INVESTIGATING, State.DECIDING):
        raise WrongState(state=claim.get_state_display())
    other = check_objector(claim, objector, at=at)
    if publicity.ends_at is not None and at >= publicity.ends_at:
        raise PublicityEnded(ends_on=publicity.ends_on)
    if publicity.ended_at is not None or claim.state not in (State.PUBLICISED, State.SUSPENDED):
        raise WrongState(state=claim.get_state_display())
    return publicity, other


def _take_effect(claim: Claim, objection: Objection, *, by: User, at: datetime) -> None:
    publicity = objection.publicity
    rule = getattr(terms_of(claim.covenant).objection, objection.kind)
    if publicity.ended_at is not None:
        return
    if rule.effect is Effect.SUSPEND:
        if claim.state == State.PUBLICISED and objection.resolved_at is None:
            claim.suspend(by=by, at=at)
            publicity.suspended_on = civil_date(objection.received_at)
            publicity.save(update_fields=["suspended_on"])
            clocks.pause_publicity(claim, at=objection.received_at)
    elif rule.days > publicity.extension_days:
        publicity.extension_days = rule.days
        publicity.save(update_fields=["extension_days"])
        if publicity.suspended_on is None:
            clocks.start_publicity(claim, publicity.scheduled_on, at=at)


def _resume(claim: Claim, *, by: User, at: datetime) -> None:
    """The days that were left begin on the day of the finding."""
    publicity = claim.publicities.get(ended_at__isnull=True)
    stood_still_since = publicity.suspended_on or civil_date(at)
    publicity.suspended_days += (civil_date(at) - stood_still_since).days
    publicity.suspended_on = None
    publicity.save(update_fields=["suspended_days", "suspended_on"])
    claim.resume(by=by, at=at)
    clocks.start_publicity(claim, publicity.scheduled_on, at=at)


def _uphold(claim: Claim, kind: ObjectionKind, reason: str, *, by: User, at: datetime) -> None:
    claim.forgery_found |= kind is ObjectionKind.FORGERY
    claim.non_disclosure_upheld |= kind is ObjectionKind.NON_DISCLOSURE
    assess(claim, at=at)
    if kind is ObjectionKind.FORGERY:
        deciding.refuse(claim, Code.FORGED_MATERIAL.value, reason, contrary=None, by=by, at=at)
    elif claim.state in (State.PUBLICISED, State.SUSPENDED):
        claim.reconsider(by=by, at=at)
        deciding.end_publicity(claim, by=by, at=at)
        clocks.start(claim, DeadlineKind.DECISION, at=at)
