"""The PDF of a letter."""

from django.http import Http404, HttpRequest, HttpResponse

from claims.admin.papers import guarded, opened
from claims.models import Letter
from claims.services import viewing
from config.kernel import files


@guarded
def letter_pdf(request: HttpRequest, page_id: int, letter_id: int) -> HttpResponse:
    """The bytes whose hash stands beside the letter, to be saved."""
    letter: Letter = opened(viewing.open_letter, request, page_id, letter_id)
    if letter.printed is None:
        raise Http404
    name = f"{letter.claim.number}-{letter.kind}-{letter.pk}.pdf"
    saved = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(files.read(letter.printed), content_type=files.PDF, headers=saved)
