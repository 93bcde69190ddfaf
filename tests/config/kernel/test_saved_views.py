"""Saved views: a list under a name. Filters and order, never a search for a person."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from claims.enums import State
from config.kernel.models import SavedView
from tests.factories import case_in, membership, signed_in

LIST = "admin:claims_claim_changelist"
FILTERED = "state__exact=reviewing&o=-1"


@pytest.fixture
def url(db: None) -> str:
    case_in(State.REVIEWING)
    return reverse(LIST)


def save(client: Client, url: str, name: str = "我的初审", **said: str) -> str:
    """What the list says after saving it as it is at `url`."""
    said = {"view": "save", "view_name": name, **said}
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client.post(url, said, follow=True).content.decode()


def views(client: Client, url: str) -> dict[str, tuple[str, bool]]:
    shown = client.get(url).context["cl"].views
    return {tab.view.name: (tab.query, tab.is_current) for tab in shown.tabs}


def test_a_view_keeps_filters_and_order_and_is_marked_where_one_stands(url: str) -> None:
    client = signed_in("reviewer")
    save(client, f"{url}?{FILTERED}&after=x&p=3")
    assert views(client, url) == {"我的初审": ("o=-1&state__exact=reviewing", False)}
    assert views(client, f"{url}?{FILTERED}")["我的初审"][1]
    text = client.get(f"{url}?{FILTERED}").content.decode()
    assert '<a href="?o=-1&amp;state__exact=reviewing" aria-current="page">我的初审</a>' in text


def test_a_view_of_one_list_is_not_one_of_another(url: str) -> None:
    client = signed_in("reviewer")
    save(client, f"{url}?{FILTERED}")
    assert views(client, reverse("admin:claims_deadline_changelist")) == {}


def test_a_search_for_a_person_is_refused_and_one_for_a_case_is_kept(url: str) -> None:
    client, person = signed_in("reviewer"), membership().member
    searched = client.post(f"{url}?{FILTERED}", {"q": person.id_number}).headers["location"]
    assert "A search for a person is never saved." in save(client, searched)
    assert not SavedView.objects.exists()
    save(client, f"{url}?q=MA20250405", "四月五日")
    assert views(client, url) == {"四月五日": ("q=MA20250405", False)}


def test_what_a_list_no_longer_knows_is_left_out(url: str) -> None:
    client = signed_in("reviewer")
    save(client, f"{url}?{FILTERED}")
    SavedView.objects.update(query="state__exact=reviewing&ward__exact=3&q=%E5%90%B4%E5%B0%8F%E6%BC%AB&o=-1&x=1")
    assert views(client, url) == {"我的初审": ("o=-1&state__exact=reviewing", False)}
    SavedView.objects.update(query="%%%&&=;reported_from=never&reported_from=never")
    (query, _current) = views(client, url)["我的初审"]
    assert client.get(f"{url}?{query}").status_code == 200


def test_the_whole_list_needs_no_view(url: str) -> None:
    client = signed_in("reviewer")
    assert "This is the whole list." in save(client, url)
    assert client.get(url).context["cl"].views.is_plain


def test_a_name_is_used_once_by_each_person(url: str) -> None:
    one, two = signed_in("reviewer"), signed_in("reviewer")
    save(one, f"{url}?{FILTERED}")
    assert "already have a view named" in save(one, f"{url}?state__exact=paid")
    assert "already have a view named" not in save(two, f"{url}?state__exact=paid")
    assert SavedView.objects.count() == 2


@pytest.mark.parametrize("name", ["", "   ", "长" * 41])
def test_a_name_has_1_to_40_characters(url: str, name: str) -> None:
    assert "1 to 40 characters" in save(signed_in("reviewer"), f"{url}?{FILTERED}", name)
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("sign", ["\0", "\x07", "\u202e"])
def test_a_name_is_made_of_signs_that_are_seen(url: str, sign: str) -> None:
    assert "1 to 40 characters" in save(signed_in("reviewer"), f"{url}?{FILTERED}", f"初{sign}审")
    assert not SavedView.objects.exists()


def test_more_filters_than_a_view_holds_are_refused_in_words(url: str) -> None:
    assert "too many filters" in save(signed_in("reviewer"), f"{url}?{FILTERED}&illness={'癌' * 80}&plan={'癌' * 80}")
    assert not SavedView.objects.exists()


def test_a_view_of_no_list_is_none(url: str) -> None:
    client = signed_in("reviewer")
    for view_id in ("9" * 5000, "٣", "-1", "x", ""):
        response = client.post(f"{url}?{FILTERED}", {"view": "delete", "view_id": view_id}, follow=True)
        assert response.status_code == 200, view_id


def test_supervisors_share_and_others_do_not(url: str) -> None:
    reviewer, supervisor = signed_in("reviewer"), signed_in("supervisor")
    assert "supervisor" in save(reviewer, f"{url}?{FILTERED}", view_shared="on")
    assert not SavedView.objects.exists()
    save(supervisor, f"{url}?{FILTERED}", view_shared="on")
    assert list(views(reviewer, url)) == ["我的初审"]
    assert 'name="view_shared"' not in reviewer.get(f"{url}?{FILTERED}").content.decode()


def test_an_own_view_is_renamed_and_deleted_and_nobody_elses(url: str) -> None:
    supervisor, reviewer = signed_in("supervisor"), signed_in("reviewer")
    save(supervisor, f"{url}?{FILTERED}", view_shared="on")
    view_id = str(SavedView.objects.get().pk)
    for client, name in ((reviewer, "别人的"), (supervisor, "初审案件")):
        client.post(f"{url}?{FILTERED}", {"view": "rename", "view_id": view_id, "view_name": name})
    assert SavedView.objects.get().name == "初审案件"
    reviewer.post(url, {"view": "delete", "view_id": view_id})
    assert SavedView.objects.exists()
    supervisor.post(url, {"view": "delete", "view_id": view_id})
    assert not SavedView.objects.exists()


def test_a_view_is_saved_by_whoever_may_read_the_list_and_with_the_forms_token(url: str) -> None:
    user = signed_in("reviewer").get(url).wsgi_request.user
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    said = {"view": "save", "view_name": "x"}
    assert strict.post(f"{url}?{FILTERED}", said).status_code == 403
    assert signed_in("administrator").post(f"{url}?{FILTERED}", said).status_code == 403
    assert not SavedView.objects.exists()


def test_nobody_keeps_more_views_than_fit(url: str) -> None:
    client = signed_in("reviewer")
    for number in range(20):
        save(client, f"{url}?{FILTERED}", f"第{number}个")
    assert "already have 20 views" in save(client, f"{url}?{FILTERED}", "再一个")
