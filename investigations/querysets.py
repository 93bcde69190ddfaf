"""Questions asked of the commissions, as sentences."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from claims.enums import ProcedureKind, State
from claims.querysets import want
from investigations.enums import AT_WORK, AWAITED, CommissionState, ExhibitState

if TYPE_CHECKING:
    from config.kernel.models import User
    from investigations.models import (  # noqa: F401  (named in strings alone)
        Agency,
        Commission,
        Exhibit,
        FoundFact,
        Investigator,
    )


def has_filed_report() -> Q:
    commissions = apps.get_model("investigations", "Commission")._default_manager.order_by()
    return Q(Exists(commissions.filter(claim=OuterRef("pk"), state=CommissionState.REPORTED)))


def has_authorisation(claim: str) -> Q:
    """Whether a letter of authorisation stands; `claim` is the way from the row asked to the id of its case."""
    letters = apps.get_model("investigations", "Authorisation")._default_manager.order_by()
    return Q(Exists(letters.filter(claim=OuterRef(claim), withdrawn_at__isnull=True)))


want(
    "accept_report",
    State.INVESTIGATING,
    State.PUBLICISED,
    State.SUSPENDED,
    State.APPEALING,
    when=has_filed_report,
)


class AgencyQuerySet(models.QuerySet["Agency"]):
    def able(self, kind: ProcedureKind) -> Self:
        """Those that take commissions of this kind."""
        return self.filter(active=True, kinds__contains=[kind])


class CommissionQuerySet(models.QuerySet["Commission"]):
    def at_work(self) -> Self:
        """Those that are neither accepted nor over."""
        return self.filter(state__in=AT_WORK)

    def awaiting_report(self) -> Self:
        """Those on which an agency has to write."""
        return self.filter(state__in=AWAITED)

    def for_investigator(self, user: "User") -> Self:
        """What is in the hands of this user; nothing for one who works for no agency."""
        people = apps.get_model("investigations", "Investigator")._default_manager
        investigator = people.filter(user=user).first()
        return self.none() if investigator is None else self.in_hands_of(investigator)

    def in_hands_of(self, investigator: "Investigator") -> Self:
        """Of the own agency: all for a coordinator, else the own ones and those that are nobody's."""
        rows = self.filter(agency=investigator.agency_id)
        if investigator.is_coordinator:
            return rows
        return rows.filter(Q(assignee=investigator) | Q(assignee__isnull=True))

    def left_over(self) -> Self:
        """Those whose procedure is closed: nobody wants their report any more."""
        return self.at_work().filter(procedure__closed_at__isnull=False)


class ExhibitQuerySet(models.QuerySet["Exhibit"]):
    def for_investigator(self, user: "User") -> Self:
        """What belongs to the commissions that an investigator is at work on, and to no other."""
        commissions = apps.get_model("investigations", "Commission")._default_manager
        own: CommissionQuerySet = commissions.all()
        return self.filter(commission__in=own.at_work().for_investigator(user))

    def kept(self) -> Self:
        """Those that were checked, and can be opened."""
        return self.filter(state=ExhibitState.CLEAN)

    def awaiting_check(self, *, at: datetime) -> Self:
        """Those on which the checking sweep has something to do now."""
        return self.filter(check_at__lte=at)


class FoundFactQuerySet(models.QuerySet["FoundFact"]):
    def standing(self) -> "FoundFactQuerySet":
        """Those of accepted reports."""
        return self.filter(report__commission__state=CommissionState.ACCEPTED, report__returned_at__isnull=True)


def has_open_fact() -> Q:
    """Cases in which something that an investigation found wants an answer."""
    facts = apps.get_model("investigations", "FoundFact")._default_manager.order_by()
    return Q(Exists(facts.filter(report__commission__claim=OuterRef("pk"), is_open=True)))


want("answer_facts", State.DECIDING, when=has_open_fact)
