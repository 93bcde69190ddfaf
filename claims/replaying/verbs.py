"""The case's own verbs of the script."""

from datetime import date, datetime
from typing import Any

from claims.enums import Approvals, Cause, Channel, ObjectionKind, Reporter, State
from claims.models import Claim
from claims.replaying.play import Play
from claims.replaying.registry import verb
from claims.services import appealing, collecting, correcting, deciding, objecting, reporting, reviewing
from config.kernel.models import User
from members.services import joining

Event = dict[str, Any]


LOOKED_FOR = "逐项核对材料与调查结果,未发现相反证据"
"""What a script's refusals say they looked for: the contract has no word for it."""


def reason_of(event: Event) -> str:
    return event.get("reason") or ""


def optional_day(event: Event, name: str) -> date | None:
    return date.fromisoformat(event[name]) if event.get(name) else None


@verb("report")
def report(play: Play, at: datetime, event: Event) -> None:
    claim = reporting.report(
        play.member.pk,
        disease=event["disease"],
        diagnosed_on=date.fromisoformat(event["diagnosed_on"]),
        cause=Cause(event.get("cause", "illness")),
        accident_on=optional_day(event, "accident_on"),
        facts=event.get("facts", {}),
        reporter=Reporter(event.get("by", "member")),
        by=play.cast.next("intake"),
        at=at,
    )
    play.claim_id = claim.pk


@verb("submit")
def submit(play: Play, at: datetime, event: Event) -> None:
    collecting.submit(play.case, materials=event["materials"], by=play.cast.next("intake"), at=at)


@verb("review")
def review(play: Play, at: datetime, event: Event) -> None:
    reason, by = reason_of(event), play.cast.next("reviewer")
    if event["decision"] == "pass":
        reviewing.pass_review(play.case, reason=reason, by=by, at=at)
    else:
        ground = event.get("ground") or ""
        reviewing.refuse_in_review(play.case, ground=ground, contrary=LOOKED_FOR, reason=reason, by=by, at=at)


@verb("waive_late_report")
def waive_late_report(play: Play, at: datetime, event: Event) -> None:
    reviewing.waive_late_report(play.case, reason=reason_of(event), by=play.cast.next("supervisor"), at=at)


@verb("correct_joined_at")
def correct_joined_at(play: Play, at: datetime, event: Event) -> None:
    correction = joining.propose_correction(
        play.member.pk,
        datetime.fromisoformat(event["joined_at"]),
        reason=reason_of(event),
        by=play.cast.next("supervisor"),
        at=at,
    )
    correcting.confirm_joining(correction.pk, by=play.cast.next("supervisor"), at=at)


@verb("recheck_health")
def recheck_health(play: Play, at: datetime, event: Event) -> None:
    correcting.recheck_health(play.member.pk, by=play.cast.next("reviewer"), at=at)


@verb("breach")
def breach(play: Play, at: datetime, event: Event) -> None:
    correcting.record_breach(play.member.pk, question=event["question"], by=play.cast.next("reviewer"), at=at)


@verb("publish")
def publish(play: Play, at: datetime, event: Event) -> None:
    deciding.publish(play.case, reason=reason_of(event), by=_who_may_decide(play), at=at)


@verb("object")
def object_to(play: Play, at: datetime, event: Event) -> None:
    objectors = {
        "member": play.other_member,
        "applicant": lambda: play.membership,
        "outsider": lambda: None,
    }
    objecting.object_to(
        play.case,
        kind=ObjectionKind(event["kind"]),
        objector=objectors[event.get("by", "member")](),
        by=play.cast.next("intake"),
        at=at,
    )


@verb("reject")
def reject(play: Play, at: datetime, event: Event) -> None:
    deciding.reject(
        play.case,
        ground=event.get("ground") or "",
        contrary=LOOKED_FOR,
        reason=reason_of(event),
        by=play.cast.next("reviewer"),
        at=at,
    )


@verb("appeal")
def appeal(play: Play, at: datetime, event: Event) -> None:
    appealing.appeal(
        play.case,
        channel=Channel(event["channel"]),
        deposit_fen=event.get("deposit_fen") or 0,
        by=play.cast.next("intake"),
        at=at,
    )


@verb("return")
def return_to(play: Play, at: datetime, event: Event) -> None:
    reviewing.return_to(
        play.case,
        to=State(event["to"]),
        reason=reason_of(event),
        approvals=Approvals(event.get("approvals", "redo")),
        by=play.cast.next("reviewer"),
        at=at,
    )


@verb("lapse")
def lapse(play: Play, at: datetime, event: Event) -> None:
    collecting.lapse(play.case, reason=reason_of(event), by=play.cast.next("supervisor"), at=at)


@verb("reopen")
def reopen(play: Play, at: datetime, event: Event) -> None:
    deciding.reopen(play.case, reason=reason_of(event), by=play.cast.next("supervisor"), at=at)


@verb("close")
def close(play: Play, at: datetime, event: Event) -> None:
    deciding.close(play.case, reason=reason_of(event), by=play.cast.next("supervisor"), at=at)


@verb("withdraw")
def withdraw(play: Play, at: datetime, event: Event) -> None:
    collecting.withdraw(play.case, by=play.cast.next("intake"), at=at)


@verb("die")
def die(play: Play, at: datetime, event: Event) -> None:
    correcting.record_death(play.case, by=play.cast.next("intake"), at=at)


@verb("assess")
def assess(play: Play, at: datetime, event: Event) -> None:
    correcting.run_assessment(play.case, by=User.objects.system(), at=at)


def _who_may_decide(play: Play) -> User:
    """A reviewer up to the covenant's limit, a supervisor above it, and where the amount is set by hand."""
    claim = Claim.objects.select_related("assessment", "covenant").get(pk=play.case)
    amount = claim.assessment.net_fen if claim.assessment else None
    above = amount is None or amount > claim.covenant.terms["authority.reviewer_fen"]
    return play.cast.next("supervisor" if above else "reviewer")
