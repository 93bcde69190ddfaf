"""The closed lists of the members app."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Sex(TextChoices):
    FEMALE = "F", _("female")
    MALE = "M", _("male")


class DiseaseClass(TextChoices):
    SEVERE = "severe", _("severe")
    MILD = "mild", _("mild")
    FURTHER = "further", _("further illness")


class DefinitionSource(TextChoices):
    NORM_2020 = "2020", _("2020 norm")
    NORM_2007 = "2007", _("2007 norm")
    PLAN = "plan", _("the plan's own wording")


class Ownership(TextChoices):
    PUBLIC = "public", _("public")
    PRIVATE = "private", _("private")


class EndReason(TextChoices):
    PAID = "paid", _("aid was paid")
    ARREARS = "arrears", _("shares unpaid")
    LEFT = "left", _("left")


class Purpose(TextChoices):
    """What a separate consent is for (PIPL 23, 25, 29; AMB-21)."""

    PUBLICITY = "publicity", _("publication of the case")
    INVESTIGATION = "investigation", _("investigation, with written authorisation")
    COVENANT = "covenant", _("a later version of the covenant")


class Recipient(TextChoices):
    """To whom a message goes when not to one named person of staff."""

    MEMBER = "member", _("member")
    REVIEWER = "reviewer", _("reviewers")
    SUPERVISOR = "supervisor", _("supervisors")
    FINANCE = "finance", _("finance")
    AGENCY = "agency", _("investigation agency")
