"""Where a request cannot go on: the page that says so has the look of the pages that were asked for.

Below each of these addresses the templates of that folder are taken, elsewhere the desk's.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.views import csrf, defaults
from django.views.decorators.csrf import requires_csrf_token

LOOKS = {"/field/": "field/"}


def _template(request: HttpRequest, name: str) -> str:
    return next((f"{look}{name}" for start, look in LOOKS.items() if request.path.startswith(start)), name)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return defaults.page_not_found(request, exception, _template(request, "404.html"))


def not_permitted(request: HttpRequest, exception: Exception) -> HttpResponse:
    return defaults.permission_denied(request, exception, _template(request, "403.html"))


def too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The token of a form does not fit the session any more: nothing was changed."""
    return csrf.csrf_failure(request, reason, _template(request, "403_csrf.html"))


@requires_csrf_token
def stumbled(request: HttpRequest) -> HttpResponse:
    """A fault of ours. Whatever broke, this page asks neither the database nor the session."""
    context: dict[str, Any] = {}
    return HttpResponseServerError(render_to_string(_template(request, "500.html"), context))
