"""What the clock has to say to the people of an agency. Each step of a deadline is told once, to whose work it then is.

The steps and ends are those of the case's own clocks (`claims.sweeps`), which tell the supervisors of an end, too.
"""

from datetime import datetime

from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from claims.enums import DeadlineStatus
from claims.models import Deadline, Reminder
from investigations.models import Commission
from investigations.services.messages import tell_agency, tell_supervisors
from members.models import Message

REMINDER, OVERDUE = "commission_reminder", "commission_overdue"


def awaited(only: int | None = None) -> "QuerySet[Commission]":
    """Commissions on which an agency has to write; `only` of one case."""
    rows = Commission.objects.awaiting_report().order_by()
    return rows if only is None else rows.filter(claim=only)


def steps(only: int | None = None) -> "QuerySet[Reminder]":
    """Steps that came since the agency has it, of deadlines that still run, and of which it does not know."""
    told = _told(REMINDER).annotate(days=Cast(KT("facts__days"), BigIntegerField()))
    untold = awaited(only).filter(
        ~Exists(told.filter(days=OuterRef(OuterRef("days_before")))),
        deadline=OuterRef("deadline"),
        sent_at__lte=OuterRef("sent_at"),
    )
    return Reminder.objects.filter(Exists(untold), sent_at__isnull=False, deadline__status=DeadlineStatus.OPEN)


def missed(only: int | None = None) -> "QuerySet[Deadline]":
    """Ends that went by without a report, and of which the agency does not know."""
    untold = awaited(only).filter(~Exists(_told(OVERDUE)))
    return Deadline.objects.filter(status=DeadlineStatus.MISSED, pk__in=untold.values("deadline"))


def tell_of_step(reminder_id: int, *, at: datetime) -> int:
    """1 where the agency was told now, 0 where another sweep is at it or was first, or nothing is awaited any more."""
    step = Reminder.objects.only("deadline", "days_before").get(pk=reminder_id)
    commission = _held(step.deadline_id)
    if commission is None or not steps().filter(pk=reminder_id).exists():
        return 0
    return _tell(commission, REMINDER, at=at, days=step.days_before)


def tell_of_end(deadline_id: int, *, at: datetime) -> int:
    """As `tell_of_step`, of a deadline that was missed."""
    commission = _held(deadline_id)
    if commission is None or not missed().filter(pk=deadline_id).exists():
        return 0
    return _tell(commission, OVERDUE, at=at)


def _told(template: str) -> "QuerySet[Message]":
    """What was said of its deadline to the agency of the commission asked: another one is told for itself."""
    said = Message.objects.filter(template=template, about=OuterRef("claim__number")).annotate(
        commission=Cast(KT("facts__commission"), BigIntegerField()),
        deadline=Cast(KT("facts__deadline"), BigIntegerField()),
    )
    return said.filter(commission=OuterRef("pk"), deadline=OuterRef("deadline"))


def _tell(commission: Commission, template: str, *, at: datetime, **facts: int) -> int:
    """Where nobody of the agency can read it, the supervisors do: it is theirs to ask another one."""
    about = {"deadline": commission.deadline_id, **facts}
    if not tell_agency(commission, template, at=at, **about):
        tell_supervisors(commission, template, at=at, **about)
    return 1


def _held(deadline_id: int) -> Commission | None:
    """The commission of this deadline that is awaited, locked, unless somebody else has it."""
    rows = awaited().filter(deadline=deadline_id).select_related("agency", "claim", "deadline")
    return rows.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
