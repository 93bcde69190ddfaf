"""What can be exported: one definition of a sheet's columns, a Resource of django-import-export, for every way out."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from import_export.resources import Resource

from config.kernel.exporting.columns import Column
from config.kernel.models import User
from config.kernel.pages import Text

registered: dict[str, type["Sheet"]] = {}
"""By name; apps add theirs in `resources`."""


class Sheet(Resource):
    """The columns of a model's rows, in their order, as class attributes that are `Column`s.

    `sets` are named choices of columns, the first of them the usual one. Whoever holds `permission` may export, each
    column besides only who holds its own.
    """

    name: ClassVar[str]
    title: ClassVar[Text]
    model: ClassVar[type[Model]]
    permission: ClassVar[str]
    sets: ClassVar[Mapping[str, tuple[Text, Sequence[str]]]] = {}

    @classmethod
    def rows(cls, rows: QuerySet[Any], names: Sequence[str]) -> QuerySet[Any]:
        """The rows with what these columns need besides the model's own fields."""
        return rows

    @classmethod
    def columns_for(cls, by: User) -> dict[str, Column]:
        """The columns that somebody may export."""
        return {name: column for name, column in cls.fields.items() if may_read(column, by)}


def may_read(column: Column, by: User) -> bool:
    """Whether a person may have this column in a file."""
    return not column.permission or by.has_perm(column.permission)


MAY_ASK = "kernel.add_export"


def may_export(sheet: type[Sheet], by: User) -> bool:
    """Whether a person may have files of this sheet at all."""
    return by.has_perm(MAY_ASK) and by.has_perm(sheet.permission)


def register(sheet: type[Sheet]) -> type[Sheet]:
    """Class decorator; ValueError for a name or a model that is taken."""
    if sheet.name in registered or of_model(sheet.model) is not None:
        raise ValueError(f"There is a sheet {sheet.name} already.")
    registered[sheet.name] = sheet
    return sheet


def of_model(model: type[Model]) -> type[Sheet] | None:
    """The sheet of a model's list."""
    return next((sheet for sheet in registered.values() if sheet.model is model), None)
