"""What each move of a case asks for. The services say no; a form only reads what was typed."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.enums import (
    OUTCOMES,
    Approvals,
    Cause,
    Channel,
    Delivery,
    ObjectionKind,
    PaperFault,
    Reporter,
    ReturnReason,
    State,
)
from claims.forms import words
from claims.models import Claim
from claims.rules.kinds import Approach, Behaviour, Criterion, SymptomsInWaiting
from claims.services.clauses import clause_of_ground
from claims.services.objecting import check_objector
from claims.services.reasons import AGAINST_PASSING, AGAINST_PUBLISHING, AGAINST_REFUSING
from claims.services.reviewing import EARLIER
from config.kernel.civil import civil_date
from config.kernel.display import day, language
from config.kernel.forms import Choice, Day, Line, ModelChoice, MoveForm, Several, Text, Tick, Yuan, offer, private
from config.kernel.identity import InvalidIdentity, mobile, resident_id
from config.kernel.models import User
from config.kernel.refusals import NotPermitted, Refusal
from members.models import Disease, Membership
from members.rules.admission import last_waiting_day
from members.rules.codes import REJECT_CODES, Code
from members.services.plans import terms_of

WHY = _("It stays with the case.")
NOT_AGAINST = _("Not needed: you decide as the rules propose. It stays with the case.")
AGAINST = _("Needed, because the rules say “%(said)s” and you decide otherwise. It stays with the case.")


class Because(MoveForm):
    """A reason that the move cannot do without."""

    reason = Text(label=_("Reason"), help_text=WHY, is_private=False)


class MaybeBecause(MoveForm):
    """A reason that somebody may add."""

    reason = Text(label=_("Reason"), required=False, help_text=WHY, is_private=False)


class Against(MoveForm):
    """A decision whose reason is needed where it goes against what the rules say; the form says so beforehand."""

    against: ClassVar[tuple[str, ...]] = ()

    reason = Text(label=_("Reason"), required=False, help_text=NOT_AGAINST, is_private=False)

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        said = row.assessment
        if said is not None and said.outcome in self.against:
            self.fields["reason"].required = True
            self.fields["reason"].help_text = AGAINST % {"said": OUTCOMES[said.outcome]}


class PassReview(Against):
    against = AGAINST_PASSING


class Refuse(Against):
    """The ground with its clause in the version that binds the member, and what was looked for against it."""

    template = "desk/refuse.html"
    against = AGAINST_REFUSING

    ground = forms.ChoiceField(label=_("Ground"), widget=forms.RadioSelect)
    contrary = Text(
        is_private=False,
        label=_("Contrary evidence"),
        help_text=_(
            "What would speak for aid: what you looked for, where, and what came of it. "
            "It stays with the case, and not in the letter."
        ),
    )
    field_order = ("ground", "contrary", "reason")

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.found = row.assessment.codes if row.assessment else []
        codes = sorted(REJECT_CODES, key=lambda code: (code.value not in self.found, list(Code).index(code)))
        offer(self, "ground", [(code.value, words.code(code.value)) for code in codes])
        if codes[0].value in self.found:
            self.fields["ground"].initial = codes[0].value
        self.fields["reason"].help_text = format_lazy(
            "{} {}", self.fields["reason"].help_text, _("Where the rules do not name the ground, the letter gives it.")
        )

    def grounds(self) -> Iterator[tuple[Any, dict[str, str], bool]]:
        """Each ground as a radio button, its clause, and whether the rules name it."""
        for radio in self["ground"]:
            code = radio.data["value"]
            radio.data["attrs"]["aria-describedby"] = f"{radio.id_for_label}_clause"
            clause = clause_of_ground(self.row.covenant, code)
            yield radio, {"number": clause.number, "text": clause.texts[language()]}, code in self.found


class Publish(Against):
    against = AGAINST_PUBLISHING

    ratio_percent = forms.IntegerField(
        label=_("Ratio in percent"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_("Only where the covenant leaves the ratio to you."),
    )
    field_order = ("ratio_percent", "reason")

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.fields["ratio_percent"].widget.attrs["class"] = Line().widget.attrs["class"]
        if row.assessment is None or row.assessment.net_fen is not None:
            del self.fields["ratio_percent"]


class ReturnTo(MoveForm):
    template = "desk/return.html"

    to = Choice(label=_("Back to"))
    code = Choice(label=_("Coded reason"), choices=ReturnReason.choices)
    approvals = Choice(label=_("Approvals given since then"), choices=Approvals.choices, initial=Approvals.REDO)
    reason = Text(label=_("Reason"), help_text=WHY, is_private=False)

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        steps = EARLIER.get(State(row.state), tuple(State))
        offer(self, "to", [(step.value, step.label) for step in steps])

    def given(self) -> list[tuple[Any, User, datetime]]:
        """The approvals that the case has: what, by whom, when."""
        claim = self.row
        had = (
            (_("First review passed"), claim.passed_by, claim.passed_at),
            (_("Investigation accepted"), claim.investigated_by, claim.investigated_at),
        )
        return [(label, by, at) for label, by, at in had if by is not None]


class Object(MoveForm):
    """An objection; `notes` say, masked, who the objecting person is."""

    template = "desk/objection.html"

    kind = Choice(label=_("Kind"), choices=ObjectionKind.choices)
    id_number = private(Line(label=_("Resident ID number of the objecting member"), max_length=30))
    text = Text(label=_("What is objected"), required=False)

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
        at = self.look.at
        try:
            other = check_objector(self.row, objector, at=at)
        except NotPermitted:
            self.add_error("id_number", gettext("This is the member of the case: another member has to object."))
        except Refusal as no:
            self.add_error("id_number", str(no))
        else:
            self.notes = [_who(other, civil_date(at))]


def _who(objector: Membership, today: date) -> str:
    """A member who may object, as intake needs to recognise him: masked."""
    last_day = last_waiting_day(objector.joined_on, terms_of(objector.covenant))
    said = {"member": objector.member, "plan": objector.plan, "day": day(objector.joined_on)}
    who = gettext("%(member)s, member of %(plan)s since %(day)s, may object.") % said
    waiting = gettext("The waiting period runs until %(day)s, which is no hindrance.") % {"day": day(last_day)}
    return who if today > last_day else f"{who} {waiting}"


class Appeal(MoveForm):
    channel = Choice(label=_("Channel"), choices=Channel.choices)
    deposit_fen = Yuan(label=_("Deposit paid, in yuan"), required=False, help_text=_("Of a medical arbitration."))
    text = Text(label=_("What is put forward"), required=False)


class ReturnPaper(MoveForm):
    fault = Choice(label=_("What is wrong with it"), choices=[("", "—"), *PaperFault.choices])
    note = Text(
        label=_("Note"),
        required=False,
        help_text=_("With “another reason” the applicant reads it in the letter; otherwise it is for colleagues."),
    )


class Deliver(MoveForm):
    delivery = Choice(label=_("Delivered"), choices=Delivery.choices)
    note = Line(
        label=_("Proof of delivery"),
        required=False,
        max_length=120,
        help_text=_("The number of the registered letter, or who took it. No phone or ID number."),
    )


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
    site = Choice(label=_("Site of a tumour"), choices=words.SITES, required=False)
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
        offer(self, "disease", diseases)
        for name in ("disease", "reporter_phone", *self.FACTS):
            private(self.fields[name])

    def clean_reporter_phone(self) -> str:
        try:
            return self.cleaned_data["reporter_phone"] and mobile(self.cleaned_data["reporter_phone"])
        except InvalidIdentity as no:
            raise forms.ValidationError(gettext(no.why)) from None

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        facts = {name: said.pop(name, None) for name in self.FACTS}
        said["facts"] = {name: plain(fact) for name, fact in facts.items() if fact}
        return said


class Breach(MoveForm):
    question = private(Choice(label=_("Health question")))

    def __init__(self, *args: Any, row: Membership, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        asked = row.declarations.filter(found_untrue_at__isnull=True).order_by("question")
        offer(
            self,
            "question",
            [(declaration.question, words.question(row.covenant, declaration.question)) for declaration in asked],
        )


def read_id_number(text: str) -> str:
    """The number as it is stored; what is none is given back, and found by nobody."""
    try:
        return resident_id(text, today=date.max).number
    except InvalidIdentity:
        return text.strip() or "-"


def plain(fact: Any) -> Any:
    return fact.isoformat() if isinstance(fact, date) else fact
