"""What a second look asks for, step by step, and which month is meant."""

from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims.enums import LookAnswer, Mistake, Post, Settlement, Verdict
from claims.forms import words
from claims.models import SecondLook
from claims.services import looking
from config.kernel.civil import add_months
from config.kernel.forms import Choice, ModelChoice, MoveForm, Text, Tick, Yuan, offer
from config.kernel.keyboard import civil_day
from config.kernel.models import User
from config.kernel.permissions import holders
from members.rules.codes import REJECT_CODES, Code

OFFERED = 24
"""Months that a form lets choose from."""


def month_name(first: date) -> str:
    """October 2026, 2026年10月."""
    return date_format(first, "YEAR_MONTH_FORMAT")


def month_code(first: date) -> str:
    """`2026-10`, as addresses have it."""
    return first.isoformat()[:7]


def read_month(text: str) -> date | None:
    """The first day of the month that an address names; None where it names none."""
    return civil_day(f"{text}-01") if len(text) == 7 else None


def months_until(today: date) -> list[tuple[str, str]]:
    """The months that can be chosen, the running one first."""
    this = today.replace(day=1)
    firsts = (add_months(this, -back) for back in range(OFFERED))
    return [(month_code(first), month_name(first)) for first in firsts]


class OfMonth(forms.Form):
    """A month, for the page of quality, for a drawing, and for a report."""

    month = Choice(label=_("Month"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "month", months_until(today))

    def clean_month(self) -> date:
        return date.fromisoformat(f"{self.cleaned_data['month']}-01")


class Give(MoveForm):
    """Only those are offered who may look at it."""

    to = ModelChoice(label=_("To whom"), queryset=User.objects.none())

    def __init__(self, *args: Any, row: SecondLook, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        people = holders(looking.LOOK).exclude(pk__in=looking.barred(row))
        offer(self, "to", people.order_by("username"))


class StateOwn(MoveForm):
    """What the second one would have decided: an amount for aid, a ground for none."""

    outcome = forms.ChoiceField(label=_("Your outcome"), choices=Verdict.choices, widget=forms.RadioSelect)
    amount = Yuan(
        label=_("Your amount in yuan"), required=False, help_text=_("Where you would give aid: what would be paid out.")
    )
    ground = Choice(label=_("Your ground"), required=False, help_text=_("Where you would give no aid."))
    reason = Text(label=_("Reason"), help_text=_("What led you to it. It cannot be changed afterwards."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = sorted(REJECT_CODES, key=list(Code).index)
        offer(self, "ground", [("", "—"), *((code.value, words.code(code.value)) for code in codes)])


class Conclude(MoveForm):
    """Where the fault lay, if there is one."""

    post = Choice(label=_("Where the error was made"), choices=Post.choices, required=False)
    kind = Choice(label=_("Kind of error"), choices=Mistake.choices, required=False)
    is_serious = Tick(label=_("Serious"), help_text=_("It is told to the supervisors at once."))
    finding = Text(
        label=pgettext_lazy("second look", "What was found"),
        required=False,
        help_text=_("Needed where you come to something else, or found an error."),
    )


class Answer(MoveForm):
    said = Choice(label=_("Your answer"), choices=LookAnswer.choices)
    text = Text(label=_("Reason"), required=False, help_text=_("Needed where you contest it."))


class Settle(MoveForm):
    settled = Choice(label=_("What becomes of it"), choices=Settlement.choices)
    reason = Text(label=_("Reason"))
