"""What is done with a file in quarantine: type by content, parser, virus scanner; then it is kept or refused.

Nothing is held while a child process or the scanner works; what they found is written under the commission's lock,
once.
"""

import logging
from datetime import datetime
from functools import partial
from typing import NamedTuple

import filetype
from django.conf import settings
from django.db import transaction

from config.kernel import boxes, rendering, scanning
from config.kernel.faults import Fault
from config.kernel.gate import busy_when_locked
from config.kernel.models import User
from config.kernel.rendering import Origin, Unshowable
from investigations.enums import Act, ExhibitKind, ExhibitState, Unwanted
from investigations.models import Commission, Exhibit
from investigations.services import custody
from investigations.services.evidence import LEASE, MEGABYTE, finish, pieces_of
from investigations.services.messages import tell_supervisors
from investigations.verify import hash_of_words

log = logging.getLogger(__name__)

WELCOME = {
    "image/jpeg": ExhibitKind.PHOTO,
    "image/png": ExhibitKind.PHOTO,
    "application/pdf": ExhibitKind.PDF,
    "audio/mpeg": ExhibitKind.AUDIO,
    "audio/mp4": ExhibitKind.AUDIO,
    "audio/x-wav": ExhibitKind.AUDIO,
    "audio/amr": ExhibitKind.AUDIO,
    "video/mp4": ExhibitKind.VIDEO,
    "video/quicktime": ExhibitKind.VIDEO,
    "video/webm": ExhibitKind.VIDEO,
}
DRAWN = (ExhibitKind.PHOTO, ExhibitKind.PDF)
"""These are opened to the end before they are kept, and can be shown."""
TELLING = ("image/jpeg", *boxes.TYPES)
"""These may say when and where they were made."""
LARGEST_DRAWN = 50 * MEGABYTE
HEAD = 8192
"""Bytes in which the type is looked for."""

JUDGED = (
    *("content_type", "kind", "pages", "file_time", "file_place", "is_zone_assumed"),
    *("is_scanned", "refused_because", "state", "check_at"),
)
"""What is written of a file when it is judged; what was said of it is not encrypted anew."""

WHY = {Fault.UNREADABLE: Unwanted.DAMAGED, Fault.LOCKED: Unwanted.LOCKED, Fault.NO_SUCH_PAGE: Unwanted.DAMAGED}

SLOWEST = 6
"""How often the wait doubles: after that it is tried every five hours."""
WORRYING = 6
"""The attempt at which the supervisors are told, after two and a half hours."""

OFF = "off"
"""The setting that says: there is no scanner."""


class Unwelcome(Exception):
    """The file is not taken."""

    def __init__(self, because: Unwanted) -> None:
        super().__init__(because)
        self.because = because


class Verdict(NamedTuple):
    """What came of the checks; `scan` is what the log says of the scanner, empty where it was not asked."""

    content_type: str = ""
    pages: int | None = None
    origin: Origin = Origin()
    because: Unwanted | None = None
    scan: str = ""
    found: str = ""


def examine(exhibit_id: int, *, at: datetime) -> int:
    """Do what is due for one file; 1 if something was done, 0 where another is at it or the scanner does not answer."""
    exhibit = _taken(exhibit_id, at=at)
    if exhibit is None:
        return 0
    if exhibit.state == ExhibitState.RECEIVING:
        finish(exhibit.pk, at=at)
        return 1
    if exhibit.state == ExhibitState.REFUSED:
        return _throw_away(exhibit)
    try:
        verdict = judge(exhibit)
    except scanning.ScannerSilent as error:
        log.error("Exhibit %s stays in quarantine: the scanner gave no answer (%s).", exhibit.pk, error)
        return 0
    return _settle(exhibit.pk, verdict, at=at)


def judge(exhibit: Exhibit) -> Verdict:
    """Read the whole file; nothing is written. ScannerSilent, FileLost."""
    content_type = ""
    try:
        content_type = type_of(exhibit)
        pages, origin = _look_into(exhibit, content_type)
    except Unwelcome as no:
        return Verdict(content_type, because=no.because)
    if settings.FIELD_SCANNER == OFF:
        return Verdict(content_type, pages, origin, scan=OFF)
    found = scanning.scan(pieces_of(exhibit).stream(exhibit.pieces), scanner=settings.FIELD_SCANNER)
    if found:
        return Verdict(content_type, pages, origin, Unwanted.INFECTED, scan="found", found=found)
    return Verdict(content_type, pages, origin, scan="clean")


def type_of(exhibit: Exhibit) -> str:
    """The type by the first bytes; `Unwelcome` for one that is not in the list."""
    head = b""
    for piece in pieces_of(exhibit).stream(exhibit.pieces):
        head += piece
        if len(head) >= HEAD:
            break
    if not head:
        raise Unwelcome(Unwanted.EMPTY)
    guessed = _guessed(head[:HEAD])
    if guessed == "image/heic":
        raise Unwelcome(Unwanted.HEIC)
    if guessed not in WELCOME:
        raise Unwelcome(Unwanted.TYPE)
    return guessed


def _guessed(head: bytes) -> str:
    try:
        return str(filetype.guess_mime(head))
    except Exception:  # it reads lengths that the file names, and believes them
        return ""


def _look_into(exhibit: Exhibit, content_type: str) -> tuple[int | None, Origin]:
    """How many pages it has, where it has any, and what it says of itself."""
    stored, pages = pieces_of(exhibit), None
    if WELCOME[content_type] in DRAWN:
        if exhibit.size > LARGEST_DRAWN:
            raise Unwelcome(Unwanted.TOO_LARGE)
        try:
            pages = rendering.count_pages(stored.stream(exhibit.pieces), content_type)
        except Unshowable as no:
            raise Unwelcome(WHY.get(no.data["fault"], Unwanted.COSTLY)) from no
    if content_type not in TELLING:
        return pages, Origin()
    return pages, rendering.read_origin(stored.stream(exhibit.pieces), content_type)


def _taken(exhibit_id: int, *, at: datetime) -> Exhibit | None:
    """The file, for this sweep alone until the lease is over: the longer, the more often it was begun in vain."""
    with transaction.atomic():
        rows = Exhibit.objects.awaiting_check(at=at).select_for_update(of=("self",), skip_locked=True)
        exhibit = rows.filter(pk=exhibit_id).first()
        if exhibit is not None:
            exhibit.check_at = at + LEASE * 2 ** min(exhibit.attempts, SLOWEST)
            exhibit.attempts += 1
            exhibit.save(update_fields=["check_at", "attempts"])
            if exhibit.attempts == WORRYING:
                commission = Commission.objects.select_related("claim", "deadline").get(pk=exhibit.commission_id)
                tell_supervisors(commission, "check_stuck", at=at, exhibit=exhibit.pk)
    return exhibit


def _settle(exhibit_id: int, verdict: Verdict, *, at: datetime) -> int:
    with busy_when_locked(), transaction.atomic():
        custody.hold(Exhibit.objects.values_list("commission_id", flat=True).get(pk=exhibit_id))
        exhibit = Exhibit.objects.select_for_update(of=("self",)).get(pk=exhibit_id)
        if exhibit.state != ExhibitState.QUARANTINED:
            return 0
        exhibit.content_type = verdict.content_type
        exhibit.kind = WELCOME[verdict.content_type] if verdict.content_type else ""
        exhibit.pages = verdict.pages
        exhibit.file_time, exhibit.file_place, exhibit.is_zone_assumed = verdict.origin
        exhibit.is_scanned = verdict.scan not in ("", OFF)
        exhibit.refused_because = verdict.because or ""
        exhibit.state = ExhibitState.REFUSED if verdict.because else ExhibitState.CLEAN
        exhibit.check_at = at if verdict.because else None
        exhibit.save(update_fields=JUDGED)
        _tell(exhibit, verdict, at=at)
    return _throw_away(exhibit) if verdict.because else 1


def _tell(exhibit: Exhibit, verdict: Verdict, *, at: datetime) -> None:
    """Each entry holds the type that was found, and the hash of what the file says of itself."""
    found = {"type": verdict.content_type, "recorded": hash_of_words(exhibit.salt, exhibit.recorded())}
    append = partial(custody.append, exhibit.commission_id, exhibit=exhibit, by=User.objects.system(), at=at)
    if verdict.scan:
        act = Act.CHECKED if verdict.scan == OFF else Act.SCANNED
        append(act, details={**found, "scanner": verdict.scan, "found": verdict.found})
    if verdict.because:
        append(Act.REFUSED, details={**found, "because": str(verdict.because), "sha256": exhibit.sha256})


def _throw_away(exhibit: Exhibit) -> int:
    """Its content alone: the row and its lines in the log stay. Asked again until it was done."""
    pieces_of(exhibit).drop()
    exhibit.check_at = None
    exhibit.save(update_fields=["check_at"])
    return 1
