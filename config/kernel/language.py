"""Chinese first: another language is a switch on the page, not a guess from the browser."""

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware


class ChineseFirst(LocaleMiddleware):
    """The language of the switch's cookie, or Chinese; what the browser prefers is not asked."""

    def process_request(self, request: HttpRequest) -> None:
        request.META.pop("HTTP_ACCEPT_LANGUAGE", None)
        super().process_request(request)
