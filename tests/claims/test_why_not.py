"""A grey move says why: the code beside it is that of the refusal which the attempt gets. The table is by hand."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from claims.enums import State
from claims.models import Claim
from config.kernel import pages
from config.kernel.models import User
from config.kernel.roles import ROLES
from tests.claims.cases import BUILDERS, World, later, move
from tests.factories import case_in, membership, staff

GREY = re.compile(r'<li data-move="([\w-]+)" data-code="(\w*)">')
REFUSED = re.compile(r'data-code="(\w+)"')

SAID = {
    "reason": "x",
    "ground": "DEFINITION_NOT_MET",
    "to": "collecting",
    "code": "other",
    "approvals": "redo",
    "kind": "forgery",
    "id_number": "x",
    "channel": "online",
    "evidence": "x",
    "finding": "upheld",
    "paper-TOTAL_FORMS": "1",
    "paper-INITIAL_FORMS": "0",
    "paper-0-kind": "imaging",
}
"""Enough for every form."""

NO, SELF, STATE = "NOT_PERMITTED", "SAME_PERSON", "WRONG_STATE"

TABLE: list[tuple[str, str, dict[str, str]]] = [
    ("collecting", "reviewer", {"submit": NO, "waive-late-report": NO, "die": NO, "withdraw": NO, "lapse": NO}),
    ("collecting", "intake", {"waive-late-report": NO, "assess": NO, "lapse": NO}),
    ("collecting", "supervisor", {"submit": NO, "die": NO, "withdraw": NO}),
    ("reviewing", "reviewer", {"submit": NO, "waive-late-report": NO, "die": NO, "commission": STATE}),
    ("reviewing", "intake", {"pass-review": NO, "reject": NO, "return": NO, "commission": NO}),
    ("passed", "reviewer", {"pass-review": STATE, "submit": NO}),
    ("investigating", "reviewer", {"waive-late-report": NO, "die": NO}),
    ("deciding", "reviewer", {"waive-late-report": NO, "die": NO}),
    ("deciding", "first reviewer", {"publish": SELF, "reject": SELF}),
    ("deciding", "intake", {"publish": NO, "reject": NO, "return": NO}),
    ("publicised", "reviewer", {"object": NO, "die": NO}),
    ("publicised", "first reviewer", {"reject": SELF}),
    ("suspended", "intake", {"reject": NO, "assess": NO}),
    ("reopened", "reviewer", {"publish": "OPEN_OBJECTION"}),
    ("costly", "reviewer", {"publish": "OVER_AUTHORITY"}),
    ("approved", "reviewer", {"reopen": NO, "prepare-payout": NO}),
    ("approved", "finance", {"reopen": NO, "assess": NO}),
    ("rejected", "intake", {"appeal": STATE, "close": NO}),
    ("rejected", "reviewer", {"appeal": NO, "close": NO}),
    ("appealing", "who refused", {"decide-appeal": SELF}),
    ("appealing", "intake", {"decide-appeal": NO}),
    ("paid", "reviewer", {"close": NO}),
]

WHO_COULD = {
    "NOT_PERMITTED": "此操作由以下人员进行",
    "SAME_PERSON": "审核员",
    "OVER_AUTHORITY": "主管",
    "OPEN_OBJECTION": "审核员",
}
"""What a grey move also says, in Chinese: who could."""


def costly() -> Claim:
    return case_in(State.DECIDING, of=membership(terms={"authority.reviewer_fen": 2_999_999}))


def reopened(world: World) -> Claim:
    return move(world["objected"], "reconsider", by=staff("reviewer"), at=later(world["objected"]))


OTHERS: dict[str, Callable[[World], Claim]] = {"reopened": reopened, "costly": lambda world: costly()}

PERSONS: dict[str, Callable[[Claim], User | None]] = {
    "first reviewer": lambda claim: claim.passed_by,
    "who refused": lambda claim: claim.rejected_by,
}


def signed_in(user: User | None) -> Client:
    assert user is not None
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client = Client()
    client.force_login(User.objects.get(pk=user.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(claim: Claim, client: Client) -> str:
    return client.get(reverse("admin:claims_claim_change", args=[claim.pk])).content.decode()


def attempt(claim: Claim, client: Client, name: str) -> list[str]:
    """The codes on the page that the POST is answered with, one list for all rows that the move could be done to."""
    found = []
    for row in pages.moves_of(Claim)[name].rows(claim):
        url = reverse("admin:claims_claim_move", args=[claim.pk, name, row.pk])
        response = client.post(url, SAID | {"version": claim.version})
        assert response.status_code in (403, 409), (name, response.status_code)
        found += REFUSED.findall(response.content.decode())
    return found


@pytest.mark.parametrize(("case", "who", "expected"), TABLE, ids=lambda value: value if isinstance(value, str) else "")
def test_the_page_says_what_the_attempt_gets(world: World, case: str, who: str, expected: dict[str, str]) -> None:
    claim = OTHERS[case](world) if case in OTHERS else world[case]
    client = signed_in(PERSONS[who](claim) if who in PERSONS else staff(who))

    text = page_of(claim, client)

    grey = dict(GREY.findall(text))
    assert {name: grey.get(name) for name in expected} == expected
    for name, code in expected.items():
        assert set(attempt(claim, client, name)) == {code}, name
        assert WHO_COULD.get(code, "") in text


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("system", "investigator", "administrator")])
@pytest.mark.parametrize("case", list(BUILDERS))
def test_no_grey_move_gets_another_answer(world: World, case: str, role: str) -> None:
    """Every move of every step for every role, whatever the table above leaves out."""
    claim, client = world[case], signed_in(staff(role))
    by_hand = {name for name, one in pages.moves_of(Claim).items() if one.form is not None}
    for name, code in GREY.findall(page_of(claim, client)):
        if name in by_hand:
            assert set(attempt(claim, client, name)) == {code}, name
