"""What is asked of those who watch the deadlines: what to look at, and what to change about many of them."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from claims.enums import DeadlineKind, PauseReason, State
from claims.forms import WHY
from claims.querysets import CLOCK_OF
from claims.services.foreseeing import CHANGES, EXTEND, HOLIDAY, PAUSE, RESUME, Change
from claims.services.rescheduling import LONGEST_REASON, MOST_DAYS
from claims.services.watching import NEAR, OVERDUE, STILL, TOO_LONG, Asked
from config.kernel.forms import Choice, Day, Line, ModelChoice, MoveForm, offer
from config.kernel.models import Team, User
from config.kernel.permissions import holders
from members.models import Plan


class Number(forms.IntegerField):
    widget = UnfoldAdminTextInputWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs |= {"inputmode": "numeric"}


class Pause(MoveForm):
    code = Choice(label=_("Why it stands still"), choices=PauseReason.choices)
    reason = Line(label=_("Reason"), max_length=LONGEST_REASON, help_text=WHY)


class Resume(MoveForm):
    reason = Line(label=_("Reason"), max_length=LONGEST_REASON, required=False, help_text=WHY)


class Extend(MoveForm):
    days = Number(label=_("Working days"), min_value=1, max_value=MOST_DAYS, initial=3)
    reason = Line(label=_("Reason"), max_length=LONGEST_REASON, help_text=WHY)


ONLY = [
    (OVERDUE, _("overdue")),
    (NEAR, _("due within 2 working days")),
    (STILL, _("standing still")),
    (TOO_LONG, _("stood still too long")),
]


FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)
"""Days that can be asked for."""


class Narrow(forms.Form):
    """What the board is narrowed to; `teams` are those that the reader may see, None all of them."""

    kind = Choice(label=_("Kind"), choices=DeadlineKind.choices, required=False)
    step = Choice(label=_("Step"), choices=[(one.value, one.label) for one in State if one in CLOCK_OF], required=False)
    plan = ModelChoice(label=_("Plan"), queryset=Plan.objects.none(), required=False, empty_label="—")
    team = ModelChoice(label=_("Team"), queryset=Team.objects.none(), required=False, empty_label="—")
    person = ModelChoice(label=_("Person"), queryset=User.objects.none(), required=False, empty_label="—")
    only = Choice(label=_("Only"), choices=ONLY, required=False)
    over = Number(label=_("Overdue by working days, at least"), min_value=0, max_value=250, required=False)
    ends = Day(label=_("Last day"), required=False, validators=[MinValueValidator(FIRST), MaxValueValidator(LAST)])

    def __init__(self, *args: Any, teams: tuple[int, ...] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = teams
        people, known = holders("claims.take_claim").order_by("username"), Team.objects.all()
        if teams is not None:
            people, known = people.filter(team__in=teams), known.filter(pk__in=teams)
        offer(self, "plan", Plan.objects.order_by("code"))
        offer(self, "team", known)
        offer(self, "person", people)

    def asked(self) -> Asked:
        """As far as it can be read: a choice that nobody offers is none."""
        self.is_valid()
        said = getattr(self, "cleaned_data", {})
        named = {name: said.get(name) for name in ("kind", "step", "only")}
        rows = {name: row.pk for name in ("plan", "team", "person") if (row := said.get(name)) is not None}
        return Asked(
            teams=self.teams,
            **{name: value for name, value in named.items() if value},
            **rows,
            over=said.get("over"),
            day=said.get("ends"),
        )


class WhatIf(forms.Form):
    """One change of many clocks."""

    what = Choice(label=_("What to do"), choices=list(CHANGES.items()))
    days = Number(
        label=_("Working days"),
        min_value=1,
        max_value=MOST_DAYS,
        required=False,
        help_text=_("How many more, where they get more."),
    )
    day = Day(label=_("Day"), required=False, help_text=_("On which nobody would work, where you ask that."))
    code = Choice(
        label=_("Why they stand still"),
        choices=PauseReason.choices,
        required=False,
        help_text=_("Where they are to stand still."),
    )
    reason = Line(label=_("Reason"), max_length=LONGEST_REASON, help_text=WHY)

    NEEDED = {EXTEND: "days", HOLIDAY: "day", PAUSE: "code", RESUME: ""}

    def clean(self) -> None:
        needed = self.NEEDED.get(self.cleaned_data.get("what", ""), "")
        if needed and needed not in self.errors and not self.cleaned_data.get(needed):
            self.add_error(needed, gettext("This is needed for what you chose."))

    def change(self) -> Change:
        said = self.cleaned_data
        return Change(
            what=said["what"], reason=said["reason"], days=said["days"] or 0, day=said["day"], code=said["code"]
        )
