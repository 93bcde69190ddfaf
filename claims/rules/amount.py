"""The aid: tier x ratio x age factor, rounded once to the fen, less the arrears (SR-15, SR-18 … SR-22)."""

import re
from functools import lru_cache

from claims.rules.definitions import ALZHEIMER, MALIGNANT_TUMOUR
from claims.rules.facts import Facts, Unpaid
from claims.rules.grounds import met, refers
from claims.rules.kinds import Behaviour
from config.kernel.civil import age_years, months_before
from members.rules.codes import Code
from members.rules.findings import Ground, Params
from members.rules.terms import Terms
from members.rules.wording import _

THYROID = "thyroid"
IN_SITU = Behaviour.IN_SITU

_GAPS = re.compile(r"[\s,]+")
_STAGE = re.compile(
    r"[yrapc]{0,3}(T(?:0|IS|X|[1-4][A-D]?))(?:\(?M\)?)?[ypc]?(N(?:X|0[AB]?|[1-3][A-C]?))[ypc]?(M(?:X|0|1[A-C]?))",
    re.IGNORECASE,
)


def _ratio(facts: Facts, terms: Terms) -> Params:
    return {"percent": ratio(facts, terms)[1] or 0, "tnm": facts.medical.tnm or "–"}


def _age(facts: Facts, terms: Terms) -> Params:
    return {
        "years": age_years(facts.birth_date, facts.diagnosed_on),
        "from_age": terms.age_factor.from_,
        "percent": terms.age_factor.percent,
    }


def _base(facts: Facts, terms: Terms) -> Params:
    return {"yuan": yuan(facts.tier_fen)}


def _arrears(facts: Facts, terms: Terms) -> Params:
    first, after = months_before(facts.reported_on, terms.arrears.months)
    return {
        "yuan": yuan(arrears_fen(facts, terms)),
        "first": first.isoformat(),
        "after": after.isoformat(),
        "months": terms.arrears.months,
    }


BASE = met("SR-19", "tiers.fen", _("The base amount chosen on joining is %(yuan)s yuan."), _base)
FULL_RATIO = met("SR-15", "ratio.default", _("The ratio of the disease is %(percent)s %%."), _ratio)
ALZHEIMER_RATIO = met(
    "SR-15", "ratio.severe_alzheimer", _("The ratio for severe Alzheimer's disease is %(percent)s %%."), _ratio
)
MILD_RATIO = met("SR-21", "ratio.mild", _("The ratio for a mild disease is %(percent)s %%."), _ratio)
EARLY_THYROID = met(
    "SR-18",
    "ratio.thyroid_t1n0m0",
    _("Thyroid carcinoma of the early stage %(tnm)s: the ratio is %(percent)s %%."),
    _ratio,
)
LATER_THYROID = met(
    "SR-18",
    "ratio.thyroid_t1n0m0",
    _("Thyroid carcinoma of stage %(tnm)s, not early: the ratio is %(percent)s %%."),
    _ratio,
)
STAGE_UNCLEAR = refers(
    Code.MEDICAL_EXPERT,
    "SR-18",
    "thyroid.t",
    _("The stage of the thyroid carcinoma (%(tnm)s) cannot be read: a medical expert judges."),
    _ratio,
)
IN_SITU_RATIO = met("SR-21", "ratio.in_situ", _("The ratio for a carcinoma in situ is %(percent)s %%."), _ratio)
IN_SITU_OPEN = refers(
    Code.IN_SITU_RATIO,
    "SR-21",
    "ratio.in_situ",
    _("The covenant sets no ratio for a carcinoma in situ: a reviewer decides."),
)
AGE_REDUCED = met(
    "SR-20",
    "age_factor.percent",
    _("%(years)s years old on the day of diagnosis: from %(from_age)s the age factor is %(percent)s %%."),
    _age,
)
AGE_FULL = met(
    "SR-20",
    "age_factor.from",
    _("%(years)s years old on the day of diagnosis: no age factor below %(from_age)s."),
    _age,
)
ARREARS = met(
    "SR-22",
    "arrears.months",
    _("Unpaid shares due from %(first)s to the day before the report on %(after)s: %(yuan)s yuan are deducted."),
    _arrears,
)
NO_ARREARS = met(
    "SR-22", "arrears.months", _("No share of the %(months)s months before the report is unpaid."), _arrears
)


def ratio(facts: Facts, terms: Terms) -> tuple[Ground[Facts], int | None]:
    """SR-15, SR-18, SR-21: the percent for the disease and its grade; None where nobody has set it (AMB-10)."""
    if facts.disease == MALIGNANT_TUMOUR:
        if facts.medical.behaviour is IN_SITU:
            return (IN_SITU_OPEN if terms.ratio.in_situ is None else IN_SITU_RATIO), terms.ratio.in_situ
        if facts.medical.site == THYROID:
            return _thyroid(facts.medical.tnm, terms)
        return FULL_RATIO, terms.ratio.default
    if facts.disease == ALZHEIMER:
        return ALZHEIMER_RATIO, terms.ratio.severe_alzheimer
    if facts.disease in terms.diseases.mild:
        return MILD_RATIO, terms.ratio.mild
    return FULL_RATIO, terms.ratio.default


def _thyroid(tnm: str | None, terms: Terms) -> tuple[Ground[Facts], int]:
    """SR-18, AMB-09: the one early cell of the table; a stage with an X, or none, goes to an expert."""
    stage = read_stage(tnm)
    if stage is None or "X" in "".join(stage):
        return STAGE_UNCLEAR, terms.ratio.default
    t, n, m = stage
    if t in terms.thyroid.t and n in terms.thyroid.n and m in terms.thyroid.m:
        return EARLY_THYROID, terms.ratio.thyroid_t1n0m0
    return LATER_THYROID, terms.ratio.default


@lru_cache(maxsize=1024)
def read_stage(tnm: str | None) -> tuple[str, str, str] | None:
    """The parts of a TNM stage in one spelling: "pt1A N0 cM0" is ("T1a", "N0", "M0"); None when it is no stage."""
    found = _STAGE.fullmatch(_GAPS.sub("", tnm or ""))
    return (_spelt(found[1]), _spelt(found[2]), _spelt(found[3])) if found else None


def _spelt(part: str) -> str:
    upper = part.upper()
    return upper[:2] + upper[2:].lower()


def explained(facts: Facts, terms: Terms) -> tuple[Ground[Facts], ...]:
    """SR-19, SR-20, SR-22: where the base amount, the age factor and the deduction come from."""
    owed = ARREARS if arrears_fen(facts, terms) else NO_ARREARS
    return BASE, age_factor(facts, terms)[0], owed


def age_factor(facts: Facts, terms: Terms) -> tuple[Ground[Facts], int]:
    """SR-20, AMB-07: the percent for the age on the day of the first diagnosis."""
    if age_years(facts.birth_date, facts.diagnosed_on) >= terms.age_factor.from_:
        return AGE_REDUCED, terms.age_factor.percent
    return AGE_FULL, 100


def arrears(facts: Facts, terms: Terms) -> list[Unpaid]:
    """SR-22, AMB-11: unpaid shares due in the calendar months before the report, the day of the report not included."""
    if not facts.unpaid:
        return []
    first, after = months_before(facts.reported_on, terms.arrears.months)
    return [share for share in facts.unpaid if first <= share.due_on < after]


def arrears_fen(facts: Facts, terms: Terms) -> int:
    """SR-22: their sum in fen."""
    return sum([share.fen for share in arrears(facts, terms)])


def gross_fen(facts: Facts, ratio_percent: int, terms: Terms) -> int:
    """AMB-08: the base amount times the ratio of the disease times the age factor."""
    return product(facts.tier_fen, ratio_percent, age_factor(facts, terms)[1])


def product(tier_fen: int, ratio_percent: int, age_percent: int) -> int:
    """AMB-14: the product of the three, rounded once, half up to the fen."""
    return (tier_fen * ratio_percent * age_percent + 5_000) // 10_000


def yuan(fen: int) -> str:
    """Fen as yuan without a currency: "29,996.95", "100,000"."""
    whole, part = divmod(fen, 100)
    return f"{whole:,}.{part:02}" if part else f"{whole:,}"
