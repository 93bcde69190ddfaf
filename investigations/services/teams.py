"""Who of an agency works on what: for its coordinator, who shares the work out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Q

from config.kernel.civil import civil_date
from config.kernel.models import Absence
from config.kernel.permissions import holders
from investigations.enums import AWAITED
from investigations.models import Agency, Commission, Investigator
from investigations.policies import FILE_REPORT

WAITED_FOR = Q(state__in=AWAITED)


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person of an agency; `away_until` is the last day of an absence that has begun."""

    investigator: Investigator
    may_sign_in: bool
    at_work: int = 0
    late: int = 0
    away_until: date | None = None


@dataclass(frozen=True, slots=True)
class Shares:
    """How many commissions at work are nobody's, one's own and colleagues'; `late` of all of them."""

    nobody: int
    mine: int
    others: int
    late: int


def team(agency: Agency, *, at: datetime) -> list[Colleague]:
    """Those who may sign in, and whoever still has something: it is to be given to somebody else."""
    people = list(agency.investigators.select_related("user").order_by("user__display_name", "pk"))
    let_in = set(holders(FILE_REPORT).filter(pk__in=[one.user_id for one in people]).values_list("pk", flat=True))
    loads, away = _loads(agency, at=at), _away(people, at=at)
    return [
        Colleague(one, one.user_id in let_in, **loads.get(one.pk, {}), away_until=away.get(one.user_id))
        for one in people
        if one.user_id in let_in or one.pk in loads
    ]


def shares(investigator: Investigator, *, at: datetime) -> Shares:
    """Of what this one finds."""
    rows = Commission.objects.in_hands_of(investigator).at_work()
    nobody, mine = Q(assignee__isnull=True), Q(assignee=investigator)
    counted = rows.aggregate(
        nobody=Count("pk", filter=nobody),
        mine=Count("pk", filter=mine),
        others=Count("pk", filter=~nobody & ~mine),
        late=Count("pk", filter=_is_late(at)),
    )
    return Shares(**counted)


def _loads(agency: Agency, *, at: datetime) -> Mapping[int, dict[str, int]]:
    rows = Commission.objects.at_work().filter(agency=agency, assignee__isnull=False).order_by().values("assignee")
    counted = rows.annotate(at_work=Count("pk"), late=Count("pk", filter=_is_late(at)))
    return {row["assignee"]: {"at_work": row["at_work"], "late": row["late"]} for row in counted}


def _away(people: list[Investigator], *, at: datetime) -> dict[int, date]:
    rows = Absence.objects.on(civil_date(at)).filter(user__in=[one.user_id for one in people]).order_by()
    return dict(rows.values("user").annotate(until=Max("last_day")).values_list("user", "until"))


def _is_late(at: datetime) -> Q:
    return WAITED_FOR & Q(deadline__due_at__lte=at)
