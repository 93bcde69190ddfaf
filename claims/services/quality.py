"""Figures of quality over months: agreement, errors by post, reasons for return, refusals that were overturned.

Months are civil ones, named by their first day; `until` is the last month that counts. A second look belongs to the
month in which its case came to its end, a return and a decision on an appeal to that in which it was made.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncMonth

from claims.enums import Agreement, AppealFinding, Settlement, State
from claims.models import Appeal, ClaimEvent, SecondLook
from claims.rules.agreement import kappa
from config.kernel.civil import SHANGHAI, add_months, civil_date, start_of
from config.kernel.models import User

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Months:
    """Civil months from `since` to `until`, both included and both named by their first day."""

    since: date
    until: date

    @property
    def start(self) -> datetime:
        return start_of(self.since)

    @property
    def end(self) -> datetime:
        return start_of(add_months(self.until, 1))

    def each(self) -> list[date]:
        """The first day of every month, the oldest first."""
        length = (self.until.year - self.since.year) * 12 + self.until.month - self.since.month + 1
        return [add_months(self.since, step) for step in range(length)]


def month(of: date) -> Months:
    """The one month that has this day."""
    return Months(of.replace(day=1), of.replace(day=1))


def last_year(until: date) -> Months:
    """The twelve months up to this day's."""
    return Months(add_months(until.replace(day=1), 1 - MONTHS), until.replace(day=1))


@dataclass(frozen=True, slots=True)
class Agreed:
    """How far second looks agree with the decisions of one person; `kappa` is None where there are too few."""

    user: int
    looks: int
    agreed: int
    kappa: Fraction | None

    @property
    def share(self) -> Fraction:
        return Fraction(self.agreed, self.looks)

    @property
    def hundredths(self) -> int | None:
        """Kappa in hundredths, as the page and the report show it."""
        return None if self.kappa is None else round(self.kappa * 100)


def looks(over: Months) -> QuerySet[SecondLook]:
    """The second looks of cases of these months in which an own decision was stated."""
    return SecondLook.objects.filter(
        drawing__month__gte=over.since, drawing__month__lte=over.until, stated_at__isnull=False
    )


def waiting_for(user: User) -> Q:
    """Second looks that this person has to do, and those against a decision of his that he has not answered."""
    against = ~Q(agreement=Agreement.AGREES) | ~Q(fault_post="")
    unanswered = against & Q(decided_by=user, looked_at__isnull=False, answered_at__isnull=True)
    return Q(given_to=user, looked_at__isnull=True) | unanswered


def faulty(over: Months) -> QuerySet[SecondLook]:
    """Those that found an error which stands."""
    return looks(over).exclude(fault_post="").exclude(settled_as=Settlement.FALLS)


def agreement(over: Months) -> list[Agreed]:
    """Of each person whose decisions were looked at again; the most first."""
    verdicts: dict[int, list[tuple[str, str]]] = defaultdict(list)
    agreed: Counter[int] = Counter()
    rows = (
        looks(over)
        .filter(decided_by__isnull=False)
        .order_by()
        .values_list("decided_by", "outcome", "own_outcome", "agreement")
    )
    for user, outcome, own, found in rows:
        verdicts[user].append((outcome, own))
        agreed[user] += found == Agreement.AGREES
    table = [Agreed(user, len(pairs), agreed[user], kappa(pairs)) for user, pairs in verdicts.items()]
    return sorted(table, key=lambda one: (-one.looks, one.user))


def faults(over: Months) -> list[tuple[str, str, int]]:
    """Post, kind, and how many errors stand; by post."""
    rows = faulty(over).order_by().values_list("fault_post", "fault_kind").annotate(n=Count("pk"))
    return sorted(rows, key=lambda row: (row[0], -row[2], row[1]))


def returns(over: Months) -> QuerySet[ClaimEvent]:
    """The events with which cases were sent back."""
    return ClaimEvent.objects.filter(verb="return", at__gte=over.start, at__lt=over.end)


def with_who_had(rows: QuerySet[ClaimEvent]) -> QuerySet[Any]:
    """Returns with `had_by`: who had brought the case through that step before."""
    brought = ClaimEvent.objects.filter(
        claim=OuterRef("claim"), version__lt=OuterRef("version"), from_state=OuterRef("to_state")
    ).exclude(to_state=OuterRef("to_state"))
    return rows.annotate(had_by=Subquery(brought.order_by("-version").values("by")[:1]))


def returned(over: Months) -> list[tuple[str, str, int | None, int]]:
    """The step that cases were sent back to, the coded reason, who had brought them through it, and how many."""
    rows = (
        with_who_had(returns(over)).order_by().values_list("to_state", "reason_code", "had_by").annotate(n=Count("pk"))
    )
    return sorted(rows, key=lambda row: (row[0], -row[3], row[1], row[2] or 0))


def overturned(over: Months) -> QuerySet[Any]:
    """Appeals by which a refusal fell, with `refused_by`: whose refusal it was."""
    refusals = ClaimEvent.objects.filter(
        claim=OuterRef("claim"), to_state=State.REJECTED.value, at__lt=OuterRef("decided_at")
    )
    rows = Appeal.objects.filter(finding=AppealFinding.OVERTURNED, decided_at__gte=over.start, decided_at__lt=over.end)
    return rows.annotate(refused_by=Subquery(refusals.order_by("-version").values("by")[:1]))


def overturned_of(over: Months) -> list[tuple[int | None, int]]:
    """Whose refusals were overturned, and how many; the most first."""
    rows = overturned(over).order_by().values_list("refused_by").annotate(n=Count("pk"))
    return sorted(rows, key=lambda row: (-row[1], row[0] or 0))


@dataclass(frozen=True, slots=True)
class OfAMonth:
    """The figures of one month in a row."""

    month: date
    drawn: int
    looks: int
    agreed: int
    faults: int
    returns: int
    overturned: int


def by_month(over: Months) -> list[OfAMonth]:
    """One row a month, the latest first."""
    drawn = _by_drawing(SecondLook.objects.filter(drawing__month__gte=over.since, drawing__month__lte=over.until))
    stated = _by_drawing(looks(over))
    agreed = _by_drawing(looks(over).filter(agreement=Agreement.AGREES))
    wrong = _by_drawing(faulty(over))
    back = _by_instant(returns(over), "at")
    appeals = Appeal.objects.filter(
        finding=AppealFinding.OVERTURNED, decided_at__gte=over.start, decided_at__lt=over.end
    )
    fell = _by_instant(appeals, "decided_at")
    tables = (drawn, stated, agreed, wrong, back, fell)
    return [OfAMonth(first, *(table.get(first, 0) for table in tables)) for first in reversed(over.each())]


def _by_drawing(rows: QuerySet[SecondLook]) -> dict[date, int]:
    return dict(rows.order_by().values_list("drawing__month").annotate(n=Count("pk")))


def _by_instant(rows: QuerySet[Any], column: str) -> dict[date, int]:
    months = rows.order_by().annotate(of=TruncMonth(column, tzinfo=SHANGHAI)).values_list("of")
    return {civil_date(first): n for first, n in months.annotate(n=Count("pk"))}


def called(keys: Iterable[int | None], *, has_names: bool) -> dict[int | None, str]:
    """How these people are called: by name, or by numbers in the order in which they appear; nobody is a dash."""
    known = dict.fromkeys(key for key in keys if key is not None)
    if not has_names:
        return {None: "—"} | {key: f"#{number}" for number, key in enumerate(known, 1)}
    return {None: "—"} | {user.pk: str(user) for user in User.objects.filter(pk__in=known)}
