"""The search above the list of cases: what finds a case, what does not, and what is said then."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import DeadlineKind, State
from claims.models import Claim
from claims.services import searching
from config.kernel.admin import base
from tests.factories import case_in, membership, signed_in

LIST = "admin:claims_claim_changelist"


@pytest.fixture
def claim(db: None) -> Claim:
    case_in(State.COLLECTING, of=_named("郑伟", "13900139000"))
    claim = case_in(State.REVIEWING, of=_named("欧阳小漫", "13700137000"))
    paper = claim.materials.all()[0]
    paper.record_number = "ZY-2025 0042"
    paper.save()
    claim.reporter_phone = "13600136000"
    Claim.objects.filter(pk=claim.pk).update(
        reporter_phone=claim.reporter_phone,
        reporter_phone_index=Claim._meta.get_field("reporter_phone_index").of(claim.reporter_phone),
    )
    return claim


def _named(name: str, phone: str):
    row = membership()
    row.member.name, row.member.phone = name, phone
    row.member.save()
    return row


def found(client: Client, term: str) -> list[Claim]:
    return list(client.post(reverse(LIST), {"q": term}, follow=True).context["cl"].result_list)


def test_a_case_is_found_by_its_number_its_member_and_its_papers(claim: Claim) -> None:
    client, number, person = signed_in("reviewer"), claim.number, claim.membership.member
    sequence = number.partition("-")[2]
    terms = [number, number.lower(), number.replace("-", ""), f" {number} ", number.replace("-", "－")]
    terms += [sequence, sequence.lstrip("0"), "欧阳", "阳小", "小漫", person.id_number, person.phone, "13600136000"]
    terms += ["ZY20250042", "zy-2025-0042"]
    assert {term: found(client, term) for term in terms} == {term: [claim] for term in terms}


def test_the_beginning_of_a_number_finds_all_cases_that_begin_so(claim: Claim) -> None:
    client = signed_in("reviewer")
    for term in ("MA20250405", "ma2025", "20250405", "MA20250405-"):
        assert len(found(client, term)) == 2, term
    assert found(client, "MA20250406") == []
    assert found(client, "20250406") == []


def test_less_than_that_finds_nothing(claim: Claim) -> None:
    client, person = signed_in("reviewer"), claim.membership.member
    for term in ("MA2025\x00", "ZY20250042\x00", "小漫\x00", "\x00", "9" * 100):
        assert found(client, term) == [], term
    for term in ("漫", "欧小", person.id_number[:17], person.phone[:10], "ZY", "2025 0042", "!!"):
        assert found(client, term) == [], term


def test_one_character_is_answered_with_what_to_type(claim: Claim) -> None:
    client = signed_in("reviewer")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    response = client.post(reverse(LIST), {"q": "漫"}, follow=True)
    assert "at least two characters" in response.content.decode()


def test_who_reads_no_papers_finds_nothing_by_them(claim: Claim) -> None:
    client = signed_in("finance")
    assert found(client, "ZY20250042") == []
    assert found(client, claim.number) == [claim]


class TestMoreThanIsListed:
    @pytest.fixture
    def one(self, db: None, monkeypatch: pytest.MonkeyPatch) -> Claim:
        """The only one of six cases that is in review; a search finds at most two."""
        monkeypatch.setattr(base, "FOUND", 2)
        case_in(State.COLLECTING)
        claim = case_in(State.REVIEWING)
        for _case in range(4):
            case_in(State.COLLECTING)
        return claim

    def shown(self, term: str, **filters: str) -> tuple[list[Claim], str]:
        response = signed_in("reviewer").post(reverse(LIST, query=filters), {"q": term}, follow=True)
        cl = response.context["cl"]
        assert cl.notice in response.content.decode()
        return list(cl.result_list), cl.notice

    @pytest.mark.parametrize("term", ["MA2025", "吴小漫"])
    def test_the_list_of_cases_says_so(self, one: Claim, term: str) -> None:
        rows, notice = self.shown(term)
        assert (len(rows), bool(notice)) == (2, True)

    @pytest.mark.parametrize("term", ["MA2025", "吴小漫"])
    def test_what_fits_the_filter_is_not_cut_off(self, one: Claim, term: str) -> None:
        rows, notice = self.shown(term, state__exact=State.REVIEWING)
        assert (rows, notice) == ([one], "")

    def test_tables_of_cases_say_so(self, one: Claim) -> None:
        for name in ("claims_material", "claims_deadline", "claims_claimevent"):
            client = signed_in("reviewer")
            response = client.get(reverse(f"admin:{name}_changelist"), {"q": "MA2025"})
            assert len(response.context["cl"].result_list) == 2, name
            assert response.context["cl"].notice in response.content.decode()
            assert response.context["cl"].notice, name

    def test_tables_of_cases_lose_nothing_that_fits_the_filter(self, one: Claim) -> None:
        url = reverse("admin:claims_deadline_changelist")
        query = {"q": "MA2025", "kind__exact": DeadlineKind.REVIEW}
        cl = signed_in("reviewer").get(url, query).context["cl"]
        assert [row.claim for row in cl.result_list] == [one]


@pytest.mark.parametrize(
    ("term", "index"),
    [
        ("MA20250405", "claims_claim_number"),
        ("000042", "claim_by_sequence"),
        ("小漫", "member_by_bigrams"),
        ("13600136000", "claims_claim_reporter_phone_index"),
        ("ZY20250042", "claims_material_record_number_index"),
    ],
)
def test_each_meaning_is_answered_by_an_index(claim: Claim, term: str, index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    meanings = searching.meanings(term, today=claim.diagnosed_on, reads_papers=True)
    assert any(index in meaning.explain() for meaning in meanings)


def test_tables_of_a_case_are_found_by_its_number(claim: Claim) -> None:
    client = signed_in("reviewer", "finance")
    for name in ("claims_material", "claims_deadline", "claims_reminder", "claims_claimevent"):
        for term in (claim.number, claim.number.lower(), claim.number.partition("-")[2]):
            with CaptureQueriesContext(connection) as asked:
                rows = client.get(reverse(f"admin:{name}_changelist"), {"q": term}).context["cl"].result_list
            cases = {getattr(row, "claim", None) or row.deadline.claim for row in rows}
            assert cases == {claim}, (name, term)
            assert not any("UPPER" in query["sql"] for query in asked.captured_queries)
