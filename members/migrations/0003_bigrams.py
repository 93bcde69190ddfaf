import django.contrib.postgres.indexes
from django.db import migrations, models

BIGRAMS = """
CREATE FUNCTION bigrams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT coalesce(array_agg(substr(letters, place, 2)), '{}')
    FROM (SELECT lower(translate(words, ' 　·•・‧.''-', '')) AS letters OFFSET 0) AS plain,
         generate_series(1, length(letters) - 1) AS place
)
"""


class Migration(migrations.Migration):
    """Pairs of neighbouring characters, so that two characters of a Chinese name find it among a million."""

    dependencies = [("members", "0002_covenant_edits")]

    operations = [
        migrations.RunSQL(BIGRAMS, "DROP FUNCTION bigrams(text)"),
        migrations.AddIndex(
            "member",
            django.contrib.postgres.indexes.GinIndex(
                models.Func(models.F("name"), function="bigrams"), fastupdate=False, name="member_by_bigrams"
            ),
        ),
        migrations.AddIndex("membership", models.Index(fields=["joined_on", "id"], name="membership_by_joining")),
    ]
