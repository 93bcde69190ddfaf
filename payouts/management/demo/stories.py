"""The demo's cases: some sixty, in every step where a case can rest, told by stories that begin at different days.

A few are late on purpose; every other clock still has time to run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from claims.enums import State
from payouts.management.demo.diary import Diary, Illness
from payouts.management.demo.people import Wish

NO_SYMPTOMS = {"symptoms_in_waiting": "none"}
TUMOUR_PAPERS = ("pathology_report", "imaging")

THYROID = Illness(
    "malignant_tumor", {"site": "thyroid", "behaviour": "malignant", "tnm": "T1aN0M0", **NO_SYMPTOMS}, TUMOUR_PAPERS
)
LUNG = Illness(
    "malignant_tumor", {"site": "lung", "behaviour": "malignant", "tnm": "T2aN1M0", **NO_SYMPTOMS}, TUMOUR_PAPERS
)
BREAST = Illness(
    "malignant_tumor", {"site": "breast", "behaviour": "malignant", "tnm": "T2N0M0", **NO_SYMPTOMS}, TUMOUR_PAPERS
)
BYPASS = Illness("coronary_bypass", {"approach": "open_chest"}, ("surgery_record", "discharge_summary"), age=54)
INFARCTION = Illness("acute_myocardial_infarction", {"criteria": ["symptoms", "ecg", "enzymes"]}, age=49)
ALZHEIMER = Illness("severe_alzheimer", {}, age=61)
COMA = Illness("deep_coma", {}, cause="accident")
STROKE = Illness("severe_stroke_sequelae", {}, age=52)
ORDINARY = (THYROID, LUNG, BREAST, BYPASS, INFARCTION, ALZHEIMER, COMA, STROKE)

STAGE_UNCLEAR = Illness("malignant_tumor", {**THYROID.facts, "tnm": "T1bNxM0"}, TUMOUR_PAPERS)
TWO_CRITERIA = Illness("acute_myocardial_infarction", {"criteria": ["symptoms", "ecg"]}, age=49)
EARLY_SYMPTOMS = Illness("malignant_tumor", {**LUNG.facts, "symptoms_in_waiting": "present"}, TUMOUR_PAPERS)
KIDNEYS = Illness("end_stage_renal_disease", {}, ("dialysis_record",), age=47)
STENT = Illness("coronary_bypass", {"approach": "interventional"}, ("surgery_record", "discharge_summary"), age=54)

Story = Callable[[Diary, int], Diary]


def nothing_yet(diary: Diary, ago: int) -> Diary:
    return diary.report(ago)


def papers_missing(diary: Diary, ago: int) -> Diary:
    """The letter names both gaps at once."""
    return diary.report(ago).papers(ago - 1, without=("bank_card", "prior_exam_reports"))


def unsealed(diary: Diary, ago: int) -> Diary:
    certificate = {"hospital": {"grade": "1A", "ownership": "public"}, "sealed": False, "signed_by": "specialist"}
    return diary.report(ago).papers(ago - 1, diagnosis_certificate=certificate)


def complete(diary: Diary, ago: int) -> Diary:
    return diary.report(ago + 2).papers(ago)


def passed(diary: Diary, ago: int) -> Diary:
    return complete(diary, ago + 1).pass_review(ago)


def late_report(diary: Diary, ago: int) -> Diary:
    """A supervisor may still waive it."""
    return diary.report(ago + 2, diagnosed=ago + 16).papers(ago)


def dialysis(diary: Diary, ago: int) -> Diary:
    """Renal failure waits until the dialysis has gone on for ninety days, and a record shows it."""
    since = diary.day(60)
    record = {"through": diary.day(ago + 1)}
    return diary.report(ago + 2, diagnosed=60, dialysis_since=since).papers(ago, dialysis_record=record)


def dialysed(diary: Diary, ago: int) -> Diary:
    """Reported when the ninetieth day of the dialysis had come: in time, however long ago the diagnosis was."""
    since = diary.day(ago + 118)
    return (
        diary.report(ago + 25, diagnosed=ago + 118, dialysis_since=since)
        .papers(ago + 24, dialysis_record={"through": diary.day(ago + 26)})
        .pass_review(ago + 22)
        .investigate(ago + 22, ago + 9, ago + 8)
        .do(ago + 7, "09:00", "publish")
    )


def out(diary: Diary, ago: int) -> Diary:
    return passed(diary, ago).investigate(ago)


def report_in(diary: Diary, ago: int) -> Diary:
    return passed(diary, ago + 9).investigate(ago + 9, ago)


def report_returned(diary: Diary, ago: int) -> Diary:
    return report_in(diary, ago + 1).do(ago, "10:00", "return_report", reason="缺少主治医师面访录音")


def to_decide(diary: Diary, ago: int) -> Diary:
    return diary.decided(ago)


def sent_back(diary: Diary, ago: int) -> Diary:
    """The final reviewer wants one more paper; the first review stands."""
    return diary.decided(ago + 1).do(
        ago, "10:00", "return", to="reviewing", reason="请核对两份诊断证明的日期", approvals="keep"
    )


def publicised(diary: Diary, ago: int) -> Diary:
    return diary.published(ago)


def publicised_with_reason(diary: Diary, ago: int) -> Diary:
    return diary.published(ago, reason="医学专家意见:N 分期以术后病理为准,按原发灶计算")


def doubted(diary: Diary, ago: int) -> Diary:
    """An objection that prolongs the publicity by fifteen days."""
    return diary.published(ago).do(ago - 2, "12:00", "object", kind="non_disclosure", by="member")


def disputed(diary: Diary, ago: int) -> Diary:
    """An objection that prolongs the publicity by thirty days, dismissed: the time given stays."""
    diary.published(ago).do(ago - 2, "12:00", "object", kind="definition", by="member")
    return diary.do(ago - 8, "15:00", "resolve", kind="definition", finding="dismissed")


def forgery_suspected(diary: Diary, ago: int) -> Diary:
    return diary.published(ago).do(ago - 3, "12:00", "object", kind="forgery", by="member")


def cleared(diary: Diary, ago: int) -> Diary:
    """The clock stood still for six days and goes on with those that were left."""
    return forgery_suspected(diary, ago).do(ago - 9, "15:00", "resolve", kind="forgery", finding="dismissed")


def bounced(diary: Diary, ago: int) -> Diary:
    """The bank sent the money back."""
    return diary.published(ago + 9).do(ago + 1, "10:00", "pay").do(ago, "16:00", "bounce")


def with_the_bank(diary: Diary, ago: int) -> Diary:
    return diary.published(ago + 9).do(ago, "10:00", "pay")


def paid(diary: Diary, ago: int) -> Diary:
    return diary.published(ago + 10).do(ago + 1, "10:00", "pay").do(ago, "10:30", "settle")


def paid_and_closed(diary: Diary, ago: int) -> Diary:
    return paid(diary, ago + 5).do(ago, "11:00", "close", reason="已结清")


def paid_to_heirs(diary: Diary, ago: int) -> Diary:
    diary.published(ago + 10).do(ago + 4, "10:00", "die")
    return diary.do(ago + 1, "10:00", "pay").do(ago, "10:30", "settle")


def refused(diary: Diary, ago: int) -> Diary:
    """Refused in the first review, on what the rules found."""
    return complete(diary, ago + 1).refused(ago, GROUNDS[diary.illness.disease])


def diagnosed_too_soon(diary: Diary, ago: int) -> Diary:
    return complete(diary, ago + 1).refused(ago, "WAITING_PERIOD")


def forged(diary: Diary, ago: int) -> Diary:
    return forgery_suspected(diary, ago + 10).do(ago, "15:00", "resolve", kind="forgery", finding="upheld")


def appealed_online(diary: Diary, ago: int) -> Diary:
    return refused(diary, ago + 8).do(ago, "20:00", "appeal", channel="online")


def appealed_to_experts(diary: Diary, ago: int) -> Diary:
    return refused(diary, ago + 8).do(ago, "20:00", "appeal", channel="arbitration", deposit_fen=50_000)


def sued(diary: Diary, ago: int) -> Diary:
    return refused(diary, ago + 8).do(ago, "20:00", "appeal", channel="litigation")


def appeal_won(diary: Diary, ago: int) -> Diary:
    """Back in the final review, with nothing against it any more than before."""
    return appealed_online(diary, ago + 9).do(ago, "11:00", "decide_appeal", finding="overturned")


def appeal_lost(diary: Diary, ago: int) -> Diary:
    return appealed_online(diary, ago + 9).do(ago, "11:00", "decide_appeal", finding="upheld")


def taken_back(diary: Diary, ago: int) -> Diary:
    return papers_missing(diary, ago + 5).do(ago, "13:00", "withdraw")


def lapsed(diary: Diary, ago: int) -> Diary:
    return papers_missing(diary, ago + 40).do(ago, "13:00", "lapse", reason="多次提醒后材料仍未补齐")


GROUNDS = {
    TWO_CRITERIA.disease: "DEFINITION_NOT_MET",
    EARLY_SYMPTOMS.disease: "WAITING_PERIOD_SYMPTOM",
    STENT.disease: "EXCLUDED_NON_OPEN_CHEST",
}

# Which story, from which days on, ends where; with which illnesses, where these matter.
TOLD: tuple[tuple[Story, tuple[int, ...], State, tuple[Illness, ...]], ...] = (
    (nothing_yet, (1, 3), State.COLLECTING, ORDINARY),
    (papers_missing, (4, 9, 21), State.COLLECTING, ORDINARY),
    (unsealed, (6,), State.COLLECTING, ORDINARY),
    (papers_missing, (33, 36), State.COLLECTING, ORDINARY),  # late on purpose: the papers never came
    (complete, (1, 2, 2), State.REVIEWING, ORDINARY),
    (passed, (1,), State.REVIEWING, ORDINARY),
    (late_report, (1,), State.REVIEWING, (STROKE,)),
    (dialysis, (2, 1), State.REVIEWING, (KIDNEYS,)),
    (sent_back, (1,), State.REVIEWING, (BREAST,)),
    (complete, (15,), State.REVIEWING, (LUNG,)),  # late on purpose: nobody has looked at it
    (out, (2, 5, 11, 24), State.INVESTIGATING, ORDINARY),
    (report_in, (1,), State.INVESTIGATING, ORDINARY),
    (report_returned, (2,), State.INVESTIGATING, ORDINARY),
    (out, (34,), State.INVESTIGATING, (COMA,)),  # late on purpose: the agency is silent
    (to_decide, (1, 1), State.DECIDING, ORDINARY),
    (to_decide, (1,), State.DECIDING, (STAGE_UNCLEAR,)),
    (appeal_won, (1,), State.DECIDING, (TWO_CRITERIA,)),
    (publicised, (1, 2, 4, 6), State.PUBLICISED, ORDINARY),
    (publicised_with_reason, (3,), State.PUBLICISED, (STAGE_UNCLEAR,)),
    (doubted, (5,), State.PUBLICISED, (BREAST,)),
    (disputed, (12,), State.PUBLICISED, (BYPASS,)),
    (cleared, (12,), State.PUBLICISED, (LUNG,)),
    (forgery_suspected, (4, 5, 14), State.SUSPENDED, ORDINARY),
    (publicised, (9, 10), State.APPROVED, ORDINARY),
    (dialysed, (2,), State.APPROVED, (KIDNEYS,)),
    (bounced, (1,), State.APPROVED, (THYROID,)),
    (with_the_bank, (1, 1, 2), State.PAYING, ORDINARY),
    (paid, (2, 8, 20, 33, 61, 96), State.PAID, ORDINARY),
    (paid_to_heirs, (12,), State.PAID, (COMA,)),
    (refused, (2, 6, 15), State.REJECTED, (TWO_CRITERIA, EARLY_SYMPTOMS, STENT)),
    (diagnosed_too_soon, (4,), State.REJECTED, (LUNG,)),
    (forged, (5,), State.REJECTED, (BREAST,)),
    (appeal_lost, (3,), State.REJECTED, (STENT,)),
    (appealed_online, (3, 12), State.APPEALING, (TWO_CRITERIA, EARLY_SYMPTOMS)),
    (appealed_to_experts, (6,), State.APPEALING, (TWO_CRITERIA,)),
    (sued, (9,), State.APPEALING, (STENT,)),
    (taken_back, (3, 17), State.WITHDRAWN, ORDINARY),
    (refused, (45,), State.CLOSED, (STENT,)),  # the appeal window went by
    (lapsed, (7,), State.CLOSED, ORDINARY),
    (paid_and_closed, (10, 28), State.CLOSED, ORDINARY),
)


SHARED_CARDS = {8: 48, 59: 53}
"""Members who name the bank card of another who has a case: a signal."""
JOINED_LATE = {8: 110}
"""Days ago, so that the diagnosis falls soon after the waiting period: another signal."""


@dataclass(frozen=True, slots=True)
class Told:
    """One case of the demo: whose, which story from when on, and where it stands today."""

    number: int
    story: Story
    ago: int
    illness: Illness
    ends: State

    @property
    def wish(self) -> Wish:
        """What its member must be like: of an age for the illness, past the waiting days unless that is the story."""
        soon = self.story is diagnosed_too_soon
        return Wish(
            age=self.illness.age,
            joined_ago=self.ago + 60 if soon else JOINED_LATE.get(self.number, 1100 + self.number),
            card_of=SHARED_CARDS.get(self.number),
            owes_fen=305 if self.number % 6 == 0 else 0,
        )

    def diary(self, today: date) -> Diary:
        """Its events, up to today."""
        return self.story(Diary(today, self.illness), self.ago)


def tell() -> list[Told]:
    """Every case of the demo; the number is its member's."""
    rows = [(story, ago, ends, illnesses) for story, starts, ends, illnesses in TOLD for ago in starts]
    turns = {story: 0 for story, *_rest in rows}
    told = []
    for number, (story, ago, ends, illnesses) in enumerate(rows):
        turn = number if illnesses is ORDINARY else turns[story]
        turns[story] += 1
        told.append(Told(number, story, ago, illnesses[turn % len(illnesses)], ends))
    return told
