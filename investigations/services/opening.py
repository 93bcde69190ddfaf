"""Procedures that lower apps left open, pulled and sent out; what cannot go out is told to the reviewers, once."""

from datetime import datetime

from django.db.models import BigIntegerField, BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from claims.gate import is_free, moving
from claims.models import Procedure
from claims.services import letters
from config.kernel.models import User
from investigations.enums import ON_THE_SPOT
from investigations.models import Commission
from investigations.querysets import has_authorisation
from investigations.refusals import NoAgency
from investigations.services import commissioning
from investigations.services.agencies import kinds_covered
from members.enums import Purpose, Recipient
from members.models import Consent, Message

HELD = "investigation_held"


def left_open(only: int | None = None) -> "QuerySet[Procedure]":
    """Procedures that nobody was asked about yet; `only` of one case."""
    rows = Procedure.objects.filter(sent_at__isnull=True, closed_at__isnull=True)
    return rows if only is None else rows.filter(claim=only)


def waiting(only: int | None = None) -> "QuerySet[Procedure]":
    """Procedures on which there is something to do, with `may_go`: send it out, or say once why it stays.

    It stays without the member's consent to an investigation, or without the signed letter where it goes to a hospital,
    and where no active agency does its kind.
    """
    consent = Consent.objects.filter(
        membership=OuterRef("claim__membership"), purpose=Purpose.INVESTIGATION, withdrawn_at__isnull=True
    )
    may_go_there = ~Q(kind__in=ON_THE_SPOT) | has_authorisation("claim")
    told = Message.objects.annotate(procedure=Cast(KT("facts__procedure"), BigIntegerField())).filter(
        template=HELD, about=OuterRef("claim__number"), procedure=OuterRef("pk")
    )
    declined_since = Commission.objects.filter(procedure=OuterRef("procedure"), declined_at__gt=OuterRef("created_at"))
    return (
        left_open(only)
        .annotate(
            may_go=Case(
                When(Exists(consent) & Q(kind__in=kinds_covered()) & may_go_there, then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            ),
            is_told=Exists(told.exclude(Exists(declined_since))),
        )
        .filter(Q(may_go=True) | Q(is_told=False))
    )


def open_commission(procedure_id: int, *, at: datetime) -> int:
    """Send one procedure out, under its case's lock; 1 if something was done, 0 where another is at it or was first."""
    claim_id = Procedure.objects.values_list("claim_id", flat=True).get(pk=procedure_id)
    if not is_free(claim_id):
        return 0
    procedure = waiting().filter(pk=procedure_id, opened_at__lte=at).first()
    if procedure is None:
        return 0
    try:
        if not procedure.may_go:  # type: ignore[attr-defined]  # annotated by waiting()
            return _hold(procedure, at=at)
        return _send(procedure, at=at)
    except NoAgency:  # whoever does this is left out
        return _hold(procedure, at=at)


def close_commissions(claim_id: int, *, at: datetime) -> int:
    """Close what is still out for a case whose procedures are over; how many there were."""
    if not is_free(claim_id):
        return 0
    system = User.objects.system()
    with moving(claim_id, "commission_closed", by=system, at=at) as claim:
        return commissioning.close_left_over(claim, by=system, at=at)


def _send(procedure: Procedure, *, at: datetime) -> int:
    system = User.objects.system()
    with moving(procedure.claim_id, "commission_sent", by=system, at=at) as claim:
        sent = commissioning.send(claim, procedure, by=system, at=at)
        claim.because(kind=procedure.kind, agency=sent.agency.name)
    return 1


def _hold(procedure: Procedure, *, at: datetime) -> int:
    """Tell the reviewers once; 0 where they know."""
    if procedure.is_told:  # type: ignore[attr-defined]  # annotated by waiting()
        return 0
    letters.tell(procedure.claim, HELD, to=Recipient.REVIEWER, at=at, kind=procedure.kind, procedure=procedure.pk)
    return 1
