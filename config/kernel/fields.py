"""Model fields for numbers that are encrypted at rest and found by a blind index.

    id_number = EncryptedTextField()
    id_number_index = BlindIndexField(source="id_number", unique=True)

`filter(id_number="…")` and `filter(id_number__in=[…])` ask the index; every other lookup is a FieldError. The index is
computed when a row is saved or bulk-created. A write that would leave it behind (`QuerySet.update`, `bulk_update`,
`save(update_fields=…)` without it) is a FieldError too.
"""

from collections.abc import Iterable
from typing import Any

from django.core import checks
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import models
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, In, Lookup
from django.db.models.sql import InsertQuery, UpdateQuery

from config.kernel.crypto import blind, decrypt, encrypt


class EncryptedTextField(models.TextField):
    """Text in Python, a token (bytea) in the database.

    The token is bound to its table and column: renaming either needs a migration that rewrites the values.
    """

    @property
    def where(self) -> str:
        """`table.column`, the place the stored value is bound to."""
        return f"{self.model._meta.db_table}.{self.column}"

    @property
    def blind_index(self) -> "BlindIndexField | None":
        """The field of the same model that indexes this one."""
        indexes = (field for field in self.model._meta.concrete_fields if isinstance(field, BlindIndexField))
        return next((index for index in indexes if index.source == self.name), None)

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_prep_value(self, value: Any) -> Any:
        if value == b"":  # what a migration takes for the empty default of a bytea column
            return ""
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{self.where} takes text, not {type(value).__name__}")
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        text = value if prepared else self.get_prep_value(value)
        return None if text is None else connection.Database.Binary(encrypt(text, where=self.where))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(bytes(value), where=self.where)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Asked for every value that is written: the place to notice a write that forgets the index."""
        if isinstance(compiler.query, UpdateQuery):
            self._check_update(compiler.query)
        elif isinstance(compiler.query, InsertQuery):
            self._check_upsert(compiler.query)
        return "%s"

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in ("isnull", "exact", "in"):
            raise FieldError(f"{self.where} is encrypted: it can be found by equality only, not by “{lookup_name}”")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.where} is encrypted: “{lookup_name}” cannot be computed in the database")

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.where} is encrypted and is not dumped in the clear; back up the database itself")

    def _check_update(self, query: Any) -> None:
        written = {field: value for field, _, value in query.values}
        if hasattr(written.get(self), "resolve_expression"):
            raise FieldError(f"{self.where} is encrypted: save() it; no expression and no bulk_update can write it")
        index = self.blind_index
        if index and written.get(index, ...) != index.of(written[self]):
            raise FieldError(f"{self.where} is written without {index.name}: save() both, also in update_fields")

    def _check_upsert(self, query: Any) -> None:
        index = self.blind_index
        if index and self in query.update_fields and index not in query.update_fields:
            raise FieldError(f"{self.where} is updated without {index.name}: name both in update_fields")


class BlindIndexField(models.BinaryField):
    """The blind index of the encrypted field `source`, never set by hand; NULL where that is NULL or empty."""

    def __init__(self, *args: Any, source: str, **kwargs: Any) -> None:
        self.source = source
        kwargs.update(null=True, blank=True, editable=False, db_index=not kwargs.get("unique"))
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for implied in ("null", "blank", "editable", "db_index"):
            kwargs.pop(implied, None)
        return name, path, args, kwargs | {"source": self.source}

    @property
    def source_field(self) -> EncryptedTextField:
        """The encrypted field; a TypeError if it is none."""
        field = self.model._meta.get_field(self.source)
        if not isinstance(field, EncryptedTextField):
            raise TypeError(f"{self.source} is not encrypted")
        return field

    def of(self, text: str | None) -> bytes | None:
        """The index of a number of this column; None for none."""
        return blind(text, where=self.source_field.where) if text else None

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        source = self.source_field.attname
        if source in model_instance.__dict__:  # else it is deferred, and unchanged
            setattr(model_instance, self.attname, self.of(getattr(model_instance, source)))
        return super().pre_save(model_instance, add)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        try:
            wrong = not isinstance(self.model._meta.get_field(self.source), EncryptedTextField)
        except FieldDoesNotExist:
            wrong = True
        error = checks.Error(f"{self.source} is not an encrypted field of this model.", obj=self, id="kernel.E001")
        return [*super().check(**kwargs), *([error] if wrong else [])]


def _index_column(lhs: Any) -> tuple[Col, BlindIndexField]:
    field = lhs.output_field
    index = field.blind_index
    if index is None or not isinstance(lhs, Col):
        raise FieldError(f"{field.where} is encrypted and has no blind index: it cannot be searched")
    return Col(lhs.alias, index), index


def _index_of(index: BlindIndexField, text: Any) -> bytes:
    if not isinstance(text, str) or not text:
        raise FieldError(f"{index.source_field.where} is encrypted: it is compared with a text that is not empty")
    found = index.of(text)
    assert found is not None
    return found


class _Known:
    """A row without a number is not equal to any: false, not NULL, so that exclude() keeps it."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        lookup: Lookup[Any] = self  # type: ignore[assignment]  # mixed into one
        sql, params = super().as_sql(compiler, connection)  # type: ignore[misc]  # of the lookup it is mixed into
        column, _ = compiler.compile(lookup.lhs)
        return f"({sql} AND {column} IS NOT NULL)", params


@EncryptedTextField.register_lookup
class IndexedExact(_Known, Exact):
    """`filter(id_number="…")`, answered by the blind index."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if rhs is not None:
            lhs, index = _index_column(lhs)
            rhs = _index_of(index, rhs)
        super().__init__(lhs, rhs)


@EncryptedTextField.register_lookup
class IndexedIn(_Known, In):
    """`filter(id_number__in=[…])`, answered by the blind index."""

    def __init__(self, lhs: Any, rhs: Iterable[Any]) -> None:
        lhs, index = _index_column(lhs)
        if isinstance(rhs, str) or hasattr(rhs, "resolve_expression"):
            raise FieldError(f"{index.source_field.where} is encrypted: give a list of texts")
        super().__init__(lhs, [_index_of(index, text) for text in rhs])
