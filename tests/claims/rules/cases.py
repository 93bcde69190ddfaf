"""A complete, plain case that the tests change in one place."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from claims.rules.assessment import Assessment, assess
from claims.rules.facts import Facts, Medical, Paper
from claims.rules.kinds import Approach, Cause, Criterion, Ownership, PaperKind, Signer, SymptomsInWaiting
from members.rules.findings import Code, Finding
from members.rules.plan_files import read_plan
from members.rules.terms import Terms

JOINED = date(2024, 6, 1)
DIAGNOSED = date(2025, 4, 1)

CERTIFICATE = Paper(
    PaperKind.DIAGNOSIS_CERTIFICATE,
    grade="3A",
    ownership=Ownership.PUBLIC,
    sealed=True,
    signed_by=Signer.SPECIALIST,
)
COMMON = (
    CERTIFICATE,
    Paper(PaperKind.ID_CARD_FRONT),
    Paper(PaperKind.ID_CARD_BACK),
    Paper(PaperKind.BANK_CARD),
    Paper(PaperKind.PRIOR_EXAM_REPORTS),
)
TUMOUR_PAPERS = (*COMMON, Paper(PaperKind.PATHOLOGY_REPORT), Paper(PaperKind.IMAGING))
BYPASS_PAPERS = (*COMMON, Paper(PaperKind.SURGERY_RECORD), Paper(PaperKind.DISCHARGE_SUMMARY))

NO_SYMPTOMS = Medical(symptoms_in_waiting=SymptomsInWaiting.NONE)


def terms(**overrides: Any) -> Terms:
    """The terms of qingsong with single ones replaced: `terms(waiting__days=0)`."""
    plan = read_plan("qingsong")
    return Terms.parse(
        plan.terms | {name.replace("__", "."): value for name, value in overrides.items()}, plan.term_clauses
    )


QINGSONG = terms()


def coma(**changes: Any) -> Facts:
    """A deep coma after an illness: a disease without facts or papers of its own, accepted at 100 %."""
    facts = Facts(
        disease="deep_coma",
        cause=Cause.ILLNESS,
        diagnosed_on=DIAGNOSED,
        reported_on=DIAGNOSED + timedelta(4),
        joined_on=JOINED,
        birth_date=date(1980, 5, 20),
        tier_fen=10_000_000,
        papers=COMMON,
    )
    return replace(facts, **changes)


def tumour(medical: Mapping[str, Any] | None = None, **changes: Any) -> Facts:
    """A malignant tumour with all papers and no symptoms in the waiting period."""
    return coma(
        **{"disease": "malignant_tumor", "medical": replace(NO_SYMPTOMS, **(medical or {})), "papers": TUMOUR_PAPERS}
        | changes
    )


def thyroid(tnm: str | None, **changes: Any) -> Facts:
    """A thyroid carcinoma of the given stage."""
    return tumour({"site": "thyroid", "tnm": tnm}, **changes)


def bypass(approach: Approach | None = Approach.OPEN_CHEST, **changes: Any) -> Facts:
    """A coronary bypass with all papers."""
    return coma(
        **{"disease": "coronary_bypass", "medical": Medical(approach=approach), "papers": BYPASS_PAPERS} | changes
    )


def infarction(*criteria: Criterion) -> Facts:
    """An acute myocardial infarction with the given criteria."""
    return coma(disease="acute_myocardial_infarction", medical=Medical(criteria=frozenset(criteria)))


def alzheimer(**changes: Any) -> Facts:
    """Severe Alzheimer's disease, certified by a specialist."""
    return coma(**{"disease": "severe_alzheimer"} | changes)


def renal(
    dialysis_since: date | None = None,
    transplanted_on: date | None = None,
    *,
    papers: tuple[Paper, ...] = (),
    **changes: Any,
) -> Facts:
    """Renal failure with the common papers and those given."""
    medical = Medical(dialysis_since=dialysis_since, transplanted_on=transplanted_on)
    return coma(**{"disease": "end_stage_renal_disease", "medical": medical, "papers": COMMON + papers} | changes)


def without(facts: Facts, *kinds: PaperKind) -> Facts:
    """The case without the papers of these kinds."""
    return replace(facts, papers=tuple(paper for paper in facts.papers if paper.kind not in kinds))


def judged(facts: Facts, **overrides: Any) -> Assessment:
    """The assessment under qingsong, or under qingsong with single terms replaced."""
    return assess(facts, terms(**overrides) if overrides else QINGSONG)


def codes(facts: Facts, **overrides: Any) -> list[str]:
    """The codes of the assessment, in their order."""
    return [code.value for code in judged(facts, **overrides).codes]


def finding(facts: Facts, code: Code | None = None, rule: str = "", **overrides: Any) -> Finding:
    """The one finding with this code, or of this rule."""
    found = [
        each
        for each in judged(facts, **overrides).findings
        if (code is not None and each.code is code) or (rule and each.rule == rule)
    ]
    assert len(found) == 1, found
    return found[0]
