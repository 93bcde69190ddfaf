"""What investigators collect, and the log of everything that happens to it."""

import secrets
from datetime import UTC
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.kernel.fields import EncryptedTextField
from config.kernel.sealing import sealed
from investigations.enums import EXHIBIT_MOVES, Act, ExhibitKind, ExhibitState, Unwanted
from investigations.models.commissions import Commission
from investigations.querysets import ExhibitQuerySet

LARGEST = 500 * 1024 * 1024
"""Bytes of one file."""


def new_salt() -> str:
    return secrets.token_hex(16)


class Exhibit(models.Model):
    """One file that an investigator collected; its bytes lie in pieces (`config.kernel.pieces`).

    `claimed_…` and `note` are what the investigator says of it, `file_…` what the file says of itself: empty where it
    says nothing, null where it was not or could not be read. `is_zone_assumed`: the zone of `file_time` is that of the
    format, and recorders often write their local time. `salt` goes into the hashes of both in the custody log.
    `received` counts the bytes that arrived of `size`; `touched_at` is when the last of them came. `check_at`: when the
    checking sweep has something to do next, null when there is nothing left; `attempts` counts the scanner's silences.
    `pages` of a photo or PDF.
    """

    commission = models.ForeignKey(Commission, models.PROTECT, related_name="exhibits", verbose_name=_("commission"))
    name = models.CharField(_("name given by the sender"), max_length=120, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    received = models.PositiveBigIntegerField(_("bytes that arrived"), default=0)
    pieces = models.PositiveIntegerField(_("pieces"), default=0)
    state = models.CharField(_("state"), max_length=12, choices=ExhibitState, default=ExhibitState.RECEIVING)
    check_at = models.DateTimeField(_("next look"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("checks that failed"), default=0)
    kind = models.CharField(_("kind"), max_length=8, choices=ExhibitKind, blank=True)
    content_type = models.CharField(_("type"), max_length=40, blank=True)
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    sm3 = models.CharField(_("SM3"), max_length=64, blank=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("received from")
    )
    salt = models.CharField(_("salt"), max_length=32, default=new_salt)
    begun_at = models.DateTimeField(_("upload begun at"))
    touched_at = models.DateTimeField(_("last bytes arrived at"))
    received_at = models.DateTimeField(_("received at"), null=True, blank=True)
    refused_because = models.CharField(_("why it was not taken"), max_length=12, choices=Unwanted, blank=True)
    is_scanned = models.BooleanField(_("checked for viruses"), default=False)
    claimed_at = models.DateTimeField(_("time, as the investigator says"), null=True, blank=True)
    claimed_place = EncryptedTextField(_("place, as the investigator says"), blank=True)
    note = EncryptedTextField(_("note"), blank=True)
    file_time = models.CharField(_("time in the file"), max_length=25, null=True, blank=True)
    is_zone_assumed = models.BooleanField(_("time zone assumed"), default=False)
    file_place = EncryptedTextField(_("place in the file"), null=True, blank=True)

    objects = ExhibitQuerySet.as_manager()

    class Meta:
        verbose_name = _("exhibit")
        verbose_name_plural = _("exhibits")
        ordering = ("commission", "id")
        permissions = [("export_custody", "Can export the evidence of a commission")]
        indexes = [models.Index(fields=("check_at",), name="exhibit_to_check", condition=Q(check_at__isnull=False))]
        constraints = [
            models.CheckConstraint(name="exhibit_state_is_known", condition=Q(state__in=ExhibitState.values)),
            models.CheckConstraint(name="exhibit_is_not_too_large", condition=Q(size__lte=LARGEST)),
            models.CheckConstraint(name="exhibit_has_no_more_than_its_size", condition=Q(received__lte=F("size"))),
            models.CheckConstraint(
                name="exhibit_is_received_whole_with_time_and_hashes",
                condition=Q(state="receiving", received_at__isnull=True, sha256="", sm3="")
                | (
                    ~Q(state="receiving")
                    & Q(received_at__isnull=False, received=F("size"))
                    & ~Q(sha256="")
                    & ~Q(sm3="")
                ),
            ),
            models.CheckConstraint(
                name="exhibit_is_refused_with_a_reason",
                condition=(Q(state="refused") & ~Q(refused_because="")) | (~Q(state="refused") & Q(refused_because="")),
            ),
            models.CheckConstraint(
                name="exhibit_that_is_kept_is_of_a_kind",
                condition=~Q(state="clean") | Q(kind__in=ExhibitKind.values),
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="exhibit_moves_legally",
                field="state",
                transitions=[(str(was.value), str(becomes.value)) for was, becomes in EXHIBIT_MOVES],
            ),
            pgtrigger.Protect(
                name="exhibit_begins_receiving",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="receiving"),
            ),
            pgtrigger.ReadOnly(
                name="exhibit_keeps_what_was_said",
                fields=["commission", "name", "size", "received_by", "begun_at", "claimed_at", "salt"],
            ),
            sealed("claimed_place", name="exhibit_claimed_place_is_for_ever"),
            sealed("note", name="exhibit_note_is_for_ever"),
            sealed("file_place", name="exhibit_file_place_is_for_ever"),
            pgtrigger.Protect(
                name="exhibit_that_arrived_stays_as_it_is",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="receiving")
                & (
                    pgtrigger.Q(old__received__df=pgtrigger.F("new__received"))
                    | pgtrigger.Q(old__pieces__df=pgtrigger.F("new__pieces"))
                    | pgtrigger.Q(old__sha256__df=pgtrigger.F("new__sha256"))
                    | pgtrigger.Q(old__sm3__df=pgtrigger.F("new__sm3"))
                    | pgtrigger.Q(old__received_at__df=pgtrigger.F("new__received_at"))
                ),
            ),
            pgtrigger.Protect(
                name="exhibit_that_was_judged_stays_so",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=("clean", "refused"))
                & (
                    pgtrigger.Q(old__kind__df=pgtrigger.F("new__kind"))
                    | pgtrigger.Q(old__content_type__df=pgtrigger.F("new__content_type"))
                    | pgtrigger.Q(old__refused_because__df=pgtrigger.F("new__refused_because"))
                    | pgtrigger.Q(old__is_scanned__df=pgtrigger.F("new__is_scanned"))
                    | pgtrigger.Q(old__pages__df=pgtrigger.F("new__pages"))
                    | pgtrigger.Q(old__file_time__df=pgtrigger.F("new__file_time"))
                    | pgtrigger.Q(old__is_zone_assumed__df=pgtrigger.F("new__is_zone_assumed"))
                ),
            ),
            pgtrigger.Protect(
                name="exhibit_that_arrived_is_never_deleted",
                operation=pgtrigger.Delete,
                condition=~pgtrigger.Q(old__state="receiving"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commission_id}/{self.pk}"

    def claimed(self) -> dict[str, Any]:
        """What the investigator says of it: plain values, the time in UTC."""
        at = self.claimed_at.astimezone(UTC).isoformat() if self.claimed_at else ""
        return {"time": at, "place": self.claimed_place, "note": self.note}

    def recorded(self) -> dict[str, Any]:
        """What the file says of itself; null where it was not read."""
        return {"time": self.file_time, "place": self.file_place, "zone_is_assumed": self.is_zone_assumed}


class CustodyEntry(models.Model):
    """One line of a commission's custody log. Each carries the hash of the one before: none can be changed or left out.

    `details` hold texts and whole numbers. The hash is that of `investigations.verify`.
    """

    commission = models.ForeignKey(Commission, models.PROTECT, related_name="custody", verbose_name=_("commission"))
    number = models.PositiveIntegerField(_("number"))
    act = models.CharField(_("act"), max_length=10, choices=Act)
    exhibit = models.ForeignKey(
        Exhibit, models.PROTECT, null=True, blank=True, related_name="custody", verbose_name=_("exhibit")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    who = models.CharField(_("user name"), max_length=150)
    at = models.DateTimeField(_("at"))
    details = models.JSONField(_("details"), default=dict, blank=True)
    previous = models.CharField(_("hash of the entry before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("custody entry")
        verbose_name_plural = _("custody entries")
        ordering = ("commission", "number")
        constraints = [
            models.UniqueConstraint(fields=("commission", "number"), name="custody_entry_has_one_number"),
            models.CheckConstraint(name="custody_act_is_known", condition=Q(act__in=Act.values)),
            models.CheckConstraint(
                name="custody_entry_is_of_an_exhibit",
                condition=Q(act__in=("exported", "failed", "signed")) | Q(exhibit__isnull=False),
            ),
        ]
        triggers = [pgtrigger.Protect(name="custody_entry_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.commission_id} #{self.number}"

    def told(self) -> dict[str, Any]:
        """What its hash is taken of, and the hash: plain values, times in UTC."""
        return {
            "commission": self.commission_id,
            "number": self.number,
            "act": str(self.act),
            "exhibit": self.exhibit_id,
            "by": self.by_id,
            "who": self.who,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "details": self.details,
            "previous": self.previous,
            "hash": self.hash,
        }


class CustodyHead(models.Model):
    """Where a commission's log ends: number, hash and time of the last entry. It only moves on, one entry at a time."""

    commission = models.OneToOneField(
        Commission, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("commission")
    )
    number = models.PositiveIntegerField(_("number"))
    hash = models.CharField(_("hash"), max_length=64)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("end of a custody log")
        verbose_name_plural = _("ends of custody logs")
        default_permissions = ()
        triggers = [
            pgtrigger.Protect(
                name="custody_head_only_moves_on",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NEW.number <> OLD.number + 1 OR NEW.commission_id <> OLD.commission_id OR NEW.at < OLD.at"
                ),
            ),
            pgtrigger.Protect(name="custody_head_is_for_ever", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.commission_id} #{self.number}"
