"""What is shown of a person's data (domain.md has no statute for it: common practice).

Every mask takes what is stored and never fails: a screen must not break on an odd value, so what has not the expected
shape is hidden altogether.
"""

import re
from datetime import date

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_GRADES = {"1": "一级", "2": "二级", "3": "三级"}
_CLASSES = {"A": "甲等", "B": "乙等", "C": "丙等", "": ""}


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


def id_number_public(number: str) -> str:
    """For everybody: first and last character only."""
    if len(number) == 18:
        return f"{number[0]}{'*' * 16}{number[-1]}"
    return "*" * len(number)


def bank_card(number: str) -> str:
    """The last four digits."""
    return _tail(number, 4)


def hospital(city: str, grade: str, language: str) -> str:
    """City and grade in place of the name; `grade` is 1-3 with an optional class A-C (`3A`), or empty."""
    level, letter = grade[:1], grade[1:]
    if language.lower().startswith("zh"):
        return f"{city}某{_GRADES.get(level, '')}{_CLASSES.get(letter, '')}医院"
    return f"a grade {grade} hospital in {city}" if level in _GRADES else f"a hospital in {city}"


def month(day: date, language: str) -> str:
    """The month in place of the exact day: 2025年4月, 2025-04."""
    return f"{day.year}年{day.month}月" if language.lower().startswith("zh") else f"{day:%Y-%m}"


def _tail(number: str, shown: int) -> str:
    """Four stars and the last characters, where at least as many stay hidden; stars alone otherwise."""
    return "****" + (number[-shown:] if len(number) >= 2 * shown else "")
