"""Where the investigators' pages cannot go on they say so in their own look, in both languages, with a way on."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.urls import path, reverse

from config.urls import (  # noqa: F401  (the handlers are read by name)
    handler403,
    handler404,
    handler500,
)
from config.urls import urlpatterns as of_the_project
from investigations.models import Commission
from tests.factories import in_the_field, investigator_of, signed_in


def stumble(request: HttpRequest) -> None:
    raise ZeroDivisionError


urlpatterns = [path("field/stumble/", stumble), *of_the_project]

LIST = reverse("field:commissions")
WORDS = {
    403: "Not for this account",
    404: "Nothing is here",
    500: "Something broke on our side",
    "csrf": "This page was too old to be sent",
}


def of_the_field(text: str) -> bool:
    return "field/field" in text and f'href="{LIST}"' in text and "desk/plain" not in text


@pytest.fixture
def asking(sent: Commission, settings: LazySettings) -> Callable[[int | str, str], tuple[int, str]]:
    """Status and text of the page that says so."""
    settings.ROOT_URLCONF = __name__
    user = investigator_of(sent)

    def ask(what: int | str, language: str) -> tuple[int, str]:
        client = in_the_field(user)
        client.raise_request_exception = False
        answers: dict[int | str, Callable[[Client], tuple[Client, str]]] = {
            403: lambda client: (signed_in("reviewer"), LIST),
            404: lambda client: (client, reverse("field:commission", args=[10**9])),
            500: lambda client: (client, "/field/stumble/"),
        }
        if what == "csrf":
            strict = Client(enforce_csrf_checks=True)
            strict.cookies.update(client.cookies)
            strict.cookies["django_language"] = language
            answer = strict.post(reverse("field:take", args=[sent.pk]))
        else:
            who, address = answers[what](client)
            who.cookies["django_language"] = language
            answer = who.get(address)
        return answer.status_code, answer.content.decode()

    return ask


@pytest.mark.parametrize("what", WORDS)
def test_each_has_the_look_and_the_words_of_the_field(
    asking: Callable[[int | str, str], tuple[int, str]], what: int | str
) -> None:
    status, text = asking(what, "en")

    assert status == (403 if what == "csrf" else what)
    assert WORDS[what] in text
    assert of_the_field(text)
    assert '<html lang="en">' in text
    assert "互助计划不是保险" in text
    assert '<html lang="zh-hans">' in asking(what, "zh-hans")[1]


def test_an_unknown_address_below_the_field_has_its_look_and_one_of_the_desk_has_the_desks(db: None) -> None:
    assert of_the_field(Client().get("/field/nowhere/").content.decode())
    assert not of_the_field(signed_in("reviewer").get("/admin/nowhere/").content.decode())


def test_the_page_of_a_fault_asks_the_database_nothing(settings: LazySettings, db: None) -> None:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)

    with connection.execute_wrapper(lambda *args: pytest.fail("the database was asked")):
        response = client.get("/field/stumble/")

    assert response.status_code == 500
    assert of_the_field(response.content.decode())


def test_what_a_telephone_keeps_is_of_nobody(sent: Commission) -> None:
    client = in_the_field(investigator_of(sent))

    with connection.execute_wrapper(lambda *args: pytest.fail("the database was asked")):
        worker = Client().get(reverse("field:worker"))
        kept = Client().get(reverse("field:offline"))
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert "no-store" in worker.headers["Cache-Control"]
    assert reverse("field:worker").startswith(LIST)
    assert reverse("field:offline") in worker.content.decode()
    assert client.get(reverse("field:offline")).content == kept.content
    assert "No connection" in kept.content.decode()
    assert "<script" not in kept.content.decode()
    assert "worker-src 'self'" in client.get(LIST).headers["Content-Security-Policy"]
