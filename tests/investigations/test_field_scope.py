"""Who gets what under /field/: every address, for every role, with one's own row, another agency's and none.

The tables are written by hand. What is added under /field/ is added here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from claims.enums import State
from claims.models import Claim, Reading
from investigations import services, urls
from investigations.models import Commission, Report
from tests.factories import (
    COMMISSIONED,
    case_in,
    code_of,
    colleague_of,
    in_the_field,
    investigator_of,
    reported,
    signed_in,
)
from tests.investigations.writing import typed

DOOR = {"sign-in", "code", "set-up", "sign-out"}
"""No second factor is needed here: it is what these are for."""

LISTS = {"commissions": {"investigator": 200, "coordinator": 200, "other agency": 200}}
"""Pages of no single row; what they list is asked below."""

READ: dict[str, dict[str, int]] = {
    "commission": {"investigator": 200, "coordinator": 200},
    "take": {"investigator": 302, "coordinator": 302},
    "decline": {"investigator": 200, "coordinator": 200},
    "assign": {"investigator": 404, "coordinator": 200},
    "reveal": {"investigator": 302, "coordinator": 302},
    "report": {"investigator": 200, "coordinator": 200},
}
"""GET of a row of the own agency that is given to nobody. Another agency's, a missing and an ended one are 404."""

POST_SAID: dict[str, dict[str, Any]] = {
    "commission": {},
    "take": {},
    "decline": {"code": "no_capacity", "reason": "x"},
    "assign": {},
    "reveal": {"number": "id_number", "reason": "x"},
    "report": typed(),
}
ANSWERED_WHEN_ENDED = {"report"}
"""What was typed about an own commission that ended meanwhile is not thrown away: 409, with the text."""

EVIDENCE = {"uploads", "upload", "exhibit", "exhibit-page", "play", "stream"}
"""Who gets at these is asked in test_evidence_uploads.py, test_evidence_opening.py and test_evidence_playing.py."""

AT_THE_DESK = ("reviewer", "supervisor", "finance", "auditor", "administrator", "intake")


@dataclass
class Rows:
    own: Commission
    ended: Commission
    theirs: Commission


@pytest.fixture
def rows(sent: Commission) -> Rows:
    """Two of one agency, of which it declined one, and one of another: whoever has least to do is asked."""
    theirs = _commission_of(case_in(State.INVESTIGATING))
    ended = _commission_of(case_in(State.INVESTIGATING))
    assert ended.agency_id == sent.agency_id != theirs.agency_id
    services.decline(ended.pk, reason="x", by=investigator_of(ended), at=COMMISSIONED + timedelta(hours=1))
    return Rows(sent, ended, theirs)


def _commission_of(claim: Claim) -> Commission:
    return Commission.objects.select_related("agency").get(claim=claim)


def address(name: str, pk: int) -> str:
    return reverse(f"field:{name}", args=[pk])


def everybody(rows: Rows) -> dict[str, Client]:
    """A browser for each who is let in at all."""
    return {
        "investigator": in_the_field(colleague_of(rows.own).user),
        "coordinator": in_the_field(investigator_of(rows.own)),
        "other agency": in_the_field(investigator_of(rows.theirs)),
    }


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from names(one.url_patterns)
        else:
            yield str(one.name)


def test_the_tables_name_every_address() -> None:
    assert set(names(urls.urlpatterns)) == DOOR | set(LISTS) | set(READ) | EVIDENCE
    assert set(READ) == set(POST_SAID)


def test_a_page_opens_for_its_readers_and_is_not_found_by_others(rows: Rows) -> None:
    for role, client in everybody(rows).items():
        for name, may in LISTS.items():
            assert client.get(reverse(f"field:{name}")).status_code == may[role], (role, name)
        for name, may in READ.items():
            mine, foreign = (rows.theirs, rows.own) if role == "other agency" else (rows.own, rows.theirs)
            expected = READ[name]["coordinator"] if role == "other agency" else may[role]
            assert client.get(address(name, mine.pk)).status_code == expected, (role, name)
            for nothing in (foreign.pk, 0, 10**9, 10**30, rows.ended.pk):
                assert client.get(address(name, nothing)).status_code == 404, (role, name, nothing)


def test_what_is_posted_about_anothers_row_is_not_found_and_moves_nothing(rows: Rows) -> None:
    before = list(Commission.objects.order_by("pk").values())
    for role, client in everybody(rows).items():
        foreign = rows.own if role == "other agency" else rows.theirs
        for name, said in POST_SAID.items():
            for nothing in (foreign.pk, 0, 10**9, rows.ended.pk):
                is_own_ended = nothing == rows.ended.pk and role != "other agency"
                expected = 409 if is_own_ended and name in ANSWERED_WHEN_ENDED else 405 if name == "commission" else 404
                answer = client.post(address(name, nothing), said)
                assert answer.status_code == expected, (role, name, nothing)
    assert list(Commission.objects.order_by("pk").values()) == before
    assert not Report.objects.exists()
    assert not Reading.objects.exists()


def test_nothing_opens_without_a_second_factor(rows: Rows) -> None:
    before = list(Commission.objects.order_by("pk").values())
    password_only = Client()
    password_only.force_login(investigator_of(rows.own), backend="django.contrib.auth.backends.ModelBackend")
    for client, door in ((Client(), "sign-in"), (password_only, "code")):
        for name in LISTS:
            assert client.get(reverse(f"field:{name}")).headers["location"].startswith(reverse(f"field:{door}"))
        for name, said in POST_SAID.items():
            for pk in (rows.own.pk, rows.theirs.pk, 0):
                for answer in (client.get(address(name, pk)), client.post(address(name, pk), said)):
                    if answer.status_code != 405:
                        assert answer.status_code == 302, (door, name)
                        assert answer.headers["location"].startswith(reverse(f"field:{door}")), (door, name)
    assert list(Commission.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("role", AT_THE_DESK)
def test_the_desk_has_no_business_here(rows: Rows, role: str) -> None:
    client = signed_in(role)
    for name in (*LISTS, "code", "set-up"):
        assert client.get(reverse(f"field:{name}")).status_code == 403, name
    for name, said in POST_SAID.items():
        for pk in (rows.own.pk, 0):
            assert client.get(address(name, pk)).status_code == 403, name
            assert client.post(address(name, pk), said).status_code in (403, 405), name
    assert not Reading.objects.exists()


def test_somebody_whose_role_was_taken_away_is_shut_out(rows: Rows) -> None:
    user = investigator_of(rows.own)
    client = in_the_field(user)
    user.groups.clear()

    assert client.get(reverse("field:commissions")).status_code == 403
    assert client.get(address("commission", rows.own.pk)).status_code == 403


def test_what_was_handed_to_one_is_not_found_by_a_colleague(rows: Rows) -> None:
    one, another = colleague_of(rows.own), colleague_of(rows.own)
    services.assign(rows.own.pk, investigator_id=one.pk, by=investigator_of(rows.own), at=COMMISSIONED)

    for name, said in POST_SAID.items():
        assert in_the_field(another.user).get(address(name, rows.own.pk)).status_code == 404, name
        assert in_the_field(another.user).post(address(name, rows.own.pk), said).status_code in (404, 405), name
    assert in_the_field(one.user).get(address("commission", rows.own.pk)).status_code == 200


def test_access_ends_with_the_commission(rows: Rows) -> None:
    client = in_the_field(investigator_of(rows.own))
    reported(rows.own)
    assert client.get(address("commission", rows.own.pk)).status_code == 200
    reviewer = signed_in("reviewer")
    accept = reverse("admin:claims_claim_move", args=[rows.own.claim_id, "accept-report", rows.own.pk])
    assert reviewer.post(accept).status_code == 302

    for name in READ:
        assert client.get(address(name, rows.own.pk)).status_code == 404, name
    answer = client.post(address("report", rows.own.pk), POST_SAID["report"])
    assert answer.status_code == 409
    assert rows.own.claim.membership.member.name not in answer.content.decode()


def test_a_list_has_the_own_rows_alone(rows: Rows) -> None:
    one, another = colleague_of(rows.own), colleague_of(rows.own)
    services.assign(rows.own.pk, investigator_id=one.pk, by=investigator_of(rows.own), at=COMMISSIONED)
    listed = {
        who: [line.commission.pk for line in in_the_field(user).get(reverse("field:commissions")).context["lines"]]
        for who, user in {
            "one": one.user,
            "another": another.user,
            "coordinator": investigator_of(rows.own),
            "other agency": investigator_of(rows.theirs),
        }.items()
    }
    assert listed["one"] == [rows.own.pk] == listed["coordinator"]
    assert listed["another"] == []
    assert rows.theirs.pk in listed["other agency"]
    assert rows.own.pk not in listed["other agency"]


def test_a_code_that_was_asked_for_is_of_ones_own_phone(rows: Rows) -> None:
    mine, theirs = investigator_of(rows.own), investigator_of(rows.theirs)
    in_the_field(mine)
    in_the_field(theirs)
    client = Client()
    client.force_login(mine, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(reverse("field:code"), {"code": code_of(theirs)}).status_code == 409
    assert client.get(reverse("field:commissions")).status_code == 302
