from django.db import migrations


class Migration(migrations.Migration):
    """Case numbers come from a sequence: gaps are normal, two at once never wait for each other."""

    dependencies = [("claims", "0001_initial")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE claims_claim_number", "DROP SEQUENCE claims_claim_number"),
    ]
