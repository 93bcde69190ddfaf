"""The PDF of a letter."""

import logging

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from claims.models import Letter
from config.kernel import files

log = logging.getLogger(__name__)


def letter_pdf(request: HttpRequest, page_id: int, letter_id: int) -> HttpResponse:
    """The bytes whose hash stands beside the letter, to be saved: nothing of it runs or stays in the browser."""
    if not (request.user.has_perm("claims.view_claim") and request.user.has_perm("claims.view_letter")):
        raise PermissionDenied
    letter = Letter.objects.select_related("claim", "printed").filter(pk=letter_id, claim=page_id).first()
    if letter is None or letter.printed is None:
        raise Http404
    try:
        data = files.read(letter.printed)
    except files.FileLost as lost:
        log.error("The PDF of letter %s is lost: %s", letter.pk, letter.printed.sha256)
        raise Http404 from lost
    return HttpResponse(
        data,
        content_type=files.PDF,
        headers={
            "Content-Disposition": f'attachment; filename="{letter.claim.number}-{letter.kind}-{letter.pk}.pdf"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
