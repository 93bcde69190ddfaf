"""Lists: leafed through from row to row, counted so far and no further, sorted by what has an index."""

import gzip

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import State
from claims.models import Claim
from config.kernel.admin import listing
from config.kernel.models import CalendarDay
from members.models import Member
from tests.benchmarks.copies import columns_of
from tests.factories import at, case_in, membership, signed_in

CASES = "admin:claims_claim_changelist"
MEMBERS = "admin:members_member_changelist"


@pytest.fixture
def client(db: None) -> Client:
    client = signed_in("reviewer", "administrator")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def short_pages(monkeypatch: pytest.MonkeyPatch, model: type, size: int) -> None:
    monkeypatch.setattr(admin.site._registry[model], "list_per_page", size)


def leaf(client: Client, url: str, way: str) -> tuple[list[list[int]], str]:
    """The keys of each page from `url` on, and the address of the last."""
    pages, path = [], url.partition("?")[0]
    while True:
        cl = client.get(url).context["cl"]
        pages.append([row.pk for row in cl.result_list])
        if (next_page := getattr(cl, way)) is None:
            return pages, url
        url = path + next_page


def test_every_row_is_met_once_there_and_once_back(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    short_pages(monkeypatch, Member, 2)
    keys = [membership().member_id for _ in range(5)][::-1]
    forth, last = leaf(client, reverse(MEMBERS), "older")
    back, _first = leaf(client, last, "newer")
    assert forth == [keys[:2], keys[2:4], keys[4:]]
    assert back == [keys[4:], keys[2:4], keys[:2]]


@pytest.mark.parametrize("order", ["", "0", "-0", "4", "-4"])
def test_rows_of_equal_value_are_not_lost_between_pages(
    client: Client, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    short_pages(monkeypatch, Claim, 2)
    keys = [case_in(State.COLLECTING).pk for _ in range(5)]  # all reported at the same instant
    Claim.objects.filter(pk=keys[2]).update(state_since=at("2025-04-07"), reported_at=at("2025-04-07"))
    url = reverse(CASES) + (f"?o={order}" if order else "")
    forth, last = leaf(client, url, "older")
    back, _first = leaf(client, last, "newer")
    assert sorted(key for page in forth for key in page) == keys
    assert [set(page) for page in forth] == [set(page) for page in back[::-1]]


def test_a_deep_page_is_asked_for_by_its_place(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    short_pages(monkeypatch, Member, 1)
    for _ in range(3):
        membership()
    second = client.get(reverse(MEMBERS)).context["cl"].older
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse(MEMBERS) + second)
    assert not any("OFFSET" in query["sql"] for query in asked.captured_queries)


@pytest.mark.parametrize(
    "place", ["", "x", "bm9uc2Vuc2U", "WyJ4Il0", "WzEsMl0", "eyJhIjoxfQ", "%00", "W0luZmluaXR5XQ", "W1tbW1tb" * 4_000]
)
@pytest.mark.parametrize("way", ["after", "before"])
def test_a_place_that_is_none_is_the_first_page(client: Client, place: str, way: str) -> None:
    key = membership().member_id
    response = client.get(f"{reverse(MEMBERS)}?{way}={place}")
    assert [row.pk for row in response.context["cl"].result_list] == [key]
    assert response.context["cl"].newer is None


def test_a_list_filtered_or_sorted_anew_begins_at_its_first_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_pages(monkeypatch, Member, 1)
    membership()
    membership()
    cl = client.get(reverse(MEMBERS) + client.get(reverse(MEMBERS)).context["cl"].older).context["cl"]
    assert cl.get_query_string({"o": "1"}) == "?o=1"
    assert [kind for kind, _url in cl.pages] == ["first", "newer"]


def test_the_end_of_a_list_that_was_emptied_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    short_pages(monkeypatch, Member, 1)
    membership()
    order = listing.Order((Member._meta.pk,), descends=True)
    place = order.place_of(Member(pk=1))
    text = client.get(f"{reverse(MEMBERS)}?after={place}").content.decode()
    assert "The list ends here." in text


def test_counting_stops_at_many(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MANY", 2)
    membership()
    membership()
    assert "2 rows" in client.get(reverse(MEMBERS)).content.decode()
    membership()
    assert "More than 2" in client.get(reverse(MEMBERS)).content.decode()


def test_a_long_list_sorts_by_indexed_columns_only(client: Client) -> None:
    membership()
    with CaptureQueriesContext(connection) as asked:
        cl = client.get(reverse(MEMBERS), {"o": "2"}).context["cl"]  # the date of birth
    assert cl.queryset.query.order_by == ("-id",)
    assert not any("birth_date" in query["sql"].partition("ORDER BY")[2] for query in asked.captured_queries)
    assert [header["text"] for header in cl.headers if header["sortable"]] == []


def test_a_register_sorts_by_anything_and_has_numbered_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    short_pages(monkeypatch, CalendarDay, 1)
    for day, name in (("2025-01-01", "元旦"), ("2025-05-01", "劳动节")):
        CalendarDay.objects.create(day=day, is_working=False, name=name)
    url = reverse("admin:kernel_calendarday_changelist")
    first = client.get(url, {"o": "1"}).context["cl"]
    second = client.get(url + first.older).context["cl"]
    assert [row.name for row in (*first.result_list, *second.result_list)] == ["元旦", "劳动节"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "Nothing here yet"),
        ("?state__exact=paid", "No row has all that the filters ask for."),
        ("?q=MA20250101-000001", "Check what was typed. This list is searched by: Case number"),
    ],
)
def test_an_empty_list_says_what_to_do(client: Client, asked: str, said: str) -> None:
    response = client.get(reverse(CASES) + asked)
    assert said in response.content.decode()


def test_a_list_of_fifty_cases_weighs_less_than_200_kilobytes(client: Client) -> None:
    claim = case_in(State.REVIEWING)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE claims_claim DISABLE TRIGGER USER")
        columns = columns_of(Claim, "id", "number", "disease")
        cursor.execute(
            f"INSERT INTO claims_claim (number, disease, {columns})"
            f" SELECT 'MA20250405-' || 900000 + n, disease || n, {columns} FROM claims_claim, generate_series(1, 60) n"
            " WHERE id = %s",
            [claim.pk],
        )
    response = client.get(reverse(CASES), headers={"accept-encoding": "gzip"})
    assert len(response.context["cl"].result_list) == 50
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(response.content) < 20_000
    assert len(gzip.decompress(response.content)) < 120_000
