"""How long cases stay in each step, what is done in time, and by whom."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from claims.enums import DeadlineKind, State
from claims.models import Claim
from claims.services.figures.facts import Facts, in_two
from config.kernel.figures import Asked, Behind, Chart, Line, Number, Table, Unit, share
from config.kernel.models import Team, User
from config.kernel.pages import Text

STAYS = Facts("""
    SELECT moved.from_state AS part, moved.claim_id,
           sum(date_part('epoch', moved.at - coalesce(moved.came, (
               SELECT b.at FROM claims_claimevent b
               WHERE b.claim_id = moved.claim_id AND b.version < moved.version AND b.from_state <> b.to_state
               ORDER BY b.version DESC LIMIT 1
           )))) / 86400 AS stayed
    FROM (
        SELECT e.claim_id, e.version, e.at, e.from_state,
               lag(e.at) OVER (PARTITION BY e.claim_id ORDER BY e.version) AS came
        FROM claims_claimevent e
        WHERE e.at >= %(start)s AND e.at < %(end)s AND e.from_state <> e.to_state {of_plan}
    ) moved
    WHERE moved.from_state <> 'reported'
    GROUP BY moved.from_state, moved.claim_id
""")
"""Cases that left a step in the period, and the days they had stayed: several stays of one case are added up."""

IN_TIME = Facts("""
    SELECT e.kind || CASE WHEN bool_or(e.status = 'missed') THEN ':late' ELSE ':met' END AS part, e.claim_id
    FROM claims_deadline e
    WHERE e.status IN ('met', 'missed') AND e.closed_at >= %(start)s AND e.closed_at < %(end)s
      AND e.kind NOT IN ('publicity', 'appeal_window', 'condition') {of_plan}
    GROUP BY e.kind, e.claim_id
""")
"""Cases of which a clock ended in the period: `late` where it ran out, be it once of several times."""

_ENDED = """
    SELECT e.claim_id, e.version, e.at, e.by_id, u.team_id,
           CASE e.from_state WHEN 'collecting' THEN 'supplement' WHEN 'reviewing' THEN 'review'
               WHEN 'deciding' THEN 'decision' WHEN 'approved' THEN 'payment'
               WHEN 'appealing' THEN 'appeal_decision' END AS kind
    FROM claims_claimevent e JOIN kernel_user u ON u.id = e.by_id
    WHERE e.at >= %(start)s AND e.at < %(end)s
      AND e.from_state IN ('collecting', 'reviewing', 'investigating', 'deciding', 'approved', 'appealing')
      AND CASE e.from_state WHEN 'reviewing' THEN e.to_state <> 'investigating' AND
          (e.to_state <> 'reviewing' OR e.verb = 'pass_review') ELSE e.from_state <> e.to_state END {of_plan}
"""
"""Moves that ended the desk's work in a step, with who made them.

A review is through when it is passed, wherever the case goes then; the clock of an investigation is the agency's.
"""

BY_TEAM = Facts(f"""
    SELECT team_id || CASE WHEN bool_or(is_late) THEN ':late' ELSE ':met' END AS part, claim_id
    FROM (
        SELECT ended.team_id, ended.claim_id, CASE WHEN met.claim_id IS NULL THEN (
                   SELECT CASE WHEN last.status = 'missed' THEN true END FROM claims_deadline last
                   WHERE last.claim_id = ended.claim_id AND last.kind = ended.kind AND last.opened_at < ended.at
                   ORDER BY last.generation DESC LIMIT 1
               ) ELSE false END AS is_late
        FROM ({_ENDED}) ended LEFT JOIN claims_deadline met
            ON met.claim_id = ended.claim_id AND met.kind = ended.kind AND met.closed_at = ended.at
            AND met.status = 'met' AND met.closed_at >= %(start)s AND met.closed_at < %(end)s
        WHERE ended.team_id IS NOT NULL
        OFFSET 0 -- so that it is looked up once a case, not once for HAVING and once for the part
    ) each
    GROUP BY team_id, claim_id HAVING bool_or(is_late) IS NOT NULL
""")
"""Cases of which somebody of a team ended a step in the period, in time or late."""

DONE = Facts(f"SELECT by_id::text AS part, claim_id FROM ({_ENDED}) ended GROUP BY by_id, claim_id")
"""Cases of which a person ended a step in the period."""

OPEN = Facts("""
    SELECT a.user_id::text AS part, e.claim_id
    FROM (SELECT id AS claim_id, state FROM claims_claim WHERE state = ANY(%(states)s)) e
    JOIN claims_assignment a ON a.claim_id = e.claim_id AND a.step = e.state
    WHERE true {of_plan}
""")
"""Cases that a person has in their present step."""

AT_WORK = [state.value for state in State if state not in (State.PAID, State.REJECTED, State.CLOSED, State.WITHDRAWN)]


def stays(asked: Asked, at: datetime) -> Table:
    """Median and 90th of a hundred, in days, of each step that cases left."""
    found: dict[str, Any] = {state: row for state, *row in STAYS.read(_SPREAD, asked, at)}
    lines = [_stay(state, *found[state]) for state in State if state in found]
    heads = (_("cases"), _("median, days"), _("90th of a hundred, days"))
    return Table(_("step"), heads, lines, Chart((1, 2)))


_SPREAD = """
SELECT part, count(*), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY stayed)
FROM fact GROUP BY part
"""


def _stay(state: State, count: int, spread: list[float]) -> Line:
    behind = Behind("left-a-step", state.value)
    return Line(state.label, [Number(count, behind=behind), *(Number(one, Unit.DAYS, behind) for one in spread)])


def in_time(asked: Asked, at: datetime) -> Table:
    """By stage."""
    by = in_two(IN_TIME.counted(asked, at))
    lines = [punctual(kind.label, "in-time", kind.value, by[kind]) for kind in DeadlineKind if kind in by]
    return Table(_("deadline"), PUNCTUAL, lines, Chart((0,)))


PUNCTUAL = (_("in time, share"), _("in time"), _("late"))


def punctual(label: Text, name: str, part: str, counts: dict[str, int]) -> Line:
    """A line under the heads `PUNCTUAL`."""
    met, late = counts.get("met", 0), counts.get("late", 0)
    return Line(
        label,
        [
            Number(share(met, met + late), Unit.SHARE, Behind(name, f"{part}:")),
            Number(met, behind=Behind(name, f"{part}:met")),
            Number(late, behind=Behind(name, f"{part}:late")),
        ],
    )


def by_team(asked: Asked, at: datetime) -> Table:
    """By the team of whoever ended the step."""
    by = in_two(BY_TEAM.counted(asked, at))
    teams = Team.objects.all() if asked.team is None else Team.objects.filter(pk=asked.team)
    lines = [
        punctual(team.name, "team-in-time", str(team.pk), by[str(team.pk)]) for team in teams if str(team.pk) in by
    ]
    return Table(_("team"), PUNCTUAL, lines, Chart((0,)))


def workload(asked: Asked, at: datetime) -> Table:
    """What each person of the desk has, and what was done in the period; people with neither are left out."""
    held = OPEN.counted(asked, at, states=AT_WORK)
    done = DONE.counted(asked, at)
    people = User.objects.filter(pk__in={*map(int, held), *map(int, done)}).exclude(username="system")
    if asked.team is not None:
        people = people.filter(team=asked.team)
    lines = [
        Line(
            str(user),
            [
                Number(held.get(str(user.pk), 0), behind=Behind("held-by", str(user.pk))),
                Number(done.get(str(user.pk), 0), behind=Behind("done-by", str(user.pk))),
            ],
            note=user.team.name if user.team else "",
        )
        for user in people.select_related("team").order_by("team__name", "username")
    ]
    return Table(_("person"), (_("has now"), _("done in the period")), lines, Chart((0, 1)))


def held(asked: Asked, part: str, at: datetime) -> QuerySet[Claim]:
    return OPEN.cases(asked, part, at, states=AT_WORK)
