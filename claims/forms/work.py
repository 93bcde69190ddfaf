"""What is asked of those who take, give and lay aside cases."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.forms import WHY
from claims.models import Assignment
from config.kernel.forms import Choice, Day, Line, ModelChoice, MoveForm, Text, offer
from config.kernel.models import User
from config.kernel.permissions import holders


class Assign(MoveForm):
    who = ModelChoice(label=_("To whom"), queryset=User.objects.none())
    note = Text(label=_("Note"), required=False, help_text=_("What the next one has to know."))

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        offer(self, "who", holders("claims.take_claim").order_by("username"))


class HandOver(Assign):
    note = Text(label=_("Note"), help_text=_("What the next one has to know."))


class GiveBack(MoveForm):
    note = Text(label=_("Note"), required=False, help_text=WHY)


class Hold(MoveForm):
    until = Day(label=_("Until"), help_text=_("On this day the case is on your desk again; at most sixty days."))
    because = Line(label=_("Why it rests"), max_length=200)


class GiveOut(forms.Form):
    """Many cases at once: which, and to whom; nobody named is everybody, each in turn."""

    CHOSEN, UNASSIGNED, OF_PERSON = "chosen", "unassigned", "person"

    which = Choice(
        label=_("Which cases"),
        choices=[
            (UNASSIGNED, _("all that nobody has")),
            (OF_PERSON, _("all of one person")),
            (CHOSEN, _("the chosen ones")),
        ],
    )
    of = ModelChoice(label=_("Whose"), queryset=User.objects.none(), required=False)
    ids = Line(label=_("Chosen cases"), required=False, max_length=10_000, widget=forms.HiddenInput)
    to = ModelChoice(
        label=_("To whom"), queryset=User.objects.none(), required=False, empty_label=_("fairly among all")
    )
    note = Text(label=_("Note"), required=False, help_text=_("What the next one has to know."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        had = User.objects.filter(pk__in=Assignment.objects.values("user")).order_by("username")
        offer(self, "of", had)
        offer(self, "to", holders("claims.take_claim").order_by("username"))

    def clean_ids(self) -> list[int]:
        return [int(part) for part in self.cleaned_data["ids"].split(",") if part.isdecimal() and len(part) < 19]

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("which") == self.OF_PERSON and not said.get("of"):
            self.add_error("of", gettext("Choose whose cases."))
        if said.get("which") == self.CHOSEN and not said.get("ids"):
            self.add_error("which", gettext("Choose cases in the list first."))
