"""The base of every event table."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """Base of every event table: who did what, when, from where to where. Never changed, never deleted."""

    verb = models.CharField(_("move"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    from_state = models.CharField(_("from"), max_length=20, blank=True)
    to_state = models.CharField(_("to"), max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    reason_code = models.CharField(_("reason code"), max_length=40, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    data = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        abstract = True
        triggers = [pgtrigger.Protect(name="event_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]
