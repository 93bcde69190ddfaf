"""What agencies are paid: agreements, and who took a fee sheet out of the house."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.enums import ProcedureKind
from investigations.models.agencies import Agency


class FeeAgreement(models.Model):
    """From a day on, one commission of a kind earns an agency this (fen); the next agreement of the kind follows it."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="fees", verbose_name=_("agency"))
    kind = models.CharField(_("kind"), max_length=12, choices=ProcedureKind)
    valid_from = models.DateField(_("valid from"))
    fee_fen = models.BigIntegerField(_("fee (fen)"))
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    agreed_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("fee agreement")
        verbose_name_plural = _("fee agreements")
        ordering = ("kind", "-valid_from")
        constraints = [
            models.UniqueConstraint(fields=("agency", "kind", "valid_from"), name="one_fee_agreement_a_day"),
            models.CheckConstraint(name="fee_is_not_negative", condition=Q(fee_fen__gte=0)),
            models.CheckConstraint(name="fee_kind_is_known", condition=Q(kind__in=ProcedureKind.values)),
        ]
        triggers = [pgtrigger.Protect(name="fee_agreement_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.valid_from}"


class FeeSheet(models.Model):
    """Somebody downloaded what an agency earned in a month; `month` is its first day."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="fee_sheets", verbose_name=_("agency"))
    month = models.DateField(_("month"))
    rows = models.PositiveIntegerField(_("lines"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("downloaded by"))
    at = models.DateTimeField(_("downloaded at"))

    class Meta:
        verbose_name = _("fee sheet")
        verbose_name_plural = _("fee sheets")
        ordering = ("-id",)
        triggers = [pgtrigger.Protect(name="fee_sheet_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.agency} {self.month:%Y-%m}"
