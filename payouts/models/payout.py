"""One payment of one case: three people before the bank, the bank's word after it."""

from datetime import datetime
from functools import reduce
from operator import or_

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from claims.enums import Payee
from claims.models import Claim
from config.kernel.fields import EncryptedTextField
from config.kernel.gate import permits
from config.kernel.models import User
from config.kernel.people import person, who_and_when
from config.kernel.sealing import sealed
from payouts import policies
from payouts.enums import MOVES, VOID, PayoutState
from payouts.querysets import PayoutQuerySet

CONTENT = ("claim", "reference", "net_fen", "payee", "payee_name", "decided_at", "prepared_by", "prepared_at")
"""What was prepared is what is approved, released and paid: these never change."""


SIGNATURES = ("approved_by", "approved_at", "released_by", "released_at", "unknown_by", "unknown_at")
"""Written once."""


def _signed_over() -> pgtrigger.Q:
    """A signature that is there becomes another, or goes away."""
    changes = (
        pgtrigger.Q(**{f"old__{field}__isnull": False, f"old__{field}__df": pgtrigger.F(f"new__{field}")})
        for field in SIGNATURES
    )
    return reduce(or_, changes)


class Payout(FSMModelMixin, models.Model):
    """A payment order. `reference` is what the bank knows it by, committed before anything leaves.

    `decided_at` names the decision it pays (the case's `approved_at`); `net_fen` is that decision's amount in fen.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+", verbose_name=_("case"))
    reference = models.CharField(_("payment reference"), max_length=30, unique=True)
    net_fen = models.BigIntegerField(_("amount (fen)"))
    payee = models.CharField(_("payee"), max_length=10, choices=Payee)
    payee_name = models.CharField(_("name of the account holder"), max_length=80, blank=True)
    payee_card = EncryptedTextField(_("bank card"), blank=True)
    decided_at = models.DateTimeField(_("decision of"))
    state = FSMField(_("state"), max_length=10, choices=PayoutState, default=PayoutState.PREPARED, protected=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("prepared by")
    )
    prepared_at = models.DateTimeField(_("prepared at"))
    approved_by = person(_("approved by"))
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    released_by = person(_("released by"))
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    unknown_by = person(_("fate unknown, recorded by"))
    unknown_at = models.DateTimeField(_("fate unknown since"), null=True, blank=True)
    settled_by = person(_("settlement recorded by"))
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    failed_by = person(_("return recorded by"))
    failed_at = models.DateTimeField(_("sent back at"), null=True, blank=True)
    bank_evidence = models.TextField(_("what the bank says"), blank=True)
    cancelled_by = person(_("cancelled by"))
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancel_reason = models.TextField(_("reason for cancelling"), blank=True)

    objects = PayoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ("-id",)
        permissions = [
            ("prepare_payout", "Can prepare or cancel a payout"),
            ("approve_payout", "Can approve a payout"),
            ("release_payout", "Can release a payout to the bank"),
            ("record_bank_return", "Can record what the bank says"),
            ("export_payout", "Can export payouts and postings"),
        ]
        constraints = [
            models.CheckConstraint(name="payout_state_is_known", condition=Q(state__in=PayoutState.values)),
            models.CheckConstraint(name="payout_amount_is_not_negative", condition=Q(net_fen__gte=0)),
            models.UniqueConstraint(fields=("claim",), condition=~Q(state__in=VOID), name="one_live_payout_a_claim"),
            models.CheckConstraint(
                name="payout_approver_is_not_its_preparer",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("prepared_by")),
            ),
            models.CheckConstraint(
                name="payout_releaser_is_neither_preparer_nor_approver",
                condition=Q(released_by__isnull=True)
                | (Q(approved_by__isnull=False) & ~Q(released_by=F("prepared_by")) & ~Q(released_by=F("approved_by"))),
            ),
            models.CheckConstraint(
                name="payout_is_approved_by_somebody",
                condition=Q(state="prepared", approved_by__isnull=True)
                | Q(state="cancelled")
                | (~Q(state="prepared") & Q(approved_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="payout_is_released_by_somebody",
                condition=Q(state__in=("prepared", "approved", "cancelled"), released_by__isnull=True)
                | (~Q(state__in=("prepared", "approved", "cancelled")) & Q(released_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="payout_is_settled_with_a_time",
                condition=Q(state="settled", settled_at__isnull=False)
                | (~Q(state="settled") & Q(settled_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="payout_fails_with_a_time_and_the_banks_word",
                condition=(Q(state="failed", failed_at__isnull=False) & ~Q(bank_evidence=""))
                | (~Q(state="failed") & Q(failed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="unknown_payout_ends_by_the_banks_word",
                condition=Q(unknown_at__isnull=True)
                | Q(state="unknown")
                | (Q(state__in=("settled", "failed")) & ~Q(bank_evidence="")),
            ),
            models.CheckConstraint(
                name="payout_of_unknown_fate_has_a_time", condition=~Q(state="unknown") | Q(unknown_at__isnull=False)
            ),
            models.CheckConstraint(
                name="payout_is_cancelled_with_a_reason",
                condition=(Q(state="cancelled", cancelled_at__isnull=False) & ~Q(cancel_reason=""))
                | (~Q(state="cancelled") & Q(cancelled_at__isnull=True, cancel_reason="")),
            ),
            who_and_when("approved_payout_has_who_and_when", "approved_by", "approved_at"),
            who_and_when("released_payout_has_who_and_when", "released_by", "released_at"),
            who_and_when("unknown_payout_has_who_and_when", "unknown_by", "unknown_at"),
            who_and_when("settled_payout_has_who_and_when", "settled_by", "settled_at"),
            who_and_when("failed_payout_has_who_and_when", "failed_by", "failed_at"),
            who_and_when("cancelled_payout_has_who_and_when", "cancelled_by", "cancelled_at"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="payout_moves_legally",
                field="state",
                transitions=[(str(was.value), str(becomes.value)) for was, becomes in MOVES],
            ),
            pgtrigger.Protect(
                name="payout_begins_prepared",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="prepared"),
            ),
            pgtrigger.ReadOnly(name="payout_content_is_frozen", fields=list(CONTENT)),
            pgtrigger.Protect(name="payout_is_signed_once", operation=pgtrigger.Update, condition=_signed_over()),
            sealed("payee_card", name="payout_card_is_frozen"),
            pgtrigger.Protect(name="payout_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.reference

    @transition(
        field=state,
        source=PayoutState.PREPARED,
        target=PayoutState.APPROVED,
        conditions=[
            permits(policies.may_approve),
            permits(policies.check_not_its_preparer),
            permits(policies.check_still_owed),
        ],
    )
    def approve(self, *, by: User, at: datetime) -> None:
        """The second person has compared amount, payee and decision."""
        self.approved_by, self.approved_at = by, at

    @transition(
        field=state,
        source=PayoutState.APPROVED,
        target=PayoutState.SUBMITTED,
        conditions=[
            permits(policies.may_release),
            permits(policies.check_not_its_preparer),
            permits(policies.check_not_its_approver),
            permits(policies.check_still_owed),
        ],
    )
    def release(self, *, by: User, at: datetime) -> None:
        """The third person gives the order to the bank."""
        self.released_by, self.released_at = by, at

    @transition(
        field=state,
        source=PayoutState.SUBMITTED,
        target=PayoutState.UNKNOWN,
        conditions=[permits(policies.may_record_bank_return)],
    )
    def mark_unknown(self, *, by: User, at: datetime) -> None:
        """The bank did not answer: nobody knows whether the money left, and nobody tries again."""
        self.unknown_by, self.unknown_at = by, at

    @transition(
        field=state,
        source=[PayoutState.SUBMITTED, PayoutState.UNKNOWN],
        target=PayoutState.SETTLED,
        conditions=[permits(policies.may_record_bank_return), permits(policies.check_bank_evidence)],
    )
    def settle(self, *, by: User, at: datetime) -> None:
        """The bank says that the money has arrived."""
        self.settled_by, self.settled_at = by, at

    @transition(
        field=state,
        source=[PayoutState.SUBMITTED, PayoutState.UNKNOWN],
        target=PayoutState.FAILED,
        conditions=[permits(policies.may_record_bank_return)],
    )
    def bounce(self, *, by: User, at: datetime) -> None:
        """The bank says that the money came back, or never left."""
        self.failed_by, self.failed_at = by, at

    @transition(
        field=state,
        source=[PayoutState.PREPARED, PayoutState.APPROVED],
        target=PayoutState.CANCELLED,
        conditions=[permits(policies.may_prepare)],
    )
    def cancel(self, reason: str, *, by: User, at: datetime) -> None:
        """Nothing has left the house, and nothing will under this reference."""
        self.cancelled_by, self.cancelled_at, self.cancel_reason = by, at, reason
