"""What a search for a person may mean, by the shape of what was typed: ID number, phone number, or part of a name."""

from datetime import date

from django.db.models import Q

from config.kernel.identity import InvalidIdentity, mobile, resident_id
from config.kernel.keyboard import half_width

SHORTEST = 2
"""Characters of a name that find it: the index knows pairs."""

_BETWEEN = dict.fromkeys(map(ord, " \u3000·•・‧.'-"))
"""What stands between the parts of a name and is written in many ways, or left out; `bigrams` leaves out the same."""


def meanings(term: str, *, today: date, of: str = "") -> list[Q]:
    """Conditions on a member, or on a row whose member is `of` (`"membership__member__"`); none for nothing usable."""
    if number := _number(term, today=today):
        field, value = number
        return [Q(**{f"{of}{field}": value})]
    return [Q(**{f"{of}name__bigrams": name})] if (name := part_of_a_name(term)) else []


def part_of_a_name(term: str) -> str:
    """The letters of a name, without what stands between them; empty where it can be none, or is too short."""
    letters = half_width(term).translate(_BETWEEN)
    return letters if letters.isalpha() and len(letters) >= SHORTEST else ""


def phone(term: str) -> str:
    """The mobile number that was typed, or nothing."""
    try:
        return mobile(term)
    except InvalidIdentity:
        return ""


def _number(term: str, *, today: date) -> tuple[str, str] | None:
    try:
        return "id_number", resident_id(term, today=today).number
    except InvalidIdentity:
        return ("phone", number) if (number := phone(term)) else None
