"""Letters: what each kind says in both languages, its PDF and hash, and its delivery. Texts are written by hand."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.conf import LazySettings
from django.urls import reverse
from django.utils.translation import override

from claims.enums import AppealFinding, Channel, Delivery, LetterKind, ObjectionFinding, ObjectionKind, State
from claims.gate import moving
from claims.models import Claim, ClaimEvent, Letter, Reading
from claims.refusals import LetterDelivered
from claims.services import appealing, approving, collecting, deciding, delivering, objecting, reporting, reviewing
from claims.services.letters import compose, print_letter
from config.kernel import files, sweeping
from config.kernel.models import Outbox, User
from config.kernel.refusals import InvalidInput, NotPermitted
from tests.factories import (
    APPROVED,
    FACTS,
    PAPERS,
    REPORTED,
    REVIEWED,
    SUBMITTED,
    at,
    case_in,
    membership,
    signed_in,
    staff,
)
from tests.test_wording import trade_words

LATER = APPROVED + timedelta(hours=1)


@pytest.fixture(autouse=True)
def own_store(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def letter_of(claim: Claim, kind: LetterKind) -> Letter:
    letter = Letter.objects.filter(claim=claim, kind=kind).last()
    assert letter is not None
    return letter


def body(letter: Letter, language: str) -> list[str]:
    """What stands between the head and the sign-off, which are the same in every letter."""
    with override(language):
        lines = compose(letter).lines()
    head, foot = HEADS[language], FEET[language]
    assert lines[0] == head[0]
    assert lines[2].startswith(head[1])
    assert lines[3:5] == [f"{head[2]} {letter.claim.number}", f"{head[3]} 吴*漫"]
    assert lines[-3:] == foot
    return [lines[1], *lines[5:-3]]


HEADS = {
    "zh-hans": ("轻松互助", "日期 2025年", "案件编号", "致"),
    "en": ("Qingsong Mutual Aid", "Date ", "Case number", "To"),
}
FEET = {
    "zh-hans": ["轻松互助", "案件审核组", "互助计划不是保险"],
    "en": ["Qingsong Mutual Aid", "The case desk", "互助计划不是保险"],
}


def refused() -> Claim:
    """Diagnosed within the waiting period: the rules name the ground, and the first reviewer follows them."""
    claim = case_in(State.REVIEWING, of=membership(joined_at=at("2025-02-01 10:00")))
    return reviewing.refuse_in_review(
        claim.pk, ground="WAITING_PERIOD", contrary="确诊日期与病理报告一致", by=staff("reviewer"), at=REVIEWED
    )


def objected(finding: ObjectionFinding, kind: ObjectionKind = ObjectionKind.DEFINITION) -> Claim:
    claim, when = case_in(State.PUBLICISED), at("2025-04-25 14:00")
    objecting.object_to(claim.pk, kind=kind, objector=membership(), by=staff("intake"), at=when)
    by = staff("reviewer", "system")
    with moving(claim.pk, "resolve", by=by, at=when + timedelta(hours=1)) as row:
        objecting.resolve(row, kind, finding, by=by, at=when + timedelta(hours=1))
    return claim


def appealed(finding: AppealFinding, *, deposit_fen: int = 0, channel: Channel = Channel.ONLINE) -> Claim:
    claim, when, by = refused(), at("2025-04-20 09:00"), staff("reviewer")
    appealing.appeal(claim.pk, channel=channel, deposit_fen=deposit_fen, by=staff("intake"), at=when)
    with moving(claim.pk, "decide_appeal", by=by, at=when + timedelta(days=3)) as row:
        appealing.decide(row, finding, by=by, at=when + timedelta(days=3), reason="新的病理报告日期不变")
    return claim


WAITING_ZH = (
    "自加入次日起的 90 个自然日为等待期,至最后一日24时止,节假日不顺延;等待期内初次确诊的,不予互助。"
    "因平台原因记错加入时间的,由两名主管更正后重新计算。"
)
WAITING_EN = (
    "The waiting period is the 90 natural days after the joining day, to 24:00 of the last; holidays do not prolong "
    "it. There is no aid for a disease first confirmed within it. A joining time that the platform recorded wrongly is "
    "corrected by two supervisors, and the period is counted anew."
)


def ways_zh(day: str) -> list[str]:
    return [
        "您的救济途径",
        f"如不同意本决定,您可以在{day} 24时前选择下列方式之一:",
        "1. 在线申诉,补充新的证据:由未参与本决定的审核人员重新决定。",
        "2. 申请医学仲裁,由独立的第三方鉴定:预交押金 500 元 后启动,原决定被改变的,押金退还。",
        "3. 向有管辖权的人民法院提起诉讼。",
    ]


def ways_en(day: str) -> list[str]:
    return [
        "What you can do",
        f"You may choose one of these ways until the end of {day}:",
        "1. Appeal online with new evidence: somebody who had no part in this decision decides anew.",
        "2. Ask for medical arbitration by an independent body: it begins when the deposit of CNY 500 is paid, "
        "which you get back if the decision is changed.",
        "3. Bring a lawsuit before the court that is competent.",
    ]


class TestWhatItSays:
    def test_a_request_for_papers_names_every_gap_and_the_last_day(self, db: None) -> None:
        letter = letter_of(case_in(State.COLLECTING), LetterKind.SUPPLEMENT)

        assert body(letter, "zh-hans") == [
            "补充材料通知书",
            "为审核您的互助申请,还需要下列材料。请一次性补齐。",
            "1. 确诊证明",
            "2. 病理切片报告",
            "3. 影像学资料",
            "4. 身份证正面",
            "5. 身份证反面",
            "6. 银行卡影像",
            "7. 首次确诊前的体检报告",
            "请于2025年5月5日 24时前提交。在此之前,案件等待您的材料。",
            "确实无法取得的,请说明原因。后续如何处理由人工决定,案件不会自动结案。",
        ]
        assert body(letter, "en") == [
            "Papers that are still missing",
            "To examine your case we still need the papers named here. Please send all of them in one go.",
            "1. diagnosis certificate",
            "2. pathology report",
            "3. imaging",
            "4. ID card, front",
            "5. ID card, back",
            "6. bank card",
            "7. earlier check-up reports",
            "Please send them by the end of 5 May 2025. The case waits for them until then.",
            "If something cannot be had, tell us why. A person decides how the case goes on; nothing ends by itself.",
        ]

    def test_a_paper_that_was_sent_back_is_named_with_its_fault(self, db: None) -> None:
        letter = letter_of(case_in(State.COLLECTING), LetterKind.SUPPLEMENT)
        letter.facts |= {"codes": ["BANK_CARD", "IMAGING"], "faults": {"IMAGING": "unreadable"}}

        assert body(letter, "zh-hans")[2:4] == ["1. 银行卡影像", "2. 影像学资料(您提交的材料不能采用:无法辨认)"]
        assert body(letter, "en")[2:4] == [
            "1. bank card",
            "2. imaging: what you sent could not be accepted, because it cannot be read",
        ]

    def test_another_reason_is_given_in_the_words_of_its_note(self, db: None) -> None:
        letter = letter_of(case_in(State.COLLECTING), LetterKind.SUPPLEMENT)
        letter.facts |= {"codes": ["IMAGING"], "faults": {"IMAGING": "other"}, "notes": {"IMAGING": "只有复印件"}}

        assert body(letter, "zh-hans")[2] == "1. 影像学资料(您提交的材料不能采用:只有复印件)"
        assert body(letter, "en")[2] == "1. imaging: what you sent could not be accepted, because 只有复印件"

    def test_another_reason_of_an_older_letter_is_what_its_message_said(self, db: None) -> None:
        letter = letter_of(case_in(State.COLLECTING), LetterKind.SUPPLEMENT)
        letter.facts |= {"codes": ["IMAGING"], "faults": {"IMAGING": "other"}}

        said = body(letter, "en")[2]
        assert said == "1. imaging: what you sent could not be accepted, because it cannot be used as it is"

    def test_a_refusal_gives_ground_facts_clause_and_three_remedies(self, db: None) -> None:
        letter = letter_of(refused(), LetterKind.REFUSAL)

        assert body(letter, "zh-hans") == [
            "不予互助通知书",
            "经审核,您的申请不予互助,理由:等待期内确诊。",
            "认定的事实",
            "1. 在 90 天等待期的第 59 天确诊,等待期至 2025年5月2日 止。",
            "您适用的互助公约(版本 2010.1)第 4.1 条",
            WAITING_ZH,
            *ways_zh("2025年5月8日"),
        ]
        assert body(letter, "en") == [
            "No aid in your case",
            "We have examined your case. No aid can be given in it, on this ground: "
            "diagnosed within the waiting period.",
            "What led to this",
            "1. Diagnosed on day 59 of the 90 waiting days, which end on 2 May 2025.",
            "Clause 4.1 of your covenant (version 2010.1)",
            WAITING_EN,
            *ways_en("8 May 2025"),
        ]

    def test_a_refusal_cites_the_clause_that_the_finding_stands_on_before_that_of_its_ground(self, db: None) -> None:
        claim = reporting.report(
            membership().pk,
            disease="acute_myocardial_infarction",
            diagnosed_on=date(2025, 4, 1),
            facts={"criteria": ["symptoms"]},
            by=staff("intake"),
            at=REPORTED,
        )
        collecting.submit(claim.pk, materials=PAPERS, by=staff("intake"), at=SUBMITTED)
        claim = reviewing.refuse_in_review(
            claim.pk, ground="DEFINITION_NOT_MET", contrary="未见其他证据", by=staff("reviewer"), at=REVIEWED
        )

        said = body(letter_of(claim, LetterKind.REFUSAL), "zh-hans")
        assert [line for line in said if "第" in line and line.endswith("条")] == [
            "您适用的互助公约(版本 2010.1)第 3.6 条",
            "您适用的互助公约(版本 2010.1)第 3.1 条",
        ]

    def test_a_refusal_on_another_ground_than_the_rules_gives_the_reviewers_reason(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        reviewing.refuse_in_review(
            claim.pk,
            ground="DEFINITION_NOT_MET",
            contrary="会诊意见",
            reason="复核切片为良性",
            by=staff("reviewer"),
            at=REVIEWED,
        )

        said = body(letter_of(claim, LetterKind.REFUSAL), "zh-hans")
        assert said[2:4] == ["认定的事实", "1. 复核切片为良性"]
        assert "会诊意见" not in "".join(said)

    def test_an_approval_gives_the_amount_with_every_step(self, db: None) -> None:
        letter = letter_of(case_in(State.APPROVED), LetterKind.APPROVAL)

        assert body(letter, "zh-hans") == [
            "予以互助通知书",
            "您的案件公示期满,没有未处理的异议。您获得互助金 3 万元。",
            "金额计算过程",
            "1. 所选档位的互助额度:10 万元",
            "2. 乘以病种给付比例 30%:3 万元",
            "3. 乘以年龄系数 100%,一次舍入:3 万元",
            "4. 减去分摊欠款 0 元,不低于零:3 万元",
            "互助金将于2025年5月8日 24时前划拨到您提供的账户。",
        ]
        assert body(letter, "en") == [
            "Aid in your case",
            "The publicity of your case ended without an open objection. You receive aid of CNY 30,000.",
            "How the amount comes about",
            "1. Base amount of the tier: CNY 100,000",
            "2. times the ratio of the disease, 30 %: CNY 30,000",
            "3. times the age factor, 100 %, rounded once: CNY 30,000",
            "4. less arrears of 0 yuan, not below zero: CNY 30,000",
            "It is paid to the account that you gave us by the end of 8 May 2025.",
        ]

    def test_the_result_of_an_objection_says_how_it_goes_on(self, db: None) -> None:
        dismissed = letter_of(objected(ObjectionFinding.DISMISSED), LetterKind.OBJECTION_RESULT)
        assert body(dismissed, "zh-hans") == [
            "异议处理结果通知书",
            "有成员对您的案件提出异议:疾病定义争议。处理结果:不成立。",
            "公示继续进行,至2025年5月29日 24时止。",
        ]
        assert body(dismissed, "en") == [
            "Result of an objection to your case",
            "A member objected to your case: dispute about the disease definition. The finding: dismissed.",
            "The publicity goes on until the end of 29 May 2025.",
        ]
        upheld = letter_of(objected(ObjectionFinding.UPHELD), LetterKind.OBJECTION_RESULT)
        assert body(upheld, "zh-hans")[-1] == "您的案件重新进入终审,结果将另行通知。"

    def test_a_suspicion_that_falls_lets_the_clock_go_on(self, db: None) -> None:
        claim = objected(ObjectionFinding.DISMISSED, ObjectionKind.FORGERY)
        said = body(letter_of(claim, LetterKind.OBJECTION_RESULT), "zh-hans")
        assert said[-1] == "公示继续进行,至2025年4月29日 24时止。"

    def test_a_forgery_that_was_found_is_told_in_two_letters(self, db: None) -> None:
        claim = objected(ObjectionFinding.UPHELD, ObjectionKind.FORGERY)
        kinds = list(claim.letters.order_by("-id").values_list("kind", flat=True)[:2])
        assert kinds == [LetterKind.REFUSAL, LetterKind.OBJECTION_RESULT]
        said = body(letter_of(claim, LetterKind.OBJECTION_RESULT), "zh-hans")
        assert said[-1] == "因此不予互助;理由和救济途径另见不予互助通知书。"

    def test_a_refusal_that_stands_gives_its_reasons_and_the_ways_again(self, db: None) -> None:
        letter = letter_of(appealed(AppealFinding.UPHELD), LetterKind.APPEAL_RESULT)

        assert body(letter, "zh-hans") == [
            "申诉结果通知书",
            "您于2025年4月20日提出申诉,方式为:在线申诉(附新证据)。"
            "该申诉已由未参与原决定的审核人员作出决定:维持不予互助的决定。",
            "决定理由",
            "新的病理报告日期不变",
            "您适用的互助公约(版本 2010.1)第 4.1 条",
            WAITING_ZH,
            *ways_zh("2025年5月23日"),
        ]
        assert body(letter, "en") == [
            "Result of your appeal",
            "Your appeal of 20 April 2025 (online, with new evidence) was decided by somebody who had no part in the "
            "refusal: the refusal stands.",
            "Reasons",
            "新的病理报告日期不变",
            "Clause 4.1 of your covenant (version 2010.1)",
            WAITING_EN,
            *ways_en("23 May 2025"),
        ]

    def test_a_refusal_that_falls_gives_the_deposit_back(self, db: None) -> None:
        claim = appealed(AppealFinding.OVERTURNED, deposit_fen=50_000, channel=Channel.ARBITRATION)
        assert body(letter_of(claim, LetterKind.APPEAL_RESULT), "zh-hans")[-2:] == [
            "您的案件重新进入终审,结果将另行通知。",
            "您预交的押金 500 元 将予退还。",
        ]

    def test_a_letter_does_not_change_with_its_case(self, db: None) -> None:
        claim = case_in(State.COLLECTING)
        letter = letter_of(claim, LetterKind.SUPPLEMENT)
        before = body(letter, "zh-hans")
        collecting.submit(claim.pk, materials=PAPERS, by=staff("intake"), at=SUBMITTED)

        assert body(Letter.objects.get(pk=letter.pk), "zh-hans") == before

    def test_a_ratio_set_by_hand_stands_in_the_arithmetic(self, db: None) -> None:
        facts: dict[str, Any] = FACTS | {"behaviour": "in_situ", "tnm": "TisN0M0"}
        claim = case_in(State.DECIDING)
        Claim.objects.filter(pk=claim.pk).update(facts=facts)
        deciding.publish(claim.pk, reason="原位癌", ratio_percent=20, by=staff("reviewer"), at=at("2025-04-22 09:00"))
        approving.close_publicity(claim.pk, by=User.objects.system(), at=APPROVED)

        said = body(letter_of(claim, LetterKind.APPROVAL), "zh-hans")
        assert "2. 乘以病种给付比例 20%:2 万元" in said

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_no_letter_says_a_word_of_the_trade(self, db: None, language: str) -> None:
        refused(), objected(ObjectionFinding.DISMISSED), appealed(AppealFinding.UPHELD), case_in(State.APPROVED)
        assert set(Letter.objects.values_list("kind", flat=True)) == set(LetterKind.values)
        for letter in Letter.objects.all():
            with override(language):
                text = "\n".join(compose(letter).lines())
            assert trade_words(text) == []
            assert "互助计划不是保险" in text


class TestThePdf:
    def test_is_printed_by_the_sweep_and_says_what_the_letter_says(self, db: None) -> None:
        letter = letter_of(refused(), LetterKind.REFUSAL)
        assert letter.printed is None

        assert sweeping.run("claims.print_letters", at=LATER) == Letter.objects.count()

        letter.refresh_from_db()
        assert letter.printed is not None
        assert (letter.printed.content_type, letter.printed.pages) == ("application/pdf", 1)
        pdf = pypdfium2.PdfDocument(files.read(letter.printed))
        text = pdf[0].get_textpage().get_text_bounded().replace("\r\n", "")
        pdf.close()
        for line in body(letter, "zh-hans"):
            assert line.partition(". ")[2] in text or line in text
        for line in ("轻松互助", "吴*漫", "互助计划不是保险", "1 / 1"):
            assert line in text

    def test_has_the_same_hash_whenever_it_is_printed(self, db: None) -> None:
        letter = letter_of(case_in(State.COLLECTING), LetterKind.SUPPLEMENT)
        with override("en"):
            first = print_letter(letter.pk, at=LATER)
        assert print_letter(letter.pk, at=LATER).pk == first.pk
        Letter.objects.filter(pk=letter.pk).update(printed=None)

        assert print_letter(letter.pk, at=LATER + timedelta(days=400)).sha256 == first.sha256

    def test_a_sweep_of_one_case_prints_nothing(self, db: None) -> None:
        claim = case_in(State.COLLECTING)
        assert sweeping.run("claims.print_letters", at=LATER, only=claim.pk) == 0
        assert sweeping._sweeps["claims.print_letters"].next_due(only=claim.pk) is None
        assert Outbox.objects.get(topic="printing").state == "pending"

    def test_no_message_waits_for_the_printer(self, db: None) -> None:
        case_in(State.COLLECTING)
        assert sweeping.run("members.deliver_messages", at=LATER) == 0
        assert sweeping._sweeps["claims.print_letters"].next_due(only=None) is not None

    def test_is_handed_out_to_be_saved_and_to_nobody_else(self, db: None) -> None:
        claim = case_in(State.COLLECTING)
        letter = letter_of(claim, LetterKind.SUPPLEMENT)
        url = reverse("admin:claims_claim_letter", args=[claim.pk, letter.pk])
        assert signed_in("reviewer").get(url).status_code == 404  # not printed yet
        stored = print_letter(letter.pk, at=LATER)

        response = signed_in("auditor").get(url)

        assert response.content == files.read(stored)
        assert response.headers["Content-Type"] == "application/pdf"
        assert response.headers["Content-Disposition"].startswith(f'attachment; filename="{claim.number}-supplement')
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["Content-Security-Policy"].startswith("sandbox")
        assert signed_in("finance").get(url).status_code == 403
        other = case_in(State.COLLECTING)
        assert signed_in("auditor").get(url.replace(f"/{claim.pk}/", f"/{other.pk}/")).status_code == 404

    def test_whoever_saves_it_is_noted_once(self, db: None) -> None:
        claim = case_in(State.COLLECTING)
        letter = letter_of(claim, LetterKind.SUPPLEMENT)
        url, client = reverse("admin:claims_claim_letter", args=[claim.pk, letter.pk]), signed_in("auditor")
        client.get(url)
        assert not Reading.objects.exists()  # not printed yet
        print_letter(letter.pk, at=LATER)

        client.get(url), client.get(url), signed_in("finance").get(url)

        assert [(one.claim, one.what, one.about) for one in Reading.objects.all()] == [(claim, "letter", "supplement")]
        page = reverse("admin:claims_claim_change", args=[claim.pk])
        story = client.get(page).content.decode().partition('id="timeline"')[2]
        assert str(LetterKind.SUPPLEMENT.label) in story

    @pytest.mark.parametrize("how", ["lost", "damaged", "unknown key"])
    def test_one_that_cannot_be_read_is_told_as_of_a_paper(self, db: None, how: str, settings: LazySettings) -> None:
        claim = case_in(State.COLLECTING)
        letter = letter_of(claim, LetterKind.SUPPLEMENT)
        url, client = reverse("admin:claims_claim_letter", args=[claim.pk, letter.pk]), signed_in("auditor")
        place = files.place_of(print_letter(letter.pk, at=LATER))
        if how == "lost":
            place.unlink()
        elif how == "damaged":
            place.write_bytes(place.read_bytes()[:-1])
        else:
            settings.FIELD_KEYS = "another:" + settings.FIELD_KEYS.partition(":")[2]

        response = client.get(url)

        assert response.status_code == 410
        assert response.headers["Content-Type"].startswith("text/plain")
        assert response.headers["Content-Security-Policy"].startswith("sandbox")


class TestItsDelivery:
    def deliver(self, letter: Letter, *roles: str, note: str = "XA12345678944", **how: Any) -> Letter:
        said = {"channel": Delivery.POST, "note": note, **how}
        return delivering.deliver(letter.pk, by=staff(*(roles or ("intake",))), at=LATER, **said)

    def test_is_recorded_once_with_its_proof(self, db: None) -> None:
        letter = letter_of(case_in(State.COLLECTING), LetterKind.SUPPLEMENT)
        self.deliver(letter)

        letter.refresh_from_db()
        assert (letter.delivery, letter.delivery_note, letter.delivered_at) == ("post", "XA12345678944", LATER)
        event = ClaimEvent.objects.filter(claim=letter.claim).latest("version")
        assert (event.verb, event.reason_code, event.data["letter"]) == ("deliver", "post", letter.pk)
        assert event.by == letter.delivered_by
        with pytest.raises(LetterDelivered):
            self.deliver(letter, channel=Delivery.EMAIL)

    def test_by_post_needs_a_number(self, db: None) -> None:
        letter = letter_of(case_in(State.COLLECTING), LetterKind.SUPPLEMENT)
        with pytest.raises(InvalidInput):
            self.deliver(letter, note=" ")

    def test_is_recorded_by_whoever_may(self, db: None) -> None:
        letter = letter_of(case_in(State.COLLECTING), LetterKind.SUPPLEMENT)
        with pytest.raises(NotPermitted):
            self.deliver(letter, "finance")

    def test_is_recorded_on_the_page(self, db: None) -> None:
        claim = case_in(State.COLLECTING)
        letter, client = letter_of(claim, LetterKind.SUPPLEMENT), signed_in("intake")
        page = reverse("admin:claims_claim_change", args=[claim.pk])
        assert "打印中" in client.get(page).content.decode()
        stored = print_letter(letter.pk, at=LATER)

        move = reverse("admin:claims_claim_move", args=[claim.pk, "deliver", letter.pk])
        said = {"version": claim.version, "delivery": "person", "note": "本人签收"}
        assert client.post(move, said).status_code == 302

        text = client.get(page).content.decode()
        assert "本人签收" in text
        assert f'title="{stored.sha256}"' in text
        assert stored.sha256[:12] in text
        assert move not in text


def test_the_facts_of_a_letter_are_plain_json(db: None) -> None:
    refused()
    for letter in Letter.objects.all():
        assert json.loads(json.dumps(letter.facts)) == letter.facts
