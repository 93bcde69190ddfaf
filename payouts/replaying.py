"""The payouts' verbs of the case script, and their part of its output."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from claims.models import Claim
from claims.replaying.play import Play
from claims.replaying.registry import part, verb
from config.kernel.refusals import WrongState
from payouts.enums import PayoutState
from payouts.models import Payout
from payouts.services import banking, ordering

Event = dict[str, Any]


HOLDER, CARD = "受益人", "6222020200112231"
"""The account of members, heirs and guardians: a script names none."""


@verb("pay")
def pay(play: Play, at: datetime, event: Event) -> None:
    """Prepared, approved and released by three people."""
    payout = ordering.prepare(play.case, payee_name=HOLDER, payee_card=CARD, by=play.cast.next("finance"), at=at)
    ordering.approve(payout.pk, by=play.cast.next("finance"), at=at)
    ordering.release(payout.pk, by=play.cast.next("finance"), at=at)


@verb("settle")
def settle(play: Play, at: datetime, event: Event) -> None:
    banking.settle(_at_the_bank(play).pk, by=play.cast.next("finance"), at=at)


@verb("bounce")
def bounce(play: Play, at: datetime, event: Event) -> None:
    banking.bounce(_at_the_bank(play).pk, reason="银行退回", by=play.cast.next("finance"), at=at)


@part("payout")
def payout(claim: Claim) -> dict[str, Any] | None:
    """The last order that went to the bank."""
    last = Payout.objects.filter(claim=claim, released_at__isnull=False).order_by("pk").last()
    return {"state": last.state, "net_fen": last.net_fen} if last else None


def _at_the_bank(play: Play) -> Payout:
    """The order that the bank has; `WrongState` where none is out."""
    sent = Payout.objects.filter(claim=play.case, state__in=(PayoutState.SUBMITTED, PayoutState.UNKNOWN)).last()
    if sent is None:
        raise WrongState(state=_("no payout under way"))
    return sent
