"""What comes due on each of the next fourteen days."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from claims.enums import DeadlineKind
from claims.models import Claim
from claims.services.figures.facts import Facts, in_two
from config.kernel.civil import civil_date, start_of
from config.kernel.display import day
from config.kernel.figures import Asked, Behind, Chart, Line, Number, Table
from config.kernel.working_days import work_calendar

DAYS = 14

DUE = Facts("""
    SELECT to_char((e.due_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')
           || ':' || e.kind AS part, e.claim_id
    FROM claims_deadline e
    WHERE e.status = 'open' AND e.due_at > %(today)s AND e.due_at <= %(until)s {of_plan}
    GROUP BY 1, e.claim_id
""")
"""Cases with an open deadline, by the last civil day of its time and its kind."""


def forecast(asked: Asked, at: datetime) -> Table:
    """Today and the thirteen days after it; kinds of which nothing comes due have no column."""
    by = in_two(DUE.counted(asked, at, **_days(at)))
    kinds = [kind for kind in DeadlineKind if any(kind in counts for counts in by.values())]
    whole = _ANY.counted(asked, at, **_days(at))
    calendar, today = work_calendar(), civil_date(at)
    lines = []
    for one in (today + timedelta(days=ahead) for ahead in range(DAYS)):
        works = calendar.is_working(one)
        note = "" if works else _("day off")
        counts, part = by.get(one.isoformat(), {}), one.isoformat()
        every = Number(whole.get(part, 0), behind=Behind("due", f"{part}:"))
        of_kinds = [Number(counts.get(kind, 0), behind=Behind("due", f"{part}:{kind.value}")) for kind in kinds]
        lines.append(Line(day(one), [every, *of_kinds], note=note, is_quiet=not works))
    heads = (_("cases"), *(kind.label for kind in kinds))
    return Table(_("last day"), heads, lines if by else [], Chart((0,), upright=True))


_ANY = Facts(f"SELECT split_part(part, ':', 1) AS part, claim_id FROM ({DUE.sql}) due GROUP BY 1, claim_id")


def due(asked: Asked, part: str, at: datetime) -> QuerySet[Claim]:
    """The cases of a day, `2025-04-05:`, or of a day and a kind."""
    return DUE.cases(asked, part, at, **_days(at))


def _days(at: datetime) -> dict[str, datetime]:
    """What is due at 24:00 of a day is that day's."""
    today = civil_date(at)
    return {"today": start_of(today), "until": start_of(today + timedelta(days=DAYS))}
