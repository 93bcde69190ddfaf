"""The closed lists of the facts, valued as a case script writes them."""

from enum import StrEnum


class Cause(StrEnum):
    """What caused the disease."""

    ILLNESS = "illness"
    ACCIDENT = "accident"


class Behaviour(StrEnum):
    """How a tumour behaves; not given counts as malignant."""

    MALIGNANT = "malignant"
    IN_SITU = "in_situ"


class Approach(StrEnum):
    """How a bypass was made."""

    OPEN_CHEST = "open_chest"
    INTERVENTIONAL = "interventional"
    MINIMALLY_INVASIVE = "minimally_invasive"


class Criterion(StrEnum):
    """The four criteria of an acute myocardial infarction."""

    SYMPTOMS = "symptoms"
    ECG = "ecg"
    ENZYMES = "enzymes"
    LVEF = "lvef"


class SymptomsInWaiting(StrEnum):
    """What is known of symptoms within the waiting period; not given is no evidence."""

    NONE = "none"
    PRESENT = "present"


class Ownership(StrEnum):
    """Whose the hospital is."""

    PUBLIC = "public"
    PRIVATE = "private"


class Signer(StrEnum):
    """Who signed a certificate."""

    SPECIALIST = "specialist"
    PHYSICIAN = "physician"


class PaperKind(StrEnum):
    """The kinds of paper on file."""

    DIAGNOSIS_CERTIFICATE = "diagnosis_certificate"
    PATHOLOGY_REPORT = "pathology_report"
    IMAGING = "imaging"
    SURGERY_RECORD = "surgery_record"
    DISCHARGE_SUMMARY = "discharge_summary"
    DIALYSIS_RECORD = "dialysis_record"
    TRANSPLANT_RECORD = "transplant_record"
    ID_CARD_FRONT = "id_card_front"
    ID_CARD_BACK = "id_card_back"
    BANK_CARD = "bank_card"
    PRIOR_EXAM_REPORTS = "prior_exam_reports"
    NO_SYMPTOM_EVIDENCE = "no_symptom_evidence"
    GUARDIANSHIP = "guardianship"
    HEIRSHIP = "heirship"
