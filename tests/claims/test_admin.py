"""The desk's pages of a case: what they show, what they let through, and what they say when they do not."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from claims.enums import DeadlineKind, State
from claims.models import Claim
from claims.panels.case_panels import disease_name
from claims.services import assigning, collecting, correcting, objecting, reviewing
from config.kernel import pages
from config.kernel.clock import database_now
from config.kernel.models import User
from config.kernel.roles import ROLES
from investigations.sweeps import OpenCommissions
from payouts import services as payouts
from tests.factories import ACCEPTED, APPROVED, PUBLISHED, REVIEWED, SUBMITTED, case_in, look, membership, passed, staff

LISTS = [model for model in admin.site._registry if model._meta.app_label in ("claims", "investigations", "payouts")]


def signed_in(*roles: str) -> tuple[Client, User]:
    """Somebody with a desk account and these roles."""
    user = staff(*roles)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client, user


def page(claim: Claim) -> str:
    return reverse("admin:claims_claim_change", args=[claim.pk])


def move(claim: Claim, name: str, row: models.Model | None = None) -> str:
    return reverse("admin:claims_claim_move", args=[claim.pk, name, (row or claim).pk])


def state_of(claim: Claim) -> str:
    return Claim.objects.values_list("state", flat=True).get(pk=claim.pk)


class TestThePage:
    @pytest.mark.parametrize("state", [State.COLLECTING, State.REVIEWING, State.DECIDING, State.PUBLICISED])
    def test_shows_every_move_of_the_step_open_or_with_its_why_not(self, db: None, state: State) -> None:
        claim = case_in(state)
        client, user = signed_in("reviewer")
        text = client.get(page(claim)).content.decode()

        at = database_now()
        shown = pages.offers(Claim.objects.get(pk=claim.pk), by=user, at=at)
        assert {offer.move.name for offer in shown if offer.move.transition} == {
            name
            for name, known in pages.moves_of(Claim).items()
            if known.rows is pages.itself
            and known.transition
            and getattr(Claim, known.transition)._django_fsm.has_transition(claim.state)
        }
        with translation.override("zh-hans"):
            for offer in shown:
                assert str(offer.move.label) in text
                assert (move(claim, offer.move.name, offer.row) in text) == offer.is_open
                if not offer.is_open:
                    assert offer.why_not in text.replace("&#x27;", "'").replace("&quot;", '"')

    def test_hides_the_numbers_of_the_person(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        person = claim.membership.member
        client, _user = signed_in(*(role for role in ROLES if role != "system"))
        for url in (
            page(claim),
            reverse("admin:members_member_change", args=[person.pk]),
            reverse("admin:members_membership_change", args=[claim.membership_id]),
            reverse("admin:members_member_changelist"),
        ):
            text = client.get(url).content.decode()
            for number in (person.id_number, person.phone, person.bank_card):
                assert number not in text

    def test_shows_findings_with_the_clause_of_the_binding_version(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        client, _user = signed_in("auditor")
        text = client.get(page(claim)).content.decode()
        assert claim.assessment is not None
        for finding in claim.assessment.findings:
            assert claim.covenant.clause_text(finding["clause"], "zh") in text
        assert "甲状腺" in text
        assert "3 万元" in text

    def test_finance_sees_the_money_and_not_the_illness(self, db: None) -> None:
        claim = case_in(State.APPROVED)
        client, _user = signed_in("finance")
        text = client.get(page(claim)).content.decode()
        assert 'id="money"' in text
        assert 'id="assessment"' not in text
        assert 'id="papers"' not in text
        assert 'id="report"' not in text
        assert 'id="timeline"' not in text  # grounds and reasons are about the illness, too
        listed = client.get(reverse("admin:claims_claim_changelist")).content.decode()
        assert claim.number in listed
        for words in (text, listed):
            assert disease_name(claim.disease) not in words
            assert claim.disease not in words

    def test_the_head_tells_finance_nothing_of_what_passed_between_reviewers(self, db: None) -> None:
        claim, first, at = case_in(State.DECIDING), staff("reviewer"), ACCEPTED
        reviewing.return_to(claim.pk, to=State.REVIEWING, reason="病理日期不符", by=staff("reviewer"), at=at)
        assigning.take(claim.pk, by=first, at=at)
        assigning.hand_over(claim.pk, to=staff("reviewer"), note="问过主治医生", by=first, at=at)

        reader, _user = signed_in("reviewer")
        text = reader.get(page(claim)).content.decode()
        assert "病理日期不符" in text
        assert "问过主治医生" in text
        finance, _user = signed_in("finance")
        for address in (page(claim), move(claim, "reject")):
            text = finance.get(address).content.decode()
            assert claim.number in text
            assert "病理日期不符" not in text
            assert "问过主治医生" not in text

    @pytest.mark.parametrize("lookup", ["disease__startswith", "cause__exact", "ground__exact"])
    def test_finance_finds_no_illness_by_asking_for_it_in_the_address(self, db: None, lookup: str) -> None:
        client, _user = signed_in("finance")
        url = reverse("admin:claims_claim_changelist")
        assert client.get(url, {lookup: "m"}).status_code == 400
        assert client.get(url, {"state__exact": "approved", "work": "overdue"}).status_code == 200

    def test_reads_no_row_by_row(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        client, _user = signed_in("supervisor")
        client.get(page(claim))
        with CaptureQueriesContext(connection) as few:
            client.get(page(claim))
        for _again in range(3):
            correcting.run_assessment(claim.pk, by=staff("reviewer"), at=REVIEWED)
            papers = [{"kind": "imaging"}, {"kind": "pathology_report"}]
            collecting.submit(claim.pk, materials=papers, by=staff("intake"), at=REVIEWED)
        with CaptureQueriesContext(connection) as more:
            client.get(page(claim))
        assert len(more) == len(few) <= 60

    def test_is_not_there_for_a_case_that_is_not(self, db: None) -> None:
        client, _user = signed_in("reviewer")
        for pk in ("0", "x"):
            assert client.get(f"/admin/claims/claim/{pk}/change/").status_code == 404


class TestAMove:
    def test_get_shows_the_consequence_and_changes_nothing(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        before = Claim.objects.values().get(pk=claim.pk)
        client, _user = signed_in("reviewer")
        response = client.get(move(claim, "pass-review"))
        assert response.status_code == 200
        assert "案件将进入第三方调查" in response.content.decode()
        assert Claim.objects.values().get(pk=claim.pk) == before

    def test_needs_the_token_of_its_form(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        _client, user = signed_in("reviewer")
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert strict.post(move(claim, "pass-review"), {"version": claim.version}).status_code == 403
        assert Claim.objects.get(pk=claim.pk).passed_at is None

    def test_goes_through_the_service_and_back_to_the_page(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        client, user = signed_in("reviewer")
        response = client.post(move(claim, "pass-review"), {"version": claim.version, "reason": ""}, follow=True)
        assert response.redirect_chain == [(page(claim), 302)]
        assert "已完成:初审通过" in response.content.decode()
        assert Claim.objects.get(pk=claim.pk).passed_by == user

    def test_a_page_that_is_too_old_says_what_happened_and_keeps_what_was_typed(self, db: None) -> None:
        claim = passed()
        client, _user = signed_in("reviewer")
        said = {
            "version": claim.version - 2,
            "ground": "LATE_REPORT",
            "contrary": "查无",
            "reason": "报案过晚,材料不足",
        }
        response = client.post(move(claim, "reject"), said)
        text = response.content.decode()
        assert response.status_code == 409
        assert 'data-code="STALE"' in text
        assert "初审通过" in text
        assert "报案过晚,材料不足" in text
        assert f'name="version" value="{claim.version}"' in text
        assert state_of(claim) == State.REVIEWING

    def test_the_first_reviewer_is_refused_the_final_decision(self, db: None) -> None:
        claim = case_in(State.DECIDING)
        first = claim.passed_by
        assert first is not None
        first.is_staff = True
        first.save(update_fields=["is_staff"])
        client = Client()
        client.force_login(first, backend="django.contrib.auth.backends.ModelBackend")
        response = client.post(move(claim, "publish"), {"version": claim.version})
        assert response.status_code == 409
        assert 'data-code="SAME_PERSON"' in response.content.decode()
        assert state_of(claim) == State.DECIDING

    def test_papers_are_taken_in_by_lines(self, db: None) -> None:
        claim = case_in(State.COLLECTING)
        client, _user = signed_in("intake")
        form = client.get(move(claim, "submit")).context["form"]
        kinds = [line.initial.get("kind") for line in form.lines]
        assert kinds[:2] == ["diagnosis_certificate", "pathology_report"]
        assert kinds[-1] is None
        said = {"version": claim.version, "paper-TOTAL_FORMS": len(kinds), "paper-INITIAL_FORMS": len(kinds) - 2}
        for number, kind in enumerate(kinds):
            said |= {f"paper-{number}-kind": kind or "", f"paper-{number}-here": "on"}
        said |= {"paper-0-grade": "3A", "paper-0-ownership": "public", "paper-0-sealed": "on"}
        said |= {"paper-0-signed_by": "specialist"}
        assert client.post(move(claim, "submit"), said).status_code == 302
        assert state_of(claim) == State.REVIEWING

    def test_no_paper_at_all_is_asked_for_again(self, db: None) -> None:
        claim = case_in(State.COLLECTING)
        client, _user = signed_in("intake")
        said = {"version": claim.version, "paper-TOTAL_FORMS": 1, "paper-INITIAL_FORMS": 0}
        assert "请至少填写一份材料" in client.post(move(claim, "submit"), said).content.decode()

    def test_an_objection_is_recorded_for_the_member_of_that_number(self, db: None) -> None:
        claim = case_in(State.PUBLICISED)
        other = membership()
        client, _user = signed_in("intake")
        said = {"version": claim.version, "kind": "definition", "id_number": other.member.id_number, "text": "定义"}
        response = client.post(move(claim, "object"), said)
        # The publicity of the test lies in the past: the service says so, and has recognised the member.
        assert 'data-code="PUBLICITY_ENDED"' in response.content.decode()

    def test_an_amount_is_typed_in_yuan(self, db: None) -> None:
        form = pages.moves_of(Claim)["appeal"].form
        assert form is not None
        said = {"channel": "arbitration", "deposit_fen": "500.50", "text": ""}
        filled = form(said, row=Claim(), look=look())
        assert filled.is_valid()
        assert filled.cleaned_data["deposit_fen"] == 50_050
        wrong = form(said | {"deposit_fen": "五百"}, row=Claim(), look=look())
        assert not wrong.is_valid()

    def test_three_people_pay(self, db: None) -> None:
        claim = case_in(State.APPROVED)
        one, two, three = (signed_in("finance")[0] for _ in range(3))
        assert one.post(move(claim, "prepare-payout"), {"version": claim.version}).status_code == 302
        (payout,) = pages.moves_of(Claim)["approve-payout"].rows(claim)
        assert one.post(move(claim, "approve-payout", payout)).status_code == 409
        assert two.post(move(claim, "approve-payout", payout)).status_code == 302
        assert three.post(move(claim, "release-payout", payout)).status_code == 302
        assert three.post(move(claim, "settle-payout", payout), {"evidence": ""}).status_code == 302
        assert state_of(claim) == State.PAID

    def test_an_unknown_move_or_a_strangers_row_is_not_found(self, db: None) -> None:
        claim, other = case_in(State.APPROVED), case_in(State.APPROVED)
        payout = payouts.prepare(other.pk, by=staff("finance"), at=APPROVED + timedelta(hours=1))
        client, _user = signed_in("finance")
        assert client.get(move(claim, "approve-payout", payout)).status_code == 404
        assert client.get(move(claim, "fly")).status_code == 404
        assert client.get(move(claim, "approve")).status_code == 404


class TestTheList:
    def test_filters_by_step_and_by_what_is_late(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        client, _user = signed_in("reviewer")
        url = reverse("admin:claims_claim_changelist")
        assert list(client.get(url, {"state__exact": "reviewing"}).context["cl"].result_list) == [claim]
        assert list(client.get(url, {"state__exact": "paid"}).context["cl"].result_list) == []
        assert list(client.get(url, {"work": "overdue"}).context["cl"].result_list) == [claim]
        assert "已逾期" in client.get(url).content.decode()


class TestTheFirstPage:
    def test_counts_the_cases_of_each_step_and_warns_of_a_year_without_holidays(self, db: None) -> None:
        case_in(State.REVIEWING)
        collecting.withdraw(case_in(State.COLLECTING).pk, by=staff("intake"), at=SUBMITTED)
        client, _user = signed_in("reviewer")
        response = client.get(reverse("admin:index"))
        assert {step["label"]: step["count"] for step in response.context["steps"]} == {
            **dict.fromkeys(("已报案", "材料收集", "第三方调查", "终审", "公示", "暂停处理", "待划拨", "划拨中"), 0),
            **dict.fromkeys(("已划拨", "不予互助", "申诉"), 0),
            **dict.fromkeys(("已撤案", "已结案"), None),  # a link alone: there are more of them every day
            "初审": 1,
        }
        assert response.context["overdue"].count == 1
        assert response.context["calendar_warnings"]  # no holiday was loaded here
        assert "互助计划不是保险" in response.content.decode()

    @pytest.mark.parametrize(("role", "times"), [("reviewer", 1), ("supervisor", 1), ("auditor", 1)])
    def test_counts_what_is_late_once_and_no_case_that_is_closed(self, db: None, role: str, times: int) -> None:
        claim = case_in(State.REVIEWING)
        client, _user = signed_in(role)
        with CaptureQueriesContext(connection) as asked:
            text = client.get(reverse("admin:index")).content.decode()

        late = [one["sql"] for one in asked if "COUNT(*)" in one["sql"] and '"due_at"' in one["sql"]]
        assert len([sql for sql in late if str(DeadlineKind.APPEAL_DECISION) in sql]) == times
        (steps,) = [one["sql"] for one in asked if "GROUP BY 1" in one["sql"]]
        assert "'closed'" not in steps
        assert "'reviewing'" in steps
        assert text.count("?work=overdue") == 1
        assert (
            client.get(f"{reverse('admin:claims_claim_changelist')}?work=overdue").context["cl"].result_list[0] == claim
        )

    def test_an_administrator_sees_no_case(self, db: None) -> None:
        client, _user = signed_in("administrator")
        assert "steps" not in client.get(reverse("admin:index")).context


def test_the_switch_changes_the_language_and_keeps_it(db: None) -> None:
    claim = case_in(State.REVIEWING)
    client, _user = signed_in("reviewer")
    assert "初审" in client.get(page(claim), headers={"accept-language": "en"}).content.decode()
    response = client.post(reverse("set_language"), {"language": "en", "next": page(claim)})
    assert response.headers["location"] == page(claim)
    text = client.get(page(claim)).content.decode()
    assert "first review" in text
    assert "What can be done" in text


def _tell_a_whole_story() -> None:
    """A row, or a few more, in every table of the upper apps."""
    claim = case_in(State.PUBLICISED)
    objecting.object_to(
        claim.pk,
        kind=objecting.ObjectionKind.FORGERY,
        objector=membership(),
        by=staff("intake"),
        at=PUBLISHED + timedelta(hours=1),
    )
    OpenCommissions().run(at=PUBLISHED + timedelta(hours=2), only=claim.pk)
    paid = case_in(State.APPROVED)
    one, two, three = staff("finance"), staff("finance"), staff("finance")
    payout = payouts.prepare(paid.pk, by=one, at=APPROVED + timedelta(hours=1))
    payouts.approve(payout.pk, by=two, at=APPROVED + timedelta(hours=2))
    payouts.release(payout.pk, by=three, at=APPROVED + timedelta(hours=3))


@pytest.fixture(scope="module")
def counts(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[dict[str, tuple[int, int]]]]:
    """Rows and queries of every list of the desk, after one story and after three."""
    with django_db_blocker.unblock(), transaction.atomic():
        client, _user = signed_in(*(role for role in ROLES if role != "system"))
        _tell_a_whole_story()
        first = _queries(client)
        _tell_a_whole_story()
        _tell_a_whole_story()
        yield [first, _queries(client)]
        transaction.set_rollback(True)


def _queries(client: Client) -> dict[str, tuple[int, int]]:
    measured = {}
    for model in admin.site._registry:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        client.get(url)  # whatever is read once a process has been read
        cache.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(url)
        measured[model._meta.label] = (len(response.context["cl"].result_list), len(queries))
    return measured


def test_every_list_asks_as_much_for_three_stories_as_for_one(counts: list[dict[str, tuple[int, int]]]) -> None:
    one, three = counts
    assert {name: queries for name, (_rows, queries) in three.items()} == {
        name: queries for name, (_rows, queries) in one.items()
    }


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model._meta.label)
def test_each_list_of_a_case_had_more_rows_to_show(
    counts: list[dict[str, tuple[int, int]]], model: type[models.Model]
) -> None:
    """Or the count of queries proves nothing; agencies and what did not happen in the story are few by nature."""
    one, three = counts
    few = {"investigations.Agency", "investigations.Investigator", "claims.Appeal"}
    few |= {"claims.SecondLook", "claims.Drawing", "claims.MonthlyReport"}
    if model._meta.label not in few:
        assert three[model._meta.label][0] > one[model._meta.label][0] > 0
