"""What an agency is told: each of its people, by the number of the case and nothing about the member."""

from datetime import datetime, timedelta

from config.kernel.civil import civil_date
from investigations.models import Commission
from members.services.messages import post


def tell_agency(commission: Commission, template: str, *, at: datetime) -> None:
    """A message to every investigator of the commissioned agency, with the last day of its deadline."""
    deadline = commission.deadline
    due_on = civil_date(deadline.due_at) - timedelta(days=1) if deadline.due_at else None
    facts = {"kind": commission.kind, "due_on": due_on}
    for investigator in commission.agency.investigators.filter(user__is_active=True).select_related("user"):
        post(template, user=investigator.user, about=commission.claim.number, facts=facts, at=at)
