"""Shares owed and paid, and the end of a membership."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from config.kernel.refusals import InvalidInput
from members.enums import EndReason
from members.models import Membership, Share


def owe(membership: Membership, *, due_on: date, fen: int) -> Share:
    """A member's share of one period."""
    if fen <= 0:
        raise InvalidInput(field=_("Share"), why=_("is an amount above zero."))
    return Share.objects.create(membership=membership, due_on=due_on, fen=fen)


def unpaid_shares(membership: Membership) -> tuple[tuple[date, int], ...]:
    """What is owed: (due day, fen), the oldest first."""
    unpaid = membership.shares.filter(paid_at__isnull=True).order_by("due_on", "id")
    return tuple(unpaid.values_list("due_on", "fen"))


def settle(membership: Membership, *, due_from: date, due_before: date, at: datetime) -> int:
    """Mark as paid the unpaid shares due in `[due_from, due_before)`; their sum in fen.

    Two at once count no share twice.
    """
    with transaction.atomic():
        due = membership.shares.filter(paid_at__isnull=True, due_on__gte=due_from, due_on__lt=due_before)
        shares = list(due.select_for_update().order_by("id"))
        Share.objects.filter(pk__in=[share.pk for share in shares]).update(paid_at=at)
    return sum(share.fen for share in shares)


def end(membership: Membership, *, on: date, reason: EndReason) -> bool:
    """The membership's last day is `on` (AMB-23); one that has ended keeps its first end. Whether it ended now."""
    running = Membership.objects.filter(pk=membership.pk, ended_on__isnull=True)
    ended = running.update(ended_on=on, end_reason=reason) == 1
    if ended:
        membership.ended_on, membership.end_reason = on, reason
    return ended
