"""The final review (终审): publish, refuse, reopen, close."""

from datetime import datetime

from django.utils.translation import gettext as _

from claims import policies
from claims.enums import DeadlineKind, DeadlineStatus, ObjectionFinding, State
from claims.gate import moving
from claims.models import Assessment, Claim, Publicity
from claims.services import cards, clocks, letters
from claims.services.assessing import assess_again, net_at
from claims.services.investigating import close_procedures
from claims.services.reasons import AGAINST_PUBLISHING, check_ground, check_reason_against, looked_for, required
from config.kernel.civil import civil_date
from config.kernel.models import User
from config.kernel.refusals import InvalidInput, WrongState
from members.services.plans import terms_of

PROPOSED_RATIO = 30
"""Percent, where the covenant leaves the ratio to the person who decides and none is named (AMB-10)."""


def publish(
    claim_id: int,
    *,
    reason: str = "",
    ratio_percent: int | None = None,
    by: User,
    at: datetime,
    version: int | None = None,
) -> Publicity:
    """A second reviewer puts the case before the members (SR-24); `refer` needs a reason (`NotAccepted`)."""
    with moving(claim_id, "publish", by=by, at=at, version=version) as claim:
        if claim.state != State.DECIDING:
            raise WrongState(state=claim.get_state_display())
        said = assess_again(claim, at=at)
        percent = _ratio_by_hand(said, ratio_percent)
        amount = net_at(said, percent)
        claim.publish(amount_fen=amount, by=by, at=at)
        policies.check_amount(claim, amount, by=by)
        check_reason_against(said, AGAINST_PUBLISHING, reason)
        claim.because(reason=reason, fen=amount, ratio_percent=percent)
        clocks.stop(claim, DeadlineKind.DECISION, at=at)
        publicity = Publicity.objects.create(
            claim=claim,
            starts_on=civil_date(at),
            days=terms_of(claim.covenant).publicity.days,
            card=cards.card_of(claim),
        )
        clocks.start_publicity(claim, publicity.scheduled_on, at=at)
        letters.tell(claim, "publicity_started", at=at, ends_on=publicity.scheduled_on.isoformat())
    return publicity


def reject(
    claim_id: int, *, ground: str, contrary: str, reason: str = "", by: User, at: datetime, version: int | None = None
) -> Claim:
    """Refuse in the final review or during the publicity, on a coded ground.

    `contrary` says what was looked for that would speak for aid, and what came of it.
    """
    with moving(claim_id, "reject", by=by, at=at, version=version) as claim:
        if claim.state == State.REVIEWING:
            raise WrongState(state=claim.get_state_display())
        refuse(claim, ground, reason, contrary=contrary, by=by, at=at)
    return claim


def refuse(claim: Claim, ground: str, reason: str, *, contrary: str | None, by: User, at: datetime) -> None:
    """The refusal of an open case, with its letter and the appeal window.

    `contrary` is None where an appraisal was the look for contrary evidence; nobody else refuses without one.
    """
    claim.reject(ground, by=by, at=at)
    check_ground(assess_again(claim, at=at), ground, reason)
    claim.because(code=ground, reason=reason, **({} if contrary is None else {"contrary": looked_for(contrary)}))
    end_publicity(claim, by=by, at=at)
    clocks.stop(claim, DeadlineKind.REVIEW, DeadlineKind.DECISION, at=at)
    clocks.stop(claim, DeadlineKind.CONDITION, status=DeadlineStatus.CANCELLED, at=at)
    clocks.start(claim, DeadlineKind.APPEAL_WINDOW, at=at)
    letters.refuse(claim, reason, by=by, at=at)


def reopen(claim_id: int, *, reason: str, by: User, at: datetime, version: int | None = None) -> Claim:
    """Back to the final review, with authority and before any payment."""
    with moving(claim_id, "reopen", by=by, at=at, version=version) as claim:
        claim.reopen(by=by, at=at)
        claim.because(reason=required(reason))
        clocks.stop(claim, DeadlineKind.PAYMENT, status=DeadlineStatus.CANCELLED, at=at)
        clocks.start(claim, DeadlineKind.DECISION, at=at)
    return claim


def close(claim_id: int, *, reason: str = "", by: User, at: datetime, version: int | None = None) -> Claim:
    """Nothing more is to come: a paid case, or a refused one whose appeal window is over."""
    with moving(claim_id, "close", by=by, at=at, version=version) as claim:
        claim.close(by=by, at=at)
        claim.because(reason=reason)
        clocks.stop_all(claim, at=at)
    return claim


def end_publicity(claim: Claim, *, by: User, at: datetime) -> None:
    """The card is taken down; what was objected against it has no object any more."""
    claim.publicities.filter(ended_at__isnull=True).update(ended_at=at)
    clocks.stop(claim, DeadlineKind.PUBLICITY, status=DeadlineStatus.CANCELLED, at=at)
    if claim.state == State.REJECTED:
        claim.objections.filter(resolved_at__isnull=True).update(
            finding=ObjectionFinding.MOOT, resolved_by=by, resolved_at=at
        )
        close_procedures(claim, at=at)
        clocks.stop(claim, DeadlineKind.INVESTIGATION, status=DeadlineStatus.CANCELLED, at=at)


def _ratio_by_hand(said: Assessment, ratio_percent: int | None) -> int | None:
    """The ratio which the covenant leaves to a person (AMB-10); None where the rules know it."""
    if said.net_fen is not None:
        return None
    percent = PROPOSED_RATIO if ratio_percent is None else ratio_percent
    if not 1 <= percent <= 100:
        raise InvalidInput(field=_("Ratio"), why=_("is between 1 and 100 percent."))
    return percent
