"""Deadlines and reminders: computed from timestamps, so that they can be computed again."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.enums import DeadlineKind, DeadlineStatus, PauseReason
from claims.models.claim import Claim
from members.enums import Recipient


class Deadline(models.Model):
    """Until when something has to be done; `due_at` is the first instant after it, empty while the clock stands still.

    An extension closes one generation and opens the next, under the claim's lock. A clock of the desk that stands still
    keeps the days that were left of it, counted as its covenant counts them. That of a third party has its `procedure`
    in every generation: several may run side by side in one case.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="deadlines", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=20, choices=DeadlineKind)
    procedure = models.ForeignKey(
        "claims.Procedure",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # asked for by the case, or by the end of the clock
        related_name="+",
        verbose_name=_("procedure"),
    )
    generation = models.PositiveSmallIntegerField(_("generation"))
    opened_at = models.DateTimeField(_("opened at"))
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=DeadlineStatus, default=DeadlineStatus.OPEN)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    paused_at = models.DateTimeField(_("stands still since"), null=True, blank=True)
    days_left = models.PositiveSmallIntegerField(_("days left"), null=True, blank=True)
    pause_code = models.CharField(
        _("stands still because"), max_length=20, choices=PauseReason, blank=True, db_default=""
    )
    pause_reason = models.CharField(_("reason"), max_length=200, blank=True, db_default="")
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    retry_at = models.DateTimeField(_("next try"), null=True, blank=True)

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        ordering = ("id",)
        permissions = [
            ("watch_deadline", "Can watch the deadlines of the whole floor"),
            ("pause_deadline", "Can stop a clock of the desk and let it go on"),
            ("extend_deadline", "Can give a deadline of the desk more days"),
        ]
        constraints = [
            models.UniqueConstraint(fields=("claim", "kind", "generation"), name="deadline_generation_is_unique"),
            models.CheckConstraint(
                name="deadline_is_closed_with_a_time",
                condition=Q(status="open", closed_at__isnull=True) | (~Q(status="open") & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="deadline_is_due_or_stands_still",
                condition=Q(due_at__isnull=False, paused_at__isnull=True)
                | Q(due_at__isnull=True, paused_at__isnull=False),
            ),
            models.CheckConstraint(
                name="clock_of_the_desk_stands_still_for_a_reason",
                condition=Q(pause_code="", pause_reason="", days_left__isnull=True)
                | (Q(paused_at__isnull=False, days_left__isnull=False) & ~Q(pause_code="") & ~Q(pause_reason="")),
            ),
        ]
        indexes = [
            models.Index(fields=("due_at", "kind"), name="deadline_open", condition=Q(status="open")),
            models.Index(
                fields=("closed_at",),
                include=("claim", "kind", "status"),
                name="deadline_by_end",
                condition=Q(status__in=("met", "missed")),
            ),
            models.Index(fields=("paused_at",), name="deadline_still", condition=Q(status="open", due_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.generation}"


class Reminder(models.Model):
    """One step of a deadline: a row, unique, before it is a message. Cancelled with its deadline."""

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="reminders", verbose_name=_("deadline"))
    days_before = models.PositiveSmallIntegerField(_("days before"))
    due_at = models.DateTimeField(_("due at"))
    to = models.CharField(_("to"), max_length=10, choices=Recipient)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ("due_at", "id")
        constraints = [
            models.UniqueConstraint(fields=("deadline", "days_before"), name="reminder_step_is_unique"),
            models.CheckConstraint(name="reminder_has_an_addressee", condition=Q(to__in=Recipient.values)),
            models.CheckConstraint(
                name="reminder_is_sent_or_cancelled",
                condition=Q(sent_at__isnull=True) | Q(cancelled_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=("due_at",),
                name="reminder_pending",
                condition=Q(sent_at__isnull=True, cancelled_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id} −{self.days_before}"
