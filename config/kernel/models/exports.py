"""Files that leave the desk: who asked for what, why, who else agreed, what became of it."""

from datetime import datetime

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.kernel.fields import EncryptedTextField
from config.kernel.people import person, who_and_when


class FileFormat(models.TextChoices):
    XLSX = "xlsx", _("Excel workbook (.xlsx)")
    CSV = "csv", _("CSV (.csv)")


class ExportStatus(models.TextChoices):
    WAITING = "waiting", _("waits for a second person")
    ASKED = "asked", _("waits for its turn")
    RUNNING = "running", _("being written")
    READY = "ready", _("ready")
    EXPIRED = "expired", _("thrown away")
    DECLINED = "declined", _("declined")
    CANCELLED = "cancelled", _("called off")
    FAILED = "failed", _("failed")


UNFINISHED = (ExportStatus.WAITING, ExportStatus.ASKED, ExportStatus.RUNNING)
IN_TURN = (ExportStatus.ASKED, ExportStatus.RUNNING)


class Rhythm(models.TextChoices):
    DAILY = "daily", _("every working day")
    WEEKLY = "weekly", _("every Monday")
    MONTHLY = "monthly", _("on the first of each month")


class ExportSchedule(models.Model):
    """An export that is asked for again and again, at `hour` o'clock in Shanghai; always masked.

    `next_at` is when it is due; what was due while nobody rang is asked for once.
    """

    name = models.CharField(_("name"), max_length=40)
    sheet = models.CharField(_("sheet"), max_length=40)
    query = EncryptedTextField(_("filters"), blank=True)
    columns = models.JSONField(_("columns"))
    format = models.CharField(_("format"), max_length=4, choices=FileFormat)
    language = models.CharField(_("language"), max_length=10)
    purpose = models.CharField(_("purpose"), max_length=200)
    rhythm = models.CharField(_("how often"), max_length=10, choices=Rhythm)
    hour = models.PositiveSmallIntegerField(_("hour"), default=6)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("whose"))
    next_at = models.DateTimeField(_("next at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("scheduled export")
        verbose_name_plural = _("scheduled exports")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(name="schedule_is_at_an_hour", condition=Q(hour__lte=23)),
        ]
        indexes = [models.Index(fields=("next_at",), name="schedule_running", condition=Q(ended_at__isnull=True))]

    def __str__(self) -> str:
        return self.name


class Export(models.Model):
    """One file: which rows of which list, which columns, those of them in the clear, and what it was needed for.

    `query` is the address of the list as it was filtered. The rows are read anew when the file is written; `done` of
    `total` are. The file lies encrypted in `pieces` until `expires_at`; what is said of it here stays.
    """

    sheet = models.CharField(_("sheet"), max_length=40)
    query = EncryptedTextField(_("filters"), blank=True)
    columns = models.JSONField(_("columns"))
    clear = models.JSONField(_("columns in the clear"), default=list, blank=True)
    format = models.CharField(_("format"), max_length=4, choices=FileFormat)
    language = models.CharField(_("language"), max_length=10)
    purpose = models.CharField(_("purpose"), max_length=200)
    schedule = models.ForeignKey(
        ExportSchedule, models.PROTECT, null=True, blank=True, related_name="exports", verbose_name=_("schedule")
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    agreed_by = person(_("agreed by"))
    agreed_at = models.DateTimeField(_("agreed at"), null=True, blank=True)
    agreed_rows = models.PositiveBigIntegerField(_("rows agreed to"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=ExportStatus, default=ExportStatus.ASKED)
    total = models.PositiveBigIntegerField(_("rows in all"), default=0)
    done = models.PositiveBigIntegerField(_("rows written"), default=0)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    pieces = models.PositiveIntegerField(_("pieces"), default=0)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("can be fetched until"), null=True, blank=True)
    asked_told_at = models.DateTimeField(_("a second person was asked at"), null=True, blank=True)
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)
    failed_because = models.CharField(_("failed because"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ("-id",)
        permissions = [
            ("export_clear", "Can ask for private columns in the clear"),
            ("agree_export", "Can agree to an export in the clear"),
            ("view_all_exports", "Can see what others exported"),
            ("export_register", "Can export registers"),
        ]
        constraints = [
            who_and_when("export_agreement_has_who_and_when", "agreed_by", "agreed_at"),
            models.CheckConstraint(
                name="export_is_agreed_by_another",
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="clear_export_is_agreed_to",
                condition=Q(clear=[])
                | Q(agreed_by__isnull=False)
                | Q(status__in=("waiting", "declined", "cancelled", "failed")),
            ),
            models.CheckConstraint(
                name="export_is_ready_with_a_hash",
                condition=~Q(status__in=("ready", "expired"))
                | Q(finished_at__isnull=False, expires_at__isnull=False) & ~Q(sha256=""),
            ),
            models.UniqueConstraint(
                fields=("schedule", "asked_at"),
                name="schedule_asks_once_a_time",
                condition=Q(schedule__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=("asked_at",), name="export_in_turn", condition=Q(status__in=("asked", "running"))),
            models.Index(fields=("expires_at",), name="export_to_throw_away", condition=Q(status="ready")),
            models.Index(
                fields=("finished_at",),
                name="export_to_tell",
                condition=Q(told_at__isnull=True, finished_at__isnull=False),
            ),
            models.Index(fields=("asked_by", "asked_at"), name="export_by_asker"),
        ]
        triggers = [pgtrigger.Protect(name="export_is_never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"EX-{self.pk:06}"

    def status_at(self, at: datetime) -> ExportStatus:
        """A file that nobody may begin to fetch any more is as good as thrown away."""
        is_over = self.status == ExportStatus.READY and self.expires_at is not None and self.expires_at <= at
        return ExportStatus.EXPIRED if is_over else ExportStatus(self.status)

    @staticmethod
    def key_of(number: str) -> int | None:
        """The key of the export that is called so; None for what is called otherwise."""
        head, _dash, digits = number.partition("EX-")
        return int(digits) if not head and digits.isascii() and digits.isdigit() else None


class ExportEvent(models.Model):
    """What happened to an export: asked, agreed, written, fetched. Never changed."""

    export = models.ForeignKey(Export, models.PROTECT, related_name="events", verbose_name=_("export"))
    verb = models.CharField(_("what"), max_length=20)
    by = person(_("by"))
    at = models.DateTimeField(_("at"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("event of an export")
        verbose_name_plural = _("events of exports")
        ordering = ("id",)
        triggers = [pgtrigger.Protect(name="export_event_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.export_id} {self.verb}"


class ColumnSet(models.Model):
    """Columns of a sheet as somebody likes to have them, under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("whose"))
    sheet = models.CharField(_("sheet"), max_length=40)
    name = models.CharField(_("name"), max_length=40)
    columns = models.JSONField(_("columns"))

    class Meta:
        verbose_name = _("set of columns")
        verbose_name_plural = _("sets of columns")
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=("user", "sheet", "name"), name="column_set_has_one_name")]

    def __str__(self) -> str:
        return self.name
