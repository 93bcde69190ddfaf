"""Objections, appeals, and what they ask of third parties."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.enums import AppealFinding, Channel, ObjectionFinding, ObjectionKind, ProcedureKind
from claims.models.claim import Claim
from claims.models.publicity import Publicity
from config.kernel.people import person, who_and_when


class Objection(models.Model):
    """An objection of another member (AMB-28). It holds the case from the moment it is recorded.

    `effect_at` is when the publicity was extended or stopped for it; a second one of a kind merges into the first.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="objections", verbose_name=_("case"))
    publicity = models.ForeignKey(Publicity, models.PROTECT, related_name="objections", verbose_name=_("publicity"))
    kind = models.CharField(_("kind"), max_length=20, choices=ObjectionKind)
    objector = models.ForeignKey(
        "members.Membership", models.PROTECT, related_name="+", verbose_name=_("objecting member")
    )
    text = models.TextField(_("what is objected"), blank=True)
    received_at = models.DateTimeField(_("received at"))
    recorded_by = person(_("recorded by"))
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )
    effect_at = models.DateTimeField(_("took effect at"), null=True, blank=True)
    finding = models.CharField(_("finding"), max_length=10, choices=ObjectionFinding, blank=True)
    resolved_by = person(_("resolved by"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ("id",)
        permissions = [
            ("record_objection", "Can record an objection"),
            ("resolve_objection", "Can resolve an objection"),
        ]
        constraints = [
            who_and_when("resolution_has_who_and_when", "resolved_by", "resolved_at"),
            models.CheckConstraint(
                name="resolved_objection_has_a_finding",
                condition=Q(resolved_at__isnull=True, finding="") | (Q(resolved_at__isnull=False) & ~Q(finding="")),
            ),
            models.UniqueConstraint(
                fields=("claim", "kind"),
                condition=Q(resolved_at__isnull=True, merged_into__isnull=True),
                name="one_open_objection_of_a_kind",
            ),
        ]
        indexes = [
            models.Index(
                fields=("received_at",), name="objection_awaiting_effect", condition=Q(effect_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Appeal(models.Model):
    """An appeal against a refusal; the deposit of an arbitration is owed back when the refusal falls (AMB-20)."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="appeals", verbose_name=_("case"))
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    deposit_fen = models.BigIntegerField(_("deposit (fen)"), default=0)
    text = models.TextField(_("what is put forward"), blank=True)
    filed_at = models.DateTimeField(_("filed at"))
    filed_by = person(_("recorded by"))
    finding = models.CharField(_("finding"), max_length=12, choices=AppealFinding, blank=True)
    decided_by = person(_("decided by"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ("id",)
        permissions = [("record_appeal", "Can record an appeal"), ("decide_appeal", "Can decide an appeal")]
        constraints = [
            who_and_when("appeal_decision_has_who_and_when", "decided_by", "decided_at"),
            models.CheckConstraint(
                name="decided_appeal_has_a_finding",
                condition=Q(decided_at__isnull=True, finding="") | (Q(decided_at__isnull=False) & ~Q(finding="")),
            ),
            models.CheckConstraint(name="deposit_is_not_negative", condition=Q(deposit_fen__gte=0)),
            models.UniqueConstraint(
                fields=("claim",), condition=Q(decided_at__isnull=True), name="one_open_appeal_a_claim"
            ),
        ]

    def __str__(self) -> str:
        return self.get_channel_display()


class Procedure(models.Model):
    """Something a third party has to find out. Left here open; the investigations app pulls it and sends it out."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="procedures", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=12, choices=ProcedureKind)
    objection = models.ForeignKey(
        Objection, models.PROTECT, null=True, blank=True, related_name="procedures", verbose_name=_("objection")
    )
    appeal = models.ForeignKey(
        Appeal, models.PROTECT, null=True, blank=True, related_name="procedures", verbose_name=_("appeal")
    )
    opened_at = models.DateTimeField(_("opened at"))
    sent_at = models.DateTimeField(_("sent out at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("third-party procedure")
        verbose_name_plural = _("third-party procedures")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("claim", "kind"), condition=Q(closed_at__isnull=True), name="one_open_investigation_of_a_kind"
            )
        ]
        indexes = [
            models.Index(
                fields=("opened_at",),
                name="procedure_to_be_sent",
                condition=Q(sent_at__isnull=True, closed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
