"""The closed lists of what the rules say."""

from enum import StrEnum


class Status(StrEnum):
    """Is what the clause asks for there?"""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What a finding leads to; declared strongest first."""

    REJECT = "reject"
    REFER = "refer"
    WAIT = "wait"
    NEED = "need"
    ACCEPT = "accept"


class Code(StrEnum):
    """The stable codes, in the order in which they are listed: by strength, substantive before formal (AMB-18)."""

    AGE_BELOW_MINIMUM = "AGE_BELOW_MINIMUM"
    AGE_ABOVE_MAXIMUM = "AGE_ABOVE_MAXIMUM"
    DECLARATION_NOT_MET = "DECLARATION_NOT_MET"
    BIRTH_CERTIFICATE = "BIRTH_CERTIFICATE"
    EXAM_REPORT = "EXAM_REPORT"

    NOT_COVERED = "NOT_COVERED"
    EXCLUDED_HIV_TUMOUR = "EXCLUDED_HIV_TUMOUR"
    EXCLUDED_NON_OPEN_CHEST = "EXCLUDED_NON_OPEN_CHEST"
    EXCLUDED_ALCOHOL_BRAIN = "EXCLUDED_ALCOHOL_BRAIN"
    WAITING_PERIOD = "WAITING_PERIOD"
    WAITING_PERIOD_SYMPTOM = "WAITING_PERIOD_SYMPTOM"
    DEFINITION_NOT_MET = "DEFINITION_NOT_MET"
    NON_DISCLOSURE = "NON_DISCLOSURE"
    FORGED_MATERIAL = "FORGED_MATERIAL"
    LATE_REPORT = "LATE_REPORT"

    HEALTH_RECHECK = "HEALTH_RECHECK"
    NON_DISCLOSURE_REVIEW = "NON_DISCLOSURE_REVIEW"
    MEDICAL_EXPERT = "MEDICAL_EXPERT"
    IN_SITU_RATIO = "IN_SITU_RATIO"

    DIALYSIS_DURATION = "DIALYSIS_DURATION"

    DIAGNOSIS_CERTIFICATE = "DIAGNOSIS_CERTIFICATE"
    QUALIFYING_HOSPITAL_CERTIFICATE = "QUALIFYING_HOSPITAL_CERTIFICATE"
    RECORDS_OFFICE_SEAL = "RECORDS_OFFICE_SEAL"
    SPECIALIST_CERTIFICATE = "SPECIALIST_CERTIFICATE"
    PATHOLOGY_REPORT = "PATHOLOGY_REPORT"
    IMAGING = "IMAGING"
    SURGERY_RECORD = "SURGERY_RECORD"
    DISCHARGE_SUMMARY = "DISCHARGE_SUMMARY"
    DIALYSIS_RECORD = "DIALYSIS_RECORD"
    ID_CARD_FRONT = "ID_CARD_FRONT"
    ID_CARD_BACK = "ID_CARD_BACK"
    BANK_CARD = "BANK_CARD"
    PRIOR_EXAM_REPORTS = "PRIOR_EXAM_REPORTS"
    NO_SYMPTOM_EVIDENCE = "NO_SYMPTOM_EVIDENCE"


#: The grounds on which a case may be refused, by the rules or by a reviewer.
REJECT_CODES = frozenset(
    {
        Code.NOT_COVERED,
        Code.EXCLUDED_HIV_TUMOUR,
        Code.EXCLUDED_NON_OPEN_CHEST,
        Code.EXCLUDED_ALCOHOL_BRAIN,
        Code.WAITING_PERIOD,
        Code.WAITING_PERIOD_SYMPTOM,
        Code.DEFINITION_NOT_MET,
        Code.NON_DISCLOSURE,
        Code.FORGED_MATERIAL,
        Code.LATE_REPORT,
    }
)

#: The papers of a checklist that the rules can ask for, by kind.
PAPER_CODES = {
    code.value.lower(): code
    for code in (
        Code.DIAGNOSIS_CERTIFICATE,
        Code.PATHOLOGY_REPORT,
        Code.IMAGING,
        Code.SURGERY_RECORD,
        Code.DISCHARGE_SUMMARY,
        Code.DIALYSIS_RECORD,
        Code.ID_CARD_FRONT,
        Code.ID_CARD_BACK,
        Code.BANK_CARD,
        Code.PRIOR_EXAM_REPORTS,
    )
}
