"""Outside companies that look into a case, and their people."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.enums import ProcedureKind
from config.kernel.identity import IdentityCode, InvalidIdentity, social_credit_code
from investigations.enums import PROVINCES
from investigations.querysets import AgencyQuerySet


def check_uscc(value: str) -> None:
    """ValidationError unless it is a unified social credit code as it is stored, with its check character."""
    try:
        if social_credit_code(value) != value:
            raise InvalidIdentity(IdentityCode.USCC_CHARACTERS)
    except InvalidIdentity as error:
        raise ValidationError(gettext(error.why)) from error


def check_kinds(value: object) -> None:
    """ValidationError unless it is a list of kinds of procedure, each once."""
    kinds = value if isinstance(value, list) else [value]
    known = isinstance(value, list) and all(kind in ProcedureKind.values for kind in kinds)
    if not known or len(set(kinds)) != len(kinds):
        raise ValidationError(
            _("Name kinds of procedure, each once: %(kinds)s."), params={"kinds": ", ".join(ProcedureKind)}
        )


def check_provinces(value: object) -> None:
    """ValidationError unless it is a list of provinces by their short names, each once."""
    names = value if isinstance(value, list) else [value]
    if not isinstance(value, list) or any(name not in PROVINCES for name in names) or len(set(names)) != len(names):
        raise ValidationError(_("Name provinces by their short names, each once."))


class Agency(models.Model):
    """An investigation agency, expert panel or forensic institution; `kinds` are the procedures it does.

    `region` is its seat, `provinces` are where it goes: everywhere when empty. `capacity` is how many commissions it
    says it can have at work at a time: any number when empty.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    uscc = models.CharField(_("unified social credit code"), max_length=18, unique=True, validators=[check_uscc])
    kinds = models.JSONField(_("procedures it does"), validators=[check_kinds])
    region = models.CharField(_("region"), max_length=40)
    provinces = models.JSONField(
        _("provinces it goes to"),
        default=list,
        blank=True,
        validators=[check_provinces],
        help_text=_("None: it goes everywhere."),
    )
    capacity = models.PositiveSmallIntegerField(
        _("commissions at a time"), null=True, blank=True, help_text=_("Empty: as many as come.")
    )
    active = models.BooleanField(_("takes commissions"), default=True)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ("name",)
        permissions = [
            ("declare_conflict", "Can record a conflict of interest of an agency"),
            ("agree_fee", "Can record what an agency is paid"),
            ("download_fee_sheet", "Can download an agency's fee sheet"),
        ]
        constraints = [
            models.CheckConstraint(
                name="agency_has_a_credit_code", condition=models.Q(uscc__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$")
            )
        ]

    def __str__(self) -> str:
        return self.name


class Investigator(models.Model):
    """A person of an agency who may sign in, with a second factor, to the pages under /field/."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("user"))
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="investigators", verbose_name=_("agency"))
    is_coordinator = models.BooleanField(
        _("coordinator"),
        default=False,
        help_text=_("Sees all commissions of the agency, and hands them to its people."),
    )

    class Meta:
        verbose_name = _("investigator")
        verbose_name_plural = _("investigators")

    def __str__(self) -> str:
        return f"{self.user} · {self.agency}"
