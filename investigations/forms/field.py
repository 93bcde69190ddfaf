"""What an investigator types on the pages under /field/. The services say no; a form only reads what was typed."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.display import day
from investigations.enums import DeclineReason
from investigations.models import Agency, Commission, Investigator
from investigations.services.commissioning import colleagues
from investigations.services.teams import Colleague


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
        field.queryset = colleagues(commission.agency)
        field.label_from_instance = lambda person: str(person.user)  # type: ignore[method-assign,assignment]  # the field's own hook


class HandOver(forms.Form):
    """To whom; what was ticked in the list is read by the view, each by itself."""

    investigator = forms.ModelChoiceField(label=_("Colleague"), queryset=Investigator.objects.none(), empty_label="—")

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["investigator"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = colleagues(agency)

    def show(self, team: list[Colleague]) -> None:
        """Offer each with what he has already, and whether he is away."""
        offered = [("", "—"), *((one.investigator.pk, load_of(one)) for one in team if one.may_sign_in)]
        self.fields["investigator"].widget.choices = offered


def load_of(colleague: Colleague) -> str:
    """A colleague in the list of those who can be chosen."""
    said = [str(colleague.investigator.user), gettext("%(count)s at work") % {"count": colleague.at_work}]
    if colleague.late:
        said.append(gettext("%(count)s late") % {"count": colleague.late})
    if colleague.away_until:
        said.append(gettext("away until %(day)s") % {"day": day(colleague.away_until)})
    return " · ".join(said)


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
