"""What a telephone shows without a line: one page that it keeps, with its style, and nothing of anybody."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from investigations.views.guarding import strictly


@require_safe
@strictly
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """In both languages: which one its reader wants is not known when it is kept."""
    return render(request, "field/offline.html")


@require_safe
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of /field/: from this address it reaches these pages, and no others."""
    page, styles = reverse("field:offline"), [static("field/field.css"), static("desk/icon.svg")]
    version = hashlib.sha256(render_to_string("field/offline.html").encode()).hexdigest()[:12]
    context = {"page": page, "styles": styles, "version": version}
    return render(request, "field/worker.js", context, content_type="text/javascript; charset=utf-8")
