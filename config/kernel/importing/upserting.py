"""Importers of registers: a row is found by its key, and is new, changed, or as it was."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models

from config.kernel.importing.importers import Effect, Importer, Row


class Upserting(Importer):
    """A sheet whose columns are those of `model`; `keys` are the ones of a unique constraint."""

    model: ClassVar[type[models.Model]]
    keys: ClassVar[tuple[str, ...]]

    def judge(self, rows: Sequence[Row]) -> None:
        known = self._known(rows)
        for row in rows:
            key = self._key(row.values)
            if self.once(row, key, self.keys[0]):
                row.effect = self._effect(row, known.get(key))

    def _known(self, rows: Sequence[Row]) -> dict[tuple[Any, ...], dict[str, Any]]:
        """What is there, by its key."""
        first = self.keys[0]
        there = self.model._default_manager.filter(**{f"{first}__in": {row.values[first] for row in rows}})
        return {self._key(values): values for values in there.order_by().values(*self.columns())}

    def _key(self, values: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(values[name] for name in self.keys)

    def _effect(self, row: Row, known: dict[str, Any] | None) -> Effect:
        if known is None:
            return Effect.NEW
        return Effect.UNCHANGED if known == row.values else Effect.CHANGED

    def more(self) -> dict[str, Any]:
        """What is written beside the columns."""
        return {}

    def write(self, rows: Sequence[Row]) -> None:
        more = self.more()
        self.model._default_manager.bulk_create(
            [self.model(**row.values, **more) for row in rows],
            update_conflicts=True,
            unique_fields=list(self.keys),
            update_fields=[name for name in (*self.columns(), *more) if name not in self.keys],
        )
