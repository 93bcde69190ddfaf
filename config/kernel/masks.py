"""What is shown of a person's data (domain.md has no statute for it: common practice).

Every mask takes what is stored and never fails: a screen must not break on an odd value, so what has not the expected
shape is hidden altogether.
"""

import re

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def name(full: str) -> str:
    """First and last character: 吴*漫, 吴*, 欧**漫; of a name in another script the initials: J*** S***."""
    full = full.strip()
    if not _HAN.search(full):
        return " ".join(f"{word[0]}***" for word in full.split())
    if len(full) < 3:
        return full[0] + "*" if len(full) == 2 else "*"
    return full[0] + "*" * (len(full) - 2) + full[-1]


def phone(number: str) -> str:
    """138****8000; of anything but a mobile number the last two digits."""
    if len(number) == 11:
        return f"{number[:3]}****{number[-4:]}"
    return _tail(number, 2)


def id_number(number: str) -> str:
    """For staff: region, eight stars for the birth date, last four characters."""
    if len(number) == 18:
        return f"{number[:6]}{'*' * 8}{number[-4:]}"
    return _tail(number, 4)


def id_number_outside(number: str) -> str:
    """For files that leave the desk (domain.md §6): three digits, stars, last four; with a year of birth no more."""
    if len(number) == 18:
        return f"{number[:3]}{'*' * 11}{number[-4:]}"
    return _tail(number, 4)


def bank_card(number: str) -> str:
    """The last four digits."""
    return _tail(number, 4)


def record_number(number: str) -> str:
    """Of a hospital's record: the last three characters."""
    return _tail(number, 3)


def _tail(number: str, shown: int) -> str:
    """Four stars and the last characters, where at least as many stay hidden; stars alone otherwise."""
    return "****" + (number[-shown:] if len(number) >= 2 * shown else "")
