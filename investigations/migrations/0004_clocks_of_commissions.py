from django.db import migrations

SET_OR_SENT = """
UPDATE claims_deadline d SET procedure_id = o.procedure_id
FROM investigations_commission o
WHERE d.kind = 'investigation' AND d.procedure_id IS NULL AND d.claim_id = o.claim_id
  AND (d.id = o.deadline_id OR d.opened_at = o.sent_at
       OR EXISTS (SELECT 1 FROM investigations_report r WHERE r.commission_id = o.id AND r.returned_at = d.opened_at))
  AND NOT EXISTS (
      SELECT 1 FROM investigations_commission other
      WHERE d.id <> o.deadline_id AND other.claim_id = d.claim_id AND other.procedure_id <> o.procedure_id
        AND (other.deadline_id = d.id OR other.sent_at = d.opened_at)
  )
"""
"""The last clock of a commission, the first one, and that of each next version of its report.

One that two tasks of a case could have been sent out with at the same instant is left alone.
"""

FILED = """
UPDATE claims_deadline d SET procedure_id = fits.procedure_id
FROM (
    SELECT met.id, min(o.procedure_id) AS procedure_id
    FROM claims_deadline met
    JOIN investigations_commission o ON o.claim_id = met.claim_id
    JOIN investigations_report r ON r.commission_id = o.id AND r.filed_at = met.closed_at
    WHERE met.kind = 'investigation' AND met.procedure_id IS NULL AND met.status IN ('met', 'missed')
    GROUP BY met.id
    HAVING count(DISTINCT o.procedure_id) = 1
) fits
WHERE d.id = fits.id
"""
"""A clock that the report of one task alone closed."""

PROLONGED = """
UPDATE claims_deadline d SET procedure_id = fits.procedure_id
FROM (
    SELECT next.id, min(was.procedure_id) AS procedure_id
    FROM claims_deadline next
    JOIN claims_deadline was
      ON was.claim_id = next.claim_id AND was.kind = next.kind AND was.generation < next.generation
    WHERE next.kind = 'investigation' AND next.procedure_id IS NULL
      AND (was.status IN ('missed', 'cancelled') AND was.closed_at = next.opened_at
           OR was.status = 'missed' AND was.closed_at < next.opened_at AND EXISTS (
               SELECT 1 FROM claims_claimevent e
               WHERE e.claim_id = next.claim_id AND e.at = next.opened_at AND e.data ->> 'kind' = next.kind
                 AND CASE e.verb WHEN 'extend_clock' THEN (e.data ->> 'was')::timestamptz = was.due_at END
           ))
    GROUP BY next.id
    HAVING count(DISTINCT was.procedure_id) = 1 AND count(was.procedure_id) = count(*)
) fits
WHERE d.id = fits.id
"""
"""A clock that was prolonged, or went on, opened when the one before it was closed.

Where a sweep had closed that one before, as missed, the event of its prolonging says when it was due. What could follow
the clocks of two tasks, or one of which it is not known whose it is, is left alone.
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SET_OR_SENT)
        cursor.execute(FILED)
        cursor.execute(PROLONGED)
        while cursor.rowcount:
            cursor.execute(PROLONGED)


class Migration(migrations.Migration):
    """A clock says of which procedure it is; those of third parties learn it from their commissions."""

    dependencies = [
        ("claims", "0010_clock_of_a_procedure"),
        ("investigations", "0003_exports"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
