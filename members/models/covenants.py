"""Plans and their covenants, the disease catalogue and the hospital register."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members.enums import DefinitionSource, DiseaseClass, Ownership
from members.querysets import CovenantQuerySet, HospitalQuerySet


class Plan(models.Model):
    """One mutual-aid plan; its rules are its covenants."""

    code = models.SlugField(_("code"), unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=40)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en


class Covenant(models.Model):
    """One version of a plan's covenant (互助公约), as data.

    `terms` is flat, `{"waiting.days": 90}`; `clauses` is `{"3.2": {"zh": …, "en": …}}`; `term_clauses` leads from a
    term to its clause. A published version never changes (trigger); two people publish it. A version that is
    `derived_from` another only tries out other figures: it is never in force, and binds whom it was given to by name.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="covenants")
    version = models.CharField(_("version"), max_length=40)
    terms = models.JSONField(_("terms"))
    clauses = models.JSONField(_("clauses"))
    term_clauses = models.JSONField(_("clause of each term"))
    questions = models.JSONField(_("health questions"))
    in_force_from = models.DateField(_("in force from"))
    derived_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tried out in place of")
    )
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    drafted_at = models.DateTimeField(_("drafted at"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)

    objects = CovenantQuerySet.as_manager()

    class Meta:
        verbose_name = _("covenant")
        verbose_name_plural = _("covenants")
        ordering = ("plan", "-in_force_from", "-id")
        permissions = [
            ("draft_covenant", "Can draft a covenant"),
            ("publish_covenant", "Can publish a covenant"),
            ("import_covenant", "Can import a covenant as a draft"),
        ]
        constraints = [
            models.UniqueConstraint(fields=("plan", "version"), name="covenant_version_is_unique_in_its_plan"),
            models.CheckConstraint(
                name="covenant_publisher_comes_with_a_time",
                condition=Q(published_by__isnull=True, published_at__isnull=True)
                | Q(published_by__isnull=False, published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="covenant_publisher_did_not_draft_it",
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("drafted_by")),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_covenant_is_for_ever",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            ),
            pgtrigger.Trigger(
                name="covenant_publisher_did_not_edit_it",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__published_by__isnull=False),
                func="""
                    IF EXISTS (
                        SELECT 1 FROM members_covenantedit e
                        WHERE e.covenant_id = NEW.id AND e.by_id = NEW.published_by_id
                    ) THEN
                        RAISE EXCEPTION 'covenant_publisher_did_not_edit_it';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.version}"

    def clause_text(self, number: str, language: str) -> str:
        """The wording of one clause in `language` (`zh` or `en`); empty when the number is empty or unknown."""
        return str(self.clauses.get(number, {}).get(language, ""))


class CovenantEdit(models.Model):
    """One change of a draft by one person: whoever made one is an author of the version and does not publish it.

    `parts` lists what changed, `{"part": "term", "name": "waiting.days", "was": 90, "now": 180}`; null where there was
    or is nothing. `before` and `after` are the draft's digests, so that a form opened earlier knows what it missed.
    """

    covenant = models.ForeignKey(Covenant, models.PROTECT, related_name="edits", verbose_name=_("draft"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    parts = models.JSONField(_("what changed"))
    before = models.CharField(_("digest before"), max_length=64)
    after = models.CharField(_("digest after"), max_length=64)

    class Meta:
        verbose_name = _("edit of a draft")
        verbose_name_plural = _("edits of drafts")
        ordering = ("id",)
        triggers = [pgtrigger.Protect(name="covenant_edit_never_changes", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.covenant_id} {self.by}"


class Disease(models.Model):
    """A row of the catalogue: what an illness is called, defined and shown by, and whose wording that is."""

    code = models.SlugField(_("code"), max_length=80, unique=True)
    number = models.PositiveSmallIntegerField(_("number"), unique=True)
    disease_class = models.CharField(_("class"), max_length=10, choices=DiseaseClass)
    source = models.CharField(_("source of the definition"), max_length=10, choices=DefinitionSource)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120)
    name_2007 = models.CharField(_("name of 2007"), max_length=80, blank=True)
    icd10 = models.CharField(_("ICD-10 hint"), max_length=80, blank=True)
    definition_zh = models.TextField(_("Chinese definition"))
    definition_en = models.TextField(_("English definition"))
    proof_zh = models.TextField(_("Chinese proof"), blank=True)
    proof_en = models.TextField(_("English proof"), blank=True)

    class Meta:
        verbose_name = _("disease")
        verbose_name_plural = _("diseases")
        ordering = ("number",)
        permissions = [("import_disease", "Can import diseases")]

    def __str__(self) -> str:
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en


class Hospital(models.Model):
    """A hospital as it was graded in a period; `valid_to` is the last day, open when empty."""

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    province = models.CharField(_("province"), max_length=40)
    city = models.CharField(_("city"), max_length=40)
    region_code = models.CharField(_("region code"), max_length=6)
    grade = models.CharField(_("grade"), max_length=2, blank=True, help_text=_("1A to 3C; empty when not graded"))
    ownership = models.CharField(_("ownership"), max_length=10, choices=Ownership)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=80)

    objects = HospitalQuerySet.as_manager()

    class Meta:
        verbose_name = _("hospital")
        verbose_name_plural = _("hospitals")
        ordering = ("name", "-valid_from")
        permissions = [("import_hospital", "Can import hospitals")]
        constraints = [
            models.UniqueConstraint(fields=("code", "valid_from"), name="hospital_has_one_row_for_a_start"),
            models.CheckConstraint(
                name="hospital_period_does_not_end_before_it_starts",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name
