"""What joining asks for. The service says no; the form reads the numbers, and says beside a field what was wrong."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from config.kernel.civil import civil_date
from config.kernel.display import language, yuan
from config.kernel.forms import Choice, Line, MoveForm, Several, offer, private
from config.kernel.identity import InvalidIdentity, ResidentId, bank_card, mobile, resident_id
from config.kernel.refusals import InvalidInput, Refusal
from members.enums import Purpose
from members.models import Covenant
from members.policies import terms_of
from members.refusals import NotAdmitted
from members.rules.codes import Code
from members.services.joining import SEPARATE_CONSENTS, Applicant

PAPERS = (("birth_certificate", _("birth certificate")), ("exam_report", _("examination report")))
ANSWERS = (("", "—"), ("no", _("no")), ("yes", _("yes")))

PLACES = {
    Code.AGE_BELOW_MINIMUM: "id_number",
    Code.AGE_ABOVE_MAXIMUM: "id_number",
    Code.BIRTH_CERTIFICATE: "documents",
    Code.EXAM_REPORT: "documents",
}
"""The field beside which a finding of the rules is said; a health question has one of its own."""


class Admission(MoveForm):
    """Who joins, under the covenant `row`; date of birth and sex are those of the ID number."""

    name = private(Line(label=_("Name"), max_length=80))
    id_number = private(
        Line(label=_("Resident ID number"), max_length=30, help_text=_("Date of birth and sex are read from it."))
    )
    region = Line(label=_("Region"), max_length=40)
    phone = private(Line(label=_("Phone"), max_length=30, required=False))
    email = private(forms.EmailField(label=_("E-mail"), required=False, widget=UnfoldAdminTextInputWidget))
    bank_card = private(Line(label=_("Bank card"), max_length=40, required=False))
    tier_fen = forms.TypedChoiceField(label=_("Tier"), coerce=int, widget=Choice.widget)
    documents = Several(label=_("Papers shown"), choices=PAPERS, required=False)
    consents = Several(
        label=_("Consents"),
        choices=[(purpose.value, purpose.label) for purpose in SEPARATE_CONSENTS],
        required=False,
        help_text=_("Only those that the member gave separately."),
    )

    def __init__(self, *args: Any, row: Covenant, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.today = civil_date(self.look.at)
        offer(self, "tier_fen", [(fen, yuan(fen)) for fen in terms_of(row).tiers.fen])
        self.questions = {f"question-{one['key']}": one["key"] for one in row.questions}
        for one in row.questions:
            self.fields[f"question-{one['key']}"] = private(Choice(label=one[language()], choices=ANSWERS))
        self.order_fields([*(name for name in self.fields if name != "consents"), "consents"])

    def clean_id_number(self) -> ResidentId:
        return _read(resident_id, self.cleaned_data["id_number"], today=self.today)

    def clean_phone(self) -> str:
        return self.cleaned_data["phone"] and _read(mobile, self.cleaned_data["phone"])

    def clean_bank_card(self) -> str:
        return self.cleaned_data["bank_card"] and _read(bank_card, self.cleaned_data["bank_card"]).number

    def applicant(self) -> Applicant:
        said = self.cleaned_data
        number: ResidentId = said["id_number"]
        return Applicant(
            id_number=number.number,
            birth_date=number.birth_date,
            sex=number.sex,
            **{name: said[name] for name in ("name", "region", "phone", "bank_card", "email")},
        )

    def choices(self) -> dict[str, Any]:
        """What else `admit` takes."""
        said = self.cleaned_data
        return {
            "tier_fen": said["tier_fen"],
            "declared": {key: said[name] == "yes" for name, key in self.questions.items()},
            "documents": said["documents"],
            "consents": [Purpose(purpose) for purpose in said["consents"]],
        }

    def refuse(self, no: Refusal) -> None:
        """Say what the service said: beside the field that it is about, on top where there is none."""
        if isinstance(no, NotAdmitted):
            self._say_findings(no)
        elif isinstance(no, InvalidInput):
            labels = {str(field.label): name for name, field in self.fields.items()}
            place = labels.get(str(no.data["field"]))
            self.add_error(place, str(no.data["why"]) if place else str(no))
        else:
            self.add_error(None, str(no))

    def _say_findings(self, no: NotAdmitted) -> None:
        yes = [name for name in self.questions if self.cleaned_data[name] == "yes"]
        for finding in no.data["admission"].findings:
            if finding.code is Code.DECLARATION_NOT_MET:
                for name in yes:
                    self.add_error(name, gettext("Whoever answers yes cannot join (%s).") % finding.clause)
            elif finding.code is not None:
                self.add_error(PLACES.get(finding.code), f"{finding.text(gettext)} ({finding.clause})")


def _read(reading: Any, text: str, **more: Any) -> Any:
    try:
        return reading(text, **more)
    except InvalidIdentity as no:
        raise forms.ValidationError(gettext(no.why)) from None
