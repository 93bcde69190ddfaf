"""The visits of a report: what an agency says it did, where, with whom and when (SR-23), and what must be said of each.

A report is kept as the JSON of its visits and answers: what was signed is what is stored.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from members.rules.wording import _

ELSEWHERE = "other"
"""The method of a visit that nobody asked for by name."""

INTERVIEW = "doctor_interview"
"""The one that is recorded (SR-23: 主治医师面访录音)."""


class Result(StrEnum):
    """What came of a visit."""

    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    NOTHING = "nothing"
    NOT_DONE = "not_done"


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit. `method` is one of SR-23 or `ELSEWHERE`; `found` says why, where it was not done. `who` went there:
    empty for whoever signs.

    `facts` are what the originals say, by the keys of `FACTS`, valued as a case script writes them. `exhibits` are the
    ids of the files that show it. `why_unrecorded`: of an interview without a recording.
    """

    method: str
    result: str = ""
    who: str = ""
    place: str = ""
    met: str = ""
    visited_at: datetime | None = None
    found: str = ""
    contradiction: str = ""
    why_unrecorded: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    exhibits: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        told["visited_at"] = self.visited_at and self.visited_at.isoformat()
        return told | {"facts": dict(self.facts), "exhibits": list(self.exhibits)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Visit":
        at = told["visited_at"]
        exhibits = tuple(told["exhibits"])
        return cls(**{**told, "visited_at": at and datetime.fromisoformat(at), "exhibits": exhibits})


@dataclass(frozen=True, slots=True)
class Content:
    """The visits of a report, and its answers to the points for which the one before was sent back, in their order."""

    visits: Sequence[Visit] = ()
    answers: Sequence[str] = ()

    def written(self) -> str:
        """As it is stored and signed: the same content has the same text."""
        told = {"visits": [visit.to_json() for visit in self.visits], "answers": list(self.answers)}
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> "Content":
        told = json.loads(text) if text else {"visits": [], "answers": []}
        return cls([Visit.from_json(visit) for visit in told["visits"]], told["answers"])


@dataclass(frozen=True, slots=True)
class Point:
    """What a report is sent back for; `about` counts its visits from 0, None is the report as a whole."""

    text: str
    about: int | None = None


def points_written(points: Iterable[Point]) -> str:
    """As they are stored."""
    return json.dumps([{"text": point.text, "about": point.about} for point in points], ensure_ascii=False)


def points_read(text: str | None) -> list[Point]:
    return [Point(**told) for told in json.loads(text)] if text else []


DIAGNOSED_ON = "diagnosed_on"
SYMPTOMS = "symptoms_in_waiting"

_EVERYWHERE: Mapping[str, tuple[str, ...]] = {
    "hospital_records": (DIAGNOSED_ON,),
    INTERVIEW: (SYMPTOMS,),
    "prior_exams": (SYMPTOMS,),
}
_OF: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "malignant_tumor": {"hospital_records": ("behaviour", "site", "tnm", "hiv_related")},
    "acute_myocardial_infarction": {"hospital_records": ("criteria",)},
    "coronary_bypass": {"hospital_records": ("approach",)},
    "severe_alzheimer": {INTERVIEW: ("alcohol_related",)},
    "end_stage_renal_disease": {"hospital_records": ("dialysis_since", "transplanted_on")},
}


def facts_of(disease: str, method: str) -> tuple[str, ...]:
    """What a visit is asked for in a case of this disease: what its definition looks at (SR-07, SR-15, SR-17)."""
    return (*_EVERYWHERE.get(method, ()), *_OF.get(disease, {}).get(method, ()))


_LOOK_FOR: Mapping[str, tuple[str, ...]] = {
    "hospital_records": (
        _("The first page of every stay, and the day on which the illness was first named."),
        _("Pages that were changed, added or torn out; another hand, another ink."),
    ),
    INTERVIEW: (
        _("Ask for consent to the recording first, and have it on the recording."),
        _("Since when were there symptoms, and what did the patient say of earlier treatment?"),
    ),
    "work_or_contributions": (
        _("Sick leave, and days off that nobody explained, before the waiting period was over."),
        _("Who paid for which treatment in the year before joining?"),
    ),
    "prior_exams": (
        _("Every check-up of the two years before joining, with its institution and number."),
        _("What was abnormal, and was the member told?"),
    ),
}
_LOOK_FOR_OF: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("malignant_tumor", "hospital_records"): (
        _("The number of the pathology, the day on which the specimen was taken, and the stage in the original."),
    ),
    ("acute_myocardial_infarction", "hospital_records"): (
        _("Electrocardiogram and heart enzymes with their times, and the ejection fraction."),
    ),
    ("coronary_bypass", "hospital_records"): (_("The record of the operation: was the chest opened?"),),
    ("end_stage_renal_disease", "hospital_records"): (
        _("The dialysis room's own book: the first session, and gaps in it."),
    ),
    ("severe_alzheimer", INTERVIEW): (_("How the diagnosis was made, and whether alcohol plays a part."),),
}


def look_for(disease: str, method: str) -> tuple[str, ...]:
    """What to look for on a visit, to be translated; what belongs to the disease comes first."""
    return (*_LOOK_FOR_OF.get((disease, method), ()), *_LOOK_FOR.get(method, ()))


def faults(visit: Visit, *, since: datetime, at: datetime, is_recorded: bool) -> Iterator[tuple[str, str]]:
    """What is missing or cannot be, as (field, sentence to be translated).

    `since` the agency was asked; `is_recorded`: a recording is among the visit's files.
    """
    if visit.result not in set(Result):
        yield "result", _("say what came of it.")
    if not visit.found.strip():
        yield "found", _("say what was found, or why it was not done.")
    if visit.result == Result.NOT_DONE:
        if visit.facts:
            yield "result", _("a visit that was not done saw no originals: leave what they say empty.")
        return
    if not visit.place.strip():
        yield "place", _("say where it was.")
    if not visit.met.strip():
        yield "met", _("say with whom you spoke.")
    if visit.visited_at is None:
        yield "visited_at", _("say when it was.")
    elif visit.visited_at > at:
        yield "visited_at", _("this time is still to come.")
    elif visit.visited_at < since:
        yield "visited_at", _("that was before the commission was sent out.")
    if visit.result == Result.CONTRADICTS and not visit.contradiction.strip():
        yield "contradiction", _("say what contradicts the file.")
    if visit.method == INTERVIEW and not is_recorded and not visit.why_unrecorded.strip():
        yield "why_unrecorded", _("add the recording to the evidence and tick it here, or say why there is none.")


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between two versions of a report; `visit` is the later one's, or the earlier one's that is gone."""

    visit: Visit
    name: str
    was: Any
    now: Any


def changes(before: Content, after: Content) -> Iterator[Change]:
    """Field by field, visit by visit of the same method; a whole visit that came or went has the name `visit`."""
    was, now = _by_place(before.visits), _by_place(after.visits)
    for key in dict.fromkeys((*now, *was)):
        older, newer = was.get(key), now.get(key)
        if older is None or newer is None:
            yield Change(newer or older or Visit(key[0]), "visit", older, newer)
            continue
        for one in fields(Visit):
            if getattr(older, one.name) != getattr(newer, one.name):
                yield Change(newer, one.name, getattr(older, one.name), getattr(newer, one.name))


def _by_place(visits: Sequence[Visit]) -> dict[tuple[str, str, int], Visit]:
    """By the method, the place of one that was added freely, and the how-manieth of these it is."""
    counted: Counter[tuple[str, str]] = Counter()
    places = {}
    for visit in visits:
        key = visit.method, visit.place.strip() if visit.method == ELSEWHERE else ""
        counted[key] += 1
        places[*key, counted[key]] = visit
    return places
