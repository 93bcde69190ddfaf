"""What is searched for names a person: it is posted, kept in the session, and never part of an address."""

from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from claims.enums import State
from config.kernel.admin.searching import KEPT
from members.models import Member, Membership
from tests.factories import JOINED, case_in, membership, signed_in

LISTS = ["members_member", "members_membership", "claims_claim", "kernel_user"]


@pytest.fixture
def client(db: None) -> Client:
    return signed_in("intake", "administrator")


def listed(name: str) -> str:
    return reverse(f"admin:{name}_changelist")


def search(client: Client, url: str, text: str) -> str:
    """The address that the search leads to."""
    response = client.post(url, {"q": text})
    assert response.status_code == 302
    return str(response.headers["location"])


@pytest.mark.parametrize("name", LISTS)
def test_the_form_posts_what_was_typed(client: Client, name: str) -> None:
    text = client.get(listed(name)).content.decode()
    form = text[: text.index('id="searchbar"')].rpartition("<form")[2]
    assert 'method="post"' in form
    assert "csrfmiddlewaretoken" in form


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("attribute", ["id_number", "phone", "name"])
def test_no_address_tells_who_was_searched(client: Client, name: str, attribute: str) -> None:
    row = membership()
    case_in(State.COLLECTING, of=row)
    person = row.member
    said = getattr(person, attribute)
    url = search(client, listed(name), said)
    response = client.get(url)
    assert response.status_code == 200
    assert said not in unquote(url)
    assert response.context["cl"].query == said
    assert f'value="{said}"' in response.content.decode()
    links = [unquote(part.split('"')[0]) for part in response.content.decode().split('href="')[1:]]
    assert not [link for link in links if said in link]


def test_the_rows_found_can_be_filtered_sorted_and_leafed_through(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin.site._registry[Membership], "list_per_page", 1)
    one, two = membership(), membership(joined_at=JOINED + timedelta(days=1))
    url = search(client, f"{listed('members_membership')}?migrated__exact=0&p=7", one.member.name)
    (key,) = parse_qs(urlsplit(url).query)["q"]
    assert parse_qs(urlsplit(url).query) == {"q": [key], "migrated__exact": ["0"]}
    first = client.get(url).context["cl"]
    assert first.older.startswith("?after=")
    assert first.older.endswith(f"&migrated__exact=0&q={key}")
    second = client.get(listed("members_membership") + first.older).context["cl"]
    assert [*first.result_list, *second.result_list] == [two, one]
    assert list(client.get(f"{url}&o=2").context["cl"].result_list) == [one]


def test_the_number_of_a_case_may_stand_in_the_address(client: Client) -> None:
    claim = case_in(State.COLLECTING)
    url = search(client, listed("claims_claim"), f" {claim.number.lower()} ")
    assert url == f"{listed('claims_claim')}?q={claim.number.lower()}"
    assert list(client.get(url).context["cl"].result_list) == [claim]


def test_what_no_form_of_ours_made_is_not_searched_and_leaves_the_address(client: Client) -> None:
    person = membership().member
    response = client.get(listed("members_member"), {"q": person.id_number, "sex__exact": "F"}, follow=True)
    assert response.redirect_chain == [(f"{listed('members_member')}?sex__exact=F", 302)]
    assert "请重新输入" in response.content.decode()


def test_a_search_is_its_makers_own_and_encrypted_while_it_is_kept(client: Client) -> None:
    person = membership().member
    url = search(client, listed("members_member"), person.id_number)
    assert signed_in("intake").get(url).status_code == 302
    kept = Session.objects.get(pk=client.cookies["sessionid"].value).get_decoded()
    assert person.id_number not in str(kept)
    for number in range(KEPT):
        search(client, listed("members_member"), f"another {number}")
    assert client.get(url).status_code == 302


def test_an_empty_search_shows_all_again(client: Client) -> None:
    membership()
    url = search(client, f"{listed('members_member')}?q=old", "  ")
    assert url == listed("members_member")
    assert len(client.get(url).context["cl"].result_list) == Member.objects.count()


def test_only_readers_search(db: None) -> None:
    assert signed_in("finance").post(listed("members_member"), {"q": "x"}).status_code == 403
