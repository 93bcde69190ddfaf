"""The files of a paper: a page of one as an image, and the original to be kept. Nothing that was sent runs here."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from claims.models import PaperFile
from claims.services import viewing
from config.kernel import files, rendering
from config.kernel.clock import database_now
from config.kernel.crypto import Unreadable
from config.kernel.models import User
from config.kernel.refusals import NotPermitted, Refusal

logger = logging.getLogger(__name__)

ENDINGS = {"application/pdf": (".pdf",), "image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",)}


def paper_urls(site: AdminSite) -> list[URLPattern]:
    """Both addresses, below that of the case."""
    return [
        path(
            "<int:claim_id>/papers/<int:file_id>/page/<int:page>/",
            site.admin_view(require_safe(page_image)),
            name="claims_claim_paper_page",
        ),
        path(
            "<int:claim_id>/papers/<int:file_id>/",
            site.admin_view(require_safe(original)),
            name="claims_claim_paper",
        ),
    ]


def guarded(view: Any) -> Any:
    """A "no" is a line of text, where an image or a file was asked for; every answer is locked up in the browser."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = view(request, *args, **kwargs)
        except Refusal as no:
            response = _said(str(no), status=409)
        except (files.FileLost, Unreadable):
            logger.exception("A file cannot be read from the store: %s", request.path)
            response = _said(_("The file is not in the store any more. Tell an administrator."), status=410)
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "no-store"
        return response

    return answer


@guarded
def page_image(request: HttpRequest, claim_id: int, file_id: int, page: int) -> HttpResponse:
    """One page, drawn anew."""
    stored = opened(viewing.open_paper, request, claim_id, file_id).stored
    if not 1 <= page <= stored.pages:
        raise Http404
    image = rendering.draw_page(files.read(stored), stored.content_type, page)
    return HttpResponse(image, content_type=rendering.IMAGE)


@guarded
def original(request: HttpRequest, claim_id: int, file_id: int) -> HttpResponse:
    """The bytes as they came in, to be saved and never shown."""
    file: PaperFile = opened(viewing.open_paper, request, claim_id, file_id)
    response = HttpResponse(files.read(file.stored), content_type=file.stored.content_type)
    response["Content-Disposition"] = content_disposition_header(True, _saved_as(file)) or "attachment"
    return response


def opened(opening: Callable[..., Any], request: HttpRequest, claim_id: int, pk: int) -> Any:
    """What a service of `viewing` opens; 403 and 404 for what it does not."""
    assert isinstance(request.user, User)
    try:
        return opening(claim_id, pk, by=request.user, at=database_now())
    except NotPermitted as no:
        raise PermissionDenied from no
    except ObjectDoesNotExist as error:
        raise Http404 from error


def _saved_as(file: PaperFile) -> str:
    """The sender's name with the ending of what it is, whatever its own was."""
    endings = ENDINGS[file.stored.content_type]
    name = file.name or f"{file.material.kind}-{file.place}"
    return name if name.lower().endswith(endings) else name + endings[0]


def _said(text: str, *, status: int) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
