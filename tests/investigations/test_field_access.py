"""The door of /field/: a password, then a code; what guesses, repeats or comes from the desk stays outside."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.kernel.clock import database_now
from config.kernel.models import User
from investigations.enums import FactorVerb
from investigations.models import Commission, FactorEvent, Investigator
from investigations.services import second_factor
from tests.factories import code_of, in_the_field, investigator_of, staff

SIGN_IN, CODE, SET_UP, LIST = (reverse(f"field:{name}") for name in ("sign-in", "code", "set-up", "commissions"))
PASSWORD = "a long password of the test"


@pytest.fixture
def user(sent: Commission) -> User:
    person = investigator_of(sent)
    person.set_password(PASSWORD)
    person.save()
    return person


def signed_in_by_password(user: User, *, next: str = "") -> Client:
    client = Client()
    said = {"username": user.username, "password": PASSWORD, "next": next}
    assert client.post(SIGN_IN, said).status_code == 302
    return client


def set_up(client: Client, user: User) -> list[str]:
    """The recovery codes."""
    client.get(SET_UP)
    text = client.post(SET_UP, {"code": code_of(user)}).content.decode()
    return re.findall(r"<li><code>(\w{10})</code>", text)


def wrong(user: User) -> str:
    """Six digits that no clock nearby shows."""
    shown = {code_of(user, ahead=steps) for steps in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444") if code not in shown)


def test_the_first_sign_in_sets_the_second_factor_up(user: User) -> None:
    client = signed_in_by_password(user)
    assert client.get(LIST).headers["location"].startswith(CODE)
    assert client.get(CODE).headers["location"].startswith(SET_UP)
    page = client.get(SET_UP)
    text = page.content.decode()
    assert "<svg" in text
    assert re.search(r"[A-Z2-7]{4}( [A-Z2-7]{4}){7}", text)
    assert "no-store" in page.headers["cache-control"]
    assert "unsafe-eval" not in page.headers["content-security-policy"]
    assert client.post(SET_UP, {"code": wrong(user)}).status_code == 409
    assert not second_factor.is_set_up(user)

    TOTPDevice.objects.update(throttling_failure_count=0)
    codes = set_up(client, user)

    assert len(set(codes)) == 10
    assert client.get(LIST).status_code == 200
    assert [event.verb for event in FactorEvent.objects.all()] == [FactorVerb.WRONG, FactorVerb.SET_UP]
    assert client.get(SET_UP).status_code == 302  # neither key nor codes are shown a second time


def test_the_next_sign_in_asks_for_a_code_and_leads_to_where_one_was_going(user: User, sent: Commission) -> None:
    set_up(signed_in_by_password(user), user)
    page = reverse("field:commission", args=[sent.pk])

    client = Client()
    first = client.get(page).headers["location"]
    assert first == f"{SIGN_IN}?{urlencode({'next': page})}"
    second = client.post(first, {"username": user.username, "password": PASSWORD, "next": page}).headers["location"]
    third = client.get(second).headers["location"]
    assert third == f"{CODE}?{urlencode({'next': page})}"
    before = client.session.session_key
    assert client.post(third, {"code": code_of(user, ahead=1), "next": page}).headers["location"] == page
    assert client.session.session_key != before
    assert client.get(page).status_code == 200


def test_a_code_is_taken_once(user: User) -> None:
    set_up(signed_in_by_password(user), user)
    code, client = code_of(user, ahead=1), signed_in_by_password(user)
    assert client.post(CODE, {"code": code}).status_code == 302

    thief = signed_in_by_password(user)
    assert thief.post(CODE, {"code": code}).status_code == 409
    assert thief.get(LIST).status_code == 302


def test_wrong_codes_make_the_right_one_wait(user: User) -> None:
    set_up(signed_in_by_password(user), user)
    client = signed_in_by_password(user)
    assert client.post(CODE, {"code": wrong(user)}).status_code == 409
    TOTPDevice.objects.update(throttling_failure_count=9)  # as if eight more had followed

    answer = client.post(CODE, {"code": code_of(user, ahead=1)})

    assert answer.status_code == 409
    assert "25" in answer.context["form"].errors["code"][0]  # two to the power of eight seconds, less those gone by
    assert client.get(LIST).status_code == 302


def test_guesses_lock_outs_and_sign_ins_leave_a_trace(user: User) -> None:
    set_up(signed_in_by_password(user), user)
    client = signed_in_by_password(user)
    client.post(CODE, {"code": wrong(user)})
    TOTPDevice.objects.update(throttling_failure_count=9)
    for _try in range(3):
        client.post(CODE, {"code": wrong(user)})
    later = timezone.now() - timedelta(hours=1)
    TOTPDevice.objects.update(throttling_failure_timestamp=later)
    client.post(CODE, {"code": wrong(user)})
    client.post(CODE, {"code": wrong(user)})
    TOTPDevice.objects.update(throttling_failure_timestamp=later, throttling_failure_count=1)
    assert client.post(CODE, {"code": code_of(user, ahead=1)}).status_code == 302

    events = [(event.verb, event.by) for event in FactorEvent.objects.all()]
    assert events == [
        (FactorVerb.SET_UP, user),
        (FactorVerb.WRONG, user),  # the first of a row
        (FactorVerb.LOCKED, user),  # three times, one lock-out
        (FactorVerb.LOCKED, user),
        (FactorVerb.SIGNED_IN, user),
    ]


def test_a_recovery_code_opens_once_and_is_stored_nowhere(user: User) -> None:
    one, *_others = set_up(signed_in_by_password(user), user)
    assert one not in "".join(StaticToken.objects.values_list("token", flat=True))

    typed = f" {one[:5].lower()} {one[5:]}"
    client = signed_in_by_password(user)
    assert client.post(CODE, {"code": typed}).status_code == 302
    assert client.get(LIST).status_code == 200
    assert signed_in_by_password(user).post(CODE, {"code": one}).status_code == 409
    assert FactorEvent.objects.filter(verb=FactorVerb.RECOVERY, by=user).count() == 1
    assert StaticToken.objects.count() == 9


def test_after_a_reset_the_session_of_a_lost_telephone_sets_nothing_up(user: User) -> None:
    lost, left_alone = signed_in_by_password(user), signed_in_by_password(user)
    set_up(lost, user)
    take_away(user)

    for client in (lost, left_alone):
        answer = client.get(LIST, follow=True)
        assert (answer.resolver_match.view_name, answer.context["user"].is_anonymous) == ("field:sign-in", True)
        assert "<svg" not in answer.content.decode()
    assert not TOTPDevice.objects.exists()

    codes = set_up(signed_in_by_password(user), user)
    assert len(codes) == 10


@pytest.mark.parametrize("method", ["get", "post"])
def test_after_a_reset_an_old_session_gets_no_key_at_the_address_itself(user: User, method: str) -> None:
    old = signed_in_by_password(user)
    take_away(user)
    fresh = signed_in_by_password(user)
    fresh.get(SET_UP)

    answer = getattr(old, method)(SET_UP, {"code": code_of(user)}, follow=True)

    assert answer.resolver_match.view_name == "field:sign-in"
    assert not second_factor.is_set_up(user)


def test_after_a_reset_a_session_of_which_no_sign_in_is_known_sets_nothing_up(user: User) -> None:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(SET_UP).status_code == 200
    take_away(user)

    assert client.get(SET_UP, follow=True).resolver_match.view_name == "field:sign-in"


def take_away(user: User) -> None:
    person = Investigator.objects.get(user=user)
    second_factor.reset(person, reason="lost", by=staff("administrator"), at=database_now())


def test_the_factor_of_somebody_else_vouches_for_nobody(user: User, sent: Commission) -> None:
    other = in_the_field(staff("investigator"))
    client = signed_in_by_password(user)
    session = client.session
    session["otp_device_id"] = other.session["otp_device_id"]
    session.save()

    assert client.get(LIST).status_code == 302


def test_an_unconfirmed_key_vouches_for_nobody(user: User) -> None:
    client = signed_in_by_password(user)
    client.get(SET_UP)
    session = client.session
    session["otp_device_id"] = TOTPDevice.objects.get().persistent_id
    session.save()

    assert client.get(LIST).status_code == 302


def test_the_password_of_the_desk_opens_nothing_here(db: None) -> None:
    reviewer = staff("reviewer")
    reviewer.set_password(PASSWORD)
    reviewer.save()

    answer = Client().post(SIGN_IN, {"username": reviewer.username, "password": PASSWORD})

    assert answer.status_code == 200
    assert answer.context["user"].is_anonymous


def test_guessing_a_password_locks_the_account_as_at_the_desk(user: User) -> None:
    client = Client()
    answers = [client.post(SIGN_IN, {"username": user.username, "password": "guessed"}) for _ in range(5)]

    assert answers[-1].status_code == 429
    assert SIGN_IN in answers[-1].content.decode()
    assert AccessAttempt.objects.get().failures_since_start == 5


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org/field/", "/admin/", "javascript:alert(1)"]
)
def test_the_sign_in_leads_to_no_other_address(user: User, elsewhere: str) -> None:
    client = Client()
    said = {"username": user.username, "password": PASSWORD, "next": elsewhere}
    assert client.post(SIGN_IN, said).headers["location"] == LIST
    client.get(SET_UP)
    answer = client.post(SET_UP, {"code": code_of(user), "next": elsewhere})
    assert answer.context["next"] == LIST


def test_signing_out_ends_the_session(user: User) -> None:
    client = in_the_field(user)
    assert client.get(reverse("field:sign-out")).status_code == 405
    assert client.post(reverse("field:sign-out")).headers["location"] == SIGN_IN
    assert client.get(LIST).headers["location"].startswith(SIGN_IN)


def test_an_event_of_a_factor_is_for_ever(user: User) -> None:
    set_up(signed_in_by_password(user), user)

    with pytest.raises(Exception, match="Cannot update or delete"), connection.cursor() as cursor:
        cursor.execute("UPDATE investigations_factorevent SET reason = 'x'")
