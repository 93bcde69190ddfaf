"""The sections of a covenant's terms: every number, list and switch that a rule or a clock uses (SR-…, AMB-…).

`terms.waiting.days` is the dotted name "waiting.days"; a field ends in "_" where Python keeps the word
("age_factor.from"). A field is annotated with the check of its JSON value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from members.rules.term_checks import (
    Listed,
    Maybe,
    Whole,
    amounts,
    codes,
    names,
    papers,
    papers_by_disease,
    percent,
    steps,
    switch,
)

Count = Annotated[int, Whole()]
Fen = Annotated[int, Whole(top=10**12)]
Percent = Annotated[int, percent]
Switch = Annotated[bool, switch]
Names = Annotated[tuple[str, ...], names]
Codes = Annotated[frozenset[str], codes]
Steps = Annotated[tuple[int, ...], steps]


class Unit(StrEnum):
    """How the days of a clock are counted."""

    NATURAL = "natural"
    WORKING = "working"


class Effect(StrEnum):
    """What an objection of a kind does to the publicity."""

    EXTEND = "extend"
    SUSPEND = "suspend"


class FundingMode(StrEnum):
    """When members pay their shares (SR-36)."""

    POST_PAID = "post_paid"
    PREPAID = "prepaid"


class ShortfallPolicy(StrEnum):
    """Who bears what a cap leaves open (AMB-15)."""

    PLATFORM_BEARS = "platform_bears"
    PRO_RATA = "pro_rata"
    CARRY_TO_NEXT = "carry_to_next"


@dataclass(frozen=True, slots=True)
class Age:
    """SR-01, AMB-01: who may join."""

    min_days: Count
    max_years: Count


@dataclass(frozen=True, slots=True)
class Newborn:
    """SR-02: up to this age in days the birth certificate is asked for."""

    max_days: Count


@dataclass(frozen=True, slots=True)
class ExamReport:
    """SR-03: from this age an examination report is asked for."""

    from_age: Count


@dataclass(frozen=True, slots=True)
class Health:
    """SR-04: the keys of the health questions."""

    questions: Names


@dataclass(frozen=True, slots=True)
class Tiers:
    """SR-19: the base amounts on offer."""

    fen: Annotated[tuple[int, ...], amounts]


@dataclass(frozen=True, slots=True)
class Diseases:
    """SR-06: what is covered, and what of it counts as mild."""

    covered: Codes
    mild: Codes


@dataclass(frozen=True, slots=True)
class Exclusion:
    """SR-15: which exclusions this version knows."""

    hiv_tumour: Switch
    non_open_chest: Switch
    alcohol_brain: Switch


@dataclass(frozen=True, slots=True)
class Definition:
    """SR-07: the figures inside definitions."""

    infarction_criteria: Annotated[int, Whole(1, 4)]


@dataclass(frozen=True, slots=True)
class Thyroid:
    """SR-18, AMB-09: the cell of the staging table that counts as early."""

    t: Codes
    n: Codes
    m: Codes


@dataclass(frozen=True, slots=True)
class Waiting:
    """SR-08, SR-09, SR-10, AMB-03, AMB-24: natural days after the joining day, and what goes with them."""

    days: Count
    accident_exempt: Switch
    tumour_evidence: Switch


@dataclass(frozen=True, slots=True)
class Report:
    """SR-12, AMB-04: the reporting window."""

    days: Count
    extend_on_holiday: Switch


@dataclass(frozen=True, slots=True)
class Dialysis:
    """SR-17: days of regular dialysis, the first day not counted."""

    days: Count


@dataclass(frozen=True, slots=True)
class Materials:
    """SR-13, SR-14: papers of every case and of a disease, each needed kind once."""

    common: Annotated[tuple[str, ...], papers]
    by_disease: Annotated[Mapping[str, tuple[str, ...]], papers_by_disease]


@dataclass(frozen=True, slots=True)
class Certificate:
    """SR-13, SR-14: what makes a diagnosis certificate good."""

    min_grade: Annotated[int, Whole(1, 3)]
    public_only: Switch
    specialist_for: Codes


@dataclass(frozen=True, slots=True)
class Ratio:
    """SR-15, SR-18, SR-21, AMB-09, AMB-10: percent of the base amount; null in situ means that nobody has set it."""

    default: Percent
    mild: Percent
    severe_alzheimer: Percent
    thyroid_t1n0m0: Percent
    in_situ: Annotated[int | None, Maybe(percent)]


@dataclass(frozen=True, slots=True)
class AgeFactor:
    """SR-20, AMB-07."""

    from_: Count
    percent: Percent


@dataclass(frozen=True, slots=True)
class Arrears:
    """SR-22, AMB-11: the window in calendar months."""

    months: Annotated[int, Whole(top=1200)]


@dataclass(frozen=True, slots=True)
class Removal:
    """AMB-11: unpaid cycles in a row that end a membership; null is never."""

    after_cycles: Annotated[int | None, Maybe(Whole(1))]


@dataclass(frozen=True, slots=True)
class Authority:
    """Amounts up to this are a reviewer's, above it a supervisor's."""

    reviewer_fen: Fen


@dataclass(frozen=True, slots=True)
class Clock:
    """Days of a deadline, how they are counted, and on which days before its end it reminds."""

    days: Count
    unit: Annotated[Unit, Listed(Unit)]
    reminders: Steps


@dataclass(frozen=True, slots=True)
class Investigation(Clock):
    """SR-23, AMB-19: the clock of a commission, and whether a case needs one."""

    required: Switch


@dataclass(frozen=True, slots=True)
class Appeal(Clock):
    """SR-26, SR-27, AMB-20: the window for an appeal, and the deposit of an arbitration."""

    deposit_fen: Fen


@dataclass(frozen=True, slots=True)
class Condition:
    """AMB-05: reminders of a condition that a case waits for."""

    reminders: Steps


@dataclass(frozen=True, slots=True)
class Publicity:
    """SR-24, SR-35, AMB-12."""

    days: Count


@dataclass(frozen=True, slots=True)
class ObjectionKind:
    """SR-25, AMB-13: days that are added, or none where the publicity is suspended."""

    days: Count
    effect: Annotated[Effect, Listed(Effect)]


@dataclass(frozen=True, slots=True)
class Objection:
    """SR-25: the three kinds."""

    non_disclosure: ObjectionKind
    definition: ObjectionKind
    forgery: ObjectionKind


@dataclass(frozen=True, slots=True)
class Payout:
    """AMB-23: does the payout end the membership?"""

    ends_membership: Switch


@dataclass(frozen=True, slots=True)
class Funding:
    """SR-33, SR-36, AMB-15: how the shares come in."""

    mode: Annotated[FundingMode, Listed(FundingMode)]
    cap_per_case_fen: Fen
    management_fee_percent: Percent
    shortfall: Annotated[ShortfallPolicy, Listed(ShortfallPolicy)]
