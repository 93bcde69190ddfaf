"""Admitting a member on the desk: what is asked, what is refused in place, and what is left behind."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.identity import make_resident_id
from config.kernel.roles import ROLES
from members.models import Covenant, Member, Membership, Plan
from members.services.shipping import load_shipped
from tests.factories import JOINED, signed_in

CHOOSE = reverse("admin:members_membership_admit")
JOIN = reverse("admin:members_membership_admit_to", args=["qingsong"])
LIST = reverse("admin:members_membership_changelist")
BIRTH = date(1980, 5, 20)


@pytest.fixture
def clerk(db: None) -> Client:
    load_shipped(at=JOINED)
    return signed_in("intake")


def said(**others: Any) -> dict[str, Any]:
    """What a clerk types for somebody of the plan `qingsong` who may join."""
    questions = Covenant.objects.filter(plan__code="qingsong", derived_from=None).latest("pk").questions
    return {
        "name": "郑晓岚",
        "id_number": make_resident_id("420106", BIRTH, 246),
        "region": "湖北",
        "phone": "+86 139 0013 9000",
        "email": "lan@example.com",
        "bank_card": "6222 0202 0011 2230",
        "tier_fen": "10000000",
        "consents": ["publicity", "investigation"],
        **{f"question-{one['key']}": "no" for one in questions},
        **others,
    }


def errors_of(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


def test_admission_ends_in_a_membership_that_runs(clerk: Client) -> None:
    response = clerk.post(JOIN, said())

    row = Membership.objects.select_related("member", "plan").get()
    assert response.headers["location"] == reverse("admin:members_membership_change", args=[row.pk])
    today = civil_date(database_now())
    assert list(Membership.objects.running_on(today)) == [row]
    assert (row.plan.code, row.joined_on, row.tier_fen, row.migrated) == ("qingsong", today, 10_000_000, False)
    person = row.member
    assert (person.name, person.sex, person.birth_date, person.region) == ("郑晓岚", "F", BIRTH, "湖北")
    assert (person.phone, person.bank_card, person.email) == ("13900139000", "6222020200112230", "lan@example.com")
    assert {consent.purpose for consent in row.consents.all()} == {"publicity", "investigation"}
    assert not row.declarations.filter(answer=True).exists()
    assert row.declarations.count() == len(row.covenant.questions)


def test_the_list_leads_whoever_may_to_the_plans_and_their_forms(clerk: Client) -> None:
    assert CHOOSE in clerk.get(LIST).content.decode()
    plans = clerk.get(CHOOSE).content.decode()
    for plan in Plan.objects.all():
        url = reverse("admin:members_membership_admit_to", args=[plan.code])
        assert url in plans
        asked = clerk.get(url).context["form"].fields
        covenant = Covenant.objects.filter(plan=plan, derived_from=None).latest("pk")
        assert {name for name in asked if name.startswith("question-")} == {
            f"question-{one['key']}" for one in covenant.questions
        }
    assert clerk.get(reverse("admin:members_membership_admit_to", args=["nosuchplan"])).status_code == 404


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("intake", "system")])
def test_nobody_else_admits(db: None, role: str) -> None:
    load_shipped(at=JOINED)
    other = signed_in(role)

    for url in (CHOOSE, JOIN):
        assert other.get(url).status_code == 403
        assert other.post(url, said()).status_code == 403
    assert CHOOSE not in other.get(LIST).content.decode()
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("id_number", make_resident_id("420106", BIRTH, 246)[:-1] + "?"),
        ("id_number", "42010619800520246" + ("1" if not make_resident_id("420106", BIRTH, 246).endswith("1") else "2")),
        ("id_number", "4201"),
        ("phone", "12345"),
        ("bank_card", "6222"),
        ("email", "lan"),
        ("tier_fen", "1"),
        ("name", " "),
        ("region", ""),
        ("consents", ["covenant"]),
        ("documents", ["diploma"]),
    ],
)
def test_what_is_mistyped_is_said_beside_its_field_and_the_rest_stays(clerk: Client, field: str, typed: Any) -> None:
    response = clerk.post(JOIN, said(**{field: typed}))

    assert errors_of(response).keys() == {field}
    text = response.content.decode()
    for name in {"name", "region", "email"} - {field}:
        assert f'value="{said()[name]}"' in text
    assert not Member.objects.exists()


def test_an_unanswered_question_is_no_no(clerk: Client) -> None:
    answers = said()
    question = next(name for name in answers if name.startswith("question-"))
    del answers[question]

    assert errors_of(clerk.post(JOIN, answers)).keys() == {question}
    assert not Member.objects.exists()


def test_a_yes_is_refused_beside_its_question(clerk: Client) -> None:
    question = next(name for name in said() if name.startswith("question-"))

    response = clerk.post(JOIN, said(**{question: "yes"}))

    assert (response.status_code, errors_of(response).keys()) == (409, {question})
    assert 'value="郑晓岚"' in response.content.decode()
    assert not Member.objects.exists()


@pytest.mark.parametrize(("age_days", "field"), [(10, "id_number"), (40, "documents"), (365 * 90, "id_number")])
def test_who_is_too_young_too_old_or_lacks_a_paper_is_refused_in_place(
    clerk: Client, age_days: int, field: str
) -> None:
    birth = civil_date(database_now()) - timedelta(days=age_days)

    response = clerk.post(JOIN, said(id_number=make_resident_id("420106", birth, 246)))

    assert (response.status_code, errors_of(response).keys()) == (409, {field})
    assert not Member.objects.exists()


def test_a_paper_that_was_shown_lets_a_newborn_in(clerk: Client) -> None:
    birth = civil_date(database_now()) - timedelta(days=40)

    clerk.post(JOIN, said(id_number=make_resident_id("420106", birth, 246), documents=["birth_certificate"]))

    assert Membership.objects.get().documents == ["birth_certificate"]


def test_a_member_of_the_plan_or_a_number_of_another_name_is_refused_in_place(clerk: Client) -> None:
    clerk.post(JOIN, said())

    for again in (said(), said(name="钱某")):
        response = clerk.post(JOIN, again)
        assert (response.status_code, errors_of(response).keys()) == (409, {"id_number"})
        assert f'value="{again["name"]}"' in response.content.decode()
    assert Membership.objects.count() == 1


def test_a_plan_without_a_covenant_in_force_says_so(clerk: Client) -> None:
    Plan.objects.create(code="empty", name_zh="空", name_en="Empty")

    response = clerk.get(reverse("admin:members_membership_admit_to", args=["empty"]))

    assert (response.status_code, "form" in response.context) == (409, False)


def test_the_page_costs_the_same_however_many_members_there_are(clerk: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert clerk.get(JOIN).status_code == 200
        return len(asked)

    queries()
    before = queries()
    for number in (2, 4, 6):
        clerk.post(JOIN, said(id_number=make_resident_id("420106", BIRTH, number)))
    assert Membership.objects.count() == 3
    clerk.get(LIST)  # it takes the messages
    assert queries() == before
