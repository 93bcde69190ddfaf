from django.db import migrations, models


class Migration(migrations.Migration):
    """The part of a case number after the dash finds the case."""

    dependencies = [("claims", "0003_desk")]

    operations = [
        migrations.AddIndex(
            "claim",
            models.Index(
                models.Func(models.F("number"), models.Value("-"), models.Value(2), function="split_part"),
                name="claim_by_sequence",
            ),
        ),
    ]
