"""How punctual agencies are, from their commissions."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from claims.services.figures.facts import Facts, in_two
from claims.services.figures.stages import PUNCTUAL, punctual
from config.kernel.figures import Asked, Chart, Table
from investigations.models import Agency

BY_AGENCY = Facts("""
    SELECT o.agency_id || CASE WHEN bool_or(e.status = 'missed') THEN ':late' ELSE ':met' END AS part, e.claim_id
    FROM claims_deadline e JOIN investigations_commission o ON o.procedure_id = e.procedure_id
    WHERE e.kind = 'investigation' AND e.status IN ('met', 'missed')
      AND e.closed_at >= %(start)s AND e.closed_at < %(end)s {of_plan}
      AND e.closed_at >= o.sent_at AND COALESCE(e.due_at, 'infinity') > o.sent_at
      AND e.closed_at <= COALESCE(o.declined_at, o.withdrawn_at, o.closed_at, 'infinity')
    GROUP BY o.agency_id, e.claim_id
""")
"""Cases of which a commission's time ended in the period: `late` where it ran out before the report, be it once.

Every time that was set for its procedure while the agency had it counts: prolonged, or set anew for the next version of
a report. What had run out before it was asked, and what ended after it declined or lost the commission, does not."""


def by_agency(asked: Asked, at: datetime) -> Table:
    by = in_two(BY_AGENCY.counted(asked, at))
    agencies = Agency.objects.filter(pk__in=map(int, by))
    lines = [punctual(one.name, "agency-in-time", str(one.pk), by[str(one.pk)]) for one in agencies]
    return Table(_("agency"), PUNCTUAL, lines, Chart((0,)))
