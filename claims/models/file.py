"""The case file: papers, assessments, events, letters."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from claims.enums import LetterKind, MaterialKind
from claims.models.claim import Claim
from config.kernel.models import Event


class Material(models.Model):
    """One paper as it was handed in; a newer one of the same kind replaces it, and both are kept.

    `details`: `hospital` {grade, ownership}, `sealed`, `signed_by`, `through` (ISO date), `none_exist`.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="materials", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=30, choices=MaterialKind)
    details = models.JSONField(_("details"), default=dict, blank=True)
    received_at = models.DateTimeField(_("received at"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("received by")
    )
    replaced_at = models.DateTimeField(_("replaced at"), null=True, blank=True)

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        ordering = ("id",)
        permissions = [("submit_material", "Can take in papers")]
        constraints = [
            models.UniqueConstraint(
                fields=("claim", "kind"),
                condition=models.Q(replaced_at__isnull=True),
                name="one_current_paper_of_a_kind",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Assessment(models.Model):
    """What the rules said at one time, with the facts and terms they said it of, so that it can be replayed.

    Amounts are in fen; null where the covenant leaves the ratio to a person. `findings` are in reading order.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="assessments", verbose_name=_("case"))
    covenant = models.ForeignKey("members.Covenant", models.PROTECT, related_name="+", verbose_name=_("covenant"))
    at = models.DateTimeField(_("at"))
    facts = models.JSONField(_("facts"))
    outcome = models.CharField(_("outcome"), max_length=10)
    codes = models.JSONField(_("codes"))
    findings = models.JSONField(_("findings"))
    gross_fen = models.BigIntegerField(_("gross (fen)"), null=True)
    arrears_fen = models.BigIntegerField(_("arrears (fen)"))
    net_fen = models.BigIntegerField(_("net (fen)"), null=True)
    steps = models.JSONField(_("arithmetic"))

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ("id",)
        triggers = [pgtrigger.Protect(name="assessment_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.outcome} {', '.join(self.codes)}"


class ClaimEvent(Event):
    """One move of a case, written last in the move's own transaction."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="events", verbose_name=_("case"))
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("assessment")
    )

    class Meta(Event.Meta):
        verbose_name = _("case event")
        verbose_name_plural = _("case events")
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("claim", "version"), name="one_event_a_version")]

    def __str__(self) -> str:
        return f"{self.claim_id} v{self.version} {self.verb}"


class Letter(models.Model):
    """A letter to the applicant, as template and facts; a supplement letter names all gaps at once."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="letters", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=20, choices=LetterKind)
    facts = models.JSONField(_("facts"), default=dict)
    written_at = models.DateTimeField(_("written at"))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.get_kind_display()
