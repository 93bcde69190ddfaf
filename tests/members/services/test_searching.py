"""What a search for a person may mean, and the index that answers it."""

from datetime import date

import pytest
from django.db import connection

from members.models import Member
from members.services import searching
from tests.factories import membership

TODAY = date(2025, 4, 5)


def named(name: str) -> Member:
    person = membership().member
    person.name = name
    person.save()
    return person


def found(term: str) -> list[str]:
    return [
        name
        for condition in searching.meanings(term, today=TODAY)
        for name in Member.objects.filter(condition).order_by("pk").values_list("name", flat=True)
    ]


@pytest.mark.parametrize(
    ("name", "terms", "others"),
    [
        ("吴小漫", ["吴小", "小漫", "吴小漫", " 小 漫 "], ["吴漫", "吴大", "漫小", "漫", "吴", ""]),
        ("买买提·吐尔逊", ["买买提吐尔逊", "买买提•吐尔逊", "提·吐", "尔逊"], ["买提买", "逊尔"]),
        ("John O'Smith", ["john", "SMITH", "o'smith", "ＪＯ", "john osmith"], ["jon", "j", "42"]),
    ],
)
def test_a_name_is_found_by_two_neighbouring_characters_or_more(
    db: None, name: str, terms: list[str], others: list[str]
) -> None:
    named(name)
    named("郑伟")
    assert {term: found(term) for term in terms} == {term: [name] for term in terms}
    assert {term: found(term) for term in others} == {term: [] for term in others}


def test_numbers_are_found_whole_however_they_are_grouped(db: None) -> None:
    person = membership().member
    number = person.id_number
    assert found(f"{number[:6]} {number[6:14]} {number[14:]}".lower()) == [person.name]
    assert found("+86 138-0013-8000") == [person.name]
    assert found(number[:17]) == []
    assert found("1380013800") == []


def test_the_index_answers_for_part_of_a_name(db: None) -> None:
    (condition,) = searching.meanings("小漫", today=TODAY)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    assert "member_by_bigrams" in Member.objects.filter(condition).order_by().explain()


@pytest.mark.parametrize("text", ["吴小漫", "John Smith", "买买提·吐尔逊", "吴", "", "Élan Ümit"])
def test_the_database_makes_pairs_of_what_the_search_takes_for_letters(db: None, text: str) -> None:
    letters = "".join(sign for sign in text.lower() if sign.isalpha())
    with connection.cursor() as cursor:
        cursor.execute("SELECT bigrams(%s)", [text])
        (pairs,) = cursor.fetchone()
    assert pairs == [letters[place : place + 2] for place in range(len(letters) - 1)]
