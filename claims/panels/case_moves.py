"""The moves of a case that need no upper app."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims import forms, policies
from claims.enums import UNSETTLED, Approvals, Channel, ObjectionKind, ReturnReason, State
from claims.forms.papers import Papers
from claims.models import Claim
from claims.panels.previews import consequences
from claims.services import appealing, collecting, correcting, deciding, objecting, reviewing
from config.kernel.forms import Blank
from config.kernel.models import User
from config.kernel.pages import Move, add_moves, in_states, name_verbs
from config.kernel.permissions import check_permission, may

may_submit = may("claims.submit_material")
may_record_objection = may("claims.record_objection")


def submit(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return collecting.submit(claim.pk, materials=said["materials"], enclosed=said["enclosed"], **who)


def ask_for_papers(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return collecting.ask_for_papers(claim.pk, **who)


def pass_review(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return reviewing.pass_review(claim.pk, reason=said["reason"], **who)


def reject(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    refuse = reviewing.refuse_in_review if claim.state == State.REVIEWING else deciding.reject
    return refuse(claim.pk, ground=said["ground"], contrary=said["contrary"], reason=said["reason"], **who)


def publish(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return deciding.publish(claim.pk, reason=said["reason"], ratio_percent=said.get("ratio_percent"), **who)


def return_to(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return reviewing.return_to(
        claim.pk,
        to=State(said["to"]),
        code=ReturnReason(said["code"]),
        approvals=Approvals(said["approvals"]),
        reason=said["reason"],
        **who,
    )


def waive_late_report(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return reviewing.waive_late_report(claim.pk, reason=said["reason"], **who)


def object_to(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    kind = ObjectionKind(said["kind"])
    return objecting.object_to(claim.pk, kind=kind, objector=said["objector"], text=said["text"], **who)


def appeal(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    channel = Channel(said["channel"])
    return appealing.appeal(claim.pk, channel=channel, deposit_fen=said["deposit_fen"], text=said["text"], **who)


def withdraw(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return collecting.withdraw(claim.pk, reason=said["reason"], **who)


def lapse(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return collecting.lapse(claim.pk, reason=said["reason"], **who)


def reopen(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return deciding.reopen(claim.pk, reason=said["reason"], **who)


def close(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return deciding.close(claim.pk, reason=said["reason"], **who)


def die(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return correcting.record_death(claim.pk, **who)


def assess(claim: Claim, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> object:
    check_permission("claims.review_claim", by)
    return correcting.run_assessment(claim.pk, by=by, at=at)


add_moves(
    Claim,
    Move(
        name="submit",
        label=_("Take in papers"),
        consequence=_("The rules are asked again; when no paper is wanted any more, the first review begins."),
        form=Papers,
        perform=submit,
        when=in_states(State.COLLECTING, State.REVIEWING),
        checks=(may_submit,),
    ),
    Move(
        name="ask-for-papers",
        label=_("Ask for the missing papers"),
        consequence=_("The applicant gets one letter that names all that is missing, papers sent back among it."),
        form=Blank,
        perform=ask_for_papers,
        preview=consequences,
        when=in_states(State.COLLECTING),
        checks=(policies.may_ask_for_papers, policies.check_something_is_missing),
    ),
    Move(
        name="pass-review",
        label=_("Pass the first review"),
        consequence=_("The case goes on to the investigation, or to a second reviewer where none is asked for."),
        form=forms.PassReview,
        perform=pass_review,
        transition="pass_review",
    ),
    Move(
        name="publish",
        label=_("Put before the members"),
        consequence=_("The masked card is public from today, and the publicity's clock starts; the amount is frozen."),
        form=forms.Publish,
        perform=publish,
        transition="publish",
        preview=consequences,
    ),
    Move(
        name="approve",
        label=_("Approve"),
        consequence=_("The clock does this when the publicity is over and no objection is open."),
        transition="approve",
    ),
    Move(
        name="object",
        label=_("Record an objection"),
        consequence=_("The objection holds the case from now on; a third party is asked to look."),
        form=forms.Object,
        perform=object_to,
        when=in_states(State.PUBLICISED, State.SUSPENDED),
        checks=(may_record_objection,),
        preview=consequences,
    ),
    Move(
        name="appeal",
        label=_("Record an appeal"),
        consequence=_("Somebody who had no part in the refusal decides anew."),
        form=forms.Appeal,
        perform=appeal,
        transition="appeal",
    ),
    Move(
        name="waive-late-report",
        label=_("Waive the late report"),
        consequence=_("The report counts as in time, and the rules are asked again."),
        form=forms.Because,
        perform=waive_late_report,
        when=in_states(State.COLLECTING, State.REVIEWING, State.INVESTIGATING, State.DECIDING),
        checks=(policies.may_waive,),
    ),
    Move(
        name="assess",
        label=_("Ask the rules again"),
        consequence=_("A new assessment of the case as it stands is stored beside the earlier ones."),
        form=Blank,
        perform=assess,
        when=in_states(*UNSETTLED),
        checks=(policies.may_review,),
    ),
    Move(
        name="die",
        label=_("Record the member's death"),
        consequence=_("The aid goes to the legal heirs from now on."),
        form=Blank,
        perform=die,
        when=in_states(*UNSETTLED),
        checks=(may_submit,),
    ),
    Move(
        name="return",
        label=_("Send back"),
        consequence=_("The case goes back to an earlier step; you say whether the approvals given since then stand."),
        form=forms.ReturnTo,
        perform=return_to,
        transition="return_to",
        preview=consequences,
    ),
    Move(
        name="reopen",
        label=_("Reopen"),
        consequence=_("The case goes back to the final review, before any money has left."),
        form=forms.Because,
        perform=reopen,
        transition="reopen",
        harsh=True,
    ),
    Move(
        name="reject",
        label=_("Refuse aid"),
        consequence=_(
            "The applicant gets a letter with the ground, its clause and the remedies; the appeal window opens."
        ),
        form=forms.Refuse,
        perform=reject,
        transition="reject",
        harsh=True,
        preview=consequences,
    ),
    Move(
        name="withdraw",
        label=_("Withdraw for the applicant"),
        consequence=_("The case ends without a decision."),
        form=forms.MaybeBecause,
        perform=withdraw,
        transition="withdraw",
        harsh=True,
    ),
    Move(
        name="lapse",
        label=_("Let it lapse"),
        consequence=_("The case ends because its papers never came."),
        form=forms.Because,
        perform=lapse,
        transition="lapse",
        harsh=True,
    ),
    Move(
        name="close",
        label=pgettext_lazy("case", "Close"),
        consequence=_("Nothing more is to come: the case ends."),
        form=forms.MaybeBecause,
        perform=close,
        transition="close",
    ),
)

name_verbs(
    {
        "report": _("Report taken down"),
        "submit": _("Papers taken in"),
        "ask_for_papers": _("Missing papers asked for"),
        "judge": _("Paper looked at"),
        "pass_review": _("First review passed"),
        "reject": _("Aid refused"),
        "return": _("Sent back"),
        "waive_late_report": _("Late report waived"),
        "publish": _("Put before the members"),
        "extend_for_objections": _("Objection took effect on the publicity"),
        "approve": _("Publicity passed"),
        "object": _("Objection recorded"),
        "appeal": _("Appeal recorded"),
        "pause_clock": _("Clock stopped"),
        "resume_clock": _("Clock goes on"),
        "extend_clock": _("Given more days"),
        "withdraw": _("Withdrawn"),
        "lapse": _("Lapsed"),
        "reopen": _("Reopened"),
        "close": _("Closed"),
        "die": _("Death of the member recorded"),
        "assess": _("Assessed again"),
        "correct_joined_at": _("Joining date corrected"),
        "recheck_health": _("Health checked again"),
        "breach": _("Untrue declaration recorded"),
    }
)
