"""The forms in which a draft of a covenant is written.

Each carries the digest of the draft it was opened at, and beside every field what stood there then. So only what
somebody touched is written, and after another's change the rest shows what the draft says now.
"""

from collections.abc import Iterator
from typing import Any, Self, cast

from django import forms
from django.core.validators import RegexValidator
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldBooleanWidget

from config.kernel.forms import Day, Line, MoveForm, Text, Tick, offer
from members.forms import words
from members.forms.term_fields import Ticked, complaint, field_of
from members.models import Covenant
from members.rules import term_words
from members.rules.comparing import in_order
from members.rules.terms import CHECKS
from members.rules.vocabulary import trade_words
from members.services.drafting import QUESTIONS, digest_of

VERSION = RegexValidator(r"^[0-9A-Za-z.\-]+$", _("A version's name is made of letters, digits, dots and dashes."))


def plainly(text: str) -> None:
    """A validator: no word of another trade gets into a covenant."""
    for word in trade_words(text):
        raise forms.ValidationError(
            gettext("The text says “%(word)s”: say case, aid, covenant or refusal, as the plan does.") % {"word": word}
        )


class Copy(MoveForm):
    """A draft that says what the version `row` says."""

    name = Line(label=_("Version"), max_length=40, validators=[VERSION], help_text=_("For example 2027.1"))
    in_force_from = Day(label=_("In force from"), help_text=_("A day after the day of publication."))


class DraftForm(MoveForm):
    """Of a draft; `digest` is what it said when the form was opened."""

    digest = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: Covenant, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.now = self.fields["digest"].initial = digest_of(row)

    def is_valid(self) -> bool:
        """A form that is behind goes to the service, which says what it missed, whatever else is wrong with it."""
        return super().is_valid() or (self.is_bound and self.cleaned_data.get("digest") not in (None, self.now))

    def merged(self, row: Covenant) -> Self:
        """The form for the draft as it is now: what was touched stays as it was typed, the rest is the draft's."""
        fresh = type(self)(row=row, look=self.look)
        data, said = QueryDict(mutable=True), cast(QueryDict, self.data)
        touched = set(self.changed_data) - {"digest"} if self.is_bound else set()
        for bound in fresh:
            shown = _typed(bound.field, bound.value())
            if bound.field.show_hidden_initial:
                hidden = bound.field.hidden_widget()
                data[bound.html_initial_name] = hidden.format_value(bound.value())
            data.setlist(bound.html_name, said.getlist(bound.html_name) if bound.name in touched else shown)
        return type(self)(data, row=row, look=self.look)


def _typed(field: forms.Field, value: Any) -> list[str]:
    """A field's value as a browser sends it; nothing for a box that is not ticked."""
    if isinstance(field, forms.BooleanField):
        return ["True"] if value else []
    if isinstance(value, list):
        return [str(one) for one in value]
    shown = None if value is None else field.widget.format_value(value)
    return [] if shown is None else shown if isinstance(shown, list) else [str(shown)]


class Rename(DraftForm):
    name = Line(label=_("Version"), max_length=40, validators=[VERSION], show_hidden_initial=True)
    in_force_from = Day(
        label=_("In force from"), help_text=_("A day after the day of publication."), show_hidden_initial=True
    )

    def __init__(self, *args: Any, row: Covenant, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.fields["name"].initial, self.fields["in_force_from"].initial = row.version, row.in_force_from


class Terms(DraftForm):
    """One field for each term, by section; the health questions have a form of their own."""

    template = "desk/covenant/terms_form.html"

    def __init__(self, *args: Any, row: Covenant, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        diseases = words.disease_names()
        for name in CHECKS:
            if name != QUESTIONS:
                clause = gettext("clause %(number)s") % {"number": row.term_clauses.get(name, "–")}
                measure = words.unit(name)
                help_text = f"{measure} · {clause}" if measure else clause
                self.fields[name] = field_of(name, row.terms.get(name), help_text=help_text, diseases=diseases)

    def clean(self) -> dict[str, Any]:
        """What was touched, as JSON values, in `changes`; every value is looked at as the covenant will look at it."""
        said = super().clean() or {}
        for name in [name for name in said if name in CHECKS]:
            if why := complaint(name, said[name]):
                self.add_error(name, why)
        return said | {"changes": {name: said[name] for name in self.changed_data if name in CHECKS and name in said}}

    def sections(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        for section, names in term_words.by_section(name for name in self.fields if name in CHECKS):
            yield words.title(section), [self[name] for name in names]


class Clause(DraftForm):
    """The clause that the page's `?clause=` names, or a new one."""

    template = "desk/covenant/clause_form.html"

    number = Line(label=_("Number"), max_length=12, validators=[RegexValidator(r"^[0-9]+(\.[0-9]+)*$")])
    zh = Text(label=_("Chinese text"), show_hidden_initial=True, is_private=False, validators=[plainly])
    en = Text(label=_("English text"), show_hidden_initial=True, is_private=False, validators=[plainly])
    terms = Ticked(
        label=_("Terms that lead to it"),
        required=False,
        show_hidden_initial=True,
        help_text=_("A term leads to one clause: ticking it here takes it off the other."),
    )
    remove = Tick(label=_("Leave this clause out"), help_text=_("Only once no term leads to it any more."))

    def __init__(self, *args: Any, row: Covenant, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        asked = self.look.query.get("clause", "")
        self.known = asked if asked in row.clauses else ""
        self.numbers = sorted(row.clauses, key=in_order)
        offer(
            self,
            "terms",
            [(name, f"{words.title(name.partition('.')[0])}: {words.label(name)}") for name in row.term_clauses],
        )
        if self.known:
            del self.fields["number"]
            for language in ("zh", "en"):
                self.fields[language].initial = row.clauses[self.known].get(language, "")
            self.fields["terms"].initial = [name for name, led in row.term_clauses.items() if led == self.known]
        else:
            del self.fields["remove"]

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if number in self.row.clauses:
            raise forms.ValidationError(gettext("There is a clause of this number already."))
        return number

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        return said | {"number": said.get("number") or self.known}


class Questions(DraftForm):
    """All health questions in both languages, and room for a new one."""

    template = "desk/covenant/questions_form.html"

    key = Line(
        label=_("Short name"),
        required=False,
        max_length=40,
        validators=[RegexValidator(r"^[a-z0-9_]+$", _("Small letters, digits and underscores."))],
        help_text=_("Under which answers are kept; it never changes."),
    )
    zh = Line(label=_("Chinese text"), required=False, validators=[plainly])
    en = Line(label=_("English text"), required=False, validators=[plainly])

    def __init__(self, *args: Any, row: Covenant, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.asked = [question["key"] for question in row.questions]
        for question in row.questions:
            for language, label in (("zh", _("Chinese text")), ("en", _("English text"))):
                self.fields[f"{language}-{question['key']}"] = Line(
                    label=label, initial=question.get(language, ""), show_hidden_initial=True, validators=[plainly]
                )
            self.fields[f"drop-{question['key']}"] = Tick(label=_("Leave this question out"))

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if key in self.asked:
            raise forms.ValidationError(gettext("There is a question of this name already."))
        return key

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        fresh = [name for name in ("key", "zh", "en") if said.get(name)]
        for name in {"key", "zh", "en"} - set(fresh) if fresh else ():
            if name not in self.errors:
                self.add_error(name, gettext("A new question needs its short name and both texts."))
        return said | {"questions": self._questions(said)}

    def _questions(self, said: dict[str, Any]) -> list[dict[str, str]]:
        """What the draft will ask, in its order."""
        kept = [key for key in self.asked if not said.get(f"drop-{key}")]
        asked = [{"key": key, "zh": said.get(f"zh-{key}", ""), "en": said.get(f"en-{key}", "")} for key in kept]
        new = {name: said.get(name, "") for name in ("key", "zh", "en")}
        return [*asked, new] if new["key"] else asked

    def rows(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        for key in self.asked:
            yield key, [self[f"{part}-{key}"] for part in ("zh", "en", "drop")]

    def fresh(self) -> list[forms.BoundField]:
        return [self[name] for name in ("key", "zh", "en")]


class Publish(DraftForm):
    """What is published is what was read: the digest says so."""

    read = forms.BooleanField(
        label=_("I have read what this version says, and how it differs from the one before."),
        widget=UnfoldBooleanWidget(),
    )
