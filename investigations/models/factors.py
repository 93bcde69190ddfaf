"""What happened to somebody's second factor. The factor itself lies in the tables of django-otp."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from investigations.enums import FactorVerb
from investigations.models.agencies import Investigator


class FactorEvent(models.Model):
    """It was set up or used, somebody guessed, or an administrator took it away, for a `reason`. Never changed.

    Of wrong codes in a row the first is an event, and then each time that the next one has to wait.
    """

    investigator = models.ForeignKey(
        Investigator, models.PROTECT, related_name="factor_events", verbose_name=_("investigator")
    )
    verb = models.CharField(_("what"), max_length=10, choices=FactorVerb)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("event of a second factor")
        verbose_name_plural = _("events of second factors")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                name="second_factor_is_reset_with_a_reason", condition=~models.Q(verb="reset") | ~models.Q(reason="")
            )
        ]
        triggers = [pgtrigger.Protect(name="factor_event_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.investigator_id} {self.verb}"
