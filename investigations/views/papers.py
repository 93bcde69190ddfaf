"""What of the file is read in the field: the letter of authorisation, and medical papers where the work is reading."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from claims.admin.papers import ENDINGS, guarded
from config.kernel import files as store
from config.kernel import rendering
from config.kernel.clock import database_now
from config.kernel.models import StoredFile
from investigations.models import Investigator
from investigations.services import files
from investigations.views.commissions import commission_of
from investigations.views.guarding import in_the_field


@require_safe
@in_the_field
@guarded
def letter_page(request: HttpRequest, investigator: Investigator, pk: int, letter: int, number: int) -> HttpResponse:
    """One page of the letter of authorisation, drawn anew."""
    return _drawn(_opened(files.open_letter, investigator, pk, letter).scan, number)


@require_safe
@in_the_field
@guarded
def letter_scan(request: HttpRequest, investigator: Investigator, pk: int, letter: int) -> HttpResponse:
    """The scan as it came in, to be saved and never shown: a records office may want it on paper."""
    scan = _opened(files.open_letter, investigator, pk, letter).scan
    response = HttpResponse(store.read(scan), content_type=scan.content_type)
    name = f"authorisation-{letter}{ENDINGS[scan.content_type][0]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@in_the_field
@guarded
def paper_page(request: HttpRequest, investigator: Investigator, pk: int, paper: int, number: int) -> HttpResponse:
    """One page of a medical paper, drawn anew."""
    return _drawn(_opened(files.open_paper, investigator, pk, paper).stored, number)


def _opened(opening: Callable[..., Any], investigator: Investigator, pk: int, file_id: int) -> Any:
    """Of one's own commission at work; Http404 for anything else."""
    try:
        return opening(commission_of(investigator, pk), file_id, by=investigator.user, at=database_now())
    except ObjectDoesNotExist as error:
        raise Http404 from error


def _drawn(stored: StoredFile, number: int) -> HttpResponse:
    if not 1 <= number <= stored.pages:
        raise Http404
    image = rendering.draw_page(store.read(stored), stored.content_type, number)
    return HttpResponse(image, content_type=rendering.IMAGE)
