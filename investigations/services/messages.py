"""What the people of an agency are told: by the number of the case and the kind of work, nothing about the member."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from config.kernel.civil import civil_date
from config.kernel.models import User
from config.kernel.permissions import holders
from investigations.models import Commission, Investigator
from investigations.policies import FILE_REPORT
from members.enums import Recipient
from members.models import Message
from members.services.messages import post


def tell_agency(commission: Commission, template: str, *, at: datetime, **facts: int) -> int:
    """A message to each in whose hands a commission is, with the last day of its deadline; how many."""
    people = hands(commission)
    for investigator in people:
        tell(commission, template, investigator, at=at, **facts)
    return len(people)


def tell(commission: Commission, template: str, to: Investigator, *, at: datetime, **facts: int) -> None:
    """A message to one of them."""
    post(template, user=to.user, about=commission.claim.number, facts=_facts(commission, facts), at=at)


def tell_supervisors(commission: Commission, template: str, *, at: datetime, **facts: int) -> None:
    number = commission.claim.number
    post(template, to=Recipient.SUPERVISOR, about=number, facts=_facts(commission, facts), at=at)


def hands(commission: Commission) -> QuerySet[Investigator]:
    """Who may still sign in and finds it: whose it is and the coordinators, or all of the agency where it is nobody's.

    Where none is left, nobody: the supervisors are told of what is overdue in any case.
    """
    people = commission.agency.investigators.filter(user__in=holders(FILE_REPORT)).select_related("user")
    if commission.assignee_id is not None:
        people = people.filter(Q(pk=commission.assignee_id) | Q(is_coordinator=True))
    return people.order_by("pk")


def notices(user: User) -> QuerySet[Message]:
    """What was written to one person, the newest first."""
    return Message.objects.filter(user=user).select_related("user").order_by("-created_at", "-pk")


def unread(user: User) -> int:
    return notices(user).filter(read_at__isnull=True).count()


def mark_read(seen: list[Message], *, at: datetime) -> None:
    """Somebody has these before his eyes; they stay new in the list that was handed in."""
    new = [message.pk for message in seen if message.read_at is None]
    if new:
        Message.objects.filter(pk__in=new, read_at__isnull=True).update(read_at=at)


def _facts(commission: Commission, more: dict[str, int]) -> dict[str, Any]:
    due_at = commission.deadline.due_at
    due_on = civil_date(due_at) - timedelta(days=1) if due_at else None
    return {"kind": commission.kind, "due_on": due_on, "commission": commission.pk, **more}
