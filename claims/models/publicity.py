"""The public notice of a case and its clock (SR-24, SR-25)."""

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from claims.models.claim import Claim
from config.kernel.civil import end_of
from config.kernel.display import day


class Publicity(models.Model):
    """One time that a masked card was put before the members.

    The last day is the first day + `days` + `extension_days` + `suspended_days`; while suspended there is none, and
    `days_left` waits. Days run from the end before any objection, and the longest extension counts (AMB-12, AMB-13).
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="publicities", verbose_name=_("case"))
    starts_on = models.DateField(_("starts on"))
    days = models.PositiveSmallIntegerField(_("days"))
    extension_days = models.PositiveSmallIntegerField(_("days added by objections"), default=0)
    suspended_days = models.PositiveSmallIntegerField(_("days it stood still"), default=0)
    suspended_on = models.DateField(_("stands still since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    card = models.JSONField(_("card"))

    class Meta:
        verbose_name = _("publicity")
        verbose_name_plural = _("publicities")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("claim",), condition=Q(ended_at__isnull=True), name="one_running_publicity_a_claim"
            ),
            models.CheckConstraint(
                name="publicity_stops_after_it_starts",
                condition=Q(suspended_on__isnull=True) | Q(suspended_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {day(self.starts_on)}"

    @property
    def scheduled_on(self) -> date:
        """The last day if the clock were running (again) today."""
        return self.starts_on + timedelta(days=self.days + self.extension_days + self.suspended_days)

    @property
    def ends_on(self) -> date | None:
        """The last day, 24:00 of which is the end; None while the clock stands still."""
        return None if self.suspended_on else self.scheduled_on

    @property
    def ends_at(self) -> datetime | None:
        """The first instant after the publicity."""
        return None if self.suspended_on else end_of(self.scheduled_on)

    @property
    def payable_from(self) -> date | None:
        """The day after the last."""
        return None if self.suspended_on else self.scheduled_on + timedelta(days=1)

    @property
    def days_left(self) -> int:
        """Days that wait while the clock stands still; 0 while it runs."""
        return (self.scheduled_on - self.suspended_on).days if self.stands_still and self.suspended_on else 0

    @property
    def stands_still(self) -> bool:
        """Whether the clock waits to go on; one that ended while it waited does not."""
        return self.suspended_on is not None and self.ended_at is None
