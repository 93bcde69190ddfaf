"""How well agencies did in the last twelve months, in figures that can be checked one by one."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncDate

from claims.enums import AppealFinding, DeadlineStatus, ObjectionFinding
from claims.models import Appeal, Deadline, Objection
from config.kernel.civil import SHANGHAI, add_months, civil_date, start_of
from investigations.enums import AT_WORK, Conclusion
from investigations.models import Commission, FeeAgreement, Report
from investigations.rules.choosing import Record

MONTHS = 12


def records(agencies: Collection[int], *, at: datetime) -> dict[int, Record]:
    """What each of these agencies did since this day a year ago; empty records for those that did nothing."""
    answered, finished = _within("filed_at", at), Q(has_standing=True) & _within("ended_at", at)
    rows = (
        counted(agencies, at=at)
        .annotate(ran_out=_ran_out(at))
        .values("agency")
        .annotate(
            answered=Count("pk", filter=answered),
            on_time=Count("pk", filter=answered & Q(was_on_time=True)),
            reworked=Count("pk", filter=answered & Q(was_returned=True)),
            unanswered=Count("pk", filter=Q(filed_at__isnull=True) & (_within("withdrawn_at", at) | Q(ran_out=True))),
            finished=Count("pk", filter=finished),
            overturned=Count("pk", filter=finished & Q(was_overturned=True)),
            fees=Sum("fee", filter=finished),
            without_fee=Count("pk", filter=finished & Q(fee__isnull=True)),
        )
    )
    known = {row["agency"]: _record(row) for row in rows}
    return {pk: known.get(pk, Record()) for pk in agencies}


def counted(agencies: Collection[int], *, at: datetime) -> "QuerySet[Any]":
    """As `told`, those to which something that counts happened in the year: the others are not looked at."""
    answered = Report.objects.filter(_within("filed_at", at), version=1).values("commission")
    moments = ("accepted_at", "closed_at", "withdrawn_at", "declined_at", "deadline__due_at")
    still_out = Q(pk__in=answered) | Q(state__in=AT_WORK)
    in_the_year = reduce(or_, (_within(moment, at) for moment in moments), still_out)
    return told(Commission.objects.filter(in_the_year, agency__in=agencies).order_by())


def told(commissions: "QuerySet[Commission]") -> "QuerySet[Any]":
    """Commissions with what became of them.

    `filed_at` of the first report, `was_on_time` for it, `was_returned`, `has_standing` (a report that stands at the
    end), `ended_at` of what was accepted or closed, `was_overturned` after that, `left_at` of what ended without an
    answer that was accepted, `fee` in fen (null: not agreed).
    """
    reports = Report.objects.filter(commission=OuterRef("pk")).order_by()
    met = clocks_of_it().filter(status=DeadlineStatus.MET, closed_at=OuterRef("filed_at"))
    missed = clocks_of_it().filter(status=DeadlineStatus.MISSED, due_at__lte=OuterRef("filed_at"))
    return (
        commissions.annotate(
            filed_at=Subquery(reports.filter(version=1).values("filed_at")),
            was_returned=Exists(reports.filter(returned_at__isnull=False)),
            has_standing=Exists(reports.filter(returned_at__isnull=True)),
            ended_at=Coalesce("accepted_at", "closed_at"),
            left_at=Coalesce("declined_at", "withdrawn_at", "closed_at"),
            sent_on=TruncDate("sent_at", tzinfo=SHANGHAI),
        )
        .annotate(was_on_time=Exists(met) & ~Exists(missed), fee=_fee_of_the_day())
        .annotate(was_overturned=_found_otherwise())
    )


def clocks_of_it() -> "QuerySet[Deadline]":
    """Every clock that ran, or was to run, for the commission asked while it was out: older generations too.

    What had run out before the agency was asked is none of its own.
    """
    clocks = Deadline.objects.filter(claim=OuterRef("claim"), procedure=OuterRef("procedure")).order_by()
    return clocks.exclude(due_at__lte=OuterRef("sent_at"))


def finished_in(agency: int, month: date) -> "QuerySet[Any]":
    """What an agency is paid for in a month (its first day): ended in it with a report that stands."""
    rows = told(Commission.objects.filter(agency=agency)).filter(has_standing=True)
    return rows.filter(ended_at__gte=start_of(month), ended_at__lt=start_of(add_months(month, 1))).order_by(
        "ended_at", "pk"
    )


def _record(row: Mapping[str, Any]) -> Record:
    counts = {name: count for name, count in row.items() if name not in ("agency", "fees")}
    return Record(fee_fen=row["fees"] or 0, **counts)


def _fee_of_the_day() -> Subquery:
    """What was agreed for the kind on the civil day on which the commission went out, in fen."""
    agreed = FeeAgreement.objects.filter(
        agency=OuterRef("agency"),
        kind=OuterRef("kind"),
        valid_from__lte=OuterRef("sent_on"),
    )
    return Subquery(agreed.order_by("-valid_from").values("fee_fen")[:1], output_field=BigIntegerField())


def since(at: datetime) -> datetime:
    """The beginning of this day a year ago; of 29 February, that of 28 February."""
    return start_of(add_months(civil_date(at), -MONTHS))


def _within(moment: str, at: datetime) -> Q:
    return Q(**{f"{moment}__gte": since(at), f"{moment}__lte": at})


def _ran_out(at: datetime) -> Exists:
    """A time ended while the agency had it and the case waited; whether a sweep noted it, or it was prolonged since."""
    case_waited = Q(closed_at__isnull=True) | Q(closed_at__gte=F("due_at"))
    had_it = Q(due_at__lte=Coalesce(OuterRef("left_at"), Value(at)))
    return Exists(clocks_of_it().filter(_within("due_at", at) & had_it & case_waited))


def _found_otherwise() -> Q:
    """A later finding went against what the standing report concluded: not the finding for which it was made."""
    standing = Report.objects.filter(commission=OuterRef("pk"), returned_at__isnull=True).order_by()
    appeals = Appeal.objects.filter(
        claim=OuterRef("claim"), finding=AppealFinding.OVERTURNED, decided_at__gte=OuterRef("ended_at")
    ).exclude(pk=Coalesce(OuterRef("procedure__appeal"), 0))
    objections = Objection.objects.filter(
        claim=OuterRef("claim"), finding=ObjectionFinding.UPHELD, resolved_at__gte=OuterRef("ended_at")
    ).exclude(pk=Coalesce(OuterRef("procedure__objection"), 0))
    spoke_against = Exists(standing.filter(conclusion=Conclusion.INCONSISTENT))
    spoke_for = Exists(standing.filter(conclusion=Conclusion.CONSISTENT))
    return (spoke_against & Exists(appeals)) | (spoke_for & Exists(objections))
