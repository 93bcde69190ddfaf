"""Members and what binds them: membership, declarations, consents, dues."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.kernel import masks
from config.kernel.display import day
from config.kernel.fields import BlindIndexField, EncryptedTextField
from config.kernel.people import who_and_when
from members.enums import EndReason, Purpose, Sex
from members.models.covenants import Covenant, Plan
from members.querysets import MembershipQuerySet


class Member(models.Model):
    """A person. Numbers are encrypted at rest, found by blind index, and masked wherever they are shown."""

    name = models.CharField(_("name"), max_length=80)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex)
    birth_date = models.DateField(_("date of birth"))
    region = models.CharField(_("region"), max_length=40)
    email = models.EmailField(_("e-mail"), blank=True)
    id_number = EncryptedTextField(_("resident ID number"))
    id_number_index = BlindIndexField(source="id_number", unique=True)
    phone = EncryptedTextField(_("phone"), blank=True)
    phone_index = BlindIndexField(source="phone")
    bank_card = EncryptedTextField(_("bank card"), blank=True)
    bank_card_index = BlindIndexField(source="bank_card")
    verified_at = models.DateTimeField(_("identity verified at"), null=True, blank=True)
    died_on = models.DateField(_("died on"), null=True, blank=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ("-id",)
        permissions = [
            ("admit_member", "Can admit a member"),
            ("export_member", "Can export members"),
            ("import_member", "Can import members"),
        ]
        indexes = [
            GinIndex(models.Func(F("name"), function="bigrams"), name="member_by_bigrams", fastupdate=False),
        ]

    def __str__(self) -> str:
        return masks.name(self.name)


class Membership(models.Model):
    """One person in one plan: joined when, for which tier, bound by which version.

    `joined_on` is day 0, the civil day of `joined_at` in Shanghai; `ended_on` is the last day of membership.
    """

    member = models.ForeignKey(Member, models.PROTECT, verbose_name=_("member"), related_name="memberships")
    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="+")
    covenant = models.ForeignKey(Covenant, models.PROTECT, verbose_name=_("covenant joined under"), related_name="+")
    joined_at = models.DateTimeField(_("joined at"))
    joined_on = models.DateField(_("joined on"))
    tier_fen = models.BigIntegerField(_("tier (fen)"))
    documents = models.JSONField(_("papers shown"), default=list, blank=True)
    migrated = models.BooleanField(_("taken over from another system"), default=False)
    health_rechecked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("health rechecked by"),
    )
    health_rechecked_at = models.DateTimeField(_("health rechecked at"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    end_reason = models.CharField(_("reason of the end"), max_length=10, choices=EndReason, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("-id",)
        permissions = [
            ("correct_joining", "Can correct a joining date"),
            ("recheck_health", "Can record a health recheck"),
        ]
        constraints = [
            models.CheckConstraint(name="tier_is_positive", condition=Q(tier_fen__gt=0)),
            who_and_when("health_recheck_has_who_and_when", "health_rechecked_by", "health_rechecked_at"),
            models.CheckConstraint(
                name="membership_ends_with_a_reason",
                condition=Q(ended_on__isnull=True, end_reason="") | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
            ),
            models.UniqueConstraint(
                fields=("member", "plan"), condition=Q(ended_on__isnull=True), name="one_running_membership_in_a_plan"
            ),
        ]
        indexes = [
            models.Index(fields=("plan", "joined_on"), name="membership_by_plan"),
            models.Index(fields=("joined_on", "id"), name="membership_by_joining"),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.plan}"


class Declaration(models.Model):
    """The answer to one health question at joining (SR-04); `answer` true means "yes, that applies to me"."""

    membership = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("membership"), related_name="declarations"
    )
    question = models.SlugField(_("question"))
    answer = models.BooleanField(_("applies"), default=False)
    found_untrue_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("found untrue by"),
    )
    found_untrue_at = models.DateTimeField(_("found untrue at"), null=True, blank=True)

    class Meta:
        verbose_name = _("health declaration")
        verbose_name_plural = _("health declarations")
        permissions = [("record_breach", "Can record that a declaration is untrue")]
        constraints = [
            models.UniqueConstraint(fields=("membership", "question"), name="question_is_answered_once"),
            who_and_when("untrue_declaration_has_who_and_when", "found_untrue_by", "found_untrue_at"),
        ]

    def __str__(self) -> str:
        return self.question


class Consent(models.Model):
    """A separate consent for one purpose; for a later covenant it names the version (AMB-21)."""

    membership = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("membership"), related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    covenant = models.ForeignKey(
        Covenant, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("covenant")
    )
    given_at = models.DateTimeField(_("given at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.CheckConstraint(
                name="consent_to_a_covenant_names_it",
                condition=Q(purpose="covenant", covenant__isnull=False)
                | (~Q(purpose="covenant") & Q(covenant__isnull=True)),
            )
        ]

    def __str__(self) -> str:
        return self.get_purpose_display()


class JoiningCorrection(models.Model):
    """SR-11, AMB-25: a joining date recorded wrong by a fault of the platform, corrected by two supervisors."""

    membership = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("membership"), related_name="corrections")
    was = models.DateTimeField(_("was"))
    becomes = models.DateTimeField(_("becomes"))
    reason = models.TextField(_("reason"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("correction of a joining date")
        verbose_name_plural = _("corrections of joining dates")
        constraints = [
            who_and_when("correction_confirmation_has_who_and_when", "confirmed_by", "confirmed_at"),
            models.CheckConstraint(
                name="correction_is_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
            ),
            models.UniqueConstraint(
                fields=("membership",), condition=Q(confirmed_at__isnull=True), name="one_open_correction_a_membership"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {day(self.was)} → {day(self.becomes)}"


class Share(models.Model):
    """One member's part of one period (分摊金); unpaid while `paid_at` is empty."""

    membership = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("membership"), related_name="shares")
    due_on = models.DateField(_("due on"))
    fen = models.BigIntegerField(_("amount (fen)"))
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        ordering = ("due_on", "id")
        constraints = [models.CheckConstraint(name="share_is_positive", condition=Q(fen__gt=0))]
        indexes = [
            models.Index(fields=("membership", "due_on"), name="unpaid_shares", condition=Q(paid_at__isnull=True))
        ]

    def __str__(self) -> str:
        return day(self.due_on)
