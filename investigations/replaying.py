"""The investigations' verbs of the case script: the field commission, and what objections and appeals opened."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from claims.enums import AppealFinding, ObjectionFinding, ObjectionKind, ProcedureKind, Reporter
from claims.replaying.play import Play
from claims.replaying.registry import after, extra, finale, prop, verb
from config.kernel.civil import civil_date
from config.kernel.models import User
from config.kernel.refusals import WrongState
from investigations.enums import Conclusion
from investigations.models import Commission
from investigations.rules.visits import Result, Visit
from investigations.services import agencies, authorising, commissioning, reporting, resolving, samples
from members.enums import Purpose

Event = dict[str, Any]

prop(agencies.ensure_sample_agencies)
extra(samples.ensure_second_people)
finale(samples.share_out)


@after("report")
def authorise(play: Play, at: datetime, event: Event) -> None:
    """A script's consent to an investigation has the written authorisation in it: the letter comes with the report."""
    if play.member.consents.filter(purpose=Purpose.INVESTIGATION, withdrawn_at__isnull=True).exists():
        signed_as, by = event.get("by") or Reporter.MEMBER.value, play.cast.next("intake")
        authorising.record_authorisation(play.case, signed_as=signed_as, signed_on=civil_date(at), by=by, at=at)


@verb("commission")
def commission(play: Play, at: datetime, event: Event) -> None:
    commissioning.commission(play.case, by=play.cast.next("reviewer"), at=at)


@verb("field_report")
def field_report(play: Play, at: datetime, event: Event) -> None:
    sent = _field_commission(play)
    _file(sent, event["conclusion"], at)


@verb("return_report")
def return_report(play: Play, at: datetime, event: Event) -> None:
    reason = event.get("reason") or "退回补充"
    reporting.return_report(_field_commission(play).pk, reason=reason, by=play.cast.next("reviewer"), at=at)


@verb("accept_report")
def accept_report(play: Play, at: datetime, event: Event) -> None:
    reporting.accept_report(_field_commission(play).pk, by=play.cast.next("reviewer"), at=at)


@verb("resolve")
def resolve(play: Play, at: datetime, event: Event) -> None:
    kind, finding = ObjectionKind(event["kind"]), ObjectionFinding(event["finding"])
    doubts_hold = finding is ObjectionFinding.UPHELD
    _hand_in(play, Q(procedure__objection__kind=kind), doubts_hold, at)
    resolving.resolve_objection(play.case, kind=kind, finding=finding, by=play.cast.next("reviewer"), at=at)


@verb("decide_appeal")
def decide_appeal(play: Play, at: datetime, event: Event) -> None:
    finding = AppealFinding(event["finding"])
    _hand_in(play, Q(procedure__appeal__isnull=False), finding is AppealFinding.UPHELD, at)
    resolving.decide_appeal(play.case, finding=finding, by=play.cast.next("reviewer"), at=at)


def _hand_in(play: Play, asked: Q, doubts_hold: bool, at: datetime) -> None:
    """The reports of whoever was asked and has not answered: what the finding will rest on."""
    conclusion = Conclusion.INCONSISTENT if doubts_hold else Conclusion.CONSISTENT
    for sent in Commission.objects.awaiting_report().filter(asked, claim=play.case).order_by("pk"):
        _file(sent, conclusion, at)


def _file(sent: Commission, conclusion: str, at: datetime) -> None:
    """A script says what a report concludes; that all was looked into which was asked for goes without saying."""
    visits = [
        Visit(
            method,
            Result.AGREES,
            place=sent.get_kind_display(),
            met=sent.agency.name,
            visited_at=at,
            found=conclusion,
            why_unrecorded="—",
        )
        for method in sent.methods
    ]
    reporting.file_report(sent.pk, conclusion=conclusion, visits=visits, by=_investigator_of(sent), at=at)


def _field_commission(play: Play) -> Commission:
    """The last field commission of the case; `WrongState` where none was sent."""
    sent = Commission.objects.filter(claim=play.case, kind=ProcedureKind.FIELD).order_by("pk").last()
    if sent is None:
        raise WrongState(state=_("no field investigation"))
    return sent


def _investigator_of(sent: Commission) -> User:
    person = sent.agency.investigators.select_related("user").order_by("pk").first()
    assert person is not None, "an agency without people gets no commission"
    return person.user
