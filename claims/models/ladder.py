"""Who was told that a deadline ran out, and what each person was told in the morning: rows before they are messages."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.enums import Rungs
from claims.models.clocks import Deadline
from config.kernel.people import person


class Rung(models.Model):
    """One rung of the ladder that an overdue deadline climbs; `user` was told, or the role where it is nobody.

    `next_at` is when somebody looks whether the next rung has come; empty at the top, and once the ladder has no point.
    """

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="rungs", verbose_name=_("deadline"))
    rung = models.CharField(_("rung"), max_length=12, choices=Rungs)
    user = person(_("who was told"))
    told_at = models.DateTimeField(_("told at"))
    next_at = models.DateTimeField(_("looked at again"), null=True, blank=True)

    class Meta:
        verbose_name = _("rung of the ladder")
        verbose_name_plural = _("rungs of the ladder")
        ordering = ("told_at", "id")
        constraints = [models.UniqueConstraint(fields=("deadline", "rung"), name="one_telling_a_rung")]
        indexes = [
            models.Index(fields=("next_at",), name="rung_climbs", condition=Q(next_at__isnull=False)),
            models.Index(fields=("told_at",), name="rung_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id} {self.rung}"


class Digest(models.Model):
    """What one person was told of the deadlines on one morning; `facts` are counts and case numbers by heading.

    There is a row though nothing was to be said, so that a morning is looked at once.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("to"))
    day = models.DateField(_("day"))
    facts = models.JSONField(_("facts"), default=dict)
    created_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("digest of deadlines")
        verbose_name_plural = _("digests of deadlines")
        ordering = ("-day", "user")
        constraints = [models.UniqueConstraint(fields=("user", "day"), name="one_digest_a_person_and_day")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"
