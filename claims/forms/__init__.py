"""What each move of a case asks for. The services say no; a form only reads what was typed."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from claims.enums import Approvals, Cause, Channel, ObjectionKind, PaperFault, Reporter, ReturnReason, State
from claims.forms import words
from claims.models import Claim
from claims.rules.kinds import Approach, Behaviour, Criterion, SymptomsInWaiting
from claims.services.reviewing import EARLIER
from config.kernel.forms import Choice, Day, Line, ModelChoice, MoveForm, Several, Text, Tick, Yuan
from config.kernel.identity import InvalidIdentity, resident_id
from members.models import Disease, Membership
from members.rules.codes import REJECT_CODES, Code

WHY = _("It stays with the case.")
OUTLIVES = _("Needed where you decide otherwise than the rules propose. It stays with the case.")


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
    kind = Choice(label=_("Kind"), choices=ObjectionKind.choices)
    id_number = Line(label=_("Resident ID number of the objecting member"), max_length=30)
    text = Text(label=_("What is objected"), required=False)

    def objector(self) -> Membership | None:
        """The running membership of that person in the plan of the case, or an ended one; None for a stranger."""
        found = Membership.objects.filter(
            member__id_number=read_id_number(self.cleaned_data["id_number"]), plan=self.row.membership.plan_id
        )
        return found.order_by("-ended_on", "-id").first()  # PostgreSQL has empty ones first when descending

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("id_number"):
            said["objector"] = self.objector()
        return said


class Appeal(MoveForm):
    channel = Choice(label=_("Channel"), choices=Channel.choices)
    deposit_fen = Yuan(label=_("Deposit paid, in yuan"), required=False, help_text=_("Of a medical arbitration."))
    text = Text(label=_("What is put forward"), required=False)


class ReturnPaper(MoveForm):
    fault = Choice(label=_("What is wrong with it"), choices=[("", "—"), *PaperFault.choices])
    note = Text(label=_("Note"), required=False, help_text=_("For colleagues; the letter names the fault in words."))


class Report(MoveForm):
    """A report: the disease, the dates, and the medical facts that the definitions look at."""

    disease = ModelChoice(label=_("Disease"), queryset=Disease.objects.none(), to_field_name="code", empty_label="—")
    diagnosed_on = Day(label=_("First diagnosed on"))
    cause = Choice(label=_("Cause"), choices=Cause.choices)
    accident_on = Day(label=_("Accident on"), required=False)
    reporter = Choice(label=_("Reported by the"), choices=Reporter.choices)
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

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        facts = {name: said.pop(name, None) for name in self.FACTS}
        said["facts"] = {name: plain(fact) for name, fact in facts.items() if fact}
        return said


class Breach(MoveForm):
    question = Choice(label=_("Health question"))

    def __init__(self, *args: Any, row: Membership, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        asked = row.declarations.filter(found_untrue_at__isnull=True).order_by("question")
        self.fields["question"].choices = [  # type: ignore[attr-defined]
            (declaration.question, words.question(row.covenant, declaration.question)) for declaration in asked
        ]


def read_id_number(text: str) -> str:
    """The number as it is stored; what is none is given back, and found by nobody."""
    try:
        return resident_id(text, today=date.max).number
    except InvalidIdentity:
        return text.strip() or "-"


def plain(fact: Any) -> Any:
    return fact.isoformat() if isinstance(fact, date) else fact
