"""The form of a move: fields that look like the desk's, dates and amounts as people type them."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from config.kernel.civil import SHANGHAI
from config.kernel.money import InvalidAmount, yuan_to_fen
from config.kernel.pages import Look


def offer(form: forms.BaseForm, name: str, choices: Any) -> None:
    """What a field lets choose from where that is known late: pairs, or the rows of a ModelChoice."""
    field = form.fields[name]
    if isinstance(field, forms.ModelChoiceField):
        field.queryset = choices
    elif isinstance(field, forms.ChoiceField):
        field.choices = choices


def private(field: forms.Field) -> forms.Field:
    """A field that says who somebody is or what ails them: what is typed in it is never kept in the browser."""
    field.widget.attrs["data-private"] = True
    return field


class MoveForm(forms.Form):
    """Made with the `row` that the move is done to, for who looks at it; on the page it is drawn by `template`."""

    template = "desk/fields.html"

    def __init__(self, *args: Any, row: Any, look: Look, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row, self.look = row, look


class Blank(MoveForm):
    """A move that asks for nothing."""


class Line(forms.CharField):
    widget = UnfoldAdminTextInputWidget


class Text(forms.CharField):
    """Some lines; `private` unless it is said that nothing of an illness belongs there, or that it may stay."""

    def __init__(self, *, is_private: bool = True, **kwargs: Any) -> None:
        super().__init__(widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}), **kwargs)
        if is_private:
            private(self)


class Choice(forms.ChoiceField):
    """One of a few; empty only where it is not required."""

    widget = UnfoldAdminSelectWidget

    def __init__(self, *, choices: Any = (), required: bool = True, **kwargs: Any) -> None:
        listed = list(choices)
        super().__init__(choices=listed if required else [("", "—"), *listed], required=required, **kwargs)


class _SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        """With a text field of its own: the skin writes a chosen file's name into the first one three levels up."""
        own = '<div><div><div>{}</div></div><input type="text" hidden disabled></div>'
        return format_html(own, super().render(*args, **kwargs))


class Files(forms.FileField):
    """Any number of files; cleaned to a list, of whatever is in them."""

    def __init__(self, *, accept: str = "", **kwargs: Any) -> None:
        widget = _SeveralFiles({"accept": accept, "class": " ".join(INPUT_CLASSES)})
        super().__init__(widget=widget, required=False, allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(Files, self).clean(one, initial) for one in data or []]


class ModelChoice(forms.ModelChoiceField):
    widget = UnfoldAdminSelectWidget


class Several(forms.MultipleChoiceField):
    widget = UnfoldAdminCheckboxSelectMultipleWidget


class Tick(forms.BooleanField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=UnfoldBooleanWidget(), **kwargs)


class Day(forms.DateField):
    """A civil date."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput({"type": "date", "class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%d")
        super().__init__(widget=widget, **kwargs)


class Moment(forms.DateTimeField):
    """A local time in Shanghai, to the minute."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(
            {"type": "datetime-local", "class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%dT%H:%M"
        )
        super().__init__(widget=widget, help_text=_("Beijing time"), **kwargs)

    def to_python(self, value: Any) -> Any:
        moment = super().to_python(value)
        return moment and moment.astimezone(SHANGHAI)


class Yuan(forms.CharField):
    """An amount typed in yuan; cleaned to fen, 0 when empty."""

    widget = UnfoldAdminTextInputWidget

    def clean(self, value: Any) -> int:
        text = super().clean(value)
        if not text:
            return 0
        try:
            fen = yuan_to_fen(text)
        except InvalidAmount as no:
            raise forms.ValidationError(gettext(no.why)) from None
        if fen < 0:
            raise forms.ValidationError(gettext("An amount is not negative."))
        return fen
