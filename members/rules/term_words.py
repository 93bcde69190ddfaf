"""How the terms of a covenant are called: a title for each section, a label, as msgids, and a unit for each term."""

from collections.abc import Iterable, Iterator, Mapping

from members.rules.sections import Effect, FundingMode, ShortfallPolicy, Unit
from members.rules.terms import CHECKS
from members.rules.wording import _

DAYS, DAYS_OLD, YEARS, MONTHS, SHARES = "days", "days_old", "years", "months", "shares"
PERCENT, YUAN, CRITERIA = "percent", "yuan", "criteria"
"""Units: codes, for the edge to name."""

SECTIONS: Mapping[str, str] = {
    "age": _("Age on joining"),
    "newborn": _("Newborn children"),
    "exam_report": _("Examination report"),
    "health": _("Health questions"),
    "tiers": _("Tiers"),
    "diseases": _("Diseases covered"),
    "exclusion": _("Exclusions"),
    "definition": _("Figures inside definitions"),
    "thyroid": _("Early thyroid carcinoma"),
    "waiting": _("Waiting period"),
    "report": _("Time for reporting"),
    "dialysis": _("Dialysis"),
    "materials": _("Papers to be handed in"),
    "certificate": _("Diagnosis certificate"),
    "ratio": _("Ratios of the base amount"),
    "age_factor": _("Age factor"),
    "arrears": _("Unpaid shares"),
    "removal": _("Removal for unpaid shares"),
    "authority": _("Limits of authority"),
    "supplement": _("Clock of missing papers"),
    "review": _("Clock of the first review"),
    "investigation": _("Investigation"),
    "decision": _("Clock of the final review"),
    "condition": _("Waiting for a condition"),
    "appeal": _("Appeal"),
    "appeal_decision": _("Clock of the decision on an appeal"),
    "payment": _("Clock of the payment"),
    "publicity": _("Publicity"),
    "objection": _("Objections"),
    "payout": _("After the payment"),
    "funding": _("Sharing of costs"),
}

_CLOCK = {
    "days": (_("Length"), DAYS),
    "unit": (_("Days are counted as"), ""),
    "reminders": (_("Reminders before the end"), DAYS),
}

_WORDS: Mapping[str, tuple[str, str]] = {
    "age.min_days": (_("Youngest age"), DAYS_OLD),
    "age.max_years": (_("Oldest age"), YEARS),
    "newborn.max_days": (_("Birth certificate asked for up to"), DAYS_OLD),
    "exam_report.from_age": (_("Examination report asked for from"), YEARS),
    "health.questions": (_("Questions asked"), ""),
    "tiers.fen": (_("Base amounts on offer"), YUAN),
    "diseases.covered": (_("Diseases of the catalogue"), ""),
    "diseases.mild": (_("Of these, mild"), ""),
    "exclusion.hiv_tumour": (_("Tumours related to HIV are excluded"), ""),
    "exclusion.non_open_chest": (_("Surgery without opening the chest is excluded"), ""),
    "exclusion.alcohol_brain": (_("Brain diseases caused by alcohol are excluded"), ""),
    "definition.infarction_criteria": (_("Criteria of an infarction that must be met"), CRITERIA),
    "thyroid.t": (_("T stages that count as early"), ""),
    "thyroid.n": (_("N stages that count as early"), ""),
    "thyroid.m": (_("M stages that count as early"), ""),
    "waiting.days": (_("Length"), DAYS),
    "waiting.accident_exempt": (_("Accidents need not wait"), ""),
    "waiting.tumour_evidence": (_("Tumours need evidence of no symptoms in it"), ""),
    "report.days": (_("Length"), DAYS),
    "report.extend_on_holiday": (_("An end on a day off moves to the next working day"), ""),
    "dialysis.days": (_("Regular dialysis lasts at least"), DAYS),
    "materials.common": (_("Papers of every case"), ""),
    "materials.by_disease": (_("Further papers of a disease"), ""),
    "certificate.min_grade": (_("Lowest grade of the hospital"), ""),
    "certificate.public_only": (_("From public hospitals only"), ""),
    "certificate.specialist_for": (_("Signed by a specialist for"), ""),
    "ratio.default": (_("Severe diseases"), PERCENT),
    "ratio.mild": (_("Mild diseases"), PERCENT),
    "ratio.severe_alzheimer": (_("Severe Alzheimer's disease"), PERCENT),
    "ratio.thyroid_t1n0m0": (_("Thyroid carcinoma of the early stage"), PERCENT),
    "ratio.in_situ": (_("Carcinoma in situ"), PERCENT),
    "age_factor.from": (_("Applies from"), YEARS),
    "age_factor.percent": (_("Part of the aid from that age"), PERCENT),
    "arrears.months": (_("Shares of the last months before the report are deducted"), MONTHS),
    "removal.after_cycles": (_("Unpaid shares in a row that end the membership"), SHARES),
    "authority.reviewer_fen": (_("A reviewer decides up to"), YUAN),
    "condition.reminders": (_("Reminders before the day"), DAYS),
    "investigation.required": (_("Every case is investigated"), ""),
    "appeal.deposit_fen": (_("Deposit of an arbitration"), YUAN),
    "publicity.days": (_("Length"), DAYS),
    "objection.non_disclosure.days": (_("Untrue health declaration: adds"), DAYS),
    "objection.non_disclosure.effect": (_("Untrue health declaration: effect"), ""),
    "objection.definition.days": (_("Definition of the disease: adds"), DAYS),
    "objection.definition.effect": (_("Definition of the disease: effect"), ""),
    "objection.forgery.days": (_("Forged papers: adds"), DAYS),
    "objection.forgery.effect": (_("Forged papers: effect"), ""),
    "payout.ends_membership": (_("The payment ends the membership"), ""),
    "funding.mode": (_("Members pay"), ""),
    "funding.cap_per_case_fen": (_("Highest share in one case"), YUAN),
    "funding.management_fee_percent": (_("Management fee, part of the aid"), PERCENT),
    "funding.shortfall": (_("What a cap leaves open"), ""),
}

VALUES: Mapping[str, str] = {
    Unit.NATURAL: _("calendar days"),
    Unit.WORKING: _("working days"),
    Effect.EXTEND: _("prolongs the publicity"),
    Effect.SUSPEND: _("suspends the publicity"),
    FundingMode.POST_PAID: _("after the event"),
    FundingMode.PREPAID: _("from a balance paid in before"),
    ShortfallPolicy.PLATFORM_BEARS: _("is borne by the platform"),
    ShortfallPolicy.PRO_RATA: _("reduces the aid in proportion"),
    ShortfallPolicy.CARRY_TO_NEXT: _("is carried to the next period"),
}


def label(name: str) -> str:
    """The msgid of a term's label; what belongs to every clock is said once."""
    return _found(name)[0]


def unit(name: str) -> str:
    """The code of a term's unit; empty where it has none."""
    return _found(name)[1]


def by_section(names: Iterable[str] = CHECKS) -> Iterator[tuple[str, list[str]]]:
    """The sections that have any of these terms, in the order of the covenant, with them."""
    wanted = set(names)
    for section in SECTIONS:
        if inside := [name for name in CHECKS if name.partition(".")[0] == section and name in wanted]:
            yield section, inside


def _found(name: str) -> tuple[str, str]:
    return _WORDS.get(name) or _CLOCK[name.rpartition(".")[2]]
