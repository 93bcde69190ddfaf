"""A field for each term of a covenant, made from the check of its JSON value."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from config.kernel.forms import Choice, Tick
from config.kernel.money import InvalidAmount, yuan_to_fen
from members.forms import words
from members.rules import term_words
from members.rules.term_checks import Listed, Maybe, Unfit, Whole, amounts, papers, papers_by_disease, steps, switch
from members.rules.terms import CHECKS


class WholeNumber(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.NumberInput({"class": " ".join(INPUT_CLASSES)}), **kwargs)


class Typed(forms.Field):
    """A value typed as text: it has changed when it reads otherwise, not when it is written otherwise."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _same(self, initial) != _same(self, data)


class YuanAmounts(Typed):
    """One or several amounts typed in yuan, kept in fen; `many` are separated by commas."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, *, many: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.many = many

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) or value is None:
            return value
        return ", ".join(_yuan(fen) for fen in (value if self.many else [value]))

    def to_python(self, value: Any) -> Any:
        try:
            fen = [yuan_to_fen(part) for part in split(value)] if self.many else [yuan_to_fen(value or "")]
        except InvalidAmount as no:
            raise ValidationError(_(no.why)) from None
        return fen if self.many else fen[0]


class Codes(Typed):
    """Codes separated by commas; whole numbers where `number` says so."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, *, number: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.number = number

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(one) for one in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[Any]:
        parts = split(value)
        if not self.number:
            return list(parts)
        if not all(part.isdecimal() for part in parts):
            raise ValidationError(_("must be a list of whole numbers"))
        return [int(part) for part in parts]


class PapersOfDiseases(Typed):
    """A line for each disease: its code, a colon, the papers' codes separated by commas."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return (
            "\n".join(f"{one}: {', '.join(kinds)}" for one, kinds in value.items())
            if isinstance(value, dict)
            else value
        )

    def to_python(self, value: Any) -> dict[str, list[str]]:
        lines = [line.partition(":") for line in (value or "").replace("：", ":").splitlines() if line.strip()]
        return {disease.strip(): split(kinds) for disease, _colon, kinds in lines}


class HiddenCodes(forms.HiddenInput):
    """A list in one input, which is there even when the list is empty."""

    def format_value(self, value: Any) -> str:
        return ",".join(value) if isinstance(value, list) else value or ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return split(data.get(name))


class Ticked(forms.MultipleChoiceField):
    """Some of a known list, kept in the order of the list."""

    widget = forms.CheckboxSelectMultiple
    hidden_widget = HiddenCodes

    def clean(self, value: Any) -> list[str]:
        chosen = set(super().clean(value))
        return [code for code, _name in self.widget.choices if code in chosen]


Maker = Callable[..., forms.Field]

_SIMPLE: Mapping[Any, Maker] = {
    switch: Tick,
    amounts: lambda **how: YuanAmounts(many=True, **how),
    steps: lambda **how: Codes(number=True, **how | {"required": False}),
    papers_by_disease: lambda **how: PapersOfDiseases(**how | {"required": False}),
}


def field_of(name: str, held: Any, *, help_text: str, diseases: Mapping[str, str]) -> forms.Field:
    """The form field of one term, showing `held` and keeping it, so that what was touched is known later."""
    how = {"label": words.label(name), "help_text": help_text, "initial": held, "show_hidden_initial": True}
    check = CHECKS[name]
    if name in words.DISEASES:
        return Ticked(choices=_with_strangers(diseases, held), required=False, **how)
    if check is papers:
        return Ticked(choices=_with_strangers(dict(words.papers()), held), required=False, **how)
    if (maker := _SIMPLE.get(check)) is not None:
        return maker(**how)
    if isinstance(check, Listed):
        return Choice(choices=[(kind, _(term_words.VALUES[kind])) for kind in check.kinds], **how)
    if name.endswith("_fen"):
        return YuanAmounts(many=False, **how)
    whole = check.check if isinstance(check, Maybe) else check
    if isinstance(whole, Whole):
        return WholeNumber(min_value=whole.bottom, max_value=whole.top, required=check is whole, **how)
    return Codes(required=False, **how)


def complaint(name: str, value: Any) -> str:
    """Why a term does not take this value, in the reader's language; empty where it does."""
    try:
        CHECKS[name](value)
    except Unfit as no:
        return _(no.message) % no.params
    return ""


def split(text: str | None) -> list[str]:
    """Parts between commas, Chinese ones too, and ends of lines."""
    for sign in ("，", "、", "\n"):
        text = (text or "").replace(sign, ",")
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _with_strangers(known: Mapping[str, str], held: list[str]) -> list[tuple[str, str]]:
    """A code that the list does not know stays as it is rather than being lost."""
    return [*known.items(), *((code, code) for code in held if code not in known)]


def _same(field: forms.Field, typed: Any) -> Any:
    """What was typed, read; the text itself where it cannot be read."""
    if not isinstance(typed, str):
        return typed
    try:
        return field.to_python(typed)
    except ValidationError:
        return typed


def _yuan(fen: int) -> str:
    whole, part = divmod(fen, 100)
    return f"{whole}.{part:02}" if part else str(whole)
