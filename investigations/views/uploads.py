"""Uploads that survive a bad line: the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload).

Core, creation, termination and checksum. `uploads/to/<commission>/` makes an upload, `uploads/<exhibit>/` takes its
bytes. Whoever may not is told that there is nothing: 404.
"""

import base64
import binascii
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from config.kernel.civil import SHANGHAI
from config.kernel.clock import database_now
from config.kernel.files import plain_name
from config.kernel.models import User
from config.kernel.pieces import PIECE
from config.kernel.refusals import Busy, Refusal
from investigations.models import Exhibit
from investigations.models.evidence import LARGEST
from investigations.refusals import (
    AlreadyReceived,
    CommissionFull,
    FileTooLarge,
    NoRoom,
    TooManyFiles,
    TooManyPieces,
    TooMuch,
    WrongOffset,
)
from investigations.services import evidence
from investigations.services.evidence import Said
from investigations.views.asking import sender

VERSION = "1.0.0"
BYTES = "application/offset+octet-stream"
SIP = 64 * 1024
"""Bytes that are asked for at once."""
AT_ONCE = 8
"""Requests with bytes that one process takes at a time: the other threads are there for everybody else."""
LARGEST_CHECKED = 8 * 1024 * 1024
"""Bytes of a request with a checksum: they are held until it is known to be right."""
LONGEST_NOTE, LONGEST_PLACE = 500, 200

_taking = threading.BoundedSemaphore(AT_ONCE)

HASHES: dict[str, Callable[[], Any]] = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
CHECKSUM_MISMATCH = 460
STATUS: dict[type[Refusal], int] = {
    FileTooLarge: 413,
    TooManyFiles: 413,
    TooManyPieces: 413,
    TooMuch: 413,
    CommissionFull: 413,
    NoRoom: 507,
    WrongOffset: 409,
    AlreadyReceived: 403,
    Busy: 423,
}


class Malformed(Exception):
    """A request that the protocol does not know; `status` says how it is wrong."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def resumable(*methods: str) -> Callable[..., Any]:
    """A view of the protocol: who asks is known, the version fits, and every answer carries it."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, pk: int) -> HttpResponse:
            by = sender(request)
            try:
                response = _answered(view, request, pk, by, methods)
            except ObjectDoesNotExist as error:
                raise Http404 from error
            except Malformed as no:
                response = HttpResponse(str(no), status=no.status, content_type="text/plain; charset=utf-8")
            except Refusal as no:
                response = HttpResponse(
                    str(no), status=STATUS.get(type(no), 400), content_type="text/plain; charset=utf-8"
                )
            response["Tus-Resumable"] = VERSION
            response["Cache-Control"] = "no-store"
            response["X-Content-Type-Options"] = "nosniff"
            return response

        return answer

    return decorate


def _answered(
    view: Callable[..., HttpResponse], request: HttpRequest, pk: int, by: User, methods: tuple[str, ...]
) -> HttpResponse:
    method = _method(request)
    if method == "OPTIONS":
        return _abilities()
    if method not in methods:
        return HttpResponse(status=405, headers={"Allow": ", ".join((*methods, "OPTIONS"))})
    if method != "GET" and request.headers.get("Tus-Resumable") != VERSION:
        return HttpResponse(status=412, headers={"Tus-Version": VERSION})
    return view(request, pk, by, method)


@resumable("POST")
def make(request: HttpRequest, pk: int, by: User, method: str) -> HttpResponse:
    """A new upload to this commission; its address is in `Location`."""
    size, said = _number(request, "Upload-Length"), _said(request.headers.get("Upload-Metadata", ""))
    exhibit = evidence.begin(pk, size=size, said=said, by=by, at=database_now())
    return _told(exhibit, status=201, Location=reverse("field:upload", args=[exhibit.pk]))


@resumable("HEAD", "GET", "PATCH", "DELETE")
def upload(request: HttpRequest, pk: int, by: User, method: str) -> HttpResponse:
    """How much of it has arrived, more of it, or the end of it; GET says in words what became of it."""
    if method == "PATCH":
        return _told(_add(request, pk, by=by), status=204)
    if method == "DELETE":
        evidence.cancel(pk, by=by)
        return HttpResponse(status=204)
    exhibit = evidence.own(by).get(pk=pk)
    if method == "HEAD":
        return _told(exhibit, status=200)
    because = exhibit.get_refused_because_display() if exhibit.refused_because else ""
    words = {"state": exhibit.state, "words": exhibit.get_state_display(), "because": because}
    return JsonResponse(words)


def _add(request: HttpRequest, pk: int, *, by: User) -> Exhibit:
    if request.content_type != BYTES:
        raise Malformed(f"Content-Type: {BYTES}", status=415)
    offset, size = _number(request, "Upload-Offset"), _number(request, "Content-Length", otherwise="0")
    if not _taking.acquire(blocking=False):
        raise Malformed("Too many at once: send it again in a few seconds.", status=503)
    try:
        return _take(request, pk, offset=offset, size=size, by=by)
    finally:
        _taking.release()


def _take(request: HttpRequest, pk: int, *, offset: int, size: int, by: User) -> Exhibit:
    stream = portions(request)
    if checksum := request.headers.get("Upload-Checksum", ""):
        stream = _checked(stream, checksum, size)
    return evidence.take(pk, offset=offset, coming=size, portions=stream, by=by, at=database_now())


def portions(request: HttpRequest) -> Iterator[bytes]:
    """The body as it comes, a piece at a time; a line that breaks, crawls or is silent ends it.

    After `settings.UPLOAD_SECONDS` nothing more is waited for: what came until then is passed on.
    """
    kept, until = bytearray(), time.monotonic() + settings.UPLOAD_SECONDS
    with _hung_up_after(request, settings.UPLOAD_SECONDS):
        while time.monotonic() < until and (data := _sip(request)):
            kept += data
            if len(kept) >= PIECE:
                yield bytes(kept)
                kept.clear()
    if kept:
        yield bytes(kept)


@contextmanager
def _hung_up_after(request: HttpRequest, seconds: float) -> Iterator[None]:
    """Whoever still waits for bytes then is told that the line ended, and loses none of those that came.

    A server waits for all bytes that it is asked for, however slowly they come; gunicorn lends us its socket. With
    another server the time is looked at between two sips alone.
    """
    line = request.META.get("gunicorn.socket")
    timer = threading.Timer(seconds, _hang_up, [line])
    timer.daemon = True
    if line is not None:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(line: socket.socket) -> None:
    """For reading alone: the answer still goes out."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RD)


def _sip(request: HttpRequest) -> bytes:
    try:
        return request.read(SIP)
    except UnreadablePostError:
        return b""


def _checked(stream: Iterator[bytes], checksum: str, size: int) -> Iterator[bytes]:
    """The chunk, once it is known to be right. Of one that breaks off nothing can be known: what came of it is kept."""
    algorithm, _space, wanted = checksum.partition(" ")
    if algorithm not in HASHES:
        raise Malformed(f"Upload-Checksum: {', '.join(HASHES)}")
    if size > LARGEST_CHECKED:
        raise Malformed(f"With a checksum a request has {LARGEST_CHECKED} bytes at most.", status=413)
    held, found, digest = list(stream), HASHES[algorithm](), _decoded(wanted)
    for data in held:
        found.update(data)
    if sum(map(len, held)) >= size and found.digest() != digest:
        raise Malformed("The checksum does not fit.", status=CHECKSUM_MISMATCH)
    yield from held


def _said(metadata: str) -> Said:
    """What stands in `Upload-Metadata`: `key base64,key base64`; keys that are not known say nothing."""
    told = {}
    for pair in filter(None, (pair.strip() for pair in metadata.split(","))):
        key, _space, value = pair.partition(" ")
        told[key] = _decoded(value).decode("utf-8", "replace")
    return Said(
        name=plain_name(told.get("filename", "")),
        claimed_at=_moment(told.get("claimed_at", "")),
        place=_line(told.get("place", ""))[:LONGEST_PLACE],
        note=_line(told.get("note", ""))[:LONGEST_NOTE],
    )


def _moment(text: str) -> datetime | None:
    """A time as a browser writes it, in Shanghai where it names no zone."""
    if not text:
        return None
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or not 1 < at.year < 9999:
        raise Malformed("claimed_at: not a time")
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def _line(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("not base64") from error


def _number(request: HttpRequest, header: str, *, otherwise: str = "") -> int:
    text = request.headers.get(header) or otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Malformed(f"{header}: a whole number")
    return int(text)


def _method(request: HttpRequest) -> str:
    """Where a proxy lets nothing but POST through, the real one is in a header; the token was checked all the same."""
    method = request.method or ""
    return request.headers.get("X-HTTP-Method-Override", method) if method == "POST" else method


def _abilities() -> HttpResponse:
    return HttpResponse(
        status=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Max-Size": str(LARGEST),
            "Tus-Extension": "creation,termination,checksum",
            "Tus-Checksum-Algorithm": ",".join(HASHES),
        },
    )


def _told(exhibit: Exhibit, *, status: int, **headers: str) -> HttpResponse:
    response = HttpResponse(status=status, headers=headers)
    response["Upload-Offset"], response["Upload-Length"] = str(exhibit.received), str(exhibit.size)
    return response
