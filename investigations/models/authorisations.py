"""The letter of authorisation (授权委托书) that an investigator shows at a hospital's counter."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.enums import Reporter
from claims.models import Claim
from config.kernel.display import day
from config.kernel.models import StoredFile
from config.kernel.people import person, who_and_when


class Authorisation(models.Model):
    """A letter signed for one case, beside the consent to an investigation. A mistaken one is taken back.

    `signed_as` says in what quality it was signed, never a name. `scan` is empty for one that lies on paper alone.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+", verbose_name=_("case"))
    signed_as = models.CharField(_("signed by"), max_length=10, choices=Reporter)
    signed_on = models.DateField(_("signed on"))
    scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("scan")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    withdrawn_by = person(_("taken back by"))
    withdrawn_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter of authorisation")
        verbose_name_plural = _("letters of authorisation")
        ordering = ("-id",)
        permissions = [("record_authorisation", "Can record a letter of authorisation")]
        constraints = [
            models.CheckConstraint(name="authorisation_signer_is_known", condition=Q(signed_as__in=Reporter.values)),
            who_and_when("withdrawn_authorisation_has_who_and_when", "withdrawn_by", "withdrawn_at"),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="authorisation_stays_as_signed",
                fields=["claim", "signed_as", "signed_on", "scan", "recorded_by", "recorded_at"],
            ),
            pgtrigger.Protect(
                name="authorisation_is_withdrawn_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__withdrawn_at__isnull=False)
                & (
                    pgtrigger.Q(old__withdrawn_at__df=pgtrigger.F("new__withdrawn_at"))
                    | pgtrigger.Q(old__withdrawn_by__df=pgtrigger.F("new__withdrawn_by"))
                ),
            ),
            pgtrigger.Protect(name="authorisation_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_signed_as_display()} · {day(self.signed_on)}"
