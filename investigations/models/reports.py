"""What an agency found. A report is never changed: one that is sent back is followed by the next version."""

from datetime import UTC
from functools import cached_property
from typing import Any

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
from investigations.querysets import FoundFactQuerySet
from investigations.rules.visits import Content, Point, points_read


class Report(models.Model):
    """One version of the answer to a commission. What holds medical details is encrypted.

    `findings` sum it up; `content` is a `rules.visits.Content`, `points` are those for which it was sent back, null
    while it was not. `digest` is the SHA-256 of what was signed (`investigations.verify.canonical` of `told`); a report
    of before there were visits has none.
    """

    commission = models.ForeignKey(Commission, models.PROTECT, related_name="reports", verbose_name=_("commission"))
    version = models.PositiveSmallIntegerField(_("version"))
    conclusion = models.CharField(_("conclusion"), max_length=12, choices=Conclusion)
    findings = EncryptedTextField(_("findings"), blank=True)
    content = EncryptedTextField(_("visits"), blank=True, default="")
    digest = models.CharField(_("SHA-256 of what was signed"), max_length=64, blank=True)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("filed by"))
    signer = models.CharField(_("user name of who signed"), max_length=150, blank=True)
    filed_at = models.DateTimeField(_("filed at"))
    returned_by = person(_("sent back by"))
    returned_at = models.DateTimeField(_("sent back at"), null=True, blank=True)
    return_reason = models.TextField(_("reason for sending it back"), blank=True)
    points = EncryptedTextField(_("points"), null=True, blank=True)

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
                name="report_is_for_ever",
                fields=["commission", "version", "conclusion", "filed_by", "signer", "filed_at", "digest"],
            ),
            sealed("findings", name="report_findings_are_for_ever"),
            sealed("content", name="report_visits_are_for_ever"),
            sealed("points", name="report_points_are_for_ever"),
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

    @cached_property
    def said(self) -> Content:
        """The visits and answers."""
        return Content.read(self.content)

    @property
    def points_said(self) -> list[Point]:
        """What it was sent back for, beside the reason."""
        return points_read(self.points)

    def told(self) -> dict[str, Any]:
        """What its signature stands for: plain values, times in UTC."""
        return {
            "commission": self.commission_id,
            "version": self.version,
            "conclusion": str(self.conclusion),
            "summary": self.findings,
            "content": self.content,
            "signed_by": self.signer,
            "signed_at": self.filed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        }


class FoundFact(models.Model):
    """A fact that the originals gave, on one visit of a report; a reviewer takes it over into the case, or does not.

    `is_open`: it differs from what the case goes by, and wants an answer. `replaced` is what a fact that was taken over
    took the place of; a later answer brings it back.

    `key` and `value` are those of `claims.rules.facts.Medical`, or `diagnosed_on` and a day (YYYY-MM-DD). `visit`
    counts the report's visits from 0.
    """

    report = models.ForeignKey(Report, models.PROTECT, related_name="facts", verbose_name=_("investigation report"))
    visit = models.PositiveSmallIntegerField(_("visit"))
    key = models.CharField(_("fact"), max_length=30)
    value = models.JSONField(_("value"))
    is_open = models.BooleanField(_("wants an answer"), default=False)
    replaced = models.JSONField(_("what it took the place of"), null=True, blank=True)
    is_taken_over = models.BooleanField(_("taken over"), null=True, blank=True)
    answered_by = person(_("answered by"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answer_reason = models.TextField(_("reason"), blank=True)

    objects = FoundFactQuerySet.as_manager()

    class Meta:
        verbose_name = _("fact that was found")
        verbose_name_plural = _("facts that were found")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("report", "visit", "key"), name="fact_is_found_once_a_visit"),
            who_and_when("answered_fact_has_who_and_when", "answered_by", "answered_at"),
            models.CheckConstraint(
                name="fact_is_answered_with_a_time",
                condition=Q(is_taken_over__isnull=True, answered_at__isnull=True)
                | Q(is_taken_over__isnull=False, answered_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="found_fact_is_for_ever", fields=["report", "visit", "key", "value"]),
            pgtrigger.Protect(name="found_fact_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"
