"""What binds a member on a day, and what must hold for what is done to a membership."""

from datetime import date
from typing import TYPE_CHECKING

from config.kernel.civil import end_of
from members.enums import Purpose
from members.refusals import NotAMember
from members.rules.admission import removed_on
from members.rules.terms import Terms

if TYPE_CHECKING:
    from members.models import Covenant, Membership

KEPT = 256

_parsed: dict[int, Terms] = {}


def terms_of(covenant: "Covenant") -> Terms:
    """The typed terms of a version, with its clause numbers.

    A published one is read once a process: it never changes, and its id comes from a sequence, which no rollback turns
    back, so no other version can ever have it.
    """
    if covenant.published_at is None:
        return Terms.parse(covenant.terms, covenant.term_clauses)
    if (terms := _parsed.get(covenant.pk)) is None:
        if len(_parsed) >= KEPT:
            _parsed.clear()
        terms = _parsed[covenant.pk] = Terms.parse(covenant.terms, covenant.term_clauses)
    return terms


def binding_covenant(membership: "Membership", day: date) -> "Covenant":
    """AMB-21: the version joined under, or the newest in force on `day` that the member had consented to by its end.

    A consent counts on the day it is given, and no more on the day it is withdrawn.
    """
    later = (
        membership.consents.filter(
            purpose=Purpose.COVENANT,
            given_at__lt=end_of(day),
            covenant__plan=membership.plan_id,
            covenant__published_at__isnull=False,
            covenant__in_force_from__gte=membership.covenant.in_force_from,
            covenant__in_force_from__lte=day,
        )
        .exclude(withdrawn_at__lt=end_of(day))
        .select_related("covenant")
        .order_by("-covenant__in_force_from", "-covenant_id")
        .first()
    )
    return later.covenant if later is not None and later.covenant is not None else membership.covenant


def check_member_on(membership: "Membership", day: date) -> None:
    """`NotAMember` unless the membership runs on `day`, its waiting period included (AMB-28).

    It runs from the day of joining to its last day; unpaid shares end it on the due date that was one too many, where
    the covenant says so (AMB-11).
    """
    ended = membership.ended_on is not None and membership.ended_on < day
    if membership.joined_on > day or ended or _was_removed(membership, day):
        raise NotAMember(day=day)


def _was_removed(membership: "Membership", day: date) -> bool:
    terms = terms_of(binding_covenant(membership, day))
    if terms.removal.after_cycles is None:
        return False
    unpaid = membership.shares.filter(paid_at__isnull=True, due_on__lt=day)
    return removed_on(unpaid.values_list("due_on", flat=True), terms) is not None
