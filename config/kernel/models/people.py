"""Who works here, with whom, and when not."""

from datetime import date
from typing import ClassVar, Self

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
    team = models.ForeignKey(
        "kernel.Team", models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("team")
    )

    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]  # read late, in the reader's language
        verbose_name_plural = _("users")  # type: ignore[assignment]  # the same

    def __str__(self) -> str:
        return self.display_name or self.username


class Team(models.Model):
    """People of the desk who answer to one lead: what is overdue with them is told to the lead before supervisors."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("lead"))

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


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
