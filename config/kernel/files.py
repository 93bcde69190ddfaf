"""The file store: what came in, by its content, encrypted on disk.

A file is named by the SHA-256 of its bytes, so the same content lies there once, and what it is called by its sender
decides nothing. Its type is read from the content and must be one that the desk can show.
"""

import hashlib
import os
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import filetype
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config.kernel.crypto import DamagedValue, keyring
from config.kernel.models import StoredFile
from config.kernel.refusals import Refusal
from config.kernel.rendering import Unshowable, count_pages

LARGEST = 20 * 1024 * 1024
"""Bytes of one file."""

LONGEST_NAME = 120

TOO_LARGE = _("it is too large.")

PDF = "application/pdf"
WELCOME = (PDF, "image/jpeg", "image/png")


class UnwelcomeFile(Refusal):
    """A file that the desk cannot show, or that is too large."""

    code = "UNWELCOME_FILE"
    sentence = _("This file is not taken: %(why)s Send a PDF, a JPEG or a PNG of at most 20 MB.")


class FileLost(Exception):
    """The row is there and the bytes are not, or are not those that came in."""


def type_of(data: bytes) -> str:
    """The type of these bytes; `UnwelcomeFile` for one that is not shown here."""
    if not data:
        raise UnwelcomeFile(why=_("it is empty."))
    if len(data) > LARGEST:
        raise UnwelcomeFile(why=TOO_LARGE)
    guessed = filetype.guess_mime(data)
    if guessed not in WELCOME:
        raise UnwelcomeFile(why=_("it is none of the kinds that can be shown."))
    return str(guessed)


def plain_name(name: str) -> str:
    """What a sender called a file, as it may be shown: no path, nothing that does not print, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable()).strip()[:LONGEST_NAME]


def keep(data: bytes, *, pages: int | None = None, at: datetime) -> StoredFile:
    """Store these bytes, or find them stored; the file is on the disk before its row is written.

    What comes from outside is opened, in a child process, and its pages are counted there; of what was made here
    `pages` says how many. `UnwelcomeFile` for what cannot be shown.
    """
    content_type, sha256 = type_of(data), hashlib.sha256(data).hexdigest()
    known = StoredFile.objects.filter(sha256=sha256).first()
    if known is not None and place_of(known).exists():
        return known
    if pages is None:
        pages = _pages_of(data, content_type)
    write_whole(_path(sha256), keyring().seal(data, where=_where(sha256)))
    stored, _created = StoredFile.objects.get_or_create(
        sha256=sha256,
        defaults={"content_type": content_type, "size": len(data), "pages": pages, "stored_at": at},
    )
    return stored


def read(stored: StoredFile) -> bytes:
    """The bytes as they came in; FileLost when they are not there or are others."""
    try:
        data = keyring().open(place_of(stored).read_bytes(), where=_where(stored.sha256))
    except (OSError, DamagedValue) as error:
        raise FileLost(stored.sha256) from error
    if hashlib.sha256(data).hexdigest() != stored.sha256:
        raise FileLost(stored.sha256)
    return data


def rotate(stored: StoredFile) -> bool:
    """Encrypt the file anew when another key than the first did; whether that was needed. FileLost, Unreadable."""
    try:
        token = place_of(stored).read_bytes()
    except OSError as error:
        raise FileLost(stored.sha256) from error
    keys, where = keyring(), _where(stored.sha256)
    if token.startswith(keys.header):
        return False
    write_whole(place_of(stored), keys.seal(keys.open(token, where=where), where=where))
    return True


def place_of(stored: StoredFile) -> Path:
    """Where the encrypted bytes lie."""
    return _path(stored.sha256)


def _pages_of(data: bytes, content_type: str) -> int:
    try:
        return count_pages(data, content_type)
    except Unshowable as no:
        raise UnwelcomeFile(why=no.data["why"]) from no


def _path(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "files" / sha256[:2] / sha256


def _where(sha256: str) -> str:
    return f"file.{sha256}"


def write_whole(path: Path, token: bytes) -> None:
    """All of it or nothing, and on the disk when it returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(token)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
