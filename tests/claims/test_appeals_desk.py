"""An appeal on the desk: what the refusal stood on beside what came since, who may decide, and the list of all."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from claims.enums import AppealFinding, Channel, DeadlineKind, State, Weighs
from claims.models import Assignment, Claim, ClaimEvent, Deadline
from claims.panels import appeals
from claims.services import appealing, collecting, deciding, evidence, reviewing
from config.kernel.models import User
from investigations.services import decide_appeal, ensure_sample_agencies
from investigations.sweeps import OpenCommissions
from members.models import Covenant
from tests.claims.cases import APPEALED, appealing_, everybody, fresh, rejected
from tests.claims.refusing import service_refused
from tests.factories import ACCEPTED, REVIEWED, case_in, look, signed_in, staff

LATER = APPEALED + timedelta(days=1)


def page(claim: Claim) -> str:
    return reverse("admin:claims_claim_change", args=[claim.pk])


def part(claim: Claim) -> str:
    text = signed_in("reviewer").get(page(claim)).content.decode()
    return text.partition('<section class="desk-panel" id="appeal">')[2].partition('<section class="desk-panel"')[0]


def note(claim: Claim, fact: str, at: Any) -> None:
    evidence.record(claim.pk, fact=fact, source="病历", weighs=Weighs.FOR, by=staff("reviewer"), at=at)


def refuse_and_appeal(claim: Claim) -> None:
    reviewing.refuse_in_review(
        claim.pk,
        ground="DEFINITION_NOT_MET",
        contrary="查阅病历,未见反证",
        reason="未达到定义",
        by=staff("reviewer"),
        at=REVIEWED,
    )
    appealing.appeal(claim.pk, channel=Channel.ONLINE, text="新的病理会诊", by=staff("intake"), at=APPEALED)


@pytest.mark.django_db
class TestSideBySide:
    def test_papers_and_evidence_stand_on_their_side_of_the_refusal(self) -> None:
        claim = case_in(State.REVIEWING)
        note(claim, "当时的证据", REVIEWED - timedelta(hours=1))
        refuse_and_appeal(claim)
        note(claim, "后来的证据", LATER)
        papers = [{"kind": "surgery_record"}, {"kind": "pathology_report"}]
        collecting.submit_on_appeal(claim.pk, materials=papers, by=staff("intake"), at=LATER)

        told = appeals.read(fresh(claim), look())
        then, _heading, since = part(claim).partition('id="appeal-since"')

        assert [row.fact for row in told["evidence_then"]] == ["当时的证据"]
        assert [row.fact for row in told["evidence_since"]] == ["后来的证据"]
        kinds = [paper.kind for paper in told["papers_then"]]
        assert len(kinds) == 7
        assert "pathology_report" in kinds
        assert [paper.kind for paper in told["papers_since"]] == ["pathology_report", "surgery_record"]
        for text, side, other in (
            ("当时的证据", then, since),
            ("未达到定义", then, since),
            ("未达到疾病定义", then, since),
            ("后来的证据", since, then),
            ("新的病理会诊", since, then),
            ("手术记录", since, then),
        ):
            assert text in side
            assert text not in other

    def test_evidence_that_was_taken_back_later_stood_at_the_refusal(self) -> None:
        claim = case_in(State.REVIEWING)
        for fact in ("早先撤回", "之后撤回", "仍然有效"):
            note(claim, fact, REVIEWED - timedelta(hours=3))
        rows = {row.fact: row.pk for row in claim.evidence.all()}
        how: dict[str, Any] = {"reason": "录入有误", "by": staff("reviewer")}
        evidence.withdraw_evidence(rows["早先撤回"], at=REVIEWED - timedelta(hours=2), **how)
        refuse_and_appeal(claim)
        evidence.withdraw_evidence(rows["之后撤回"], at=LATER, **how)
        note(claim, "后来又撤回", LATER)
        evidence.withdraw_evidence(claim.evidence.latest("id").pk, at=LATER + timedelta(hours=1), **how)

        told = appeals.read(fresh(claim), look())
        then, _heading, since = part(claim).partition('id="appeal-since"')

        assert [row.fact for row in told["evidence_then"]] == ["之后撤回", "仍然有效"]
        assert told["evidence_since"] == []
        assert then.count("<strong>撤回</strong>: reviewer") == 1
        assert "<strong>撤回</strong>" not in since

    def test_the_ground_cites_its_clause_in_the_version_of_the_refusal(self) -> None:
        claim = appealing_()

        number, text = appeals.read(claim, look())["clause"]

        covenant = Covenant.objects.get(pk=claim.covenant_id)
        assert number == covenant.term_clauses["diseases.covered"]
        assert text == covenant.clauses[number]["zh"]
        assert text in part(claim)

    def test_what_was_looked_for_against_the_refusal_is_shown_where_it_was_kept(self) -> None:
        claim = case_in(State.REVIEWING)
        reviewing.refuse_in_review(
            claim.pk,
            ground="DEFINITION_NOT_MET",
            contrary="门诊记录支持确诊",
            reason="未达到定义",
            by=staff("reviewer"),
            at=REVIEWED,
        )
        appealing.appeal(claim.pk, channel=Channel.ONLINE, by=staff("intake"), at=APPEALED)

        assert "门诊记录支持确诊" in part(claim)

    def test_what_the_rules_say_otherwise_is_named(self) -> None:
        claim = rejected()
        appealing.appeal(claim.pk, channel=Channel.ONLINE, by=staff("intake"), at=APPEALED)
        assert appeals.read(fresh(claim), look())["changes"] == []

        unsealed = {"kind": "diagnosis_certificate", "hospital": {"grade": "3A", "ownership": "public"}}
        unsealed |= {"signed_by": "specialist"}
        collecting.submit_on_appeal(claim.pk, materials=[unsealed], by=staff("intake"), at=LATER)

        changes = appeals.read(fresh(claim), look())["changes"]
        assert len(changes) == 2
        assert appeals.read(fresh(claim), look())["then"]["said"].outcome == "accept"
        assert appeals.read(fresh(claim), look())["now"]["said"].codes == ["RECORDS_OFFICE_SEAL"]

    def test_a_second_appeal_is_against_the_same_refusal_and_names_the_first(self) -> None:
        claim = appealing_()
        judge = staff("reviewer")
        decide_appeal(claim.pk, finding=AppealFinding.UPHELD, reason="证据不足", by=judge, at=LATER)
        told = appeals.read(fresh(claim), look())
        assert (told["earlier"], told["reason"]) == ([], "证据不足")

        appealing.appeal(claim.pk, channel=Channel.LITIGATION, by=staff("intake"), at=LATER + timedelta(hours=1))

        told = appeals.read(fresh(claim), look())
        assert [one.channel for one in told["earlier"]] == ["online"]
        assert told["appeal"].channel == "litigation"
        assert told["refusal"].verb == "reject"
        assert told["reason"] == ""

    def test_a_refusal_that_fell_is_still_shown(self) -> None:
        claim = appealing_()
        decide_appeal(claim.pk, finding=AppealFinding.OVERTURNED, reason="证据充分", by=staff("reviewer"), at=LATER)

        text = part(claim)

        assert "未达到疾病定义" in text
        assert "证据充分" in text

    def test_a_case_without_an_appeal_has_no_such_part(self) -> None:
        assert part(case_in(State.REVIEWING)) == ""


@pytest.mark.django_db
class TestPapersOfTheAppeal:
    def test_are_taken_in_and_move_nothing_but_the_assessment(self) -> None:
        claim, intake = appealing_(), signed_in("intake")
        before, said = fresh(claim), claim.assessment_id
        clocks = list(claim.deadlines.order_by("pk").values())
        letters = claim.letters.count()
        url = reverse("admin:claims_claim_move", args=[claim.pk, "submit-on-appeal", claim.pk])
        lines = {"paper-TOTAL_FORMS": "1", "paper-INITIAL_FORMS": "0", "paper-0-kind": "surgery_record"}

        assert intake.post(url, lines | {"version": claim.version}).status_code == 302

        after = fresh(claim)
        assert (after.state, after.state_since, after.version) == (before.state, before.state_since, before.version + 1)
        assert after.assessment_id != said
        assert claim.materials.filter(kind="surgery_record").exists()
        assert list(claim.deadlines.order_by("pk").values()) == clocks
        assert claim.letters.count() == letters
        assert ClaimEvent.objects.get(claim=claim, verb="submit_on_appeal").data == {"kinds": ["surgery_record"]}

    def test_are_taken_in_by_intake_only(self) -> None:
        claim = appealing_()

        service_refused(
            "NOT_PERMITTED",
            lambda: collecting.submit_on_appeal(claim.pk, materials=[], by=staff("reviewer"), at=LATER),
        )


@pytest.mark.django_db
class TestWhoDecides:
    def offered(self, claim: Claim, user: User) -> str:
        """The line of the page about deciding the appeal; the address of its form where it is open."""
        user.is_staff = True
        user.save(update_fields=["is_staff"])
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        text = client.get(page(claim)).content.decode()
        url = reverse("admin:claims_claim_move", args=[claim.pk, "decide-appeal", claim.pk])
        return url if url in text else text.partition("desk-shut")[2].partition("决定申诉</span>")[2][:200]

    def test_somebody_who_passed_investigated_or_refused_is_told_why_he_may_not(self) -> None:
        claim, refuser = case_in(State.DECIDING), staff("reviewer")
        passer, investigator = claim.passed_by, claim.investigated_by
        assert passer is not None
        assert investigator is not None
        deciding.reject(claim.pk, ground="DEFINITION_NOT_MET", contrary="x", reason="x", by=refuser, at=ACCEPTED)
        appealing.appeal(claim.pk, channel=Channel.ONLINE, by=staff("intake"), at=APPEALED)

        for who in (passer, investigator, refuser):
            assert "须由其他人员进行" in self.offered(claim, who)
            service_refused(
                "SAME_PERSON",
                lambda who=who: decide_appeal(claim.pk, finding=AppealFinding.UPHELD, by=who, at=LATER),
            )
        assert "decide-appeal" in self.offered(claim, staff("reviewer"))


@pytest.mark.django_db
class TestTheList:
    url = "admin:claims_appeal_changelist"

    def test_shows_what_is_open_by_the_day_on_which_it_is_due(self) -> None:
        decided, late, soon = appealing_(), appealing_(), appealing_()
        decide_appeal(decided.pk, finding=AppealFinding.UPHELD, reason="x", by=staff("reviewer"), at=LATER)
        for claim, days in ((late, 20), (soon, 2)):
            Deadline.objects.filter(claim=claim, kind=DeadlineKind.APPEAL_DECISION).update(
                due_at=timezone.now() + timedelta(days=days)
            )
        worker = everybody()
        Assignment.objects.create(claim=soon, step="appealing", user=worker, since=LATER)
        Assignment.objects.create(claim=late, step="rejected", user=worker, since=LATER)

        client = signed_in("reviewer")
        rows = client.get(reverse(self.url)).context["cl"].result_list

        assert [row.claim for row in rows] == [soon, late]
        assert [row.works_on for row in rows] == [worker.username, None]
        ended = client.get(reverse(self.url), {"open": "no"}).context["cl"].result_list
        assert [row.claim for row in ended] == [decided]
        assert len(client.get(reverse(self.url), {"open": "all"}).context["cl"].result_list) == 3

    def test_all_that_ever_were_are_leafed_through_by_place(self) -> None:
        appealing_()
        client = signed_in("reviewer")
        assert client.get(reverse(self.url)).context["cl"].order() is None
        for part in ("no", "all"):
            order = client.get(reverse(self.url), {"open": part}).context["cl"].order()
            assert order is not None, part
            assert order.names == ["-id"]

    def test_shows_the_arbitrators_progress_and_the_deposit_with_a_constant_number_of_queries(self) -> None:
        client = signed_in("reviewer")
        counts = []
        for _turn in range(3):
            claim = rejected()
            appealing.appeal(claim.pk, channel=Channel.ARBITRATION, deposit_fen=50_000, by=staff("intake"), at=APPEALED)
            ensure_sample_agencies()
            OpenCommissions().run(at=APPEALED, only=claim.pk)
            client.get(reverse(self.url))
            with CaptureQueriesContext(connection) as queries:
                text = client.get(reverse(self.url)).content.decode()
            counts.append(len(queries))

        assert counts[0] == counts[2]
        assert "500 元" in text
        assert "2025年5月2日" in text
        assert f'href="{page(claim)}#appeal"' in text
