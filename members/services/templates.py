"""The wording of every message, and of the codes that its facts may hold. Facts are filled in when it is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_noop as _

PLACE = re.compile(r"%\((\w+)\)s")

Words = Mapping[str, str | Promise]


@dataclass(frozen=True, slots=True)
class Template:
    """English msgids of a subject and a body; `words` says how the codes of a fact are read."""

    subject: str
    body: str
    words: Mapping[str, Words] = field(default_factory=dict)

    def facts(self) -> set[str]:
        """The facts that the wording needs; `about` and `name` are the message's own."""
        return {name for text in (self.subject, self.body) for name in PLACE.findall(text)} - {"about", "name"}


GREETING = _("%(name)s,")
FOOTER = "互助计划不是保险"
"""Stands under every e-mail, in Chinese in every language: the sentence that the regulator asks for."""

CODES: Words = {
    "NOT_COVERED": gettext_lazy("the illness is not in the plan's catalogue"),
    "EXCLUDED_HIV_TUMOUR": gettext_lazy("a tumour related to HIV is excluded"),
    "EXCLUDED_NON_OPEN_CHEST": gettext_lazy("surgery without opening the chest is excluded"),
    "EXCLUDED_ALCOHOL_BRAIN": gettext_lazy("a brain disease caused by alcohol is excluded"),
    "WAITING_PERIOD": gettext_lazy("diagnosed within the waiting period"),
    "WAITING_PERIOD_SYMPTOM": gettext_lazy("symptoms within the waiting period"),
    "DEFINITION_NOT_MET": gettext_lazy("the definition of the illness is not met"),
    "NON_DISCLOSURE": gettext_lazy("untrue health declaration"),
    "FORGED_MATERIAL": gettext_lazy("forged papers"),
    "LATE_REPORT": gettext_lazy("reported too late"),
    "DIAGNOSIS_CERTIFICATE": gettext_lazy("diagnosis certificate"),
    "QUALIFYING_HOSPITAL_CERTIFICATE": gettext_lazy("certificate of a public hospital of grade two or above"),
    "RECORDS_OFFICE_SEAL": gettext_lazy("seal of the hospital's records office on the certificate"),
    "SPECIALIST_CERTIFICATE": gettext_lazy("certificate signed by a specialist"),
    "PATHOLOGY_REPORT": gettext_lazy("pathology report"),
    "IMAGING": gettext_lazy("imaging"),
    "SURGERY_RECORD": gettext_lazy("surgery record"),
    "DISCHARGE_SUMMARY": gettext_lazy("discharge summary"),
    "DIALYSIS_RECORD": gettext_lazy("dialysis record"),
    "ID_CARD_FRONT": gettext_lazy("ID card, front"),
    "ID_CARD_BACK": gettext_lazy("ID card, back"),
    "BANK_CARD": gettext_lazy("bank card"),
    "PRIOR_EXAM_REPORTS": gettext_lazy("earlier check-up reports"),
    "NO_SYMPTOM_EVIDENCE": gettext_lazy("evidence of no symptoms in the waiting period"),
    "TRANSPLANT_RECORD": gettext_lazy("transplant record"),
    "GUARDIANSHIP": gettext_lazy("proof of guardianship"),
    "HEIRSHIP": gettext_lazy("proof of heirship"),
    "HEALTH_RECHECK": gettext_lazy("the health of a member taken over was not checked again"),
    "NON_DISCLOSURE_REVIEW": gettext_lazy("an untrue health declaration is to be judged"),
    "MEDICAL_EXPERT": gettext_lazy("a medical expert is to be asked"),
    "IN_SITU_RATIO": gettext_lazy("the ratio is left to whoever decides"),
    "DIALYSIS_DURATION": gettext_lazy("dialysis has not lasted long enough yet"),
}

FAULTS: Words = {
    "unreadable": gettext_lazy("it cannot be read"),
    "incomplete": gettext_lazy("pages are missing"),
    "wrong_kind": gettext_lazy("it is another kind of paper"),
    "wrong_person": gettext_lazy("it is another person's"),
    "not_sealed": gettext_lazy("the seal of the records office is missing"),
    "out_of_date": gettext_lazy("it is out of date"),
    "other": gettext_lazy("it cannot be used as it is"),
}

DEADLINES: Words = {
    "supplement": gettext_lazy("papers to be supplied"),
    "review": gettext_lazy("first review"),
    "investigation": gettext_lazy("investigation report"),
    "decision": gettext_lazy("final review"),
    "condition": gettext_lazy("condition of the disease definition"),
    "publicity": gettext_lazy("publicity"),
    "payment": gettext_lazy("payout"),
    "appeal_window": gettext_lazy("appeal window"),
    "appeal_decision": gettext_lazy("decision on the appeal"),
}

OBJECTIONS: Words = {
    "non_disclosure": gettext_lazy("untrue health declaration"),
    "definition": gettext_lazy("dispute about the disease definition"),
    "forgery": gettext_lazy("suspected forgery of papers"),
}

OBJECTION_FINDINGS: Words = {
    "dismissed": gettext_lazy("dismissed"),
    "upheld": pgettext_lazy("objection", "upheld"),
    "moot": gettext_lazy("no longer relevant"),
}

APPEAL_FINDINGS: Words = {
    "upheld": gettext_lazy("the refusal stands"),
    "overturned": gettext_lazy("the refusal is overturned"),
}

COMMISSIONS: Words = {
    "field": gettext_lazy("field investigation"),
    "second": gettext_lazy("second investigation"),
    "expert": gettext_lazy("medical expert panel"),
    "forensic": gettext_lazy("forensic appraisal"),
    "arbitration": gettext_lazy("medical arbitration"),
}

STEPS: Words = {
    "collecting": gettext_lazy("collecting papers"),
    "reviewing": gettext_lazy("first review"),
    "investigating": gettext_lazy("investigation"),
}

RETURNS: Words = {
    "missing_paper": gettext_lazy("a paper is missing or unreadable"),
    "unclear_fact": gettext_lazy("a fact has to be cleared up"),
    "rule_misread": gettext_lazy("a rule was read wrongly"),
    "new_evidence": gettext_lazy("new evidence has come"),
    "other": gettext_lazy("another reason"),
}

POSTS: Words = {
    "intake": gettext_lazy("intake"),
    "review": gettext_lazy("first review"),
    "investigation": gettext_lazy("investigation"),
    "decision": gettext_lazy("final review"),
    "publicity": gettext_lazy("publicity"),
    "payment": gettext_lazy("payout"),
}

MISTAKES: Words = {
    "paper_overlooked": gettext_lazy("a paper was overlooked or wrongly accepted"),
    "fact_wrong": gettext_lazy("a fact was recorded wrongly"),
    "evidence_missed": gettext_lazy("evidence was not looked for"),
    "rule_misread": gettext_lazy("a rule was read wrongly"),
    "amount_wrong": gettext_lazy("the amount was worked out wrongly"),
    "ground_wrong": gettext_lazy("the ground does not carry the decision"),
    "procedure": gettext_lazy("a step or a deadline was not kept"),
    "letter": gettext_lazy("a letter or the publicity says it wrongly"),
    "other": gettext_lazy("another error"),
}

TEMPLATES: Mapping[str, Template] = {
    "export_ready": Template(
        _("Export %(about)s is ready"),
        _("The file of export %(about)s has %(rows)s rows. It can be fetched until %(until)s, by you alone."),
    ),
    "export_failed": Template(
        _("Export %(about)s was not written"),
        _("Export %(about)s was not written. Its page says why, and what can be done."),
    ),
    "export_asked": Template(
        _("Export %(about)s waits for a second person"),
        _("Export %(about)s asks for private columns in the clear. Somebody other than who asked has to agree to it."),
    ),
    "export_grown": Template(
        _("Export %(about)s was held back and waits again"),
        _(
            "The list of export %(about)s has far more rows by now than were agreed to, and nothing was written."
            " Somebody other than who asked has to look at it again, and agree or decline."
        ),
    ),
    "second_look_given": Template(
        _("Case %(about)s: a second look"),
        _("Case %(about)s was drawn for a second look and given to you. Please look at it by the end of %(until)s."),
    ),
    "second_look_freed": Template(
        _("Case %(about)s: the second look goes to somebody else"),
        _(
            "Whoever had the second look at case %(about)s can no longer do it: the account is closed, or the right to "
            "it is gone. It goes back to be given to somebody else."
        ),
    ),
    "second_look_nobody": Template(
        _("Case %(about)s: nobody may look at it a second time"),
        _(
            "Everybody who may look at cases a second time had a part in case %(about)s or looked at it before. "
            "It stays drawn until somebody may."
        ),
    ),
    "second_look_serious": Template(
        _("Case %(about)s: a second look found a serious error"),
        _("A second look at case %(about)s found a serious error. Post: %(post)s. Kind: %(kind)s."),
        {"post": POSTS, "kind": MISTAKES},
    ),
    "second_look_finding": Template(
        _("Case %(about)s: a second look comes to something else"),
        _("A second look at case %(about)s, which you decided, is done. Read it; accept or contest what was found."),
    ),
    "second_look_contested": Template(
        _("Case %(about)s: a second look is contested"),
        _("What a second look at case %(about)s found is contested. A supervisor who is neither of them settles it."),
    ),
    "monthly_report_ready": Template(
        _("The monthly report of %(month)s is ready"),
        _("The monthly report of %(month)s that you asked for is ready, in Chinese and in English."),
    ),
    "monthly_report_failed": Template(
        _("The monthly report of %(month)s could not be made"),
        _("The monthly report of %(month)s that you asked for could not be made. Please ask for it again."),
    ),
    "monthly_report_same": Template(
        _("The monthly report of %(month)s says the same"),
        _("There is a report of %(month)s already, and its figures have not changed. No other one was made."),
    ),
    "reminder": Template(
        _("Case %(about)s: %(kind)s, until %(due_at)s"),
        _("In case %(about)s this is due by the end of %(due_at)s: %(kind)s."),
        {"kind": DEADLINES},
    ),
    "deadline_missed": Template(
        _("Case %(about)s: %(kind)s is overdue"),
        _("In case %(about)s this was due by the end of %(due_at)s and has not been done: %(kind)s."),
        {"kind": DEADLINES},
    ),
    "overdue_lead": Template(
        _("Case %(about)s: %(kind)s is overdue for %(days)s working days"),
        _(
            "In case %(about)s this was due by the end of %(due_at)s and has not been done: %(kind)s. "
            "Whoever has the case was told."
        ),
        {"kind": DEADLINES},
    ),
    "overdue_supervisors": Template(
        _("Case %(about)s: %(kind)s is overdue for %(days)s working days"),
        _("In case %(about)s this was due by the end of %(due_at)s and has not been done: %(kind)s."),
        {"kind": DEADLINES},
    ),
    "stands_still": Template(
        _("Case %(about)s: %(kind)s stands still"),
        _("In case %(about)s this clock has stood still since %(since)s, for more than %(days)s days: %(kind)s."),
        {"kind": DEADLINES},
    ),
    "supplement": Template(
        _("Case %(about)s: papers are missing"),
        _("Please send everything that case %(about)s still lacks in one go: %(codes)s."),
        {"codes": CODES},
    ),
    "sent_back": Template(
        _("Case %(about)s: papers are missing"),
        _(
            "Please send everything that case %(about)s still lacks in one go: %(codes)s. "
            "What you sent already and we send back: %(faults)s."
        ),
        {"codes": CODES, "faults": {**CODES, **FAULTS}},
    ),
    "supplement_moved": Template(
        _("Case %(about)s: send the papers by the end of %(due_at)s"),
        _("You now have until the end of %(due_at)s to send what case %(about)s still lacks."),
    ),
    "supplement_stopped": Template(
        _("Case %(about)s: the time for your papers stands still"),
        _(
            "The time in which you send what case %(about)s still lacks stands still for now. "
            "You can send papers all the same; you are told when it goes on, and until when."
        ),
    ),
    "refusal": Template(
        _("Case %(about)s: no aid"),
        _(
            "No aid can be given in case %(about)s: %(ground)s (clause %(clauses)s of your covenant). "
            "You may appeal online with new evidence, ask for medical arbitration, or go to court."
        ),
        {"ground": CODES},
    ),
    "approval": Template(
        _("Case %(about)s: the publicity is over"),
        _("The publicity of case %(about)s ended without an open objection. The aid of %(fen)s is being prepared."),
    ),
    "publicity_started": Template(
        _("Case %(about)s is public until %(ends_on)s"),
        _("Case %(about)s is shown to the members, with your name masked, until the end of %(ends_on)s."),
    ),
    "objection_received": Template(
        _("Case %(about)s: an objection was made"),
        _("A member objected to case %(about)s: %(kind)s. Until it is resolved, the case does not move on."),
        {"kind": OBJECTIONS},
    ),
    "objection_result": Template(
        _("Case %(about)s: result of an objection"),
        _("The objection to case %(about)s (%(kind)s): %(finding)s."),
        {"kind": OBJECTIONS, "finding": OBJECTION_FINDINGS},
    ),
    "decided_otherwise": Template(
        _("Case %(about)s: the rules now say otherwise"),
        _("A fact of the membership was corrected, and the rules no longer say what was decided in case %(about)s."),
    ),
    "payment_due": Template(
        _("Case %(about)s: payout to be prepared"),
        _("The publicity of case %(about)s is over and nothing stands in the way: prepare the payout."),
    ),
    "payout_sent": Template(
        _("Case %(about)s: the aid is on its way"),
        _("The bank was asked to pay %(fen)s in case %(about)s."),
    ),
    "payout_bounced": Template(
        _("Case %(about)s: the payment came back"),
        _("The bank returned the payment of %(fen)s in case %(about)s. Please check the account you gave us."),
    ),
    "appeal_decided": Template(
        _("Case %(about)s: result of the appeal"),
        _("Your appeal in case %(about)s was decided: %(finding)s."),
        {"finding": APPEAL_FINDINGS},
    ),
    "commission_sent": Template(
        _("Case %(about)s: %(kind)s"),
        _("You are asked for this in case %(about)s by the end of %(due_on)s: %(kind)s."),
        {"kind": COMMISSIONS},
    ),
    "commission_withdrawn": Template(
        _("Case %(about)s: no longer needed from you (%(kind)s)"),
        _("This was taken from you in case %(about)s and given to another agency: %(kind)s. You need not go on."),
        {"kind": COMMISSIONS},
    ),
    "commission_closed": Template(
        _("Case %(about)s: no longer needed from you (%(kind)s)"),
        _("Case %(about)s goes on without this: %(kind)s. You need not go on, and do not find it any more."),
        {"kind": COMMISSIONS},
    ),
    "commission_handed": Template(
        _("Case %(about)s was handed to you: %(kind)s"),
        _("The coordinator of your agency handed you this in case %(about)s, until the end of %(due_on)s: %(kind)s."),
        {"kind": COMMISSIONS},
    ),
    "commission_handed_on": Template(
        _("Case %(about)s was handed to a colleague: %(kind)s"),
        _("The coordinator of your agency gave this in case %(about)s to a colleague: %(kind)s. You need not go on."),
        {"kind": COMMISSIONS},
    ),
    "commission_reminder": Template(
        _("Case %(about)s: %(kind)s, until %(due_on)s"),
        _("In case %(about)s your agency's report is due by the end of %(due_on)s: %(kind)s."),
        {"kind": COMMISSIONS},
    ),
    "commission_moved": Template(
        _("Case %(about)s: now until %(due_on)s (%(kind)s)"),
        _("Your agency now has until the end of %(due_on)s to report in case %(about)s: %(kind)s."),
        {"kind": COMMISSIONS},
    ),
    "commission_stopped": Template(
        _("Case %(about)s: your agency's time stands still (%(kind)s)"),
        _(
            "The supervisors of the plan stopped the time in which your agency reports in case %(about)s: %(kind)s. "
            "You are told when it goes on, and until when."
        ),
        {"kind": COMMISSIONS},
    ),
    "commission_overdue": Template(
        _("Case %(about)s: your agency's report is overdue (%(kind)s)"),
        _(
            "In case %(about)s the report was due by the end of %(due_on)s and has not come: %(kind)s. "
            "The supervisors of the plan know, and may give it to another agency."
        ),
        {"kind": COMMISSIONS},
    ),
    "report_filed": Template(
        _("Case %(about)s: a report has come in (%(kind)s)"),
        _("The agency handed in its report in case %(about)s: %(kind)s. Accept it, or send it back with a reason."),
        {"kind": COMMISSIONS},
    ),
    "case_returned": Template(
        _("Case %(about)s was sent back: %(step)s"),
        _("Case %(about)s is back in the step “%(step)s”: %(code)s. What is wanted stands on its page."),
        {"step": STEPS, "code": RETURNS},
    ),
    "report_returned": Template(
        _("Case %(about)s: your report was sent back"),
        _(
            "Your report in case %(about)s (%(kind)s) leaves something open. "
            "Hand in the next version by the end of %(due_on)s."
        ),
        {"kind": COMMISSIONS},
    ),
    "check_stuck": Template(
        _("Case %(about)s: a file cannot be checked"),
        _(
            "In case %(about)s (%(kind)s) a file of the agency stays in quarantine: it was tried several times, and "
            "the virus scanner or the store gave no answer. Tell an administrator; it is tried again by itself."
        ),
        {"kind": COMMISSIONS},
    ),
    "investigation_held": Template(
        _("Case %(about)s: %(kind)s cannot be sent out"),
        _(
            "In case %(about)s nobody can be asked for this: %(kind)s. Either the member's consent to an investigation "
            "or the signed letter of authorisation is missing, or no active agency may be asked for it. "
            "It goes out by itself when that changes."
        ),
        {"kind": COMMISSIONS},
    ),
}
