"""What can be imported: each kind declares its columns once, reads rows, judges them and writes them.

An app declares its importers in a module `resources` that autodiscovery finds. Columns are fields of a resource of
django-import-export; everything that is done with them is done here, for many rows at once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, gettext_noop
from import_export import resources
from openpyxl.utils import get_column_letter

from config.kernel.importing.columns import NEEDED, Column, Read, Unfit
from config.kernel.importing.copying import Made
from config.kernel.importing.headings import normal
from config.kernel.importing.sheets import Cells, UnreadableSheet
from config.kernel.models import User
from config.kernel.refusals import Refusal

LANGUAGES = {"zh": "zh-hans", "en": "en"}

LINE = ("行号", "Line")
WRONG = ("错误说明", "What is wrong")
OURS = frozenset(map(normal, (*LINE, *WRONG)))
"""Columns of our own error files: a file that was corrected and is sent again may have them."""
LONGEST_HEADING = 20
"""Characters of an unknown heading that is repeated."""


class UnknownColumns(UnreadableSheet):
    code = "UNKNOWN_COLUMNS"
    sentence = gettext_lazy(
        "These columns are not taken in: %(names)s. Remove them; only the columns of the template are read."
    )


class MissingColumns(UnreadableSheet):
    code = "MISSING_COLUMNS"
    sentence = gettext_lazy("These columns are missing: %(names)s. Take the headings of the template.")


class DoubleColumns(UnreadableSheet):
    code = "DOUBLE_COLUMNS"
    sentence = gettext_lazy("These columns are there twice: %(names)s. Keep one of each.")


class Effect(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def in_both(say: Callable[[], str]) -> dict[str, str]:
    """A sentence in both languages."""
    said = {}
    for name, code in LANGUAGES.items():
        with translation.override(code):
            said[name] = str(say())
    return said


@dataclass(slots=True)
class Row:
    """A row of the sheet: its cells as they came, what was read from them, and what became of it.

    `found` is what `judge` found out and `write` needs.
    """

    line: int
    cells: Cells
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[dict[str, str]] = field(default_factory=list)
    effect: Effect = Effect.NEW
    found: Any = None


class Importer(resources.Resource):
    """One kind of sheet. `by` is who answers for it, `at` the instant at which its rows are judged.

    `kind` names it in addresses and rows; `permission` is what it takes. A `portion` is what one transaction writes.
    One that `is_whole` is all rows or none by its nature; one that `tries` is judged by doing it and taking it back.
    """

    do_not_call_in_templates = True

    kind: ClassVar[str]
    title: ClassVar[Promise]
    about: ClassVar[Promise]
    permission: ClassVar[str]
    portion: ClassVar[int] = 5_000
    most_rows: ClassVar[int] = 100_000
    is_whole: ClassVar[bool] = False
    tries: ClassVar[bool] = False

    def __init__(self, *, by: User, at: datetime) -> None:
        super().__init__()
        self.by, self.at = by, at
        self.seen: dict[Any, int] = {}
        self.reads: dict[str, Read] = {name: column.read for name, column in self.columns().items()} | self.lookups()

    @classmethod
    def columns(cls) -> dict[str, Column]:
        """The columns by name, in their order."""
        columns: dict[str, Column] = cls.fields  # collected by the resource's metaclass
        return columns

    def lookups(self) -> dict[str, Read]:
        """Readers that are known only now: what is looked up in tables, and what the day decides."""
        return {}

    def check(self, row: Row) -> None:
        """What the values of one row must be to each other; `fault` notes what is wrong."""

    def judge(self, rows: Sequence[Row]) -> None:
        """What the tables say of rows without a fault: a fault, or their effect."""

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows that are new or changed; a row that fails gets a fault and leaves nothing behind."""

    def make(self, rows: Sequence[Row]) -> list[Made] | None:
        """Rows that were judged, as COPY takes them; None where it takes more than that to write them.

        For rows that are new beyond doubt: a constraint of the tables must refuse them where they are there by then.
        """
        return None

    def rests_on(self) -> Any:
        """What `make` rests on beside the rows themselves and the clock, as JSON."""
        return None

    def fault(self, row: Row, name: str, message: str, **params: Any) -> None:
        """Something is wrong with a cell, or with the whole row where `name` is empty; an English msgid."""
        column = self.columns().get(name)
        said = in_both(lambda: gettext(message) % params)
        row.faults.append({"where": name, **(_headed(column, said) if column else said)})

    def attempt(self, rows: Sequence[Row], do: Callable[[], object]) -> None:
        """Let a service do it, in a savepoint; its refusal is the fault of these rows.

        Parts of a refusal are translated where it is raised: it is asked for in each language.
        """
        said: dict[str, str] = {}
        for name, code in LANGUAGES.items():
            try:
                with translation.override(code), transaction.atomic():
                    do()
                    transaction.set_rollback(bool(said))
            except Refusal as no:
                with translation.override(code):
                    said[name] = str(no)
            if not said:
                return
        for row in rows:
            row.faults.append({"where": "", "en": said["zh"], **said})

    def once(self, row: Row, key: Any, name: str) -> bool:
        """Whether this is the first row of the file with this key; a later one gets a fault."""
        first = self.seen.setdefault(key, row.line)
        if first != row.line:
            self.fault(row, name, gettext_noop("stands in line %(line)s already."), line=first)
        return first == row.line

    def read(self, batch: Iterable[tuple[int, Cells]], places: dict[str, int]) -> list[Row]:
        """Rows with their values; what cannot be read is noted, all of a row."""
        columns = self.columns()
        blanks = {name: column.blank for name, column in columns.items()}
        there = [(n, place, self.reads[n], columns[n].needed, blanks[n]) for n, place in places.items()]
        return [self._read(Row(line, cells, blanks.copy()), there) for line, cells in batch]

    def _read(self, row: Row, there: Sequence[tuple[str, int, Read, bool, Any]]) -> Row:
        values, cells, faults = row.values, row.cells, row.faults
        for name, place, read, needed, blank in there:
            cell = cells[place]
            if cell == "" or (isinstance(cell, str) and cell.isspace()):
                values[name] = blank
                if needed:
                    self.fault(row, name, NEEDED)
                continue
            try:
                values[name] = read(cell)
            except Unfit as no:
                self.fault(row, name, no.message, **no.params)
        if not faults:
            self.check(row)
        return row


def places(importer: type[Importer], header: Sequence[str]) -> dict[str, int]:
    """Where in a header the columns stand that are there; what is unknown, missing or twice is refused by its name."""
    columns = importer.columns()
    names = {heading: name for name, column in columns.items() for heading in column.known_as}
    found = [(heading, names.get(normal(heading))) for heading in header]
    known = [name for _heading, name in found if name]
    if strangers := [place for place, (heading, name) in enumerate(found) if _is_strange(heading, name)]:
        is_named = 2 * len(known) > len(header)
        raise UnknownColumns(names=", ".join(_called(header[place], place, is_named=is_named) for place in strangers))
    if twice := [heading for heading, name in found if name and known.count(name) > 1]:
        raise DoubleColumns(names=", ".join(twice))
    if missing := [column for name, column in columns.items() if column.needed and name not in known]:
        raise MissingColumns(names=", ".join(f"{column.zh} ({column.en})" for column in missing))
    where = {name: place for place, (_heading, name) in enumerate(found) if name}
    return {name: where[name] for name in columns if name in where}


def _is_strange(heading: str, name: str | None) -> bool:
    return name is None and bool(heading) and normal(heading) not in OURS


def _called(heading: str, place: int, *, is_named: bool) -> str:
    """What an unknown column is called: by its letter, where its first cell may be a person's and not a heading."""
    is_word = len(heading) <= LONGEST_HEADING and not any(sign.isdigit() for sign in heading)
    return heading if is_named and is_word else get_column_letter(place + 1)


def _headed(column: Column, said: dict[str, str]) -> dict[str, str]:
    return {"zh": f"{column.zh}：{said['zh']}", "en": f"{column.en}: {said['en']}"}


_importers: dict[str, type[Importer]] = {}


def importable(importer: type[Importer]) -> type[Importer]:
    """Class decorator; ValueError for a kind that is taken."""
    if importer.kind in _importers:
        raise ValueError(f"Two importers are named {importer.kind}.")
    for name, column in importer.columns().items():
        column.key = name
    _importers[importer.kind] = importer
    return importer


def importer_of(kind: str) -> type[Importer]:
    """By its kind; KeyError for none."""
    return _importers[kind]


def importers_for(by: User) -> Iterator[type[Importer]]:
    """What this person may import."""
    return (importer for importer in _importers.values() if by.has_perm(importer.permission))


def known_headings(importer: type[Importer]) -> frozenset[str]:
    """Headings by which the sheet of a workbook is found."""
    return frozenset().union(*(column.known_as for column in importer.columns().values()))
