"""The page of a move when it is not made: what was typed stays, and so does what the form was opened at."""

from django.urls import reverse

from claims.enums import State
from claims.models import Claim
from claims.services import correcting
from tests.factories import REVIEWED, case_in, membership, signed_in, staff


def move(claim: Claim, name: str) -> str:
    return reverse("admin:claims_claim_move", args=[claim.pk, name, claim.pk])


def test_an_invalid_form_keeps_the_version_that_it_was_opened_at(db: None) -> None:
    claim, client = case_in(State.REVIEWING), signed_in("reviewer")
    said = {"version": claim.version, "to": "collecting", "code": "other", "approvals": "redo"}
    correcting.run_assessment(claim.pk, by=staff("reviewer"), at=REVIEWED)

    invalid = client.post(move(claim, "return"), {**said, "reason": ""})

    assert invalid.status_code == 200
    assert f'name="version" value="{claim.version}"' in invalid.content.decode()
    late = client.post(move(claim, "return"), {**said, "reason": "材料不全"})
    assert late.status_code == 409
    assert 'data-code="STALE"' in late.content.decode()


def test_what_was_typed_wrong_stays_to_be_corrected(db: None) -> None:
    claim, client = case_in(State.PUBLICISED), signed_in("intake")
    own = claim.membership.member.id_number
    said = {"version": claim.version, "kind": "definition", "id_number": own, "text": "定义有争议"}

    response = client.post(move(claim, "object"), said)

    text = response.content.decode()
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["id_number"]
    assert "定义有争议" in text
    assert f'name="version" value="{claim.version}"' in text


def test_a_version_that_is_no_number_is_none(db: None) -> None:
    claim, client = case_in(State.REVIEWING), signed_in("reviewer")
    for version in ("9" * 5_000, "٣", "", "x"):
        response = client.post(move(claim, "return"), {"version": version})
        assert response.status_code == 200
        assert f'name="version" value="{claim.version}"' in response.content.decode()


def test_who_may_not_make_the_move_gets_no_form_back(db: None) -> None:
    claim = case_in(State.PUBLICISED)
    member = membership().member
    said = {"version": claim.version, "kind": "definition", "id_number": member.id_number, "text": "定义有争议"}

    response = signed_in("reviewer").post(move(claim, "object"), said)

    assert response.status_code == 403
    for nothing in ("定义有争议", f"{member}，", "2024年6月1日"):
        assert nothing not in response.content.decode()
