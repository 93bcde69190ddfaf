"""What was written to an investigator: read here, and in an e-mail where there is an address."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.kernel.clock import database_now
from investigations.models import Commission, Investigator
from investigations.services import messages
from investigations.views.guarding import in_the_field
from members.models import Message
from members.services.messages import shown

ON_A_PAGE = 30


@dataclass(frozen=True, slots=True)
class Notice:
    """One message in its reader's language; `commission` is the key of what it is about, while that is his to see."""

    message: Message
    subject: str
    body: str
    commission: int | None


@require_safe
@in_the_field
def notices(request: HttpRequest, investigator: Investigator) -> HttpResponse:
    """The newest first; those of the page that is shown are read with that."""
    page = Paginator(messages.notices(investigator.user), ON_A_PAGE).get_page(request.GET.get("page"))
    seen = list(page)
    messages.mark_read(seen, at=database_now())
    return render(request, "field/notices.html", {"page": page, "notices": _told(seen, investigator)})


def _told(seen: list[Message], investigator: Investigator) -> list[Notice]:
    asked = [message.facts.get("commission") for message in seen]
    rows = Commission.objects.in_hands_of(investigator).at_work().filter(pk__in=[pk for pk in asked if pk])
    open_to = set(rows.values_list("pk", flat=True))
    return [
        Notice(message, subject, body.partition("\n\n")[2], pk if pk in open_to else None)  # without the greeting
        for message, pk, (subject, body) in zip(seen, asked, map(shown, seen), strict=True)
    ]
