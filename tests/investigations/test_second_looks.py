"""The second look at a case shows what its investigation had found by the decision, and no other third party."""

from datetime import timedelta

import pgtrigger
import pytest
from django.urls import reverse

from claims.models import SecondLook
from investigations.models import Commission
from tests.claims.looks import drawn, paid
from tests.factories import signed_in

pytestmark = pytest.mark.django_db


def page(look: SecondLook) -> str:
    client = signed_in("auditor")
    return client.get(reverse("admin:claims_secondlook_change", args=[look.pk])).content.decode()


def test_the_look_shows_the_investigation_of_the_case() -> None:
    claim = paid()
    assert Commission.objects.get(claim=claim).agency.name in page(drawn(claim))


def test_the_look_shows_no_third_party_that_was_asked_after_the_decision() -> None:
    claim = paid()
    sent = Commission.objects.get(claim=claim)
    look = drawn(claim, decided_at=sent.sent_at - timedelta(seconds=1))
    assert sent.agency.name not in page(look)


def test_the_look_shows_it_where_only_the_moment_of_the_drawing_is_known() -> None:
    claim = paid()
    assert Commission.objects.get(claim=claim).agency.name in page(drawn(claim, decided_at=None))


def test_the_look_shows_no_other_procedure() -> None:
    claim = paid()
    sent = Commission.objects.get(claim=claim)
    with pgtrigger.ignore():
        Commission.objects.filter(pk=sent.pk).update(kind="expert")
    assert sent.agency.name not in page(drawn(claim))
