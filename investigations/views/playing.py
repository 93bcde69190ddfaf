"""Recordings on a page with the browser's own player, and the stream that feeds it, range by range (RFC 9110, 14)."""

import re
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from config.kernel.clock import database_now
from config.kernel.models import User
from config.kernel.refusals import Refusal
from investigations.models import Exhibit, Investigator
from investigations.services import evidence, playing
from investigations.views.exhibits import guarded, handed_out, said
from investigations.views.guarding import in_the_field

PORTION = 4 * evidence.MEGABYTE
"""Bytes of an answer at most, whatever range is asked for: a player that waits holds up nobody, and asks for more."""
RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
PLAYERS = ("audio", "video")
"""What a browser says a stream is for, where it says so."""


class Span(NamedTuple):
    """Bytes from `start` up to `stop`; none where there are none such."""

    start: int
    stop: int


@require_GET
@in_the_field
def play(request: HttpRequest, investigator: Investigator, pk: int) -> HttpResponse:
    """A recording of an own commission; the desk has a page of its own."""
    try:
        player = playing.open_player(pk, by=investigator.user, at=database_now())
    except Exhibit.DoesNotExist as error:
        raise Http404 from error
    except Refusal as no:
        return said(str(no), status=409)
    return render(request, "field/play.html", {"player": player, "commission": player.exhibit.commission})


@guarded
def stream(request: HttpRequest, by: User, pk: int) -> HttpResponseBase:
    """The bytes that a player asks for. It was opened by the same person a short time ago, and that is in the log."""
    if request.headers.get("Sec-Fetch-Dest", PLAYERS[0]) not in PLAYERS:
        raise Http404
    exhibit = playing.streamed(pk, key=request.GET.get("key", ""), by=by, at=database_now())
    tag = f'"{exhibit.sha256}"'
    is_same = request.headers.get("If-Range", tag) == tag
    response = _part(request, exhibit, asked(request.headers.get("Range", ""), exhibit.size) if is_same else None)
    response["Accept-Ranges"], response["ETag"] = "bytes", tag
    return response


def _part(request: HttpRequest, exhibit: Exhibit, span: Span | None) -> HttpResponseBase:
    is_too_long = span is None and exhibit.size > PORTION
    if is_too_long or (span is not None and span.start >= span.stop):
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{exhibit.size}"})
    start, stop = span or Span(0, exhibit.size)
    pieces = iter(()) if request.method == "HEAD" else evidence.pieces_of(exhibit).part(exhibit.pieces, start, stop)
    response = handed_out(exhibit, pieces, length=stop - start, status=206 if span else 200)
    if span:
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{exhibit.size}"
    return response


def asked(header: str, size: int) -> Span | None:
    """What a file of `size` bytes answers, a portion of what is asked; None for all of it, and for several ranges."""
    found = RANGE.fullmatch(header.strip().lower())
    if found is None or header.strip().lower() == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), int(last) + 1 if last else size
        if last and stop <= start:
            return None
    return Span(start, min(size, stop, start + PORTION))
