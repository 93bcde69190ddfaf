"""What an investigator sees of a commission, does and writes, and what never reaches these pages."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import State
from claims.models import Claim, ClaimEvent, Procedure, Reading
from config.kernel.clock import database_now
from investigations import services
from investigations.enums import CommissionState, Conclusion, DeclineReason
from investigations.models import Agency, Commission, Report
from investigations.rules.visits import Point, Visit
from tests.factories import (
    FILED,
    colleague_of,
    in_the_field,
    investigator_of,
    reported,
    signed_in,
    staff,
    visit,
    visits,
)
from tests.investigations.uploading import kept
from tests.investigations.writing import INCONSISTENT, typed
from tests.papers import png

SAID = typed()
NO = {"code": DeclineReason.NO_CAPACITY.value, "reason": "本月无人可派"}
LIST = reverse("field:commissions")
MOST = 200_000
"""Bytes that an answer may have on a bad line."""


@pytest.fixture
def agency(sent: Commission) -> Client:
    return in_the_field(investigator_of(sent))


def page(sent: Commission, name: str = "commission") -> str:
    return reverse(f"field:{name}", args=[sent.pk])


def state_of(sent: Commission) -> str:
    return Commission.objects.values_list("state", flat=True).get(pk=sent.pk)


def returned(sent: Commission) -> None:
    reported(sent)
    services.return_report(sent.pk, reason="缺少病案室盖章", by=staff("reviewer"), at=FILED)


def test_the_page_has_what_the_visit_needs_and_no_more(sent: Commission, agency: Client) -> None:
    claim = Claim.objects.select_related("membership__member").get(pk=sent.claim_id)
    member, text = claim.membership.member, agency.get(page(sent)).content.decode()
    for word in (member.name, "湖北", "2025年4月1日", "3A", claim.number):
        assert word in text, word
    for word in (member.id_number, member.phone, member.bank_card, str(sent.sent_by), "/admin/", str(claim.facts)):
        assert word not in text, word
    assert Reading.objects.get().what == "commission"


def test_the_list_names_nobody(sent: Commission, agency: Client) -> None:
    text = agency.get(LIST).content.decode()
    assert sent.claim.number in text
    assert sent.claim.membership.member.name not in text


def test_a_commission_is_accepted_then_reported_on(sent: Commission, agency: Client) -> None:
    assert page(sent, "take") in agency.get(page(sent)).content.decode()
    assert agency.post(page(sent, "take")).headers["location"] == page(sent)
    text = agency.get(page(sent)).content.decode()
    assert "已接受" in text
    assert page(sent, "take") not in text
    assert agency.post(page(sent, "report"), SAID).headers["location"] == page(sent)

    report = Report.objects.get()
    assert (report.conclusion, report.findings) == (Conclusion.INCONSISTENT, INCONSISTENT)
    assert report.filed_by == investigator_of(sent)
    assert report.said.visits == visits(sent)
    accept = reverse("admin:claims_claim_move", args=[sent.claim_id, "accept-report", sent.pk])
    reviewer = signed_in("reviewer")
    case = reverse("admin:claims_claim_change", args=[sent.claim_id])
    assert accept in reviewer.get(case).content.decode()
    assert reviewer.post(accept).status_code == 302
    assert Claim.objects.get(pk=sent.claim_id).state == State.DECIDING


def test_what_a_colleague_accepted_first_is_said(sent: Commission) -> None:
    one, another = in_the_field(investigator_of(sent)), in_the_field(investigator_of(sent))
    one.post(page(sent, "take"))

    answer = another.post(page(sent, "take"))

    assert answer.status_code == 409
    assert answer.context["refusal"].code == "ALREADY_TAKEN"


def test_an_answer_that_names_the_member_is_noted_as_the_page_is(sent: Commission) -> None:
    users = [colleague_of(sent).user for _person in range(3)]
    late, curious, asking = (in_the_field(user) for user in users)
    in_the_field(investigator_of(sent)).post(page(sent, "take"))
    Commission.objects.update(assignee=None)

    answers = [
        late.post(page(sent, "take")),
        curious.post(page(sent, "reveal"), {"number": "id_number", "reason": ""}),
        asking.post(page(sent, "reveal"), {"number": "id_number", "reason": "病案室要求"}),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 200]
    for user, answer in zip(users, answers, strict=True):
        assert sent.claim.membership.member.name in answer.content.decode()
        assert Reading.objects.filter(what="commission", by=user).count() == 1


def test_a_report_sent_back_is_begun_with_what_was_written(sent: Commission, agency: Client) -> None:
    returned(sent)

    for url in (page(sent), page(sent, "report")):
        assert "缺少病案室盖章" in agency.get(url).content.decode()
    assert "原始病历一致" not in agency.get(page(sent)).content.decode()
    assert "原始病历一致" in agency.get(page(sent, "report")).content.decode()
    assert agency.post(page(sent, "report"), SAID).status_code == 302
    assert sorted(Report.objects.values_list("version", flat=True)) == [1, 2]
    assert agency.get(page(sent)).content.decode().count('class="version"') == 2


def test_what_was_typed_survives_a_report_that_came_too_late(sent: Commission, agency: Client) -> None:
    reported(sent)

    answer = agency.post(page(sent, "report"), SAID)

    assert answer.status_code == 409
    assert INCONSISTENT in answer.content.decode()
    assert Report.objects.count() == 1


def test_a_report_that_is_sent_twice_over_a_bad_line_is_filed_once_and_no_fault(
    sent: Commission, agency: Client
) -> None:
    for _attempt in range(2):
        assert agency.post(page(sent, "report"), SAID).headers["location"] == page(sent)

    assert Report.objects.count() == 1


def test_a_script_that_files_is_told_where_to_go(sent: Commission, agency: Client) -> None:
    answer = agency.post(page(sent, "report"), SAID, headers={"x-field": "report"})

    assert (answer.status_code, answer.headers["location"]) == (201, page(sent))
    assert "报告已提交" in agency.get(page(sent)).content.decode()


@pytest.mark.parametrize("said", [{}, typed(conclusion="guilty"), typed(text=" "), typed(signed="")])
def test_a_report_takes_a_conclusion_and_words(sent: Commission, agency: Client, said: dict[str, str]) -> None:
    answer = agency.post(page(sent, "report"), said)

    assert answer.status_code == 409
    assert answer.context["filing"].whole.errors
    assert state_of(sent) == CommissionState.SENT


def test_a_report_is_not_written_while_one_is_being_read(sent: Commission, agency: Client) -> None:
    reported(sent)

    assert agency.get(page(sent, "report")).headers["location"] == page(sent)


def test_declining_asks_another_agency_and_takes_the_commission_out_of_sight(sent: Commission, agency: Client) -> None:
    assert agency.post(page(sent, "decline"), NO).headers["location"] == LIST

    assert state_of(sent) == CommissionState.DECLINED
    assert Commission.objects.exclude(pk=sent.pk).get().agency_id != sent.agency_id
    event = ClaimEvent.objects.get(verb="decline")
    assert (event.reason_code, event.reason) == (NO["code"], NO["reason"])
    assert not agency.get(LIST).context["lines"]
    assert agency.get(page(sent)).status_code == 404


def test_what_was_typed_survives_a_commission_that_a_colleague_declined(sent: Commission, agency: Client) -> None:
    services.decline(sent.pk, reason="x", by=investigator_of(sent), at=FILED)

    answer = agency.post(page(sent, "report"), SAID)

    assert answer.status_code == 409
    assert INCONSISTENT in answer.content.decode()


def test_declining_where_nobody_else_does_it_says_that_the_plan_was_told(sent: Commission, agency: Client) -> None:
    Agency.objects.exclude(pk=sent.agency_id).update(active=False)
    agency.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    answer = agency.post(page(sent, "decline"), NO, follow=True)

    assert state_of(sent) == CommissionState.DECLINED
    assert [str(message) for message in answer.context["messages"]] == ["Declined: the plan is told."]


@pytest.mark.parametrize("said", [{}, {"code": "bored", "reason": "x"}, {"code": "other", "reason": ""}])
def test_declining_takes_a_coded_reason_and_a_sentence(sent: Commission, agency: Client, said: dict[str, str]) -> None:
    assert agency.post(page(sent, "decline"), said).context["form"].errors
    assert state_of(sent) == CommissionState.SENT


def test_a_coordinator_hands_a_commission_to_a_colleague(sent: Commission, agency: Client) -> None:
    colleague = colleague_of(sent)
    stranger = Agency.objects.exclude(pk=sent.agency_id)[0].investigators.get()

    assert agency.post(page(sent, "assign"), {"investigator": stranger.pk}).status_code == 409
    assert agency.post(page(sent, "assign"), {"investigator": colleague.pk}).headers["location"] == page(sent)

    assert Commission.objects.get(pk=sent.pk).assignee == colleague
    assert str(colleague.user) in agency.get(LIST).content.decode()


def test_a_number_is_shown_once_for_a_reason(sent: Commission, agency: Client) -> None:
    number = sent.claim.membership.member.id_number
    assert agency.post(page(sent, "reveal"), {"number": "id_number", "reason": " "}).status_code == 409

    answer = agency.post(page(sent, "reveal"), {"number": "id_number", "reason": "病案室要求"})

    assert number in answer.content.decode()
    assert "no-store" in answer.headers["cache-control"]
    assert number not in agency.get(page(sent)).content.decode()
    assert Reading.objects.get(what="number").reason == "病案室要求"


@pytest.mark.parametrize("number", ["phone", "bank_card"])
def test_a_number_that_no_visit_needs_is_not_offered_and_not_given(
    sent: Commission, agency: Client, number: str
) -> None:
    assert agency.post(page(sent, "reveal"), {"number": number, "reason": "x"}).status_code == 409
    assert not Reading.objects.filter(what="number").exists()


def test_a_late_commission_says_so_and_one_that_is_being_read_does_not(sent: Commission, agency: Client) -> None:
    (line,) = agency.get(LIST).context["lines"]
    assert line.is_late
    assert "逾期" in line.due
    reported(sent)
    (line,) = agency.get(LIST).context["lines"]
    assert (line.due, line.is_late) == ("", False)


def test_an_empty_list_says_what_comes_next(sent: Commission, agency: Client) -> None:
    services.decline(sent.pk, reason="x", by=investigator_of(sent), at=FILED)
    text = agency.get(LIST).content.decode()
    assert 'class="empty"' in text
    assert 'class="cards"' not in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_speak_both_languages(sent: Commission, agency: Client, language: str) -> None:
    agency.cookies["django_language"] = language
    heading = {"zh-hans": "调查委托", "en": "Commissions"}[language]
    text = agency.get(LIST).content.decode()
    assert f'<html lang="{language}">' in text
    assert f"<h1>{heading}</h1>" in text


def test_neither_list_nor_page_asks_more_for_fifty_and_no_answer_is_large(sent: Commission, agency: Client) -> None:
    def asked(url: str) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            answer = agency.get(url)
        assert answer.status_code == 200
        return len(queries), len(answer.content)

    returned(sent)
    urls = (LIST, page(sent), page(sent, "report"), page(sent, "decline"), page(sent, "assign"))
    [asked(url) for url in urls]
    one = [asked(url)[0] for url in urls]
    now = database_now()
    for _ in range(49):
        procedure = Procedure.objects.create(claim=sent.claim, kind="field", opened_at=now, sent_at=now, closed_at=now)
        same = {name: getattr(sent, name) for name in ("claim", "kind", "agency", "sent_by", "sent_at", "deadline")}
        Commission.objects.create(procedure=procedure, assignee=colleague_of(sent), **same)
    for version in range(2, 11):
        Report.objects.create(
            commission=sent,
            version=version,
            conclusion="consistent",
            filed_by=staff("investigator"),
            filed_at=now,
            returned_by=staff("reviewer"),
            returned_at=now,
            return_reason="x" * 500,
        )
    assert len(agency.get(LIST).context["lines"]) == 50
    counted = [asked(url) for url in urls]
    assert [queries for queries, _size in counted] == one
    assert max(size for _queries, size in counted) < MOST


def test_each_part_of_a_report_says_what_it_lacks(sent: Commission, agency: Client) -> None:
    lacking = {"hospital_records-found": "", "doctor_interview-why_unrecorded": "", "prior_exams-visited_at": "gestern"}

    answer = agency.post(page(sent, "report"), typed(visit("other", place=""), **lacking))

    assert answer.status_code == 409
    parts = answer.context["filing"]
    assert {form.method: set(form.errors) for form in (*parts.asked, *parts.others) if form.errors} == {
        "hospital_records": {"found"},
        "doctor_interview": {"why_unrecorded"},
        "prior_exams": {"visited_at"},
        "other": {"place"},
    }
    assert "原件一致" in answer.content.decode()
    assert not Report.objects.exists()


def test_visits_are_added_freely_and_a_blank_one_is_none(sent: Commission, agency: Client) -> None:
    bureau = visit("other", place="社保局")

    answer = agency.post(page(sent, "report"), typed(bureau, Visit("other")))

    assert answer.status_code == 302
    assert Report.objects.get().said.visits == [*visits(sent), bureau]


def test_a_visit_tells_the_facts_of_its_disease_and_shows_its_files(
    sent: Commission, agency: Client, store: Path
) -> None:
    photo = kept(agency, sent, png(), filename="首页.png")
    text = agency.get(page(sent, "report")).content.decode()
    assert "首页.png" in text
    facts = {"tnm": "T2N0M0", "hiv_related": "no", "diagnosed_on": "2025-03-30"}
    said = {f"hospital_records-{key}": value for key, value in facts.items()} | {
        "hospital_records-exhibits": [photo.pk]
    }

    assert agency.post(page(sent, "report"), typed(**said)).status_code == 302

    told = Report.objects.get().said.visits[0]
    assert told.facts == {"tnm": "T2N0M0", "hiv_related": False, "diagnosed_on": "2025-03-30"}
    assert told.exhibits == (photo.pk,)


def test_a_report_sent_back_begins_with_all_that_was_said_and_asks_for_an_answer_to_each_point(
    sent: Commission, agency: Client
) -> None:
    agency.post(page(sent, "report"), typed(visit("other", place="社保局"), **{"hospital_records-tnm": "T2N0M0"}))
    point = Point("首页无盖章", 0)
    services.return_report(sent.pk, reason="见各点", points=[point], by=staff("reviewer"), at=database_now())

    text = agency.get(page(sent, "report")).content.decode()

    assert all(said in text for said in ("首页无盖章", "社保局", "T2N0M0", "原件一致", INCONSISTENT))
    assert agency.post(page(sent, "report"), typed()).status_code == 409
    assert agency.post(page(sent, "report"), typed(**{"answer-0": "已补盖章"})).status_code == 302
    assert Report.objects.latest("version").said.answers == ["已补盖章"]


def test_the_desk_reads_what_changed_between_versions(sent: Commission, agency: Client) -> None:
    agency.post(page(sent, "report"), typed())
    back = reverse("admin:claims_claim_move", args=[sent.claim_id, "return-report", sent.pk])
    reviewer = signed_in("reviewer")
    assert "病案室" in reviewer.get(back).content.decode()
    assert reviewer.post(back, {"reason": "见各点", "point-0": "首页无盖章", "point": "总述过短"}).status_code == 302
    assert Report.objects.get().points_said == [Point("首页无盖章", 0), Point("总述过短")]
    again = {"answer-0": "已补", "answer-1": "已补充", "hospital_records-found": "首页已盖章"}
    assert agency.post(page(sent, "report"), typed(**again)).status_code == 302

    for url in (
        reverse("admin:investigations_commission_change", args=[sent.pk]),
        reverse("admin:claims_claim_change", args=[sent.claim_id]),
    ):
        text = reviewer.get(url).content.decode()
        assert "<del>原件一致</del> → <ins>首页已盖章</ins>" in text, url
        assert all(said in text for said in ("首页无盖章", "已补充")), url


def test_a_new_conclusion_is_a_change_though_the_words_are_the_same(sent: Commission, agency: Client) -> None:
    agency.post(page(sent, "report"), typed(conclusion="consistent"))
    services.return_report(sent.pk, reason="x", by=staff("reviewer"), at=database_now())
    agency.post(page(sent, "report"), typed(conclusion="inconsistent"))

    text = signed_in("reviewer").get(reverse("admin:investigations_commission_change", args=[sent.pk])).content.decode()

    assert f"<del>{Conclusion.CONSISTENT.label}</del> → <ins>{Conclusion.INCONSISTENT.label}</ins>" in text


def test_what_was_typed_about_one_that_ended_comes_back_and_nothing_else_of_it(
    sent: Commission, agency: Client
) -> None:
    agency.post(page(sent, "report"), typed())
    services.return_report(sent.pk, reason="缺首页", points=[Point("肿瘤分期?")], by=staff("reviewer"), at=FILED)
    services.reassign(sent.pk, reason="x", by=staff("supervisor"), at=FILED)

    text = agency.post(page(sent, "report"), {"text": "另有发现"}).content.decode()

    assert "另有发现" in text
    assert not [told for told in ("缺首页", "肿瘤分期", "原件一致", "TNM") if told in text]


def test_a_form_that_lost_a_part_on_its_way_says_so(sent: Commission, agency: Client) -> None:
    answer = agency.post(page(sent, "report"), typed(**{"others-TOTAL_FORMS": ""}))

    assert answer.status_code == 409
    assert answer.content.decode().count('role="alert"') == 1


def test_the_page_of_a_case_asks_no_more_for_more_versions(sent: Commission, agency: Client) -> None:
    reviewer, case = signed_in("reviewer"), reverse("admin:claims_claim_change", args=[sent.claim_id])

    def version() -> int:
        agency.post(page(sent, "report"), typed())
        services.return_report(sent.pk, reason="x", by=staff("reviewer"), at=database_now())
        with CaptureQueriesContext(connection) as asked:
            assert reviewer.get(case).status_code == 200
        return len(asked)

    version()
    assert version() == version()
