"""Past cases, run again under a covenant that is not in force yet."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.models.claim import Claim
from config.kernel.display import moment
from config.kernel.people import person


class Trial(models.Model):
    """One run of the past cases of a plan under a draft; `wording` is the hash of what the draft said then.

    Written by the one who asks, carried on by the worker in portions, and finished once. Amounts are in fen.
    """

    covenant = models.ForeignKey("members.Covenant", models.PROTECT, related_name="+", verbose_name=_("draft"))
    wording = models.CharField(_("hash of the wording"), max_length=64)
    asked_by = person(_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    last_claim = models.BigIntegerField(_("last case looked at"), default=0)
    done = models.PositiveIntegerField(_("cases done"), default=0)
    total = models.PositiveIntegerField(_("cases in all"), default=0)
    before_fen = models.BigIntegerField(_("aid as it was (fen)"), default=0)
    after_fen = models.BigIntegerField(_("aid under the draft (fen)"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    failed_because = models.CharField(_("failed because"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("trial of a draft")
        verbose_name_plural = _("trials of drafts")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("covenant",), condition=Q(finished_at__isnull=True), name="one_running_trial_a_draft"
            )
        ]

    def __str__(self) -> str:
        return f"{self.covenant} {moment(self.asked_at)}"


class TrialChange(models.Model):
    """A case that would have ended otherwise; null amounts where the ratio is left to a person."""

    trial = models.ForeignKey(Trial, models.PROTECT, related_name="changes", verbose_name=_("trial"))
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+", verbose_name=_("case"))
    outcome_before = models.CharField(_("outcome as it was"), max_length=10)
    outcome_after = models.CharField(_("outcome under the draft"), max_length=10)
    codes_after = models.JSONField(_("codes under the draft"), default=list)
    before_fen = models.BigIntegerField(_("amount as it was (fen)"), null=True)
    after_fen = models.BigIntegerField(_("amount under the draft (fen)"), null=True)

    class Meta:
        verbose_name = _("case that would change")
        verbose_name_plural = _("cases that would change")
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("trial", "claim"), name="case_changes_once_a_trial")]

    def __str__(self) -> str:
        return f"{self.trial_id} {self.claim_id}"
