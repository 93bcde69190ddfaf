"""Holidays, and weekends that are worked."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel import display


class CalendarDay(models.Model):
    """A day that differs from plain Monday to Friday: a holiday, or a weekend that is worked (调休)."""

    day = models.DateField(_("day"), unique=True)
    is_working = models.BooleanField(_("working day"))
    is_statutory = models.BooleanField(_("statutory day off"), default=False)
    name = models.CharField(_("name"), max_length=40)
    source = models.CharField(_("source"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ("-day",)
        permissions = [("import_calendarday", "Can import calendar days")]
        constraints = [
            models.CheckConstraint(
                name="statutory_day_off_is_not_worked",
                condition=~models.Q(is_working=True, is_statutory=True),
            )
        ]

    def __str__(self) -> str:
        return f"{display.day(self.day)} {self.name}"
