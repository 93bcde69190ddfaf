"""The report, visit by visit, as an investigator writes it on a telephone.

Several forms in one: what is asked of the whole, a part for each visit that was asked for, any number of others. What
must be said of a visit is the rules' to know (`rules.visits.faults`); here each complaint finds its field.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.forms import words
from claims.rules.kinds import Approach, Behaviour, Criterion, SymptomsInWaiting
from config.kernel.civil import SHANGHAI
from config.kernel.forms import offer
from investigations.enums import METHOD_NAMES, RESULTS, Conclusion, Method
from investigations.models import Commission, Exhibit
from investigations.rules.visits import (
    DIAGNOSED_ON,
    ELSEWHERE,
    INTERVIEW,
    Content,
    Point,
    Visit,
    facts_of,
    faults,
    look_for,
)
from investigations.services import reporting

LONGEST = 20_000
"""Characters of a text."""
MOST_OTHERS = 10
"""Visits that were added freely."""
YES_OR_NO = (("", "—"), ("yes", _("yes")), ("no", _("no")))


class Whole(forms.Form):
    """What is asked of the report as a whole, and the signature."""

    conclusion = forms.ChoiceField(
        label=_("Conclusion"),
        choices=[("", "—"), *Conclusion.choices],
        help_text=_("Your recommendation: it changes nothing by itself."),
    )
    text = forms.CharField(
        label=_("Summary"),
        help_text=_("What was found, and what contradicts the file."),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 5}),
    )
    signed = forms.BooleanField(
        label=_("I sign: this is what was found on these visits, and whoever was recorded had agreed to it."),
        error_messages={"required": _("Sign the report: without that it cannot be filed.")},
    )

    def __init__(self, *args: Any, points: Sequence[Point], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.points = points
        for number in range(len(points)):
            self.fields[f"answer-{number}"] = forms.CharField(
                label=_("What was done about it"), max_length=LONGEST, widget=forms.Textarea({"rows": 3})
            )
        self.order_fields([*(name for name in self.fields if name.startswith("answer-")), "conclusion", "text"])

    @property
    def answers(self) -> list[str]:
        return [self.cleaned_data[f"answer-{number}"] for number in range(len(self.points))]


class VisitForm(forms.Form):
    """One visit; nothing is asked for by the browser, so that a part that is folded up holds nothing back."""

    use_required_attribute = False

    result = forms.ChoiceField(
        label=_("Result of the visit"),
        choices=[("", "—"), *((key.value, name) for key, name in RESULTS.items())],
        required=False,
    )
    visited_at = forms.DateTimeField(
        label=_("When?"),
        required=False,
        help_text=_("Beijing time"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    who = forms.CharField(
        label=_("Who went there?"), required=False, max_length=200, help_text=_("Left empty: whoever signs.")
    )
    place = forms.CharField(label=_("Where?"), required=False, max_length=200)
    met = forms.CharField(
        label=_("Whom did you speak to?"),
        required=False,
        max_length=200,
        help_text=_("Name, office and number of the card."),
    )
    found = forms.CharField(
        label=_("What was found, or why it was not done"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4}),
    )
    contradiction = forms.CharField(
        label=_("What contradicts the file"), required=False, max_length=LONGEST, widget=forms.Textarea({"rows": 3})
    )
    why_unrecorded = forms.CharField(label=_("Why there is no recording"), required=False, max_length=500)
    exhibits = forms.TypedMultipleChoiceField(
        label=_("Files that show it"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("One of these files was not taken: see what became of it above.")},
    )

    def __init__(
        self,
        *args: Any,
        method: str,
        disease: str,
        files: Sequence[Exhibit],
        since: datetime,
        at: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.method, self.since, self.at = method, since, at
        self.shown = {file.pk: file for file in files}
        self.keys = facts_of(disease, method)
        self.looked_for = [gettext(sentence) for sentence in look_for(disease, method)]
        offer(self, "exhibits", [(file.pk, _called(file)) for file in files])
        if method != INTERVIEW:
            del self.fields["why_unrecorded"]
        for key in self.keys:
            self.fields[key] = _field_of(key)

    @property
    def name(self) -> str:
        return str(METHOD_NAMES[self.method])

    @property
    def said(self) -> str:
        """What came of it, in words, for the line that stays when the part is folded up."""
        result = self["result"].value()
        return str(RESULTS.get(result, "")) if result else ""

    @property
    def about_it(self) -> list[Any]:
        return [self[name] for name in self.fields if name not in self.keys]

    @property
    def in_the_originals(self) -> list[Any]:
        return [self[key] for key in self.keys]

    def visit(self) -> Visit:
        """As it was typed; what was not understood is missing."""
        said = self.cleaned_data
        at = said.get("visited_at")
        return Visit(
            self.method,
            said.get("result", ""),
            who=said.get("who", ""),
            place=said.get("place", ""),
            met=said.get("met", ""),
            visited_at=at and at.astimezone(SHANGHAI),
            found=said.get("found", ""),
            contradiction=said.get("contradiction", ""),
            why_unrecorded=said.get("why_unrecorded", ""),
            facts={key: fact for key in self.keys if (fact := _plain(said.get(key))) not in (None, "", [])},
            exhibits=tuple(said.get("exhibits", ())),
        )

    def clean(self) -> dict[str, Any]:
        visit = self.visit()
        is_recorded = any(self.shown[pk].kind in reporting.RECORDED for pk in visit.exhibits)
        if visit == Visit(ELSEWHERE):
            return self.cleaned_data
        for field, why in faults(visit, since=self.since, at=self.at, is_recorded=is_recorded):
            if field not in self.errors:
                self.add_error(field, gettext(why))
        return self.cleaned_data


class Filing:
    """All parts of a report; begun with what `before` said, where one was sent back."""

    def __init__(self, commission: Commission, *, data: Any = None, at: datetime) -> None:
        self.commission = commission
        self.before = reporting.sent_back(commission)
        self.points = self.before.points_said if self.before else []
        said = self.before.said if self.before else Content()
        first = {visit.method: visit for visit in said.visits if visit.method != ELSEWHERE}
        others = [visit for visit in said.visits if visit.method == ELSEWHERE]
        summary = {"conclusion": self.before.conclusion, "text": self.before.findings} if self.before else None
        told: dict[str, Any] = {
            "disease": commission.claim.disease,
            "files": list(reporting.files_to_show(commission)),
            "since": commission.sent_at,
            "at": at,
        }
        self.whole = Whole(data, initial=summary, points=self.points)
        self.asked = [
            VisitForm(data, prefix=method, method=method, initial=_initial(first.get(method)), **told)
            for method in Method.values
            if method in commission.methods
        ]
        formset = forms.formset_factory(VisitForm, extra=0, max_num=MOST_OTHERS, absolute_max=MOST_OTHERS)
        self.others = formset(
            data,
            prefix="others",
            initial=[_initial(visit) for visit in others],
            form_kwargs={"method": ELSEWHERE, **told},
        )

    def is_valid(self) -> bool:
        """All parts are looked at, so that everything that is wrong is said at once."""
        return all([self.whole.is_valid(), *(form.is_valid() for form in self.asked), self.others.is_valid()])

    @property
    def said(self) -> dict[str, Any]:
        """What the service takes."""
        visits = [form.visit() for form in (*self.asked, *self.others.forms)]
        return {
            "conclusion": self.whole.cleaned_data["conclusion"],
            "text": self.whole.cleaned_data["text"],
            "visits": [visit for visit in visits if visit != Visit(ELSEWHERE)],
            "answers": self.whole.answers,
        }

    @property
    def asked_points(self) -> list[tuple[str, Any]]:
        """Each point with the visit that it is about, and the field of its answer."""
        visits = self.before.said.visits if self.before else ()
        about = [METHOD_NAMES[visits[point.about].method] if point.about is not None else "" for point in self.points]
        return [
            (f"{name}: {point.text}" if name else point.text, self.whole[f"answer-{number}"])
            for number, (name, point) in enumerate(zip(about, self.points, strict=True))
        ]


def _initial(visit: Visit | None) -> dict[str, Any]:
    """A visit of the version before, as its form begins."""
    if visit is None:
        return {}
    said = {name: value for name, value in visit.to_json().items() if name not in ("method", "facts")}
    facts: Mapping[str, Any] = visit.facts
    yes = {True: "yes", False: "no"}
    typed = {key: yes[value] if isinstance(value, bool) else value for key, value in facts.items()}
    return said | {"visited_at": visit.visited_at} | typed


def _called(file: Exhibit) -> str:
    return f"{file.name or file.get_kind_display()} · {file.get_state_display()}"


def _field_of(key: str) -> forms.Field:
    """How a fact is asked for; nothing is said where the originals are silent."""
    label = str(words.FACT_NAMES[key])
    if key in (DIAGNOSED_ON, "dialysis_since", "transplanted_on"):
        return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    if key in ("hiv_related", "alcohol_related"):
        return forms.ChoiceField(label=label, required=False, choices=YES_OR_NO)
    if key == "criteria":
        return forms.MultipleChoiceField(
            label=label, required=False, choices=words.choices(Criterion), widget=forms.CheckboxSelectMultiple
        )
    if kinds := {"symptoms_in_waiting": SymptomsInWaiting, "behaviour": Behaviour, "approach": Approach}.get(key):
        return forms.ChoiceField(label=label, required=False, choices=[("", "—"), *words.choices(kinds)])
    if key == "site":
        return forms.ChoiceField(label=label, required=False, choices=[("", "—"), *words.SITES])
    return forms.CharField(label=label, required=False, max_length=40)


def _plain(value: Any) -> Any:
    """A fact as a case script writes it."""
    if value in ("yes", "no"):
        return value == "yes"
    return value.isoformat() if hasattr(value, "isoformat") else value
