from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0006_tries_of_imports")]

    operations = [
        migrations.AddField(
            model_name="export",
            name="agreed_rows",
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name="rows agreed to"),
        ),
    ]
