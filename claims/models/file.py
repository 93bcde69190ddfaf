"""The case file: papers, assessments, events, letters."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.enums import Delivery, LetterKind, MaterialKind, PaperFault, PaperFinding
from claims.models.claim import Claim
from claims.querysets import decided_end
from config.kernel.display import day
from config.kernel.fields import BlindIndexField, EncryptedTextField
from config.kernel.models import Event, StoredFile
from config.kernel.people import person, who_and_when


class Material(models.Model):
    """One paper as it was handed in; a newer one of the same kind replaces it, and both are kept.

    `details`: `hospital` {grade, ownership}, `sealed`, `signed_by`, `through` (ISO date), `none_exist`.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="materials", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=30, choices=MaterialKind)
    details = models.JSONField(_("details"), default=dict, blank=True)
    received_at = models.DateTimeField(_("received at"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("received by")
    )
    replaced_at = models.DateTimeField(_("replaced at"), null=True, blank=True)
    record_number = EncryptedTextField(_("hospital record number"), blank=True, default="")
    record_number_index = BlindIndexField(source="record_number")
    finding = models.CharField(_("finding"), max_length=10, choices=PaperFinding, blank=True)
    fault = models.CharField(_("fault"), max_length=20, choices=PaperFault, blank=True)
    finding_note = models.TextField(_("what is wrong with it"), blank=True)
    judged_by = person(_("looked at by"))
    judged_at = models.DateTimeField(_("looked at at"), null=True, blank=True)

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        ordering = ("id",)
        permissions = [
            ("submit_material", "Can take in papers"),
            ("judge_material", "Can accept papers and send them back"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("claim", "kind"),
                condition=models.Q(replaced_at__isnull=True),
                name="one_current_paper_of_a_kind",
            ),
            who_and_when("paper_is_judged_by_somebody", "judged_by", "judged_at"),
            models.CheckConstraint(
                name="judged_paper_has_a_finding",
                condition=Q(judged_at__isnull=True, finding="") | (Q(judged_at__isnull=False) & ~Q(finding="")),
            ),
            models.CheckConstraint(
                name="paper_sent_back_has_a_fault",
                condition=(Q(finding="returned") & ~Q(fault="")) | (~Q(finding="returned") & Q(fault="")),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class PaperFile(models.Model):
    """One file of a paper, in the order of its pages; `name` is what the sender called it, and decides nothing."""

    material = models.ForeignKey(Material, models.PROTECT, related_name="files", verbose_name=_("paper"))
    stored = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("stored file"))
    name = models.CharField(_("name given by the sender"), max_length=120, blank=True)
    place = models.PositiveSmallIntegerField(_("place"), default=1)

    class Meta:
        verbose_name = _("file of a paper")
        verbose_name_plural = _("files of papers")
        ordering = ("material", "place", "id")
        constraints = [models.UniqueConstraint(fields=("material", "place"), name="file_has_one_place_in_its_paper")]
        triggers = [pgtrigger.Protect(name="paper_file_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.material_id} {self.place}"


class Assessment(models.Model):
    """What the rules said at one time, with the facts and terms they said it of, so that it can be replayed.

    Amounts are in fen; null where the covenant leaves the ratio to a person. `findings` are in reading order.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="assessments", verbose_name=_("case"))
    covenant = models.ForeignKey("members.Covenant", models.PROTECT, related_name="+", verbose_name=_("covenant"))
    at = models.DateTimeField(_("at"))
    facts = models.JSONField(_("facts"))
    outcome = models.CharField(_("outcome"), max_length=10)
    codes = models.JSONField(_("codes"))
    findings = models.JSONField(_("findings"))
    gross_fen = models.BigIntegerField(_("gross (fen)"), null=True)
    arrears_fen = models.BigIntegerField(_("arrears (fen)"))
    net_fen = models.BigIntegerField(_("net (fen)"), null=True)
    steps = models.JSONField(_("arithmetic"))

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ("id",)
        triggers = [pgtrigger.Protect(name="assessment_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.outcome} {', '.join(self.codes)}"


class ClaimEvent(Event):
    """One move of a case, written last in the move's own transaction."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="events", verbose_name=_("case"))
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("assessment")
    )

    class Meta(Event.Meta):
        verbose_name = _("case event")
        verbose_name_plural = _("case events")
        ordering = ("id",)
        permissions = [("view_figures", "Can read the figures of the whole floor")]
        constraints = [models.UniqueConstraint(fields=("claim", "version"), name="one_event_a_version")]
        indexes = [
            models.Index(
                fields=("at",),
                include=("claim", "version", "from_state", "to_state", "by", "verb"),
                name="event_by_time",
            ),
            models.Index(fields=("at",), name="event_of_an_end", condition=decided_end()),
            models.Index(fields=("at",), name="event_of_a_return", condition=Q(verb="return")),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} v{self.version} {self.verb}"


class Letter(models.Model):
    """A letter to the applicant, as template and facts; a supplement letter names all gaps at once.

    `printed` is the PDF that was made of it, kept with its hash; empty until the printer has been round.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="letters", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=20, choices=LetterKind)
    facts = models.JSONField(_("facts"), default=dict)
    written_at = models.DateTimeField(_("written at"))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    printed = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("PDF")
    )
    delivery = models.CharField(_("delivered"), max_length=10, choices=Delivery, blank=True)
    delivery_note = models.CharField(_("proof of delivery"), max_length=120, blank=True)
    delivered_by = person(_("delivery recorded by"))
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ("id",)
        permissions = [("deliver_letter", "Can record the delivery of a letter")]
        constraints = [
            who_and_when("delivery_has_who_and_when", "delivered_by", "delivered_at"),
            models.CheckConstraint(
                name="delivered_letter_says_how",
                condition=Q(delivered_at__isnull=True, delivery="") | (Q(delivered_at__isnull=False) & ~Q(delivery="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {day(self.written_at)}"
