"""Handing out what is kept: the original to be saved, or a page drawn anew. Asked for each time, logged each time."""

import logging
from collections.abc import Callable, Iterator
from functools import wraps
from itertools import chain, islice
from typing import Any

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
from investigations.views.asking import person

logger = logging.getLogger(__name__)


def guarded(view: Callable[..., HttpResponseBase]) -> Any:
    """Whoever may not read it finds nothing; every answer is locked up in the browser, and kept by nobody."""

    @wraps(view)
    def answer(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponseBase:
        by = person(request)
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
    """The bytes as they came in, to be saved and never shown."""
    exhibit = _opened(by, pk, shown="original")
    return handed_out(exhibit, evidence.pieces_of(exhibit).stream(exhibit.pieces), length=exhibit.size)


@guarded
def page(request: HttpRequest, by: User, pk: int, number: int) -> HttpResponseBase:
    """One page of a photo or PDF, drawn anew: nothing of the file is in it but what is seen."""
    if not evidence.readable(by).kept().filter(pk=pk, kind__in=examining.DRAWN).exists():
        raise Http404
    exhibit = _opened(by, pk, shown=f"page {number}")
    stream = evidence.pieces_of(exhibit).stream(exhibit.pieces)
    return HttpResponse(rendering.draw_page(stream, exhibit.content_type, number), content_type=rendering.IMAGE)


def handed_out(exhibit: Exhibit, stream: Iterator[bytes], *, length: int, status: int = 200) -> StreamingHttpResponse:
    """`length` bytes of a file, to be saved wherever they are not played."""
    first = list(islice(stream, 1))  # so that what is gone is said, and not broken off
    response = StreamingHttpResponse(chain(first, stream), content_type=exhibit.content_type, status=status)
    response["Content-Length"] = str(length)
    response["Content-Encoding"] = "identity"  # recordings do not shrink: no middleware need try
    response["Content-Disposition"] = content_disposition_header(True, _saved_as(exhibit)) or "attachment"
    return response


def _opened(by: User, pk: int, *, shown: str) -> Exhibit:
    return evidence.open_exhibit(pk, shown=shown, by=by, at=database_now())


def _saved_as(exhibit: Exhibit) -> str:
    """The sender's name with the ending of what it is, whatever its own was."""
    ending = f".{ENDINGS[exhibit.content_type]}"
    name = exhibit.name or f"{exhibit.kind}-{exhibit.pk}"
    return name if name.lower().endswith(ending) else name + ending


def said(text: str, *, status: int) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
