"""What has to leave the house."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxState(models.TextChoices):
    PENDING = "pending", _("pending")
    DONE = "done", _("done")
    DEAD = "dead", _("given up")


class Outbox(models.Model):
    """Something that has to leave the house, written in the transaction that causes it. Ids only, no personal data."""

    topic = models.CharField(_("topic"), max_length=40)
    ref = models.BigIntegerField(_("reference"))
    created_at = models.DateTimeField(_("created"))
    retry_at = models.DateTimeField(_("next try"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=OutboxState, default=OutboxState.PENDING)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("outgoing item")
        verbose_name_plural = _("outgoing items")
        constraints = [
            models.UniqueConstraint(fields=("topic", "ref"), name="outbox_item_is_written_once"),
            models.CheckConstraint(
                name="outbox_item_is_done_with_a_time",
                condition=models.Q(state="done", done_at__isnull=False)
                | (~models.Q(state="done") & models.Q(done_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=("retry_at",), name="outbox_pending", condition=models.Q(state="pending")),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.ref}"
