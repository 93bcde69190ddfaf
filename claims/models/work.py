"""Who works on what, who looks at what: nothing here changes a case."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.enums import State
from claims.models.claim import Claim
from config.kernel.people import person


class Assignment(models.Model):
    """Who works on a case while it is in one step.

    It counts only as long as the case is in `step`, so nobody keeps a case that has moved on, and whoever had it gets
    it back when it returns. Until `held_until` it rests, and wakes by itself on that day.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="assignments", verbose_name=_("case"))
    step = models.CharField(_("step"), max_length=20, choices=State)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("works on it"))
    since = models.DateTimeField(_("since"))
    given_by = person(_("given by"))
    note = models.TextField(_("note"), blank=True)
    held_until = models.DateField(_("rests until"), null=True, blank=True)
    held_because = models.CharField(_("rests because"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("claim", "step"), name="one_person_works_on_a_step"),
            models.CheckConstraint(
                name="case_at_rest_says_why",
                condition=Q(held_until__isnull=True, held_because="")
                | (Q(held_until__isnull=False) & ~Q(held_because="")),
            ),
        ]
        indexes = [models.Index(fields=("user", "step"), name="assignment_of_a_person")]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.step}: {self.user}"


class Presence(models.Model):
    """When somebody was last seen on the page of a case: the page says so every minute while it is looked at."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="presences", verbose_name=_("case"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [models.UniqueConstraint(fields=("claim", "user"), name="one_presence_a_person_and_case")]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.user_id}"


class Reading(models.Model):
    """Somebody read of a case: its page, a paper, a masked number. `what` names the part, `reason` why it was asked."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="readings", verbose_name=_("case"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    what = models.CharField(_("what"), max_length=40)
    about = models.CharField(_("which one"), max_length=80, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        ordering = ("id",)
        triggers = [pgtrigger.Protect(name="reading_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.what}"
