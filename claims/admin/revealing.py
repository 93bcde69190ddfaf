"""One masked number of a case, shown once to who gives a reason: in the answer to a POST, and nowhere else."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from claims.models import Claim
from claims.services.reading import number_label, numbers_of, reveal
from config.kernel.admin.paging import look_of
from config.kernel.forms import Choice, MoveForm, Text, offer
from config.kernel.refusals import Refusal


class Reveal(MoveForm):
    """Only what is on file can be asked for."""

    number = Choice(label=_("Number"))
    reason = Text(label=_("Reason"), help_text=_("It stays with the case, with your name and the time."))

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        offer(self, "number", [(key, number_label(key)) for key in numbers_of(row)])


def revealing_urls(page: Any) -> list[URLPattern]:
    """For `ClaimAdmin.get_urls`: the page behind “Show a number”."""

    @never_cache
    def view(request: HttpRequest, page_id: int) -> HttpResponse:
        return _shown_once(page, request, page_id)

    return [path("<int:page_id>/number/", page.admin_site.admin_view(view), name="claims_claim_number")]


def _shown_once(page: Any, request: HttpRequest, page_id: int) -> HttpResponse:
    look = look_of(request)
    if not look.by.has_perm("claims.reveal_number"):
        raise PermissionDenied
    claim: Claim = page.row_of(request, str(page_id), look)
    form = Reveal(request.POST if request.method == "POST" else None, row=claim, look=look)
    context: dict[str, Any] = {"form": form, "subtitle": _("Show a number")}
    status = 200
    if form.is_valid():
        said = form.cleaned_data
        try:
            context["number"] = reveal(claim, **said, by=look.by, at=look.at)
            context["label"] = number_label(said["number"])
        except Refusal as no:
            context["refusals"], status = [no], 409
    response: HttpResponse = page.respond(request, "desk/case/number.html", claim, look, context, status=status)
    return response
