from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_imports")]

    operations = [
        migrations.AddField(
            model_name="import",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="tries"),
        ),
    ]
