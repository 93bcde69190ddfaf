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

PROLONGED = """
UPDATE claims_deadline d SET procedure_id = was.procedure_id
FROM claims_deadline was
WHERE d.kind = 'investigation' AND d.procedure_id IS NULL AND was.kind = d.kind AND was.claim_id = d.claim_id
  AND was.procedure_id IS NOT NULL AND was.generation < d.generation AND was.closed_at = d.opened_at
  AND was.status IN ('missed', 'cancelled')
"""
"""A clock that was prolonged, or went on, opened when the one before it was closed."""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SET_OR_SENT)
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
