"""The letters of a case on its page: what each says, its PDF, and how it was delivered."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from claims import forms
from claims.enums import Delivery
from claims.models import Claim, Letter
from claims.services import delivering
from claims.services.letters import compose
from config.kernel.pages import Look, Move, Panel, add_moves, add_panels, name_verbs
from config.kernel.permissions import may
from members.models import Message
from members.services.messages import shown

LATEST = 50
"""Messages shown on a page; the list has all."""


def letters(claim: Claim, look: Look) -> dict[str, Any]:
    written = Message.objects.filter(about=claim.number).select_related("member", "user").order_by("-id")[:LATEST]
    return {
        "letters": [(letter, compose(letter)) for letter in letters_of(claim)],
        "messages": [(message, *shown(message)) for message in written],
    }


def letters_of(claim: Claim) -> Iterable[Letter]:
    """Newest first, with what their text and their line read."""
    rows = claim.letters.select_related("claim__membership__member", "claim__membership__plan")
    return rows.select_related("printed", "delivered_by").order_by("-id")


def deliver(letter: Letter, said: dict[str, Any], **who: Any) -> object:
    return delivering.deliver(letter.pk, channel=Delivery(said["delivery"]), note=said["note"], **who)


add_panels(
    Claim,
    Panel(
        name="letters",
        title=_("Letters and messages"),
        template="desk/case/letters.html",
        read=letters,
        permission="claims.view_letter",
        place=85,
        is_half=True,
    ),
)

add_moves(
    Claim,
    Move(
        name="deliver",
        label=_("Record the delivery"),
        consequence=_("It stays with the letter how it reached its reader; it is recorded once."),
        form=forms.Deliver,
        perform=deliver,
        rows=letters_of,
        when=lambda letter: letter.delivered_at is None,
        checks=(may("claims.deliver_letter"),),
    ),
)

name_verbs({"deliver": _("Delivery of a letter recorded")})
