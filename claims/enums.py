"""The closed lists of the claims app."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(TextChoices):
    REPORTED = "reported", _("reported")
    COLLECTING = "collecting", _("collecting papers")
    REVIEWING = "reviewing", _("first review")
    INVESTIGATING = "investigating", _("investigation")
    DECIDING = "deciding", _("final review")
    PUBLICISED = "publicised", _("publicity")
    SUSPENDED = "suspended", _("suspended")
    APPROVED = "approved", _("awaiting payout")
    PAYING = "paying", _("payout under way")
    PAID = "paid", _("paid out")
    REJECTED = "rejected", _("no aid")
    APPEALING = "appealing", _("appeal")
    WITHDRAWN = "withdrawn", _("withdrawn")
    CLOSED = "closed", _("closed")


UNDECIDED = (State.REPORTED, State.COLLECTING, State.REVIEWING, State.INVESTIGATING, State.DECIDING)
"""Nobody has decided yet: what the rules wait for may still come."""

ENDED = (State.WITHDRAWN, State.CLOSED)
"""Ends: no move leads out of them."""

JUDGING = (State.COLLECTING, State.REVIEWING, State.INVESTIGATING, State.DECIDING)
"""Papers can be accepted and sent back."""

WITH_THE_BANK = (State.PAYING, State.PAID)
"""The money is out of the house, or settled: nothing about the amount may change any more."""

UNSETTLED = tuple(state for state in State if state not in (*WITH_THE_BANK, *ENDED))
"""There is still something to find out, to weigh or to decide."""

MOVES = (
    (State.REPORTED, State.COLLECTING),
    (State.REPORTED, State.WITHDRAWN),
    (State.COLLECTING, State.REVIEWING),
    (State.COLLECTING, State.WITHDRAWN),
    (State.COLLECTING, State.CLOSED),
    (State.REVIEWING, State.COLLECTING),
    (State.REVIEWING, State.INVESTIGATING),
    (State.REVIEWING, State.DECIDING),
    (State.REVIEWING, State.REJECTED),
    (State.INVESTIGATING, State.DECIDING),
    (State.DECIDING, State.COLLECTING),
    (State.DECIDING, State.REVIEWING),
    (State.DECIDING, State.INVESTIGATING),
    (State.DECIDING, State.PUBLICISED),
    (State.DECIDING, State.REJECTED),
    (State.PUBLICISED, State.SUSPENDED),
    (State.PUBLICISED, State.DECIDING),
    (State.PUBLICISED, State.APPROVED),
    (State.PUBLICISED, State.REJECTED),
    (State.SUSPENDED, State.PUBLICISED),
    (State.SUSPENDED, State.DECIDING),
    (State.SUSPENDED, State.REJECTED),
    (State.APPROVED, State.PAYING),
    (State.APPROVED, State.DECIDING),
    (State.PAYING, State.PAID),
    (State.PAYING, State.APPROVED),
    (State.PAID, State.CLOSED),
    (State.REJECTED, State.APPEALING),
    (State.REJECTED, State.CLOSED),
    (State.APPEALING, State.REJECTED),
    (State.APPEALING, State.DECIDING),
)
"""What the database lets through, whoever writes; the guards of the moves themselves stand on `Claim`."""


class Cause(TextChoices):
    ILLNESS = "illness", _("illness")
    ACCIDENT = "accident", _("accident")


class Reporter(TextChoices):
    """Who files (AMB-26)."""

    MEMBER = "member", _("member")
    GUARDIAN = "guardian", _("guardian")
    HEIR = "heir", _("legal heir")
    AGENT = "agent", _("authorised agent")


class Payee(TextChoices):
    """To whom the aid is paid (AMB-26)."""

    MEMBER = "member", _("the member's own account")
    GUARDIAN = "guardian", _("the guardian's account")
    HEIRS = "heirs", _("the legal heirs")


class ObjectionKind(TextChoices):
    """SR-25."""

    NON_DISCLOSURE = "non_disclosure", _("untrue health declaration")
    DEFINITION = "definition", _("dispute about the disease definition")
    FORGERY = "forgery", _("suspected forgery of papers")


class ObjectionFinding(TextChoices):
    DISMISSED = "dismissed", _("dismissed")
    UPHELD = "upheld", pgettext_lazy("objection", "upheld")
    MOOT = "moot", _("no longer relevant")


class ProcedureKind(TextChoices):
    """What a third party is asked for; the investigations app sends it out."""

    FIELD = "field", _("field investigation")
    SECOND = "second", _("second investigation")
    EXPERT = "expert", _("medical expert panel")
    FORENSIC = "forensic", _("forensic appraisal")
    ARBITRATION = "arbitration", _("medical arbitration")


class Channel(TextChoices):
    """SR-26, SR-27, SR-28."""

    ONLINE = "online", _("online, with new evidence")
    ARBITRATION = "arbitration", _("medical arbitration")
    LITIGATION = "litigation", _("lawsuit")


class AppealFinding(TextChoices):
    UPHELD = "upheld", _("the refusal stands")
    OVERTURNED = "overturned", _("the refusal is overturned")


class Approvals(TextChoices):
    """What a return to an earlier step does to the approvals given after it."""

    KEEP = "keep", _("later approvals stand")
    REDO = "redo", _("later approvals are given again")


class ReturnReason(TextChoices):
    """Why a case goes back; the report of errors by post is made of these."""

    MISSING_PAPER = "missing_paper", _("a paper is missing or unreadable")
    UNCLEAR_FACT = "unclear_fact", _("a fact has to be cleared up")
    RULE_MISREAD = "rule_misread", _("a rule was read wrongly")
    NEW_EVIDENCE = "new_evidence", _("new evidence has come")
    OTHER = "other", _("another reason")


class DeadlineKind(TextChoices):
    SUPPLEMENT = "supplement", _("papers to be supplied")
    REVIEW = "review", _("first review")
    INVESTIGATION = "investigation", _("investigation report")
    DECISION = "decision", _("final review")
    CONDITION = "condition", _("condition of the disease definition")
    PUBLICITY = "publicity", _("publicity")
    PAYMENT = "payment", _("payout")
    APPEAL_WINDOW = "appeal_window", _("appeal window")
    APPEAL_DECISION = "appeal_decision", _("decision on the appeal")


DESK_KINDS = (
    DeadlineKind.SUPPLEMENT,
    DeadlineKind.REVIEW,
    DeadlineKind.INVESTIGATION,
    DeadlineKind.DECISION,
    DeadlineKind.PAYMENT,
    DeadlineKind.APPEAL_DECISION,
)
"""Clocks of the desk: the only ones that supervisors stop and prolong, and whose end climbs the ladder. Publicity and
appeal window have rules of their own, and the day of a condition is medical."""


class PauseReason(TextChoices):
    """Why a clock of the desk stands still."""

    APPLICANT = "applicant", _("the applicant cannot act for now")
    HOSPITAL = "hospital", _("a hospital has to hand out records first")
    AUTHORITY = "authority", _("an authority or a court has to decide first")
    DISASTER = "disaster", _("disaster, epidemic or a closed office")
    OTHER = "other", _("another reason")


class Rungs(TextChoices):
    """Who was told of a deadline that ran out, from below; and that a clock has stood still for too long."""

    HOLDER = "holder", _("whoever has the case")
    LEAD = "lead", _("the lead of the team")
    SUPERVISORS = "supervisors", _("the supervisors")
    STANDS_STILL = "stands_still", _("stood still too long")


class DeadlineStatus(TextChoices):
    OPEN = "open", _("open")
    MET = "met", pgettext_lazy("deadline", "met")
    MISSED = "missed", _("missed")
    CANCELLED = "cancelled", _("cancelled")


class MaterialKind(TextChoices):
    DIAGNOSIS_CERTIFICATE = "diagnosis_certificate", _("diagnosis certificate")
    PATHOLOGY_REPORT = "pathology_report", _("pathology report")
    IMAGING = "imaging", _("imaging")
    SURGERY_RECORD = "surgery_record", _("surgery record")
    DISCHARGE_SUMMARY = "discharge_summary", _("discharge summary")
    DIALYSIS_RECORD = "dialysis_record", _("dialysis record")
    TRANSPLANT_RECORD = "transplant_record", _("transplant record")
    ID_CARD_FRONT = "id_card_front", _("ID card, front")
    ID_CARD_BACK = "id_card_back", _("ID card, back")
    BANK_CARD = "bank_card", _("bank card")
    PRIOR_EXAM_REPORTS = "prior_exam_reports", _("earlier check-up reports")
    NO_SYMPTOM_EVIDENCE = "no_symptom_evidence", _("evidence of no symptoms in the waiting period")
    GUARDIANSHIP = "guardianship", _("proof of guardianship")
    HEIRSHIP = "heirship", _("proof of heirship")


class PaperFinding(TextChoices):
    """What a reviewer says of a paper; one sent back counts as missing."""

    ACCEPTED = "accepted", pgettext_lazy("paper", "accepted")
    RETURNED = "returned", pgettext_lazy("paper", "sent back")


class PaperFault(TextChoices):
    """Why a paper is sent back."""

    UNREADABLE = "unreadable", _("it cannot be read")
    INCOMPLETE = "incomplete", _("pages are missing")
    WRONG_KIND = "wrong_kind", _("it is another kind of paper")
    WRONG_PERSON = "wrong_person", _("it is another person's")
    NOT_SEALED = "not_sealed", _("the seal of the records office is missing")
    OUT_OF_DATE = "out_of_date", _("it is out of date")
    OTHER = "other", _("another reason")


FAULTS_TO_EXPLAIN = (PaperFault.OTHER,)
"""Faults that say nothing without a note."""


class Delivery(TextChoices):
    """How a letter reached its reader."""

    EMAIL = "email", _("by e-mail")
    POST = "post", _("by registered post")
    PERSON = "person", _("handed over in person")
    APP = "app", _("in the app")


class Weighs(TextChoices):
    """Which way a piece of evidence points."""

    FOR = "for", _("speaks for aid")
    AGAINST = "against", _("speaks against aid")


class SignalKind(TextChoices):
    """What a case has in common with others, or why it deserves a second look. It refers to a person, nothing else."""

    SAME_FILE = "same_file", _("the same file in another case")
    SAME_PAYEE = "same_payee", _("the same bank card in another case")
    SAME_RECORD = "same_record", _("the same hospital record number in another case")
    SAME_PHONE = "same_phone", _("the same phone in another case")
    SAME_AGENCY = "same_agency", _("the same reporting agency in other cases")
    SOON_AFTER_WAITING = "soon_after_waiting", _("reported soon after the waiting period")


class Number(TextChoices):
    """A number that is masked on the page of a case."""

    ID_NUMBER = "id_number", _("resident ID number")
    PHONE = "phone", _("phone")
    BANK_CARD = "bank_card", _("bank card")
    REPORTER_PHONE = "reporter_phone", _("phone of who reported")
    RECORD_NUMBER = "record_number", _("hospital record number")


class LetterKind(TextChoices):
    SUPPLEMENT = "supplement", _("request for papers")
    REFUSAL = "refusal", _("refusal")
    APPROVAL = "approval", _("approval")
    OBJECTION_RESULT = "objection_result", _("result of an objection")
    APPEAL_RESULT = "appeal_result", _("result of the appeal")


OUTCOMES = {
    "reject": _("no aid by the rules"),
    "refer": _("a person has to judge"),
    "wait": _("a condition is not met yet"),
    "need": _("papers are missing"),
    "accept": _("aid by the rules"),
}
"""What the rules' assessment comes to, as a reader calls it."""


class SampleReason(TextChoices):
    """Why a closed case was drawn for a second look; a case may have several."""

    RANDOM = "random", _("drawn at random")
    HIGH_AMOUNT = "high_amount", _("amount above the average of its plan")
    FAST = "fast", _("decided unusually fast")
    SLOW = "slow", _("decided unusually slowly")


class Verdict(TextChoices):
    """How a case ended, or should have."""

    AID = "aid", pgettext_lazy("verdict", "aid")
    REFUSAL = "refusal", pgettext_lazy("verdict", "no aid")


class Agreement(TextChoices):
    """What a second look comes to beside the decision."""

    AGREES = "agrees", pgettext_lazy("second look", "agrees")
    OTHER_OUTCOME = "other_outcome", _("another outcome")
    OTHER_AMOUNT = "other_amount", _("another amount")
    OTHER_GROUND = "other_ground", _("the same outcome on another ground")


class Post(TextChoices):
    """Where in the house an error was made."""

    INTAKE = "intake", _("intake")
    REVIEW = "review", _("first review")
    INVESTIGATION = "investigation", _("investigation")
    DECISION = "decision", _("final review")
    PUBLICITY = "publicity", _("publicity")
    PAYMENT = "payment", _("payout")


class Mistake(TextChoices):
    """What kind of error a second look found."""

    PAPER_OVERLOOKED = "paper_overlooked", _("a paper was overlooked or wrongly accepted")
    FACT_WRONG = "fact_wrong", _("a fact was recorded wrongly")
    EVIDENCE_MISSED = "evidence_missed", _("evidence was not looked for")
    RULE_MISREAD = "rule_misread", _("a rule was read wrongly")
    AMOUNT_WRONG = "amount_wrong", _("the amount was worked out wrongly")
    GROUND_WRONG = "ground_wrong", _("the ground does not carry the decision")
    PROCEDURE = "procedure", _("a step or a deadline was not kept")
    LETTER = "letter", _("a letter or the publicity says it wrongly")
    OTHER = "other", _("another error")


class LookAnswer(TextChoices):
    """What the one whose decision it was says of a second look."""

    ACCEPTED = "accepted", pgettext_lazy("second look", "accepted")
    CONTESTED = "contested", pgettext_lazy("second look", "contested")


class Settlement(TextChoices):
    """What a supervisor makes of a contested second look."""

    STANDS = "stands", _("the finding stands")
    FALLS = "falls", _("the finding falls")
