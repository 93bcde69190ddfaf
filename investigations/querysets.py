"""Questions asked of the commissions, as sentences."""

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from claims.enums import ProcedureKind, State
from claims.querysets import want
from investigations.enums import AT_WORK, CommissionState

if TYPE_CHECKING:
    from config.kernel.models import User
    from investigations.models import Agency, Commission  # noqa: F401  (named in strings alone)


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
        return self.filter(state__in=(CommissionState.SENT, CommissionState.RETURNED))

    def for_investigator(self, user: "User") -> Self:
        """All that an investigator may see: what was sent to the own agency."""
        return self.filter(agency__investigators__user=user)

    def left_over(self) -> Self:
        """Those whose procedure is closed: nobody wants their report any more."""
        return self.at_work().filter(procedure__closed_at__isnull=False)
