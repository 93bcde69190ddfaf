"""What an agency declared of itself: whom it knows too well to look into."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.people import person, who_and_when
from investigations.models.agencies import Agency


class Conflict(models.Model):
    """An agency is too close to a member or to a hospital. One that is over is ended, never deleted.

    A hospital is meant with all its rows of the register: those of the same code.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="conflicts", verbose_name=_("agency"))
    member = models.ForeignKey(
        "members.Member", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("member")
    )
    hospital = models.ForeignKey(
        "members.Hospital", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("hospital")
    )
    reason = models.TextField(_("reason"))
    declared_by = person(_("recorded by"))
    declared_at = models.DateTimeField(_("recorded at"))
    ended_by = person(_("ended by"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="conflict_is_with_a_member_or_a_hospital",
                condition=Q(member__isnull=True, hospital__isnull=False)
                | Q(member__isnull=False, hospital__isnull=True),
            ),
            models.CheckConstraint(name="conflict_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="conflict_was_declared_by_somebody", condition=Q(declared_by__isnull=False)),
            who_and_when("ended_conflict_has_who_and_when", "ended_by", "ended_at"),
            models.UniqueConstraint(
                fields=("agency", "member"),
                condition=Q(ended_at__isnull=True, member__isnull=False),
                name="one_standing_conflict_with_a_member",
            ),
            models.UniqueConstraint(
                fields=("agency", "hospital"),
                condition=Q(ended_at__isnull=True, hospital__isnull=False),
                name="one_standing_conflict_with_a_hospital",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="conflict_stays_as_declared",
                fields=["agency", "member", "hospital", "reason", "declared_by", "declared_at"],
            ),
            pgtrigger.Protect(
                name="conflict_is_ended_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ended_at__isnull=False)
                & (
                    pgtrigger.Q(old__ended_at__df=pgtrigger.F("new__ended_at"))
                    | pgtrigger.Q(old__ended_by__df=pgtrigger.F("new__ended_by"))
                ),
            ),
            pgtrigger.Protect(name="conflict_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return str(self.member or self.hospital)
