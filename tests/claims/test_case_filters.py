"""What the list of cases is filtered by, and what a reader without papers may not ask."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from claims.enums import State
from claims.models import Assignment, Claim
from tests.factories import REPORTED, case_in, signed_in, staff

LIST = "admin:claims_claim_changelist"


def listed(client: Client, **filters: str) -> list[Claim]:
    response = client.get(reverse(LIST), filters)
    assert response.status_code == 200, filters
    return list(response.context["cl"].result_list)


@pytest.fixture
def cases(db: None) -> tuple[Claim, Claim]:
    """One in the first review, one that still wants papers, a month later."""
    reviewing, collecting = case_in(State.REVIEWING), case_in(State.COLLECTING)
    Claim.objects.filter(pk=collecting.pk).update(
        reported_at=REPORTED + timedelta(days=30), disease="end_stage_renal_disease", cause="accident"
    )
    return reviewing, collecting


def assign(claim: Claim, step: str, user: object) -> None:
    Assignment.objects.create(claim=claim, step=step, user=user, since=REPORTED)


def test_days_of_the_report_are_civil_days_and_both_included(cases: tuple[Claim, Claim]) -> None:
    reviewing, collecting = cases
    client = signed_in("reviewer")
    assert listed(client, reported_from="2025-04-05", reported_to="2025-04-05") == [reviewing]
    assert listed(client, reported_from="2025-04-06") == [collecting]
    assert listed(client, reported_to="2025-05-04") == [reviewing]
    assert listed(client, reported_to="2025-05-05") == [collecting, reviewing]
    assert listed(client, reported_from="yesterday") == [collecting, reviewing]


def test_what_no_column_can_hold_filters_nothing(cases: tuple[Claim, Claim]) -> None:
    reviewing, collecting = cases
    client = signed_in("reviewer")
    for name in ("illness", "plan", "state__exact", "cause__exact", "worker", "reported_from", "work", "overdue"):
        assert listed(client, **{name: "\0"}) == [collecting, reviewing], name
    assert listed(client, worker="9" * 5_000) == [collecting, reviewing]


def test_whoever_works_on_a_case_does_so_in_its_present_step_only(cases: tuple[Claim, Claim]) -> None:
    reviewing, collecting = cases
    client, other = signed_in("reviewer"), staff("reviewer")
    me = client.get(reverse(LIST)).wsgi_request.user
    assign(reviewing, "reviewing", me)
    assign(collecting, "reviewing", other)
    assert listed(client, worker="me") == [reviewing]
    assert listed(client, worker=str(me.pk)) == [reviewing]
    assert listed(client, worker=str(other.pk)) == []
    assert listed(client, worker="nobody") == []
    assert listed(client, worker="somebody") == [collecting, reviewing]
    assert listed(client, worker="9" * 80) == [collecting, reviewing]
    assert listed(client, worker="999999999") == []


def test_offers_whoever_may_take_a_case_by_a_role_or_alone(db: None) -> None:
    client, by_role, alone, finance = signed_in("reviewer"), staff("reviewer"), staff(), staff("finance")
    alone.user_permissions.add(Permission.objects.get(content_type__app_label="claims", codename="take_claim"))

    text = client.get(reverse(LIST)).content.decode()

    assert [f'<option value="{one.pk}"' in text for one in (by_role, alone, finance)] == [True, True, False]


def test_a_disease_is_chosen_by_part_of_its_name_in_either_language(cases: tuple[Claim, Claim]) -> None:
    reviewing, collecting = cases
    client = signed_in("reviewer")
    assert listed(client, illness="恶性肿瘤") == [reviewing]
    assert listed(client, illness="malignant_tumor") == [reviewing]
    assert listed(client, illness="肾衰竭") == [collecting]
    assert listed(client, illness="renal") == [collecting]
    assert listed(client, illness="感冒") == []


def test_a_plan_is_that_of_the_covenant_that_binds(cases: tuple[Claim, Claim]) -> None:
    client = signed_in("reviewer")
    assert len(listed(client, plan="qingsong")) == 2
    assert listed(client, plan="xianghu") == []


def test_filters_add_up(cases: tuple[Claim, Claim]) -> None:
    reviewing, collecting = cases
    client = signed_in("reviewer")
    assert listed(client, state__exact="reviewing", illness="恶性肿瘤", plan="qingsong", work="overdue") == [reviewing]
    assert listed(client, state__exact="reviewing", cause__exact="accident") == []
    assert listed(client, cause__exact="accident") == [collecting]


@pytest.mark.parametrize("asked", ["illness=恶性肿瘤", "cause__exact=illness", "disease=malignant_tumor"])
def test_who_reads_no_papers_does_not_learn_of_an_illness_by_filtering(cases: tuple[Claim, Claim], asked: str) -> None:
    assert signed_in("finance").get(f"{reverse(LIST)}?{asked}").status_code == 400
    assert signed_in("reviewer").get(f"{reverse(LIST)}?{asked}").status_code == 200


def test_who_reads_no_papers_filters_by_the_rest(cases: tuple[Claim, Claim]) -> None:
    client = signed_in("finance")
    assert len(listed(client, plan="qingsong", reported_from="2025-04-05", worker="nobody")) == 1
    assert "illness" not in client.get(reverse(LIST)).content.decode()


def test_the_form_of_a_filter_keeps_the_others(cases: tuple[Claim, Claim]) -> None:
    text = signed_in("reviewer").get(reverse(LIST), {"state__exact": "reviewing", "o": "1"}).content.decode()
    form = text[text.index('name="illness"') - 900 : text.index('name="illness"')].rpartition("<form")[2]
    assert '<input type="hidden" name="state__exact" value="reviewing">' in form
    assert '<input type="hidden" name="o" value="1">' in form
