from django.db import migrations

MASKED_NAME = r"""
CREATE FUNCTION masked_name(full_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN (full_name >= U&'\3400' COLLATE "C" AND full_name < U&'\A000' COLLATE "C")
         OR full_name ~ '[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]' THEN
        CASE length(full_name) WHEN 1 THEN '*' WHEN 2 THEN left(full_name, 1) || '*'
             ELSE left(full_name, 1) || repeat('*', length(full_name) - 2) || right(full_name, 1) END
    ELSE regexp_replace(full_name, '(\S)\S*', '\1***', 'g')
END
"""


class Migration(migrations.Migration):
    """A name masked by the database itself, as `config.kernel.masks.name` does, for files of many rows."""

    dependencies = [("members", "0003_bigrams")]

    operations = [migrations.RunSQL(MASKED_NAME, "DROP FUNCTION masked_name(text)")]
