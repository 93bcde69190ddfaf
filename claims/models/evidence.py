"""What speaks for and against a case, and what was said to the signals that others like it give."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from claims.enums import SignalKind, Weighs
from claims.models.claim import Claim
from claims.models.file import Material
from config.kernel.people import person, who_and_when


class Evidence(models.Model):
    """One fact, where it comes from, and which way it points. A mistaken entry is taken back, never deleted."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="evidence", verbose_name=_("case"))
    fact = models.TextField(_("fact"))
    source = models.CharField(_("source"), max_length=200)
    weighs = models.CharField(_("weighs"), max_length=10, choices=Weighs)
    material = models.ForeignKey(
        Material, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("paper")
    )
    recorded_by = person(_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded at"))
    withdrawn_by = person(_("taken back by"))
    withdrawn_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("piece of evidence")
        verbose_name_plural = _("evidence")
        ordering = ("id",)
        constraints = [who_and_when("withdrawn_evidence_has_who_and_when", "withdrawn_by", "withdrawn_at")]

    def __str__(self) -> str:
        return f"{self.get_weighs_display()} #{self.pk}"


class SignalAnswer(models.Model):
    """What a person found when a signal was looked into; `about` is the signal's own key within its kind."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="signal_answers", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=20, choices=SignalKind)
    about = models.CharField(_("about"), max_length=80, blank=True)
    note = models.TextField(_("what was found"))
    answered_by = person(_("answered by"))
    answered_at = models.DateTimeField(_("answered at"))

    class Meta:
        verbose_name = _("answer to a signal")
        verbose_name_plural = _("answers to signals")
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("claim", "kind", "about"), name="signal_is_answered_once")]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.kind}"
