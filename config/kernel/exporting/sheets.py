"""What can be exported: one definition of a sheet's columns, a Resource of django-import-export, for every way out."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from import_export.resources import Resource

from config.kernel.exporting.columns import Column
from config.kernel.models import User
from config.kernel.pages import Text
from config.kernel.refusals import InvalidInput

registered: dict[str, type["Sheet"]] = {}
"""By name; apps add theirs in `resources`."""


class Sheet(Resource):
    """The columns of a model's rows, in their order, as class attributes that are `Column`s.

    `sets` are named choices of columns, the first of them the usual one. Whoever sees the list and holds `permission`
    may export, each column besides only who holds its own.
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
    def permissions(cls) -> tuple[str, str, str]:
        """What whoever takes files of it has to hold, all of them."""
        opts = cls.model._meta
        return MAY_ASK, f"{opts.app_label}.view_{opts.model_name}", cls.permission

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
    return by.has_perms(sheet.permissions())


def register(sheet: type[Sheet]) -> type[Sheet]:
    """Class decorator; ValueError for a name or a model that is taken."""
    if sheet.name in registered or of_model(sheet.model) is not None:
        raise ValueError(f"There is a sheet {sheet.name} already.")
    registered[sheet.name] = sheet
    return sheet


def sheet_of(name: str) -> type[Sheet]:
    """The sheet of this name; InvalidInput where there is none, or none any more."""
    if name not in registered:
        raise InvalidInput(field=_("Sheet"), why=_("there is none of this name."))
    return registered[name]


def title_of(name: str) -> Text:
    """How a sheet is called; one that is no more, by the name it had."""
    return registered[name].title if name in registered else name


def titles_of(name: str, columns: Sequence[str]) -> list[str]:
    """How columns of a sheet are called; those that are no more, by the names they had."""
    known = registered[name].fields if name in registered else {}
    return [str(known[column].column_name) if column in known else column for column in columns]


def of_model(model: type[Model]) -> type[Sheet] | None:
    """The sheet of a model's list."""
    return next((sheet for sheet in registered.values() if sheet.model is model), None)
