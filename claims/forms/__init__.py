"""What each move of a case asks for. The services say no; a form only reads what was typed."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from claims.enums import Approvals, Cause, Channel, MaterialKind, ObjectionKind, Reporter, ReturnReason, State
from claims.forms import words
from claims.models import Claim
from claims.rules.kinds import Approach, Behaviour, Criterion, Signer, SymptomsInWaiting
from claims.services.letters import gaps_of
from claims.services.objecting import check_objector
from claims.services.reviewing import EARLIER
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.forms import Choice, Day, Line, ModelChoice, MoveForm, Several, Text, Tick, Yuan
from config.kernel.identity import InvalidIdentity, mobile, resident_id
from config.kernel.refusals import NotPermitted, Refusal
from members.enums import Ownership
from members.models import Disease, Membership
from members.rules.codes import PAPER_CODES, REJECT_CODES, Code
from members.services.plans import terms_of

WHY = _("It stays with the case.")
OUTLIVES = _("Needed where you decide otherwise than the rules propose. It stays with the case.")

GRADES = [f"{level}{letter}" for level in "321" for letter in "ABC"]


class Because(MoveForm):
    """A reason that the move cannot do without."""

    reason = Text(label=_("Reason"), help_text=WHY)


class MaybeBecause(MoveForm):
    """A reason that is needed against the rules only."""

    reason = Text(label=_("Reason"), required=False, help_text=OUTLIVES)


class Refuse(MoveForm):
    ground = Choice(label=_("Ground"))
    reason = Text(label=_("Reason"), required=False, help_text=OUTLIVES)

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        found = row.assessment.codes if row.assessment else []
        codes = sorted(REJECT_CODES, key=lambda code: (code.value not in found, list(Code).index(code)))
        self.fields["ground"].choices = [(code.value, words.code(code.value)) for code in codes]  # type: ignore[attr-defined]


class Publish(MoveForm):
    ratio_percent = forms.IntegerField(
        label=_("Ratio in percent"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_("Only where the covenant leaves the ratio to you."),
    )
    reason = Text(label=_("Reason"), required=False, help_text=OUTLIVES)

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.fields["ratio_percent"].widget.attrs["class"] = Line().widget.attrs["class"]
        if row.assessment is None or row.assessment.net_fen is not None:
            del self.fields["ratio_percent"]


class ReturnTo(MoveForm):
    to = Choice(label=_("Back to"))
    code = Choice(label=_("Coded reason"), choices=ReturnReason.choices)
    approvals = Choice(label=_("Approvals given since then"), choices=Approvals.choices, initial=Approvals.REDO)
    reason = Text(label=_("Reason"), help_text=WHY)

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        steps = EARLIER.get(State(row.state), tuple(State))
        self.fields["to"].choices = [(step.value, step.label) for step in steps]  # type: ignore[attr-defined]


class Object(MoveForm):
    """An objection: first the person is looked up and shown, masked; the same person sent again is recorded.

    `notes` say who it is. Where a step of its own asks before a move is made, `asks_first` is switched off.
    """

    template = "desk/objection.html"
    asks_first = True
    kind = Choice(label=_("Kind"), choices=ObjectionKind.choices)
    id_number = Line(label=_("Resident ID number of the objecting member"), max_length=30)
    text = Text(label=_("What is objected"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.notes: list[str] = []

    def objector(self) -> Membership | None:
        """The running membership of that person in the plan of the case, or an ended one; None for a stranger."""
        found = Membership.objects.filter(
            member__id_number=read_id_number(self.cleaned_data["id_number"]), plan=self.row.membership.plan_id
        )
        found = found.select_related("member", "plan", "covenant")
        return found.order_by("-ended_on", "-id").first()  # PostgreSQL has empty ones first when descending

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("id_number"):
            said["objector"] = self.objector()
            self._check(said["objector"])
        return said

    def _check(self, objector: Membership | None) -> None:
        """May this person object? The service asks again; here the answer stands beside the number (AMB-28)."""
        today = database_now()
        try:
            other = check_objector(self.row, objector, at=today)
        except NotPermitted:
            self.add_error("id_number", gettext("This is the member of the case: another member has to object."))
        except Refusal as no:
            self.add_error("id_number", str(no))
        else:
            self.notes = [_who(other, civil_date(today))]
            if self.asks_first and self.cleaned_data.get("seen") != str(other.pk):
                self.notes.append(gettext("Is it this person? Then send the form again: nothing was recorded yet."))
                sent_again: Any = self.data.copy()  # type: ignore[attr-defined]
                sent_again["seen"] = str(other.pk)
                self.data = sent_again
                self.add_error("seen", "")


def _who(objector: Membership, today: date) -> str:
    """A member who may object, as intake needs to recognise him: masked."""
    last_day = objector.joined_on + timedelta(days=terms_of(objector.covenant).waiting.days)
    said = {"member": objector.member, "plan": objector.plan, "day": date_format(objector.joined_on)}
    who = gettext("%(member)s, member of %(plan)s since %(day)s, may object.") % said
    waiting = gettext("The waiting period runs until %(day)s, which is no hindrance.") % {"day": date_format(last_day)}
    return who if today > last_day else f"{who} {waiting}"


class Appeal(MoveForm):
    channel = Choice(label=_("Channel"), choices=Channel.choices)
    deposit_fen = Yuan(label=_("Deposit paid, in yuan"), required=False, help_text=_("Of a medical arbitration."))
    text = Text(label=_("What is put forward"), required=False)


class Report(MoveForm):
    """A report: the disease, the dates, and the medical facts that the definitions look at."""

    disease = ModelChoice(label=_("Disease"), queryset=Disease.objects.none(), to_field_name="code", empty_label="—")
    diagnosed_on = Day(label=_("First diagnosed on"))
    cause = Choice(label=_("Cause"), choices=Cause.choices)
    accident_on = Day(label=_("Accident on"), required=False)
    reporter = Choice(label=_("Reported by the"), choices=Reporter.choices)
    reporter_phone = Line(label=_("Phone of whoever reported"), required=False, max_length=30)
    reporter_agency = Line(
        label=_("Agency that reported"),
        required=False,
        max_length=80,
        help_text=_("Only where one brought the report."),
    )
    symptoms_in_waiting = Choice(
        label=_("Symptoms within the waiting period"), choices=words.choices(SymptomsInWaiting), required=False
    )
    behaviour = Choice(label=_("Behaviour of a tumour"), choices=words.choices(Behaviour), required=False)
    site = Choice(label=_("Site of a tumour"), choices=[("thyroid", _("thyroid"))], required=False)
    tnm = Line(label=_("TNM stage"), required=False, max_length=20, help_text="T1aN0M0")
    hiv_related = Tick(label=_("Related to HIV"))
    approach = Choice(label=_("Approach of a bypass"), choices=words.choices(Approach), required=False)
    alcohol_related = Tick(label=_("Caused by alcohol"))
    dialysis_since = Day(label=_("Dialysis since"), required=False)
    transplanted_on = Day(label=_("Transplanted on"), required=False)
    criteria = Several(label=_("Criteria of an infarction met"), choices=words.choices(Criterion), required=False)
    notes = Text(label=_("Medical notes"), required=False, help_text=_("Kept encrypted."))

    FACTS = (
        "symptoms_in_waiting",
        "behaviour",
        "site",
        "tnm",
        "hiv_related",
        "approach",
        "alcohol_related",
        "dialysis_since",
        "transplanted_on",
        "criteria",
    )

    def __init__(self, *args: Any, row: Membership, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        diseases: QuerySet[Disease] = Disease.objects.order_by("number")
        self.fields["disease"].queryset = diseases  # type: ignore[attr-defined]

    def clean_reporter_phone(self) -> str:
        try:
            return self.cleaned_data["reporter_phone"] and mobile(self.cleaned_data["reporter_phone"])
        except InvalidIdentity as no:
            raise forms.ValidationError(gettext(no.why)) from None

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        facts = {name: said.pop(name, None) for name in self.FACTS}
        said["facts"] = {name: _plain(fact) for name, fact in facts.items() if fact}
        return said


class Breach(MoveForm):
    question = Choice(label=_("Health question"))

    def __init__(self, *args: Any, row: Membership, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        asked = row.declarations.filter(found_untrue_at__isnull=True).order_by("question")
        self.fields["question"].choices = [  # type: ignore[attr-defined]
            (declaration.question, words.question(row.covenant, declaration.question)) for declaration in asked
        ]


class PaperForm(forms.Form):
    """One paper; which details count depends on its kind."""

    kind = Choice(label=_("Kind"), choices=MaterialKind.choices, required=False)
    grade = Choice(label=_("Grade of the hospital"), choices=[(grade, grade) for grade in GRADES], required=False)
    ownership = Choice(label=pgettext_lazy("hospital", "Run as"), choices=Ownership.choices, required=False)
    signed_by = Choice(label=_("Signed by"), choices=words.choices(Signer), required=False)
    through = Day(label=_("Record through"), required=False)
    sealed = Tick(label=_("Seal of the records office"))
    none_exist = Tick(label=_("Declared that none exist"))

    def paper(self) -> dict[str, Any] | None:
        """As a case script has it; None for an empty line."""
        said = self.cleaned_data
        if not said.get("kind"):
            return None
        paper = {name: _plain(said[name]) for name in ("kind", "signed_by", "through") if said[name]}
        paper |= {name: True for name in ("sealed", "none_exist") if said[name]}
        if said["grade"] or said["ownership"]:
            paper["hospital"] = {"grade": said["grade"] or None, "ownership": said["ownership"] or None}
        return paper


PaperLines = forms.formset_factory(PaperForm, extra=2, max_num=20)

ASKED_AS = {code.value: kind for kind, code in PAPER_CODES.items()} | {
    "QUALIFYING_HOSPITAL_CERTIFICATE": "diagnosis_certificate",
    "RECORDS_OFFICE_SEAL": "diagnosis_certificate",
    "SPECIALIST_CERTIFICATE": "diagnosis_certificate",
    "NO_SYMPTOM_EVIDENCE": "no_symptom_evidence",
}


class Papers:
    """A line for each paper that is still wanted, and two more; a case that wants none goes on without one."""

    template = "desk/papers.html"

    def __init__(self, data: Any = None, *, row: Claim) -> None:
        gaps = gaps_of(row)
        kinds = dict.fromkeys(ASKED_AS[code] for code in gaps if code in ASKED_AS)
        self.may_be_empty = row.state == State.COLLECTING and not gaps
        self.lines = PaperLines(data, prefix="paper", initial=[{"kind": kind} for kind in kinds])
        self.cleaned_data: dict[str, Any] = {}
        self.empty: str | Promise = ""

    def is_valid(self) -> bool:
        if not self.lines.is_valid():
            return False
        papers = [paper for form in self.lines if (paper := form.paper())]
        self.cleaned_data = {"materials": papers}
        self.empty = "" if papers or self.may_be_empty else _("Name at least one paper.")
        return not self.empty


def read_id_number(text: str) -> str:
    """The number as it is stored; what is none is given back, and found by nobody."""
    try:
        return resident_id(text, today=date.max).number
    except InvalidIdentity:
        return text.strip() or "-"


def _plain(fact: Any) -> Any:
    return fact.isoformat() if isinstance(fact, date) else fact
