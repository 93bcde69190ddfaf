"""A move is shown before it is confirmed: what it would do, and that nothing of it is done."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from claims.enums import Approvals, ObjectionKind, State
from claims.models import Claim, ClaimEvent, Objection
from claims.services import approving, collecting, correcting, deciding, objecting, reporting, reviewing
from config.kernel import pages
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.display import day
from config.kernel.models import Absence, SavedView, StoredFile, User
from investigations.models import Commission
from investigations.services import ensure_sample_agencies
from members.enums import Purpose
from members.models import Message
from tests.claims.cases import BUILDERS, fresh, rows
from tests.factories import FACTS, JOINED, PAPERS, PUBLISHED, REPORTED, SUBMITTED, case_in, membership, signed_in, staff

REFUSE = {"ground": "DEFINITION_NOT_MET", "contrary": "调阅病案,未见相反记录", "reason": "复核切片为良性"}


def url(claim: Claim, name: str, row: Any = None) -> str:
    return reverse("admin:claims_claim_move", args=[claim.pk, name, (row or claim).pk])


def everything() -> dict[str, Any]:
    """All that a move, or a sweep that follows it, could write."""
    others = (Commission, StoredFile, SavedView, Absence, User)
    return rows() | {table.__name__: table._default_manager.count() for table in others}


def look(client: Client, claim: Claim, name: str, said: dict[str, Any], row: Any = None) -> Any:
    """The preview, after a look that nothing was written."""
    before = everything()
    response = client.post(url(claim, name, row), {"version": claim.version, **said})
    assert everything() == before
    assert response.status_code == 200
    return response


def confirm(client: Client, claim: Claim, name: str, said: dict[str, Any], seen: Any, row: Any = None) -> Any:
    token = seen.context["preview"][0]
    posted = {"version": claim.version, **said, "previewed": token, "confirm": "1"}
    return client.post(url(claim, name, row), posted)


def public_now() -> Claim:
    """A case that was put before the members today: its clock runs now."""
    claim = case_in(State.DECIDING)
    deciding.publish(claim.pk, by=staff("reviewer"), at=database_now())
    return fresh(claim)


class TestTheWay:
    def test_two_looks_and_a_confirmation_are_one_event(self, db: None) -> None:
        claim, client = case_in(State.DECIDING), signed_in("reviewer")
        events = ClaimEvent.objects.filter(claim=claim).count()
        look(client, claim, "reject", REFUSE)
        seen = look(client, claim, "reject", REFUSE)

        assert confirm(client, claim, "reject", REFUSE, seen).status_code == 302

        assert ClaimEvent.objects.filter(claim=claim).count() == events + 1
        assert fresh(claim).state == State.REJECTED

    def test_what_was_typed_stays_and_so_does_the_version(self, db: None) -> None:
        claim, client = case_in(State.DECIDING), signed_in("reviewer")
        text = look(client, claim, "reject", REFUSE).content.decode()
        for typed in (REFUSE["contrary"], REFUSE["reason"], f'name="version" value="{claim.version}"'):
            assert typed in text
        assert text.count(" checked") == 1

    def test_a_form_that_was_changed_is_shown_again(self, db: None) -> None:
        claim, client = case_in(State.DECIDING), signed_in("reviewer")
        seen = look(client, claim, "reject", REFUSE)

        again = confirm(client, claim, "reject", REFUSE | {"ground": "NOT_COVERED"}, seen)

        assert again.status_code == 200
        assert "预览之后内容有变动" in again.content.decode()
        assert fresh(claim).state == State.DECIDING
        assert confirm(client, claim, "reject", REFUSE | {"ground": "NOT_COVERED"}, again).status_code == 302
        assert fresh(claim).ground == "NOT_COVERED"

    def test_what_another_one_looked_at_confirms_nothing(self, db: None) -> None:
        claim = case_in(State.DECIDING)
        seen = look(signed_in("reviewer"), claim, "reject", REFUSE)
        assert confirm(signed_in("reviewer"), claim, "reject", REFUSE, seen).status_code == 200
        assert fresh(claim).state == State.DECIDING

    def test_nobody_confirms_without_having_looked(self, db: None) -> None:
        claim, client = case_in(State.DECIDING), signed_in("reviewer")
        said = {"version": claim.version, **REFUSE, "confirm": "1", "previewed": ""}
        assert client.post(url(claim, "reject"), said).status_code == 200
        assert fresh(claim).state == State.DECIDING

    def test_what_somebody_else_did_meanwhile_is_told_at_the_confirmation(self, db: None) -> None:
        claim, client = case_in(State.DECIDING), signed_in("reviewer")
        seen = look(client, claim, "reject", REFUSE)
        correcting.run_assessment(claim.pk, by=staff("reviewer"), at=database_now())

        late = confirm(client, claim, "reject", REFUSE, seen)

        assert late.status_code == 409
        assert 'data-code="STALE"' in late.content.decode()
        assert REFUSE["contrary"] in late.content.decode()

    def test_a_certain_refusal_is_told_at_the_preview(self, db: None) -> None:
        claim = case_in(State.DECIDING)
        first = claim.passed_by
        assert first is not None
        first.is_staff = True
        first.save(update_fields=["is_staff"])
        client = Client()
        client.force_login(first, backend="django.contrib.auth.backends.ModelBackend")
        before = everything()

        response = client.post(url(claim, "reject"), {"version": claim.version, **REFUSE})

        assert response.status_code == 409
        assert 'data-code="SAME_PERSON"' in response.content.decode()
        assert everything() == before

    def test_no_bell_is_rung_by_a_look(self, db: None, django_capture_on_commit_callbacks: Any) -> None:
        claim, client = case_in(State.DECIDING), signed_in("reviewer")
        with django_capture_on_commit_callbacks() as callbacks:
            look(client, claim, "reject", REFUSE)
        assert callbacks == []

    def test_a_move_without_a_preview_is_made_at_once(self, db: None) -> None:
        claim, client = case_in(State.REVIEWING), signed_in("reviewer")
        said = {"version": claim.version, "reason": ""}
        assert client.post(url(claim, "pass-review"), said).status_code == 302


class TestWhatIsShown:
    def test_a_refusal_shows_its_letter_and_the_appeal_window(self, db: None) -> None:
        claim = case_in(State.DECIDING)
        text = look(signed_in("reviewer"), claim, "reject", REFUSE).content.decode()
        for shown in ("不予互助通知书", "未达到疾病定义", "您的救济途径", "预交押金 500 元", "申诉期"):
            assert shown in text

    def test_a_publication_shows_the_card_its_last_day_and_the_arithmetic(self, db: None) -> None:
        claim = case_in(State.DECIDING)
        text = look(signed_in("reviewer"), claim, "publish", {"reason": ""}).content.decode()
        last = day(civil_date(database_now()) + timedelta(days=7))
        for shown in ("吴*漫", "2025年4月 · 湖北", "3 万元", f"{last} 24:00", "乘以病种给付比例 30%:3 万元"):
            assert shown in text

    @pytest.mark.parametrize(("fen", "shown"), [(None, "—"), (0, "0 元"), (3_000_000, "3 万元")])
    def test_a_card_shows_an_amount_of_nothing_as_such(self, db: None, fen: int | None, shown: str) -> None:
        claim = case_in(State.PUBLICISED)
        publicity = claim.publicities.get()
        publicity.card |= {"amount_fen": fen}
        publicity.save(update_fields=["card"])
        page = reverse("admin:claims_claim_change", args=[claim.pk])
        text = signed_in("reviewer").get(page).content.decode().partition('id="publicity"')[2]
        card = text[: text.index("</p>")]
        assert card.endswith(f"2025年4月 · 湖北 · {shown}")

    def test_a_return_shows_which_approvals_are_taken_back_and_who_is_told(self, db: None) -> None:
        claim, client = case_in(State.DECIDING), signed_in("reviewer")
        said = {"to": "reviewing", "code": "unclear_fact", "approvals": "redo", "reason": "请复核分期"}
        redone = look(client, claim, "return", said).context["preview"][1]
        assert redone.count("撤回") == 2
        assert str(claim.passed_by) in redone
        assert "已退回:初审" in redone
        kept = look(client, claim, "return", said | {"approvals": "keep"}).context["preview"][1]
        assert "撤回" not in kept
        assert kept.count("保留") == 2

    def test_a_move_that_leaves_the_step_says_nothing_of_approvals(self, db: None) -> None:
        claim = case_in(State.DECIDING)
        keep = {"to": State.COLLECTING, "approvals": Approvals.KEEP, "reason": "缺页"}
        reviewing.return_to(claim.pk, **keep, by=staff("reviewer"), at=database_now())
        claim.materials.filter(kind="imaging").update(replaced_at=database_now())
        correcting.run_assessment(claim.pk, by=staff("reviewer"), at=database_now())
        claim = fresh(claim)
        assert claim.passed_by is not None

        text = look(signed_in("reviewer"), claim, "ask-for-papers", {}).context["preview"][1]

        assert "补充材料通知书" in text
        assert "保留" not in text

    def test_a_return_to_the_collection_shows_the_one_letter(self, db: None) -> None:
        claim = case_in(State.DECIDING)
        claim.materials.filter(kind__in=("bank_card", "imaging")).update(replaced_at=database_now())
        correcting.run_assessment(claim.pk, by=staff("reviewer"), at=database_now())
        said = {"to": "collecting", "code": "missing_paper", "approvals": "keep", "reason": "缺页"}
        text = look(signed_in("reviewer"), fresh(claim), "return", said).context["preview"][1]
        assert text.count("补充材料通知书") == 1
        assert "银行卡影像" in text
        assert "影像学资料" in text

    def objection(self, claim: Claim, kind: ObjectionKind) -> dict[str, str]:
        other = membership()
        return {"kind": kind, "id_number": other.member.id_number, "text": "存疑"}

    def test_an_objection_shows_the_old_and_the_new_last_day_and_who_is_asked(self, db: None) -> None:
        ensure_sample_agencies()
        claim = public_now()
        publicity = claim.publicities.get()
        said = self.objection(claim, ObjectionKind.NON_DISCLOSURE)

        text = look(signed_in("intake"), claim, "object", said).context["preview"][1]

        assert day(publicity.scheduled_on) in text
        assert day(publicity.scheduled_on + timedelta(days=15)) in text
        assert "二次调查" in text
        assert "期限至" in text

    def test_an_objection_whose_third_party_cannot_go_says_so(self, db: None) -> None:
        claim = public_now()
        claim.membership.consents.filter(purpose=Purpose.INVESTIGATION).update(withdrawn_at=JOINED)
        said = self.objection(claim, ObjectionKind.DEFINITION)
        assert "暂未委托" in look(signed_in("intake"), claim, "object", said).context["preview"][1]

    def test_a_suspicion_of_forgery_lets_the_clock_stand_still(self, db: None) -> None:
        claim = public_now()
        said = self.objection(claim, ObjectionKind.FORGERY)
        text = look(signed_in("intake"), claim, "object", said).context["preview"][1]
        assert day(claim.publicities.get().scheduled_on) in text
        assert "已中止" in text
        assert "司法鉴定" in text

    def test_a_second_objection_of_a_kind_says_that_it_merges(self, db: None) -> None:
        claim = public_now()
        kind, other = ObjectionKind.DEFINITION, membership()
        objecting.object_to(claim.pk, kind=kind, objector=other, by=staff("intake"), at=database_now())
        said = self.objection(claim, kind)
        assert "并入其中" in look(signed_in("intake"), fresh(claim), "object", said).context["preview"][1]

    def test_a_finding_on_an_objection_shows_the_letter_and_the_next_step(self, db: None) -> None:
        claim = public_now()
        kind, other = ObjectionKind.DEFINITION, membership()
        objecting.object_to(claim.pk, kind=kind, objector=other, by=staff("intake"), at=database_now())
        approving.extend_for_objections(claim.pk, by=User.objects.system(), at=database_now())
        objection, client, claim = Objection.objects.get(claim=claim), signed_in("reviewer"), fresh(claim)
        said = {"finding": "upheld", "reason": "定义确有争议"}

        seen = look(client, claim, "resolve", said, objection)

        for shown in ("异议处理结果通知书", "公示 → <strong>终审</strong>", "提交公示"):
            assert shown in seen.context["preview"][1]
        assert confirm(client, claim, "resolve", said, seen, objection).status_code == 302
        assert fresh(claim).state == State.DECIDING

    def test_a_decision_on_an_appeal_shows_its_letter_with_the_reasons(self, db: None) -> None:
        claim = BUILDERS[State.APPEALING]()
        said = {"finding": "upheld", "reason": "新证据不足以改变结论"}
        text = look(signed_in("reviewer"), claim, "decide-appeal", said).context["preview"][1]
        for shown in ("申诉结果通知书", "新证据不足以改变结论", "您的救济途径"):
            assert shown in text


class TestTheForms:
    def test_each_ground_stands_beside_its_clause_in_the_binding_version(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        text = signed_in("reviewer").get(url(claim, "reject")).content.decode()
        for number in ("3.1", "3.3", "4.1", "4.3", "5.1", "7.4"):
            assert claim.covenant.clause_text(number, "zh") in text

    def test_a_reason_is_asked_for_beforehand_where_the_decision_goes_against_the_rules(self, db: None) -> None:
        claim, client = case_in(State.REVIEWING), signed_in("reviewer")
        reject, passing = client.get(url(claim, "reject")), client.get(url(claim, "pass-review"))
        assert reject.context["form"].fields["reason"].required
        assert "规则结论为“规则建议:予以互助”" in reject.content.decode()
        assert not passing.context["form"].fields["reason"].required

        late = reporting_late()
        assert client.get(url(late, "pass-review")).context["form"].fields["reason"].required
        form = client.get(url(late, "reject")).context["form"]
        assert not form.fields["reason"].required
        assert form.initial.get("ground", form.fields["ground"].initial) == "LATE_REPORT"

    def test_nobody_refuses_without_having_looked_for_contrary_evidence(self, db: None) -> None:
        claim, client = case_in(State.DECIDING), signed_in("reviewer")
        response = client.post(url(claim, "reject"), {"version": claim.version, **REFUSE, "contrary": ""})
        assert response.context["form"].errors.keys() == {"contrary"}

    def test_what_was_looked_for_stands_in_the_timeline(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        reviewing.refuse_in_review(claim.pk, **REFUSE, by=staff("reviewer"), at=database_now())
        text = signed_in("auditor").get(reverse("admin:claims_claim_change", args=[claim.pk])).content.decode()
        assert f"相反证据: <q>{REFUSE['contrary']}</q>" in text

    def test_a_return_explains_what_keeping_and_redoing_mean_here(self, db: None) -> None:
        claim = case_in(State.DECIDING)
        text = signed_in("reviewer").get(url(claim, "return")).content.decode()
        assert f"初审通过 · {claim.passed_by} · 2025年4月8日 10:00" in text
        assert f"{claim.investigated_by} · 2025年4月21日 10:00" in text
        early = case_in(State.REVIEWING)
        assert "本案尚无审核通过记录" in signed_in("reviewer").get(url(early, "return")).content.decode()

    def test_above_the_limit_the_page_says_whose_desk_it_is_on(self, db: None) -> None:
        claim = case_in(State.DECIDING, of=membership(terms={"authority.reviewer_fen": 1_000_000}))
        text = signed_in("reviewer").get(url(claim, "publish")).content.decode()
        assert 'data-code="OVER_AUTHORITY"' in text
        assert "主管" in text
        assert 'data-code="OVER_AUTHORITY"' not in signed_in("supervisor").get(url(claim, "publish")).content.decode()


class TestWhoIsTold:
    def returned(self, claim: Claim, to: State, by: User) -> Message | None:
        reviewing.return_to(claim.pk, to=to, reason="请复核", by=by, at=database_now())
        return Message.objects.filter(about=claim.number, template="case_returned").last()

    def test_whoever_passed_the_review_gets_it_back(self, db: None) -> None:
        claim = case_in(State.DECIDING)
        message = self.returned(claim, State.REVIEWING, staff("reviewer"))
        assert message is not None
        assert message.user == claim.passed_by

    def test_the_desk_gets_what_was_nobodys_own(self, db: None) -> None:
        message = self.returned(case_in(State.DECIDING), State.INVESTIGATING, staff("reviewer"))
        assert message is not None
        assert (message.to, message.user) == ("reviewer", None)

    @pytest.mark.parametrize("state", [State.REVIEWING, State.DECIDING])
    def test_whoever_took_in_papers_last_gets_the_collection_back(self, db: None, state: State) -> None:
        claim, clerk = case_in(state), staff("intake")
        claim.materials.filter(kind="imaging").update(received_by=clerk, received_at=PUBLISHED)
        message = self.returned(claim, State.COLLECTING, staff("reviewer"))
        assert message is not None
        assert (message.to, message.user) == ("", clerk)

    def test_nobody_is_told_what_he_did_himself(self, db: None) -> None:
        claim = BUILDERS["passed"]()
        assert claim.passed_by is not None
        claim.assignments.create(step=State.COLLECTING, user=claim.passed_by, since=database_now())
        assert self.returned(claim, State.COLLECTING, claim.passed_by) is None

    def test_whoever_works_on_the_step_gets_it_back(self, db: None) -> None:
        claim, clerk = case_in(State.DECIDING), staff("reviewer")
        claim.assignments.create(step=State.REVIEWING, user=clerk, since=database_now())
        message = self.returned(claim, State.REVIEWING, staff("reviewer"))
        assert message is not None
        assert message.user == clerk


def reporting_late() -> Claim:
    """Reported after the window: the rules name LATE_REPORT."""
    claim = reporting.report(
        membership().pk,
        disease="malignant_tumor",
        diagnosed_on=date(2025, 3, 1),
        facts=FACTS,
        by=staff("intake"),
        at=REPORTED,
    )
    collecting.submit(claim.pk, materials=PAPERS, by=staff("intake"), at=SUBMITTED)
    return fresh(claim)


@pytest.mark.parametrize(
    "name", ["ask-for-papers", "reject", "publish", "return", "object", "resolve", "decide-appeal"]
)
def test_these_moves_are_shown_first(name: str) -> None:
    assert pages.moves_of(Claim)[name].preview is not None
