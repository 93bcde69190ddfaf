"""The checklist: papers of every case and of the disease, and what makes a certificate good (SR-13, SR-14, SR-16)."""

from collections.abc import Iterator, Mapping

from claims.rules.definitions import MALIGNANT_TUMOUR
from claims.rules.facts import Facts, Paper
from claims.rules.grounds import met, needs
from claims.rules.kinds import Behaviour, Ownership, PaperKind, Signer
from members.rules.codes import Code
from members.rules.findings import Ground, Params
from members.rules.terms import Terms
from members.rules.wording import _

_CERTIFICATE, _PATHOLOGY = PaperKind.DIAGNOSIS_CERTIFICATE.value, PaperKind.PATHOLOGY_REPORT.value
_DIALYSIS_RECORD, _TRANSPLANT_RECORD = PaperKind.DIALYSIS_RECORD.value, PaperKind.TRANSPLANT_RECORD.value
_IN_SITU, _PUBLIC, _BY_SPECIALIST = Behaviour.IN_SITU, Ownership.PUBLIC, Signer.SPECIALIST


def _hospital(facts: Facts, terms: Terms) -> Params:
    certificate = facts.on_file.get(PaperKind.DIAGNOSIS_CERTIFICATE)
    return {"grade": (certificate and certificate.grade) or "–", "min_grade": terms.certificate.min_grade}


_COMMON, _DISEASE, _GOOD = "materials.common", "materials.by_disease", "certificate.min_grade"

MISSING: Mapping[str, Ground[Facts]] = {
    PaperKind.DIAGNOSIS_CERTIFICATE: needs(
        Code.DIAGNOSIS_CERTIFICATE, "SR-13", _COMMON, _("The diagnosis certificate is missing.")
    ),
    PaperKind.ID_CARD_FRONT: needs(
        Code.ID_CARD_FRONT, "SR-13", _COMMON, _("The front of the identity card is missing.")
    ),
    PaperKind.ID_CARD_BACK: needs(Code.ID_CARD_BACK, "SR-13", _COMMON, _("The back of the identity card is missing.")),
    PaperKind.BANK_CARD: needs(Code.BANK_CARD, "SR-13", _COMMON, _("The image of the bank card is missing.")),
    PaperKind.PRIOR_EXAM_REPORTS: needs(
        Code.PRIOR_EXAM_REPORTS,
        "SR-13",
        _COMMON,
        _("The examination reports from before the first diagnosis are missing, or a statement that there are none."),
    ),
    PaperKind.PATHOLOGY_REPORT: needs(Code.PATHOLOGY_REPORT, "SR-14", _DISEASE, _("The pathology report is missing.")),
    PaperKind.IMAGING: needs(Code.IMAGING, "SR-14", _DISEASE, _("The imaging is missing.")),
    PaperKind.SURGERY_RECORD: needs(Code.SURGERY_RECORD, "SR-14", _DISEASE, _("The surgery record is missing.")),
    PaperKind.DISCHARGE_SUMMARY: needs(
        Code.DISCHARGE_SUMMARY, "SR-14", _DISEASE, _("The discharge summary is missing.")
    ),
    PaperKind.DIALYSIS_RECORD: needs(Code.DIALYSIS_RECORD, "SR-14", _DISEASE, _("The dialysis record is missing.")),
}
FILED: Mapping[str, Ground[Facts]] = {
    PaperKind.DIAGNOSIS_CERTIFICATE: met("SR-13", _COMMON, _("The diagnosis certificate is there.")),
    PaperKind.ID_CARD_FRONT: met("SR-13", _COMMON, _("The front of the identity card is there.")),
    PaperKind.ID_CARD_BACK: met("SR-13", _COMMON, _("The back of the identity card is there.")),
    PaperKind.BANK_CARD: met("SR-13", _COMMON, _("The image of the bank card is there.")),
    PaperKind.PRIOR_EXAM_REPORTS: met(
        "SR-13", _COMMON, _("The examination reports from before the first diagnosis are there, or there are none.")
    ),
    PaperKind.PATHOLOGY_REPORT: met("SR-14", _DISEASE, _("The pathology report is there.")),
    PaperKind.IMAGING: met("SR-14", _DISEASE, _("The imaging is there.")),
    PaperKind.SURGERY_RECORD: met("SR-14", _DISEASE, _("The surgery record is there.")),
    PaperKind.DISCHARGE_SUMMARY: met("SR-14", _DISEASE, _("The discharge summary is there.")),
    PaperKind.DIALYSIS_RECORD: met("SR-14", _DISEASE, _("The dialysis record is there.")),
}
TRANSPLANT_RECORD_FILED = met("SR-14", _DISEASE, _("The transplant record stands in for the dialysis record."))
IN_SITU_PATHOLOGY_MISSING = needs(
    Code.PATHOLOGY_REPORT, "SR-16", _DISEASE, _("A carcinoma in situ is confirmed by pathology; the report is missing.")
)
IN_SITU_PATHOLOGY_FILED = met(
    "SR-16", _DISEASE, _("The pathology report that confirms the carcinoma in situ is there.")
)
HOSPITAL_TOO_LOW = needs(
    Code.QUALIFYING_HOSPITAL_CERTIFICATE,
    "SR-13",
    _GOOD,
    _("The certificate does not come from a public hospital of grade %(min_grade)s or higher (given: %(grade)s)."),
    _hospital,
)
HOSPITAL_QUALIFIES = met(
    "SR-13", _GOOD, _("The certificate comes from a public hospital of grade %(grade)s."), _hospital
)
HOSPITAL_HIGH_ENOUGH = met("SR-13", _GOOD, _("The certificate comes from a hospital of grade %(grade)s."), _hospital)
SEAL_MISSING = needs(
    Code.RECORDS_OFFICE_SEAL, "SR-13", _GOOD, _("The certificate lacks the seal of the hospital's records office.")
)
SEALED = met("SR-13", _GOOD, _("The certificate bears the seal of the hospital's records office."))
NO_SPECIALIST = needs(
    Code.SPECIALIST_CERTIFICATE,
    "SR-14",
    "certificate.specialist_for",
    _("The certificate is not signed by a specialist."),
)
SPECIALIST = met("SR-14", "certificate.specialist_for", _("The certificate is signed by a specialist."))

PAPER_OF: Mapping[str, str] = {
    **{ground.because: str(kind) for kind, ground in (*MISSING.items(), *FILED.items())},
    TRANSPLANT_RECORD_FILED.because: str(PaperKind.DIALYSIS_RECORD),
    IN_SITU_PATHOLOGY_MISSING.because: str(PaperKind.PATHOLOGY_REPORT),
    IN_SITU_PATHOLOGY_FILED.because: str(PaperKind.PATHOLOGY_REPORT),
}
"""The kind of paper that a finding is about, by the finding's sentence."""

QUALITY_OF: Mapping[str, str] = {
    **dict.fromkeys([one.because for one in (HOSPITAL_TOO_LOW, HOSPITAL_QUALIFIES, HOSPITAL_HIGH_ENOUGH)], "hospital"),
    **dict.fromkeys([one.because for one in (SEAL_MISSING, SEALED)], "seal"),
    **dict.fromkeys([one.because for one in (NO_SPECIALIST, SPECIALIST)], "signature"),
}
"""What of the diagnosis certificate a finding is about, by the finding's sentence."""

SHOWN_BY: Mapping[str, str] = {
    **PAPER_OF,
    TRANSPLANT_RECORD_FILED.because: str(PaperKind.TRANSPLANT_RECORD),
    **dict.fromkeys(QUALITY_OF, str(PaperKind.DIAGNOSIS_CERTIFICATE)),
}
"""The kind of paper in which a finding can be seen, by the finding's sentence."""


def missing(facts: Facts, terms: Terms) -> list[Ground[Facts]]:
    """SR-13, SR-14, SR-16: every paper that is needed and not on file, and every fault of the certificate."""
    on_file = facts.on_file
    kinds = terms.materials.common + terms.materials.by_disease.get(facts.disease, ())
    grounds = [_missing(kind, facts) for kind in kinds if kind not in on_file and not _stands_in(kind, facts)]
    certificate = on_file.get(_CERTIFICATE)
    if certificate is not None:
        if not _qualifies(certificate, terms):
            grounds.append(HOSPITAL_TOO_LOW)
        if not certificate.sealed:
            grounds.append(SEAL_MISSING)
        if facts.disease in terms.certificate.specialist_for and certificate.signed_by is not _BY_SPECIALIST:
            grounds.append(NO_SPECIALIST)
    return grounds


def filed(facts: Facts, terms: Terms) -> Iterator[Ground[Facts]]:
    """SR-13, SR-14, SR-16: the other half of `missing`: every needed paper that is on file, and what is good in it."""
    on_file = facts.on_file
    for kind in terms.materials.common:
        if kind in on_file:
            yield FILED[kind]
    for kind in terms.materials.by_disease.get(facts.disease, ()):
        if kind in on_file:
            yield IN_SITU_PATHOLOGY_FILED if kind == _PATHOLOGY and _in_situ(facts) else FILED[kind]
        elif _stands_in(kind, facts):
            yield TRANSPLANT_RECORD_FILED
    certificate = on_file.get(_CERTIFICATE)
    if certificate is not None:
        if _qualifies(certificate, terms):
            yield HOSPITAL_QUALIFIES if certificate.ownership is _PUBLIC else HOSPITAL_HIGH_ENOUGH
        if certificate.sealed:
            yield SEALED
        if facts.disease in terms.certificate.specialist_for and certificate.signed_by is _BY_SPECIALIST:
            yield SPECIALIST


def _missing(kind: str, facts: Facts) -> Ground[Facts]:
    return IN_SITU_PATHOLOGY_MISSING if kind == _PATHOLOGY and _in_situ(facts) else MISSING[kind]


def _in_situ(facts: Facts) -> bool:
    return facts.disease == MALIGNANT_TUMOUR and facts.medical.behaviour is _IN_SITU


def _stands_in(kind: str, facts: Facts) -> bool:
    """A transplant record stands in for the dialysis record where there was a transplant."""
    if kind != _DIALYSIS_RECORD or facts.medical.transplanted_on is None:
        return False
    return _TRANSPLANT_RECORD in facts.on_file


def _qualifies(certificate: Paper, terms: Terms) -> bool:
    """SR-13: a hospital without a grade does not qualify."""
    if certificate.grade is None or int(certificate.grade[0]) < terms.certificate.min_grade:
        return False
    return certificate.ownership is _PUBLIC or not terms.certificate.public_only
