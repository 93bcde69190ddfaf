"""The pages of members and memberships: what is found, taken down and corrected there."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from claims.models import Claim
from config.kernel.models import User
from members.models import JoiningCorrection, Member, Membership
from tests.factories import JOINED, at, membership, staff


def signed_in(*roles: str) -> tuple[Client, User]:
    user = staff(*roles)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client, user


def move(member: Membership, name: str, row: Any = None) -> str:
    return reverse("admin:members_membership_move", args=[member.pk, name, (row or member).pk])


@pytest.mark.parametrize("kind", ["member", "membership"])
def test_a_person_is_found_by_a_whole_number_or_part_of_the_name(db: None, kind: str) -> None:
    row = membership()
    membership()
    client, _user = signed_in("intake")
    person = row.member

    def found(term: str) -> int:
        response = client.post(reverse(f"admin:members_{kind}_changelist"), {"q": term}, follow=True)
        return len(response.context["cl"].result_list)

    assert found(person.id_number) == 1
    assert found(f" {person.id_number[:6]} {person.id_number[6:14]} {person.id_number[14:]}") == 1
    assert found(person.phone) == 2
    assert found(person.name) == 2
    assert found(person.name[1:]) == 2
    assert found("李漫") == 0
    assert found(person.name[0]) == 0
    assert found(person.id_number[:17]) == 0


def test_a_report_taken_down_opens_a_case(db: None) -> None:
    row = membership()
    client, user = signed_in("intake")
    said = {
        "disease": "malignant_tumor",
        "diagnosed_on": "2025-04-01",
        "cause": "illness",
        "reporter": "member",
        "symptoms_in_waiting": "none",
        "site": "thyroid",
        "tnm": "T1aN0M0",
        "notes": "左叶 0.8 厘米",
    }
    response = client.post(move(row, "report"), said)
    claim = Claim.objects.get()
    assert response.headers["location"] == reverse("admin:claims_claim_change", args=[claim.pk])
    assert claim.facts == {"symptoms_in_waiting": "none", "site": "thyroid", "tnm": "T1aN0M0"}
    assert (claim.reported_by, claim.notes, claim.diagnosed_on) == (user, "左叶 0.8 厘米", date(2025, 4, 1))


def test_a_report_of_the_future_is_refused_with_what_was_typed(db: None) -> None:
    row = membership()
    client, _user = signed_in("intake")
    said = {"disease": "malignant_tumor", "diagnosed_on": "2999-01-01", "cause": "illness", "reporter": "member"}
    response = client.post(move(row, "report"), said)
    assert response.status_code == 409
    assert 'value="2999-01-01"' in response.content.decode()
    assert not Claim.objects.exists()


def test_a_joining_date_is_corrected_by_two_supervisors(db: None) -> None:
    row = membership()
    (one, _first), (two, _second) = signed_in("supervisor"), signed_in("supervisor")
    said = {"joined_at": "2024-05-20T08:30", "reason": "导入时录错"}
    assert one.post(move(row, "propose-correction"), said).status_code == 302
    correction = JoiningCorrection.objects.get()
    assert correction.becomes == at("2024-05-20 08:30")
    assert one.post(move(row, "confirm-correction", correction)).status_code == 409
    assert Membership.objects.get(pk=row.pk).joined_at == JOINED
    assert two.post(move(row, "confirm-correction", correction)).status_code == 302
    assert Membership.objects.get(pk=row.pk).joined_at == at("2024-05-20 08:30")


def test_an_untrue_declaration_and_a_recheck_are_recorded(db: None) -> None:
    row = membership(migrated=True)
    client, user = signed_in("reviewer")
    question = row.declarations.order_by("question").values_list("question", flat=True)[0]
    assert client.post(move(row, "breach"), {"question": question}).status_code == 302
    assert row.declarations.get(question=question).found_untrue_by == user
    assert client.post(move(row, "recheck-health")).status_code == 302
    assert Membership.objects.get(pk=row.pk).health_rechecked_by == user


def test_the_page_of_a_covenant_shows_its_clauses(db: None) -> None:
    row = membership()
    client, _user = signed_in("auditor")
    text = client.get(reverse("admin:members_covenant_change", args=[row.covenant_id])).content.decode()
    assert row.covenant.clause_text("1.1", "zh") in text
    assert f'href="#clause-{row.covenant.term_clauses["waiting.days"]}"' in text


def test_a_full_name_is_on_the_members_own_page_only(db: None) -> None:
    row = membership()
    client, _user = signed_in("auditor")
    name = Member.objects.get(pk=row.member_id).name
    assert name in client.get(reverse("admin:members_member_change", args=[row.member_id])).content.decode()
    for url in (
        reverse("admin:members_member_changelist"),
        reverse("admin:members_membership_changelist"),
        reverse("admin:members_membership_change", args=[row.pk]),
    ):
        assert name not in client.get(url).content.decode()
