"""What was objected, what came of it, and which refusals fell."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from claims.enums import AppealFinding, Channel, ObjectionFinding, ObjectionKind
from claims.services.figures.facts import Facts, in_two
from config.kernel.figures import Asked, Behind, Chart, Line, Number, Table, Unit, share

OBJECTIONS = Facts("""
    SELECT e.kind || ':' || CASE e.finding WHEN '' THEN 'open' ELSE e.finding END AS part, e.claim_id
    FROM claims_objection e
    WHERE e.received_at >= %(start)s AND e.received_at < %(end)s AND e.merged_into_id IS NULL {of_plan}
    GROUP BY 1, e.claim_id
""")
"""Cases with an objection that was received in the period, by its kind and what came of it; merged ones count once."""

APPEALS = Facts("""
    SELECT e.channel || ':' || e.finding AS part, e.claim_id
    FROM claims_appeal e
    WHERE e.decided_at >= %(start)s AND e.decided_at < %(end)s {of_plan}
    GROUP BY 1, e.claim_id
""")
"""Cases of which an appeal was decided in the period, by its way and the decision."""


def objections(asked: Asked, at: datetime) -> Table:
    by = in_two(OBJECTIONS.counted(asked, at))
    results = [("open", _("still open")), *((one.value, one.label) for one in ObjectionFinding)]
    lines = [
        Line(
            kind.label,
            [
                Number(by[kind].get(name, 0), behind=Behind("objections", f"{kind.value}:{name}"))
                for name, _label in results
            ],
        )
        for kind in ObjectionKind
        if kind in by
    ]
    return Table(_("kind"), [label for _name, label in results], lines, Chart(range(len(results)), stacked=True))


def overturned(asked: Asked, at: datetime) -> Table:
    """The share of refusals that fell, by the way of the appeal."""
    by = in_two(APPEALS.counted(asked, at))
    lines = [_fell(channel, by[channel]) for channel in Channel if channel in by]
    heads = (_("overturned, share"), *(one.label for one in AppealFinding))
    return Table(_("way of the appeal"), heads, lines, Chart((0,)))


def _fell(channel: Channel, counts: dict[str, int]) -> Line:
    stood, fell = (counts.get(one.value, 0) for one in AppealFinding)
    behind = [Behind("appeals", f"{channel.value}:{one.value}") for one in AppealFinding]
    whole = Number(share(fell, stood + fell), Unit.SHARE, Behind("appeals", f"{channel.value}:"))
    return Line(channel.label, [whole, Number(stood, behind=behind[0]), Number(fell, behind=behind[1])])
