"""What an agency found. A report is never changed: one that is sent back is followed by the next version."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.fields import EncryptedTextField
from config.kernel.people import person, who_and_when
from config.kernel.sealing import sealed
from investigations.enums import Conclusion
from investigations.models.commissions import Commission


class Report(models.Model):
    """One version of the answer to a commission; `findings` hold medical details and are encrypted."""

    commission = models.ForeignKey(Commission, models.PROTECT, related_name="reports", verbose_name=_("commission"))
    version = models.PositiveSmallIntegerField(_("version"))
    conclusion = models.CharField(_("conclusion"), max_length=12, choices=Conclusion)
    findings = EncryptedTextField(_("findings"), blank=True)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("filed by"))
    filed_at = models.DateTimeField(_("filed at"))
    returned_by = person(_("sent back by"))
    returned_at = models.DateTimeField(_("sent back at"), null=True, blank=True)
    return_reason = models.TextField(_("reason for sending it back"), blank=True)

    class Meta:
        verbose_name = _("investigation report")
        verbose_name_plural = _("investigation reports")
        ordering = ("commission", "version")
        constraints = [
            models.UniqueConstraint(fields=("commission", "version"), name="report_version_is_unique"),
            models.UniqueConstraint(
                fields=("commission",), condition=Q(returned_at__isnull=True), name="one_standing_report_a_commission"
            ),
            models.CheckConstraint(name="report_conclusion_is_known", condition=Q(conclusion__in=Conclusion.values)),
            who_and_when("returned_report_has_who_and_when", "returned_by", "returned_at"),
            models.CheckConstraint(
                name="report_is_returned_with_a_reason",
                condition=Q(returned_at__isnull=True, return_reason="")
                | (Q(returned_at__isnull=False) & ~Q(return_reason="")),
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="report_is_for_ever", fields=["commission", "version", "conclusion", "filed_by", "filed_at"]
            ),
            sealed("findings", name="report_findings_are_for_ever"),
            pgtrigger.Protect(
                name="report_is_returned_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__returned_at__isnull=False)
                & (
                    pgtrigger.Q(old__returned_at__df=pgtrigger.F("new__returned_at"))
                    | pgtrigger.Q(old__returned_by__df=pgtrigger.F("new__returned_by"))
                    | pgtrigger.Q(old__return_reason__df=pgtrigger.F("new__return_reason"))
                ),
            ),
            pgtrigger.Protect(name="report_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.commission_id} v{self.version}"
