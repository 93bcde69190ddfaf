"""Which term's clause a refusal cites, whoever found its ground."""

from collections.abc import Mapping

from members.rules.codes import Code

TERM_OF_GROUND: Mapping[Code, str] = {
    Code.NOT_COVERED: "diseases.covered",
    Code.EXCLUDED_HIV_TUMOUR: "exclusion.hiv_tumour",
    Code.EXCLUDED_NON_OPEN_CHEST: "exclusion.non_open_chest",
    Code.EXCLUDED_ALCOHOL_BRAIN: "exclusion.alcohol_brain",
    Code.WAITING_PERIOD: "waiting.days",
    Code.WAITING_PERIOD_SYMPTOM: "waiting.tumour_evidence",
    Code.DEFINITION_NOT_MET: "diseases.covered",
    Code.NON_DISCLOSURE: "health.questions",
    Code.FORGED_MATERIAL: "objection.forgery.effect",
    Code.LATE_REPORT: "report.days",
}
