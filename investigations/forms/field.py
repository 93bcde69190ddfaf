"""What an investigator types on the pages under /field/. The services say no; a form only reads what was typed."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from investigations.enums import DeclineReason
from investigations.models import Commission, Investigator
from investigations.services.commissioning import colleagues


class SignIn(AuthenticationForm):
    """Whoever works for no agency is told no more than for a wrong password."""

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not Investigator.objects.filter(user=user.pk).exists():
            raise self.get_invalid_login_error()


class Code(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "autocapitalize": "characters", "autofocus": True}),
    )


class Decline(forms.Form):
    code = forms.ChoiceField(label=_("Coded reason"), choices=[("", "—"), *DeclineReason.choices])
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It stays with the case: nothing about the member's health."),
        max_length=2_000,
        widget=forms.Textarea({"rows": 4}),
    )


class Assign(forms.Form):
    investigator = forms.ModelChoiceField(label=_("Colleague"), queryset=Investigator.objects.none())

    def __init__(self, *args: Any, commission: Commission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["investigator"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = colleagues(commission)
        field.label_from_instance = lambda person: str(person.user)  # type: ignore[method-assign,assignment]  # the field's own hook


class Reveal(forms.Form):
    number = forms.ChoiceField(label=_("Number"))
    reason = forms.CharField(
        label=_("What do you need it for?"), help_text=_("It stays with the case, with your name."), max_length=300
    )

    def __init__(self, *args: Any, numbers: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["number"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(numbers.items())
