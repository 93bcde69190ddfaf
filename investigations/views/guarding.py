"""Who may open a page under /field/: an investigator, in a session that a second factor vouches for."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from csp.constants import SELF
from csp.decorators import csp_replace
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache

from config.kernel.admin.paging import person
from investigations.models import Investigator
from investigations.policies import FILE_REPORT
from investigations.services import messages

Rest = ParamSpec("Rest")

strictly = csp_replace({"script-src": [SELF]})
"""No script of ours evaluates a text, as the admin's skin does."""


def in_the_field(
    view: Callable[Concatenate[HttpRequest, Investigator, Rest], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """The view gets the investigator; everybody else is sent to sign in, to give a code, or away (403)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return sent_to("field:sign-in", request)
        investigator = investigator_of(request)
        if not is_verified(request):
            return sent_to("field:code", request)
        request.unread = SimpleLazyObject(lambda: messages.unread(investigator.user))  # type: ignore[attr-defined]  # for the header
        return view(request, investigator, *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, Rest], HttpResponse]", strictly(never_cache(guarded)))


def investigator_of(request: HttpRequest) -> Investigator:
    """Who asks; PermissionDenied for whoever works for no agency, or may not any more."""
    investigator = Investigator.objects.select_related("agency").filter(user=request.user.pk).first()
    if investigator is None or not request.user.has_perm(FILE_REPORT):
        raise PermissionDenied
    investigator.user = person(request)  # whose rights are read already
    return investigator


def is_verified(request: HttpRequest) -> bool:
    """Whether a second factor, which was not taken away since, vouches for this session."""
    return bool(request.user.is_verified())  # type: ignore[union-attr]  # put there by django-otp's middleware


def sent_to(name: str, request: HttpRequest) -> HttpResponse:
    """On to a page of the sign-in, and from there to where one was going."""
    asked = next_of(request) or request.path
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': asked})}")


def next_of(request: HttpRequest) -> str:
    """The page under /field/ that was asked for before the sign-in; empty for any other address."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if asked.startswith(reverse("field:commissions")) else ""
