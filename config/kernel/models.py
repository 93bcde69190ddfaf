"""What all apps share: people, calendar, outbox, and the base of every event table."""

from datetime import date
from typing import ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from config.kernel import display
from config.kernel.permissions import ExplicitPermissions


class UserManager(DjangoUserManager["User"]):
    def system(self) -> "User":
        """The actor of every sweep; it has no password and cannot sign in."""
        with transaction.atomic():
            user, created = self.get_or_create(
                username="system", defaults={"display_name": "系统", "is_staff": False, "password": "!"}
            )
            if created:
                user.groups.add(Group.objects.get(name="system"))
        return user


class User(ExplicitPermissions, AbstractUser):
    """A member of staff, or an investigator of an agency. Superusers are not exempt from any permission."""

    display_name = models.CharField(_("name"), max_length=80, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]  # read late, in the reader's language
        verbose_name_plural = _("users")  # type: ignore[assignment]  # the same

    def __str__(self) -> str:
        return self.display_name or self.username


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
        constraints = [
            models.CheckConstraint(
                name="statutory_day_off_is_not_worked",
                condition=~models.Q(is_working=True, is_statutory=True),
            )
        ]

    def __str__(self) -> str:
        return f"{display.day(self.day)} {self.name}"


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


class StoredFile(models.Model):
    """A file by its content: the SHA-256 of the bytes that came in, their type by content, their number.

    The bytes lie encrypted in the file store (`config.kernel.files`); the same content is stored once. What a file was
    called, and whose it is, is said where it is referred to.
    """

    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    content_type = models.CharField(_("type"), max_length=40)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    pages = models.PositiveIntegerField(_("pages"), default=1)
    stored_at = models.DateTimeField(_("stored at"))

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        triggers = [pgtrigger.Protect(name="stored_file_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.sha256[:12]


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def on(self, day: date) -> Self:
        """Those of whoever is away on this day."""
        return self.filter(first_day__lte=day, last_day__gte=day)


class Absence(models.Model):
    """Days on which somebody is not given work; both days are included."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences", verbose_name=_("who is away")
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    note = models.CharField(_("note"), max_length=80, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ("-first_day", "-id")
        constraints = [
            models.CheckConstraint(
                name="absence_does_not_end_before_it_starts",
                condition=models.Q(last_day__gte=models.F("first_day")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {display.day(self.first_day)} – {display.day(self.last_day)}"


class SavedView(models.Model):
    """A list as somebody likes to see it: its filters and order, under a name. Never what was searched of a person."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", verbose_name=_("whose")
    )
    page = models.CharField(_("list"), max_length=80)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(_("filters and order"), max_length=1000, blank=True)
    is_shared = models.BooleanField(_("shared with everybody"), default=False)
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=("user", "page", "name"), name="saved_view_has_one_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """Base of every event table: who did what, when, from where to where. Never changed, never deleted."""

    verb = models.CharField(_("move"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    from_state = models.CharField(_("from"), max_length=20, blank=True)
    to_state = models.CharField(_("to"), max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    reason_code = models.CharField(_("reason code"), max_length=40, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    data = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        abstract = True
        triggers = [pgtrigger.Protect(name="event_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]
