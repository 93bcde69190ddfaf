"""Definitions and exclusions of diseases that have facts of their own (SR-07, SR-15, SR-17); others count as met."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from claims.rules.facts import Facts
from claims.rules.grounds import met, refers, rejects, waits
from claims.rules.kinds import Approach, PaperKind
from config.kernel.civil import days_between
from members.rules.codes import Code
from members.rules.findings import Ground, Params
from members.rules.terms import Terms
from members.rules.wording import _

MALIGNANT_TUMOUR = "malignant_tumor"
BYPASS = "coronary_bypass"
INFARCTION = "acute_myocardial_infarction"
RENAL_FAILURE = "end_stage_renal_disease"
ALZHEIMER = "severe_alzheimer"

_OPEN_CHEST, _INTERVENTIONAL, _DIALYSIS_RECORD = (
    Approach.OPEN_CHEST,
    Approach.INTERVENTIONAL,
    PaperKind.DIALYSIS_RECORD.value,
)


def _criteria(facts: Facts, terms: Terms) -> Params:
    return {"shown": len(facts.medical.criteria), "asked": terms.definition.infarction_criteria}


def _dialysis(facts: Facts, terms: Terms) -> Params:
    since, record = facts.medical.dialysis_since, facts.on_file.get(_DIALYSIS_RECORD)
    shown = days_between(since, record.through) if since and record and record.through else 0
    until = dialysis_complete_on(facts, terms)
    return {"days": terms.dialysis.days, "shown": shown, "until": until.isoformat() if until else ""}


def _transplant(facts: Facts, terms: Terms) -> Params:
    on = facts.medical.transplanted_on
    return {"transplanted_on": on.isoformat() if on else ""}


AS_DEFINED = met("SR-07", "diseases.covered", _("The definition counts as met; it is read from the certificate."))
HIV_TUMOUR = rejects(
    Code.EXCLUDED_HIV_TUMOUR, "SR-15", "exclusion.hiv_tumour", _("The tumour is related to an infection with HIV.")
)
NO_HIV_TUMOUR = met("SR-15", "exclusion.hiv_tumour", _("The tumour is not related to an infection with HIV."))
INTERVENTION = rejects(
    Code.EXCLUDED_NON_OPEN_CHEST,
    "SR-15",
    "exclusion.non_open_chest",
    _("The bypass was an intervention without opening the chest."),
)
APPROACH_UNCLEAR = refers(
    Code.MEDICAL_EXPERT,
    "SR-15",
    "exclusion.non_open_chest",
    _("Whether the chest was opened is not clear: a medical expert judges."),
)
CHEST_OPENED = met("SR-15", "exclusion.non_open_chest", _("The bypass was made with the chest opened."))
TOO_FEW_CRITERIA = rejects(
    Code.DEFINITION_NOT_MET,
    "SR-07",
    "definition.infarction_criteria",
    _("%(shown)s of the four criteria are shown; %(asked)s are needed."),
    _criteria,
)
CRITERIA_SHOWN = met(
    "SR-07",
    "definition.infarction_criteria",
    _("%(shown)s of the four criteria are shown, %(asked)s are needed: the definition is met."),
    _criteria,
)
NO_DIALYSIS = rejects(
    Code.DEFINITION_NOT_MET, "SR-17", "dialysis.days", _("There is neither regular dialysis nor a transplant.")
)
TRANSPLANTED = met("SR-17", "dialysis.days", _("A kidney was transplanted on %(transplanted_on)s."), _transplant)
DIALYSED = met(
    "SR-17", "dialysis.days", _("The record shows %(shown)s days of dialysis; %(days)s are needed."), _dialysis
)


def dialysis_complete_on(facts: Facts, terms: Terms) -> date | None:
    """The day on which the days of regular dialysis are complete, the first day not counted; None without dialysis."""
    since = facts.medical.dialysis_since
    return since + timedelta(terms.dialysis.days) if since else None


DIALYSIS_GOES_ON = waits(
    Code.DIALYSIS_DURATION,
    "SR-17",
    "dialysis.days",
    _("The record shows %(shown)s of the %(days)s days of dialysis; they are complete on %(until)s."),
    params=_dialysis,
    until=dialysis_complete_on,
)
ALCOHOL = rejects(
    Code.EXCLUDED_ALCOHOL_BRAIN, "SR-15", "exclusion.alcohol_brain", _("The disease of the brain is caused by alcohol.")
)
NO_ALCOHOL = met("SR-15", "exclusion.alcohol_brain", _("The disease of the brain is not caused by alcohol."))


def tumour(facts: Facts, terms: Terms) -> Ground[Facts]:
    """SR-15: tumours that go back to HIV are out."""
    return HIV_TUMOUR if facts.medical.hiv_related and terms.exclusion.hiv_tumour else NO_HIV_TUMOUR


def bypass(facts: Facts, terms: Terms) -> Ground[Facts]:
    """SR-15: only open-chest surgery counts; what is neither clearly in nor out goes to an expert."""
    approach = facts.medical.approach
    if approach is _OPEN_CHEST or not terms.exclusion.non_open_chest:
        return CHEST_OPENED
    return INTERVENTION if approach is _INTERVENTIONAL else APPROACH_UNCLEAR


def infarction(facts: Facts, terms: Terms) -> Ground[Facts]:
    """SR-07: so many of the four criteria of 2007."""
    enough = len(facts.medical.criteria) >= terms.definition.infarction_criteria
    return CRITERIA_SHOWN if enough else TOO_FEW_CRITERIA


def renal_failure(facts: Facts, terms: Terms) -> Ground[Facts]:
    """SR-17, AMB-05: a transplant, or enough days of dialysis on record; until the record comes the case waits."""
    if facts.medical.transplanted_on:
        return TRANSPLANTED
    complete_on = dialysis_complete_on(facts, terms)
    if complete_on is None:
        return NO_DIALYSIS
    record = facts.on_file.get(_DIALYSIS_RECORD)
    return DIALYSED if record and record.through and record.through >= complete_on else DIALYSIS_GOES_ON


def dialysis_met_on(facts: Facts, terms: Terms) -> date | None:
    """The day on which renal failure's condition is met, by transplant or dialysis, whichever is earlier (AMB-05)."""
    transplanted_on, complete_on = facts.medical.transplanted_on, dialysis_complete_on(facts, terms)
    if transplanted_on and complete_on:
        return min(transplanted_on, complete_on)
    return transplanted_on or complete_on


def alzheimer(facts: Facts, terms: Terms) -> Ground[Facts]:
    """SR-15: a brain disease caused by alcohol is out."""
    return ALCOHOL if facts.medical.alcohol_related and terms.exclusion.alcohol_brain else NO_ALCOHOL


_DEFINITIONS: Mapping[str, Callable[[Facts, Terms], Ground[Facts]]] = {
    MALIGNANT_TUMOUR: tumour,
    BYPASS: bypass,
    INFARCTION: infarction,
    RENAL_FAILURE: renal_failure,
    ALZHEIMER: alzheimer,
}


def definition(facts: Facts, terms: Terms) -> Ground[Facts]:
    """SR-07: the definition of the case's disease, judged on the medical facts only."""
    rule = _DEFINITIONS.get(facts.disease)
    return rule(facts, terms) if rule else AS_DEFINED
