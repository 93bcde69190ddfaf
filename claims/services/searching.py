"""What a search for a case may mean, by the shape of what was typed; several meanings are tried side by side."""

import re
from datetime import date
from typing import TypeVar

from django.db.models import CharField, Func, Model, QuerySet, Value
from django.db.models.lookups import Exact

from claims.models import Claim, Material
from config.kernel.keyboard import compact, half_width
from members.services import searching

Row = TypeVar("Row", bound=Model)

NUMBER = re.compile(r"MA\d{8}-\d{6,}", re.ASCII)
BEGINNING = re.compile(r"MA\d{4,8}(-\d*)?", re.ASCII)
WITHOUT_DASH = re.compile(r"^(MA\d{8})(\d+)$", re.ASCII)
DAY = re.compile(r"20\d{6}", re.ASCII)
SEQUENCE = re.compile(r"\d{1,9}", re.ASCII)
RECORD = re.compile(r"(?=.*\d).{4,40}")
AFTER_ALL_DIGITS = "z"
"""Sorts after every digit and the dash, whatever the order of the database's language."""


def number_of(term: str) -> str:
    """What was typed, written as case numbers are; the dash may be missing."""
    return WITHOUT_DASH.sub(r"\1-\2", "".join(half_width(term).split()).upper())


def is_number(term: str) -> bool:
    """Whether this can only be a case number, or its beginning."""
    number = number_of(term)
    return bool(NUMBER.fullmatch(number) or BEGINNING.fullmatch(number))


def by_number(term: str, rows: QuerySet[Row], *, of: str = "") -> list[QuerySet[Row]]:
    """Rows of cases of this number, of this beginning of one (also of the day alone), or of this part after the dash.

    `of` is the way from a row to its case, `"deadline__claim__"`. What begins so comes newest first: the index of the
    numbers is read from there, and no further than is asked for.
    """
    number, column = number_of(term), f"{of}number"
    if NUMBER.fullmatch(number):
        return [rows.filter(**{column: number})]
    if BEGINNING.fullmatch(number):
        return [_beginning(number, rows, column)]
    meanings = [_beginning(f"MA{number}", rows, column)] if DAY.fullmatch(number) else []
    if SEQUENCE.fullmatch(number):
        sequence = Func(column, Value("-"), Value(2), function="split_part", output_field=CharField())
        meanings.append(rows.filter(Exact(sequence, number.zfill(6))))
    return meanings


def meanings(term: str, *, today: date, reads_papers: bool) -> list[QuerySet[Claim]]:
    """Every query for cases that the term may mean; none for a term that is too short to mean anything."""
    people = searching.meanings(term, today=today, of="membership__member__")
    found = [*by_number(term, Claim.objects.all()), *(Claim.objects.filter(condition) for condition in people)]
    if phone := searching.phone(term):
        found.append(Claim.objects.filter(reporter_phone=phone))
    if reads_papers and not is_number(term) and RECORD.fullmatch(compact(term)):
        papers = Material.objects.filter(record_number=term)
        found.append(Claim.objects.filter(pk__in=papers.values("claim")))
    return found


def _beginning(number: str, rows: QuerySet[Row], column: str) -> QuerySet[Row]:
    begun = {f"{column}__gte": number, f"{column}__lt": number + AFTER_ALL_DIGITS}
    return rows.filter(**begun).order_by(f"-{column}")
