"""How fast, and how much of it on line (SR-39): what comes in, until the desk has decided."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from claims.enums import Reporter
from claims.models import Claim
from claims.services.figures.facts import Facts, in_two
from config.kernel.figures import Asked, Behind, Chart, Line, Number, Table, Unit, share
from config.kernel.pages import Text

ONLINE = Facts("""
    SELECT e.reporter || CASE WHEN bool_or(file.is_there IS NULL) THEN ':paper' ELSE ':online' END AS part, e.claim_id
    FROM (SELECT id AS claim_id, reporter FROM claims_claim
          WHERE reported_at >= %(start)s AND reported_at < %(end)s) e
    JOIN claims_material paper ON paper.claim_id = e.claim_id AND paper.replaced_at IS NULL
    LEFT JOIN LATERAL (
        SELECT true AS is_there FROM claims_paperfile f WHERE f.material_id = paper.id LIMIT 1
    ) file ON true
    WHERE true {of_plan}
    GROUP BY e.claim_id, e.reporter
""")
"""Cases reported in the period that have handed in papers: on line when every standing paper came as a file."""

CLOSING = Facts("""
    SELECT claim_id, decided - complete AS took,
           CASE WHEN decided < day_after THEN 'closed' WHEN day_after <= %(at)s OR decided IS NOT NULL THEN 'open'
           END AS part
    FROM (
        SELECT done.claim_id, done.at AS complete, min(made.at) AS decided,
               (date_trunc('day', done.at AT TIME ZONE 'Asia/Shanghai') + interval '2 days')
                   AT TIME ZONE 'Asia/Shanghai' AS day_after
        FROM (
            SELECT e.claim_id, max(e.at) AS at, max(e.version) AS version FROM claims_claimevent e
            WHERE e.at >= %(start)s AND e.at < %(end)s AND e.from_state = 'collecting' AND e.to_state = 'reviewing'
            {of_plan}
            GROUP BY e.claim_id
        ) done
        LEFT JOIN claims_claimevent made
            ON made.claim_id = done.claim_id AND made.version > done.version
            AND made.at >= %(start)s AND made.at <= %(at)s
            AND made.to_state IN ('publicised', 'rejected') AND made.from_state IN ('reviewing', 'deciding')
        GROUP BY done.claim_id, done.at
    ) each
""")
"""Cases whose papers became complete in the period, for the last time in it, and the desk's first decision after that.

`took` is the time between. `closed`: decided by the end of the next civil day, the day of the last paper not counted
(AMB-01); `open`: not so. Without a part: the day is not over yet.
"""

FASTEST = Facts(f"""
    SELECT 'fastest' AS part, claim_id, took FROM ({CLOSING.sql}) closing
    WHERE took IS NOT NULL ORDER BY took, claim_id LIMIT 1
""")


def online(asked: Asked, at: datetime) -> Table:
    """All together, and by who reported."""
    by = in_two(ONLINE.counted(asked, at))
    lines = [_ways(one.label, one.value, by[one.value]) for one in Reporter if one.value in by]
    whole = {way: sum(counts.get(way, 0) for counts in by.values()) for way in ("online", "paper")}
    heads = (_("online share"), _("online"), _("on paper"))
    return Table(_("reported by the"), heads, lines and [_ways(_("all"), "", whole), *lines], Chart((0,)))


def _ways(label: Text, reporter: str, counts: dict[str, int]) -> Line:
    online, paper = counts.get("online", 0), counts.get("paper", 0)
    return Line(
        label,
        [
            Number(share(online, online + paper), Unit.SHARE, Behind("online", f"{reporter}:")),
            Number(online, behind=Behind("online", f"{reporter}:online")),
            Number(paper, behind=Behind("online", f"{reporter}:paper")),
        ],
    )


def closing(asked: Asked, at: datetime) -> Table:
    """The share that was closed within a day, and the fastest of all."""
    ((closed, whole, took, claim_id),) = CLOSING.read(_CLOSED, asked, at)
    number = Claim.objects.filter(pk=claim_id).values_list("number", flat=True).first() or ""
    numbers = [
        Number(share(closed, whole), Unit.SHARE, Behind("closed-within-a-day")),
        Number(closed, behind=Behind("closed-within-a-day", "closed")),
        Number(whole, behind=Behind("closed-within-a-day")),
        Number(took, Unit.SPAN, Behind("fastest"), about=number),
    ]
    heads = (_("closed within one day, share"), _("closed within one day"), _("complete files"), _("fastest closure"))
    return Table(_("cases"), heads, [Line(_("all"), numbers)] if whole or claim_id else [])


_CLOSED = """
SELECT count(*) FILTER (WHERE part = 'closed'), count(part), min(took),
       (array_agg(claim_id ORDER BY took, claim_id) FILTER (WHERE took IS NOT NULL))[1]
FROM fact
"""
