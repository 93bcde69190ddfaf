"""Messages to members and staff: a row first, e-mail second."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.enums import Recipient
from members.models.people import Member


class Message(models.Model):
    """One message, kept as template and facts, so that it is read in its reader's language.

    To a member, to a role, or to one person of staff; `about` is the case number. Facts hold no personal data.
    """

    to = models.CharField(_("to"), max_length=10, choices=Recipient, blank=True)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="messages", verbose_name=_("member")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    about = models.CharField(_("about"), max_length=20, blank=True)
    template = models.SlugField(_("template"))
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="message_has_one_addressee",
                condition=Q(to="member", member__isnull=False, user__isnull=True)
                | Q(to="", user__isnull=False, member__isnull=True)
                | (~Q(to__in=("", "member")) & Q(member__isnull=True, user__isnull=True)),
            )
        ]
        indexes = [models.Index(fields=("about",), name="message_about")]

    def __str__(self) -> str:
        return f"{self.template} {self.about}"
