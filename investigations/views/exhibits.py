"""Handing out what is kept: the original to be saved, or a page drawn anew. Asked for each time, logged each time."""

import logging
import re
from collections.abc import Callable, Iterator
from functools import wraps
from itertools import chain, islice
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.kernel import rendering
from config.kernel.clock import database_now
from config.kernel.crypto import Unreadable
from config.kernel.files import FileLost
from config.kernel.models import User
from config.kernel.refusals import Refusal
from investigations.models import Exhibit
from investigations.services import evidence, examining
from investigations.services.exporting import ENDINGS
from investigations.views.asking import reader

RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")

logger = logging.getLogger(__name__)


def guarded(view: Callable[..., HttpResponseBase]) -> Any:
    """Whoever may not read it finds nothing; every answer is locked up in the browser, and kept by nobody."""

    @wraps(view)
    def answer(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponseBase:
        by = reader(request)
        try:
            response = view(request, by, pk, **kwargs)
        except Exhibit.DoesNotExist as error:
            raise Http404 from error
        except Refusal as no:
            response = said(str(no), status=409)
        except (FileLost, Unreadable):
            logger.exception("An exhibit cannot be read from the store: %s", request.path)
            response = said(_("The file is not in the store any more. Tell an administrator."), status=410)
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "no-store"
        return response

    return require_safe(answer)


@guarded
def original(request: HttpRequest, by: User, pk: int) -> HttpResponseBase:
    """The bytes as they came in, to be saved and never shown; a download that broke off goes on from there."""
    exhibit = evidence.readable(by).kept().get(pk=pk)
    span = asked(request, exhibit)
    goes_on = span is not None and span.start > 0 and request.headers.get("If-Range") == tag_of(exhibit)
    return part(request, _opened(by, pk, shown="original", goes_on=goes_on), span)


@guarded
def page(request: HttpRequest, by: User, pk: int, number: int) -> HttpResponseBase:
    """One page of a photo or PDF, drawn anew: nothing of the file is in it but what is seen."""
    exhibit = evidence.readable(by).kept().get(pk=pk, kind__in=examining.DRAWN)
    stream = evidence.pieces_of(exhibit).stream(exhibit.pieces)
    image = rendering.draw_page(stream, exhibit.content_type, number)
    _opened(by, pk, shown=f"page {number}")  # once it is known that there is such a page
    return HttpResponse(image, content_type=rendering.IMAGE)


class Span(NamedTuple):
    """Bytes from `start` up to `stop`; none where there are none such."""

    start: int
    stop: int


def tag_of(exhibit: Exhibit) -> str:
    return f'"{exhibit.sha256}"'


def asked(request: HttpRequest, exhibit: Exhibit, *, at_most: int | None = None) -> Span | None:
    """What of a file a request asks for; None for all of it."""
    is_same = request.headers.get("If-Range", tag_of(exhibit)) == tag_of(exhibit)
    return span_of(request.headers.get("Range", ""), exhibit.size, at_most=at_most) if is_same else None


def span_of(header: str, size: int, *, at_most: int | None = None) -> Span | None:
    """What of `size` bytes answers a range (RFC 9110, 14), at most so many; None for all, and for several ranges."""
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
    return Span(start, min(size, stop, start + (at_most or size)))


def part(request: HttpRequest, exhibit: Exhibit, span: Span | None) -> HttpResponseBase:
    """These bytes of a file, or all of it."""
    if span is not None and span.start >= span.stop:
        return nothing_of(exhibit)
    start, stop = span or Span(0, exhibit.size)
    pieces = iter(()) if request.method == "HEAD" else evidence.pieces_of(exhibit).part(exhibit.pieces, start, stop)
    response = handed_out(exhibit, pieces, length=stop - start, status=206 if span else 200)
    response["Accept-Ranges"], response["ETag"] = "bytes", tag_of(exhibit)
    if span:
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{exhibit.size}"
    return response


def nothing_of(exhibit: Exhibit) -> HttpResponse:
    """A range has to be asked for, and one that is there."""
    headers = {"Content-Range": f"bytes */{exhibit.size}", "Accept-Ranges": "bytes", "ETag": tag_of(exhibit)}
    return HttpResponse(status=416, headers=headers)


def handed_out(exhibit: Exhibit, stream: Iterator[bytes], *, length: int, status: int = 200) -> StreamingHttpResponse:
    """`length` bytes of a file, to be saved wherever they are not played."""
    first = list(islice(stream, 1))  # so that what is gone is said, and not broken off
    response = StreamingHttpResponse(chain(first, stream), content_type=exhibit.content_type, status=status)
    response["Content-Length"] = str(length)
    response["Content-Encoding"] = "identity"  # recordings do not shrink: no middleware need try
    response["Content-Disposition"] = content_disposition_header(True, _saved_as(exhibit)) or "attachment"
    return response


def _opened(by: User, pk: int, *, shown: str, goes_on: bool = False) -> Exhibit:
    return evidence.open_exhibit(pk, shown=shown, goes_on=goes_on, by=by, at=database_now())


def _saved_as(exhibit: Exhibit) -> str:
    """The sender's name with the ending of what it is, whatever its own was."""
    ending = f".{ENDINGS[exhibit.content_type]}"
    name = exhibit.name or f"{exhibit.kind}-{exhibit.pk}"
    return name if name.lower().endswith(ending) else name + ending


def said(text: str, *, status: int) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
