"""A case script written day by day, the days counted back from today, so that every clock that runs is current."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from config.kernel.civil import SHANGHAI, start_of

COMMON = ("diagnosis_certificate", "id_card_front", "id_card_back", "bank_card", "prior_exam_reports")
DETAILS: dict[str, dict[str, Any]] = {
    "diagnosis_certificate": {
        "hospital": {"grade": "3A", "ownership": "public"},
        "sealed": True,
        "signed_by": "specialist",
    },
    "prior_exam_reports": {"none_exist": True},
}


@dataclass(frozen=True, slots=True)
class Illness:
    """What is reported: a disease with its facts, and the papers that it asks for beside those of every case."""

    disease: str
    facts: dict[str, Any]
    papers: tuple[str, ...] = ()
    cause: str = "illness"
    age: int | None = None


class Diary:
    """The events of one case; each method writes some down and returns the diary. `ago` is in days before today."""

    def __init__(self, today: date, illness: Illness) -> None:
        self.today, self.illness = today, illness
        self.events: list[dict[str, Any]] = []

    def day(self, ago: int) -> str:
        """That day as a script writes it."""
        return (self.today - timedelta(days=ago)).isoformat()

    def do(self, ago: int, clock: str, verb: str, **arguments: Any) -> "Diary":
        """One event, at an hour of the Shanghai clock."""
        hour, minute = map(int, clock.split(":"))
        at = start_of(self.today - timedelta(days=ago)) + timedelta(hours=hour, minutes=minute)
        self.events.append({"at": at.astimezone(SHANGHAI).isoformat(), "do": verb, **arguments})
        return self

    def report(self, ago: int, *, diagnosed: int | None = None, **facts: Any) -> "Diary":
        """Reported `ago`, four days after the diagnosis unless `diagnosed` says when."""
        diagnosed = ago + 4 if diagnosed is None else diagnosed
        accident = {"accident_on": self.day(diagnosed)} if self.illness.cause == "accident" else {}
        return self.do(
            ago,
            "09:30",
            "report",
            disease=self.illness.disease,
            diagnosed_on=self.day(diagnosed),
            cause=self.illness.cause,
            facts=self.illness.facts | facts,
            **accident,
        )

    def papers(self, ago: int, *, without: Sequence[str] = (), **details: dict[str, Any]) -> "Diary":
        """All papers that the disease asks for, `without` some; `details` of single ones."""
        kinds = [kind for kind in (*COMMON, *self.illness.papers) if kind not in without]
        known = DETAILS | details
        return self.do(ago, "10:20", "submit", materials=[{"kind": kind, **known.get(kind, {})} for kind in kinds])

    def pass_review(self, ago: int) -> "Diary":
        return self.do(ago, "11:00", "review", decision="pass")

    def investigate(self, ago: int, reported: int | None = None, accepted: int | None = None) -> "Diary":
        """Sent out `ago`; the report in, and accepted, where a day is given."""
        self.do(ago, "14:00", "commission")
        if reported is not None:
            self.do(reported, "16:30", "field_report", conclusion="consistent")
        if accepted is not None:
            self.do(accepted, "17:00", "accept_report")
        return self

    def decided(self, ago: int) -> "Diary":
        """All the way to the final review, which begins `ago`."""
        return self.report(ago + 15).papers(ago + 14).pass_review(ago + 12).investigate(ago + 12, ago + 2, ago)

    def published(self, ago: int, reason: str = "") -> "Diary":
        """All the way to the publicity, whose first day is `ago`."""
        return self.decided(ago + 1).do(ago, "09:00", "publish", **({"reason": reason} if reason else {}))

    def refused(self, ago: int, ground: str) -> "Diary":
        """Refused in the first review."""
        return self.do(ago, "15:00", "review", decision="reject", ground=ground)
