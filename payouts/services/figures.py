"""Where the money is: what the decisions promise, what is with the bank, and what the book says was paid."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from claims.services.figures.facts import Facts
from config.kernel.figures import Asked, Behind, Chart, Line, Number, Table, Unit

MONEY = Facts("""
    SELECT CASE WHEN e.state IN ('publicised', 'suspended') THEN 'decided' ELSE 'approved' END AS part,
           e.claim_id, e.decided_fen AS fen
    FROM (SELECT id AS claim_id, state, decided_fen FROM claims_claim
          WHERE state IN ('publicised', 'suspended', 'approved')) e
    WHERE true {of_plan}
    UNION ALL
    SELECT 'paying', e.claim_id, e.net_fen
    FROM claims_claim c JOIN payouts_payout e ON e.claim_id = c.id AND e.state IN ('submitted', 'unknown')
    WHERE c.state = 'paying' {of_plan}
    UNION ALL
    SELECT 'paid', e.claim_id, sum(p.fen)
    FROM payouts_posting p JOIN payouts_payout e ON e.id = p.payout_id
    WHERE p.kind = 'settlement' AND p.at >= %(start)s AND p.at < %(end)s {of_plan}
      AND NOT EXISTS (SELECT FROM payouts_posting back WHERE back.reverses_id = p.id)
    GROUP BY e.claim_id
""")
"""Cases with the money of each stage, in fen: as things stand now, and what the book says was settled in the period."""

STAGES = {
    "decided": _("decided, before the members"),
    "approved": _("approved, not with the bank yet"),
    "paying": _("with the bank"),
    "paid": _("paid in the period, by the book"),
}


def money(asked: Asked, at: datetime) -> Table:
    """Count and sum of each stage."""
    rows = MONEY.read("SELECT part, count(*), sum(fen)::bigint FROM fact GROUP BY part", asked, at)
    found = {part: (count, fen) for part, count, fen in rows}
    lines = []
    for part, label in STAGES.items() if found else ():
        count, fen = found.get(part, (0, 0))
        behind = Behind("money", part)
        lines.append(Line(label, [Number(count, behind=behind), Number(fen, Unit.FEN, behind)]))
    return Table(_("stage"), (_("cases"), _("amount")), lines, Chart((1,)))
