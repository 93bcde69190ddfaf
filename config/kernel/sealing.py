"""A trigger that lets an encrypted value be written anew under another key, and never changed."""

import pgtrigger


def sealed(column: str, *, name: str) -> pgtrigger.Protect:
    """Once written, `column` takes no other token of the same key: only a rotation of keys writes it anew."""

    def header(row: str) -> str:
        return f'substr({row}."{column}", 1, 2 + get_byte({row}."{column}", 1))'

    return pgtrigger.Protect(
        name=name,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            f'OLD."{column}" IS DISTINCT FROM NEW."{column}" AND {header("OLD")} = {header("NEW")}'
        ),
    )
