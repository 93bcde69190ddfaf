"""Spreadsheets that were sent to be taken into the tables, their bad rows, and what was done with them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.fields import EncryptedTextField
from config.kernel.models.events import Event
from config.kernel.people import person, who_and_when


class ImportStatus(models.TextChoices):
    WAITING = "waiting", _("is being looked through")
    READ = "read", _("waits for a decision")
    CONFIRMED = "confirmed", _("is being taken in")
    APPLIED = "applied", _("taken in")
    REFUSED = "refused", _("not taken")
    FAILED = "failed", _("broken off")
    CANCELLED = "cancelled", _("cancelled")
    LAPSED = "lapsed", _("lapsed, nobody decided")


class Import(models.Model):
    """One file on its way into the tables; the bytes lie encrypted in pieces, of which none is left when it is over.

    `good` and `bad` rows, and what the good ones would do, are those of the dry run; `made`, `altered` and `kept` is
    what was done so far, up to and including line `done_line`, and `late` the rows that failed only then. `attempts`
    are those since it last came further.
    """

    kind = models.SlugField(_("what"), max_length=40)
    name = models.CharField(_("file"), max_length=120)
    ending = models.CharField(_("format"), max_length=4)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    pieces = models.PositiveIntegerField(_("pieces"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("sent by"))
    asked_at = models.DateTimeField(_("sent at"))
    status = models.CharField(_("status"), max_length=10, choices=ImportStatus, default=ImportStatus.WAITING)
    header = models.JSONField(_("headings"), default=list)
    encoding = models.CharField(_("encoding"), max_length=10, blank=True)
    sheet = models.CharField(_("sheet"), max_length=80, blank=True)
    total = models.PositiveIntegerField(_("rows"), default=0)
    good = models.PositiveIntegerField(_("good rows"), default=0)
    bad = models.PositiveIntegerField(_("bad rows"), default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    read_at = models.DateTimeField(_("looked through at"), null=True, blank=True)
    is_whole = models.BooleanField(_("all rows or none"), default=False)
    confirmed_by = person(_("confirmed by"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    done_line = models.PositiveIntegerField(_("done up to line"), default=0)
    made = models.PositiveIntegerField(_("made"), default=0)
    altered = models.PositiveIntegerField(_("altered"), default=0)
    kept = models.PositiveIntegerField(_("left as they were"), default=0)
    late = models.PositiveIntegerField(_("failed when taken in"), default=0)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    refused = models.JSONField(_("why not"), default=dict, blank=True)

    class Meta:
        verbose_name = _("import of a spreadsheet")
        verbose_name_plural = _("imports of spreadsheets")
        ordering = ("-id",)
        permissions = [("view_all_imports", "Can see imports of every kind")]
        constraints = [
            who_and_when("import_confirmation_has_who_and_when", "confirmed_by", "confirmed_at"),
            models.CheckConstraint(
                name="import_is_over_with_a_time",
                condition=Q(status__in=("waiting", "read", "confirmed"), finished_at__isnull=True)
                | Q(status__in=("applied", "refused", "failed", "cancelled", "lapsed"), finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="import_is_applied_when_confirmed",
                condition=~Q(status__in=("confirmed", "applied")) | Q(confirmed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=("kind", "sha256"), name="import_by_content"),
            models.Index(
                fields=("asked_at",), name="imports_under_way", condition=Q(status__in=("waiting", "confirmed"))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def done(self) -> int:
        """Rows that were gone through since the confirmation."""
        return self.made + self.altered + self.kept + self.late


class ImportLine(models.Model):
    """A row that cannot be taken in: its cells as they came, as JSON, and what is wrong, in both languages.

    `faults` are `{"where": heading or "", "zh", "en"}`; `is_late` where it failed only when it was taken in.
    """

    of = models.ForeignKey(Import, models.CASCADE, related_name="lines", verbose_name=_("import"))
    line = models.PositiveIntegerField(_("line"))
    cells = EncryptedTextField(_("cells"))
    faults = models.JSONField(_("what is wrong"))
    is_late = models.BooleanField(_("failed when taken in"), default=False)

    class Meta:
        verbose_name = _("bad row")
        verbose_name_plural = _("bad rows")
        ordering = ("of", "line")
        constraints = [models.UniqueConstraint(fields=("of", "line"), name="line_is_bad_once_an_import")]

    def __str__(self) -> str:
        return str(self.line)


class ImportEvent(Event):
    """What happened to an import: received, read, confirmed, downloaded, taken in."""

    of = models.ForeignKey(Import, models.PROTECT, related_name="events", verbose_name=_("import"))

    class Meta(Event.Meta):
        verbose_name = _("event of an import")
        verbose_name_plural = _("events of imports")
        ordering = ("of", "version")
        constraints = [models.UniqueConstraint(fields=("of", "version"), name="import_has_one_event_a_version")]

    def __str__(self) -> str:
        return f"{self.of_id} {self.verb}"
