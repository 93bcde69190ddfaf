"""The rules of qingsong written out by hand: figures inlined, no findings, no clauses. The yardstick of G7."""

import re
from datetime import timedelta

from claims.rules.facts import Facts
from claims.rules.kinds import Approach, Behaviour, Cause, Ownership, Signer, SymptomsInWaiting
from config.kernel.civil import add_months, age_years
from members.rules.plan_files import read_plan

Verdict = tuple[str, tuple[str, ...], int | None, int, int | None]

_TERMS = read_plan("qingsong").parsed()
_COVERED, _MILD = _TERMS.diseases.covered, _TERMS.diseases.mild
_NINETY, _TEN = timedelta(90), timedelta(10)
_ACCIDENT, _IN_SITU = Cause.ACCIDENT, Behaviour.IN_SITU
_PRESENT, _NONE = SymptomsInWaiting.PRESENT, SymptomsInWaiting.NONE
_OPEN, _INTERVENTION = Approach.OPEN_CHEST, Approach.INTERVENTIONAL
_PUBLIC, _SPECIALIST = Ownership.PUBLIC, Signer.SPECIALIST
_STAGE = re.compile(
    r"[yrapc]{0,3}T(0|IS|X|[1-4][A-D]?)(?:\(?M\)?)?[ypc]?N(X|0[AB]?|[1-3][A-C]?)[ypc]?M(X|0|1[A-C]?)", re.IGNORECASE
)
_GAPS = re.compile(r"[\s,]+")


def by_hand(f: Facts) -> Verdict:  # one long function on purpose: nothing is called that can be inlined
    medical, papers, disease = f.medical, f.on_file, f.disease
    diagnosed, joined = f.diagnosed_on, f.joined_on
    covered = disease in _COVERED
    malignant = covered and disease == "malignant_tumor"
    in_situ = malignant and medical.behaviour is _IN_SITU
    bypass = covered and disease == "coronary_bypass"
    alzheimer = covered and disease == "severe_alzheimer"
    codes: list[str] = []

    # reject
    if not covered:
        codes.append("NOT_COVERED")
    elif malignant and medical.hiv_related:
        codes.append("EXCLUDED_HIV_TUMOUR")
    elif bypass and medical.approach is _INTERVENTION:
        codes.append("EXCLUDED_NON_OPEN_CHEST")
    elif alzheimer and medical.alcohol_related:
        codes.append("EXCLUDED_ALCOHOL_BRAIN")
    waiting_ends = joined + _NINETY
    exempt = f.cause is _ACCIDENT and (f.accident_on or diagnosed) >= joined and diagnosed >= joined
    if not exempt and diagnosed <= waiting_ends:
        codes.append("WAITING_PERIOD")
    evidence_missing = False
    symptoms = medical.symptoms_in_waiting
    if covered and symptoms is _PRESENT:
        codes.append("WAITING_PERIOD_SYMPTOM")
    elif malignant and not in_situ and f.cause is not _ACCIDENT:
        evidence_missing = symptoms is not _NONE and "no_symptom_evidence" not in papers and diagnosed > waiting_ends
    last_day, dialysis_goes_on = diagnosed + _TEN, False
    if disease == "end_stage_renal_disease":
        since, transplanted = medical.dialysis_since, medical.transplanted_on
        complete = since + _NINETY if since else None
        if transplanted or complete:
            met_on = min(transplanted, complete) if transplanted and complete else transplanted or complete
            last_day = max(last_day, met_on + _TEN)
        if covered and not transplanted:
            if complete is None:
                codes.append("DEFINITION_NOT_MET")
            else:
                record = papers.get("dialysis_record")
                dialysis_goes_on = not (record and record.through and record.through >= complete)
    elif covered and disease == "acute_myocardial_infarction" and len(medical.criteria) < 3:
        codes.append("DEFINITION_NOT_MET")
    if f.forgery_found:
        codes.append("FORGED_MATERIAL")
    if f.reported_on > last_day and not f.late_waived:
        codes.append("LATE_REPORT")
    outcome = "reject" if codes else ""

    # refer and wait
    percent: int | None = 100
    expert = bypass and medical.approach is not _OPEN and medical.approach is not _INTERVENTION
    if in_situ:
        percent = None
    elif malignant and medical.site == "thyroid":
        stage = _STAGE.fullmatch(_GAPS.sub("", medical.tnm or ""))
        if stage is None:
            expert = True
        else:
            t, n, m = stage[1].lower(), stage[2].lower(), stage[3].lower()
            if t == "x" or n == "x" or m == "x":
                expert = True
            elif t in ("1", "1a", "1b") and n in ("0", "0a", "0b") and m == "0":
                percent = 30
    elif alzheimer:
        percent = 80
    elif disease in _MILD:
        percent = 30
    before = len(codes)
    if f.migrated_unchecked:
        codes.append("HEALTH_RECHECK")
    if f.breaches or f.non_disclosure_upheld:
        codes.append("NON_DISCLOSURE_REVIEW")
    if expert:
        codes.append("MEDICAL_EXPERT")
    if in_situ:
        codes.append("IN_SITU_RATIO")
    if not outcome and len(codes) > before:
        outcome = "refer"
    if dialysis_goes_on:
        codes.append("DIALYSIS_DURATION")
        outcome = outcome or "wait"

    # need
    if outcome != "reject":
        before = len(codes)
        certificate = papers.get("diagnosis_certificate")
        if certificate is None:
            codes.append("DIAGNOSIS_CERTIFICATE")
        else:
            grade = certificate.grade
            if grade is None or grade[0] == "1" or certificate.ownership is not _PUBLIC:
                codes.append("QUALIFYING_HOSPITAL_CERTIFICATE")
            if not certificate.sealed:
                codes.append("RECORDS_OFFICE_SEAL")
            if alzheimer and certificate.signed_by is not _SPECIALIST:
                codes.append("SPECIALIST_CERTIFICATE")
        if malignant:
            if "pathology_report" not in papers:
                codes.append("PATHOLOGY_REPORT")
            if "imaging" not in papers:
                codes.append("IMAGING")
        elif bypass:
            if "surgery_record" not in papers:
                codes.append("SURGERY_RECORD")
            if "discharge_summary" not in papers:
                codes.append("DISCHARGE_SUMMARY")
        elif (
            disease == "end_stage_renal_disease"
            and "dialysis_record" not in papers
            and not (medical.transplanted_on and "transplant_record" in papers)
        ):
            codes.append("DIALYSIS_RECORD")
        if "id_card_front" not in papers:
            codes.append("ID_CARD_FRONT")
        if "id_card_back" not in papers:
            codes.append("ID_CARD_BACK")
        if "bank_card" not in papers:
            codes.append("BANK_CARD")
        if "prior_exam_reports" not in papers:
            codes.append("PRIOR_EXAM_REPORTS")
        if evidence_missing:
            codes.append("NO_SYMPTOM_EVIDENCE")
        if not outcome:
            outcome = "need" if len(codes) > before else "accept"

    # the amount
    arrears = 0
    if f.unpaid:
        after = f.reported_on
        first = add_months(after, -12)
        for share in f.unpaid:
            if first <= share.due_on < after:
                arrears += share.fen
    if outcome == "reject":
        return outcome, tuple(codes), 0, arrears, 0
    if percent is None:
        return outcome, tuple(codes), None, arrears, None
    age_percent = 80 if age_years(f.birth_date, diagnosed) >= 60 else 100
    gross = (f.tier_fen * percent * age_percent * 2 + 10_000) // 20_000
    return outcome, tuple(codes), gross, arrears, gross - arrears if gross > arrears else 0
