"""The figures of a month as plain JSON: what a report is made of, and what its hash is made of."""

from datetime import date
from statistics import median
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from claims.enums import ENDED, DeadlineKind, DeadlineStatus, ObjectionFinding, State
from claims.models import Claim, ClaimEvent, Deadline, Objection
from claims.querysets import decided_end
from claims.services import quality
from claims.services.quality import Months

STEPS = (State.COLLECTING, State.REVIEWING, State.INVESTIGATING, State.DECIDING, State.PUBLICISED, State.APPROVED)
"""The steps whose days are told, in the order in which a case goes through them."""

END_BY_THEMSELVES = (DeadlineKind.PUBLICITY.value, DeadlineKind.APPEAL_WINDOW.value, DeadlineKind.CONDITION.value)
SETTLED_CLOCKS = (DeadlineStatus.MET.value, DeadlineStatus.MISSED.value)


def measure(month: date, *, has_names: bool) -> dict[str, Any]:
    """Everything that the report of a month says. Without `has_names` people are numbered, and not named."""
    over = quality.month(month)
    return {"floor": floor(over), "quality": _quality(over, has_names), "year": _year(quality.last_year(month))}


def floor(over: Months) -> dict[str, Any]:
    """Plain counts of the cases of these months: money in fen, days as whole ones, shares as pairs of counts."""
    ended = ClaimEvent.objects.filter(decided_end(), at__gte=over.start, at__lt=over.end).order_by()
    cases = Claim.objects.filter(pk__in=ended.values("claim")).order_by()
    paid, closed = ended.filter(to_state=State.PAID), ended.filter(to_state=State.CLOSED)
    reported = Claim.objects.filter(reported_at__gte=over.start, reported_at__lt=over.end).order_by()
    return {
        "reported": reported.count(),
        "paid": paid.count(),
        "refused": closed.count(),
        "open": Claim.objects.exclude(state__in=(*ENDED, State.PAID)).order_by().count(),
        "paid_fen": cases.filter(rejected_at__isnull=True).aggregate(fen=Coalesce(Sum("decided_fen"), 0))["fen"],
        "days": _days(over),
        "deadlines": _deadlines(over),
        "objections": _objections(over),
        "overturned": sum(n for _user, n in quality.overturned_of(over)),
    }


def _days(over: Months) -> dict[str, dict[str, int]]:
    """How long the cases that ended in these months were in each step: how many, the median of days, the longest."""
    ended = ClaimEvent.objects.filter(decided_end(), at__gte=over.start, at__lt=over.end).order_by()
    rows = ClaimEvent.objects.filter(claim__in=ended.values("claim")).order_by("claim", "version")
    stays: dict[str, list[int]] = {state.value: [] for state in STEPS}
    last_claim, entered = None, None
    for claim, was, becomes, at in rows.values_list("claim", "from_state", "to_state", "at").iterator(chunk_size=5000):
        if claim != last_claim:
            last_claim, entered = claim, at
        if was != becomes:
            if was in stays and entered is not None:
                stays[was].append((at - entered).days)
            entered = at
    return {
        state: {"cases": len(days), "median": int(median(days)), "longest": max(days)}
        for state, days in stays.items()
        if days
    }


def _deadlines(over: Months) -> dict[str, list[int]]:
    """Of each kind of deadline that fell due in these months: how many were kept, and how many there were."""
    rows = Deadline.objects.filter(due_at__gte=over.start, due_at__lt=over.end, status__in=SETTLED_CLOCKS)
    rows = rows.exclude(kind__in=END_BY_THEMSELVES).order_by()
    table: dict[str, list[int]] = {}
    for kind, status, n in sorted(rows.values_list("kind", "status").annotate(n=Count("pk"))):
        kept, total = table.setdefault(kind, [0, 0])
        table[kind] = [kept + (n if status == DeadlineStatus.MET else 0), total + n]
    return table


def _objections(over: Months) -> dict[str, int]:
    rows = Objection.objects.filter(received_at__gte=over.start, received_at__lt=over.end, merged_into=None).order_by()
    findings = dict(rows.values_list("finding").annotate(n=Count("pk")))
    return {finding: findings[finding] for finding in ("", *ObjectionFinding.values) if findings.get(finding)}


def _quality(over: Months, has_names: bool) -> dict[str, Any]:
    agreed, back, fell = quality.agreement(over), quality.returned(over), quality.overturned_of(over)
    keys = [*(one.user for one in agreed), *(row[2] for row in back), *(row[0] for row in fell)]
    called = quality.called(keys, has_names=has_names)
    return {
        "agreement": [
            {
                "who": called[one.user],
                "looks": one.looks,
                "agreed": one.agreed,
                "kappa": one.hundredths,
            }
            for one in agreed
        ],
        "faults": [list(row) for row in quality.faults(over)],
        "returns": [[to, code, called[user], n] for to, code, user, n in back],
        "overturned": [[called[user], n] for user, n in fell],
        "drawn": quality.by_month(over)[0].drawn,
    }


def _year(over: Months) -> list[dict[str, Any]]:
    return [
        {
            "month": one.month.isoformat()[:7],
            "looks": one.looks,
            "agreed": one.agreed,
            "faults": one.faults,
            "returns": one.returns,
            "overturned": one.overturned,
        }
        for one in quality.by_month(over)
    ]
