"""What the desk types about a commission: whom to send out, whom to take it from, the letter, and about agencies.

The services say no; a form only reads what was typed.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.enums import ProcedureKind, Reporter
from claims.forms.papers import ACCEPT
from claims.models import Claim
from config.kernel import files as store
from config.kernel.forms import Choice, Day, Files, Line, ModelChoice, MoveForm, Text, Yuan, offer
from config.kernel.refusals import InvalidInput
from investigations.enums import METHOD_NAMES, WHY_FIRST, WHY_LEFT_OUT
from investigations.models import Agency, Commission
from investigations.rules.choosing import Because, Figures, LeftOut, Ranking
from investigations.services.agencies import hospital_named, hospital_of, weigh
from members.models import Hospital


class _Asking(MoveForm):
    """A form that shows whom the rule would ask, with the figures, and lets another one be named."""

    template = "desk/commission/asking.html"

    def show(self, ranking: Ranking) -> None:
        """Offer those that may be asked; the empty choice is the rule's."""
        self.ranking = ranking
        ids = [one.agency for one in ranking.ranked]
        offer(self, "agency", Agency.objects.filter(pk__in=ids))
        agencies = self.fields["agency"]
        if self.first and isinstance(agencies, ModelChoice):
            agencies.empty_label = gettext("%(agency)s, as the rule names it") % {"agency": self.first.name}

    @property
    def first(self) -> Figures | None:
        """The one that the rule names."""
        return next(iter(self.ranking.ranked), None)

    @property
    def why_first(self) -> str:
        """Why the first one comes first."""
        return str(WHY_FIRST[self.ranking.because]) if self.first else ""

    @property
    def left_out(self) -> list[tuple[str, Any]]:
        return [(one.name, WHY_LEFT_OUT[one.left_out]) for one in self.ranking.left_out if one.left_out]


class SendOut(_Asking):
    agency = ModelChoice(label=_("Agency"), queryset=Agency.objects.none(), required=False, empty_label="—")
    reason = Text(
        label=_("Why not the one that the rule names"),
        required=False,
        help_text=_("Needed for another one; it stays with the case."),
        is_private=False,
    )
    hospital = Line(
        label=_("Hospital to visit"),
        required=False,
        max_length=120,
        help_text=_("Its name or code in the register. Left empty: the one named before, or none."),
    )
    named = forms.IntegerField(required=False, widget=forms.HiddenInput)
    """Whom the rule named on the page from which this is sent."""

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.show(weigh(row, ProcedureKind.FIELD, hospital=self._typed(), at=self.look.at))
        self.fields["named"].initial = self.first and self.first.agency
        if hospital := hospital_of(row):
            self.fields["hospital"].initial = hospital.name

    def clean(self) -> dict[str, Any]:
        """Nobody goes out whom the sender was not shown: another hospital may make another agency the first one."""
        said = super().clean() or self.cleaned_data
        is_left_to_the_rule = not self.errors and said["agency"] is None and said["named"] is not None
        if is_left_to_the_rule and self.first and said["named"] != self.first.agency:
            self.data = dict(self.data.items()) | {"named": self.first.agency}
            why = gettext("The rule now names %(agency)s: look at the figures above, then send it out again.")
            self.add_error("agency", why % {"agency": self.first.name})
        return said

    def _typed(self) -> Hospital | None:
        """None where none was typed, and where the register knows none or several: the service says so."""
        try:
            return hospital_named(self.data.get("hospital", ""), at=self.look.at)
        except InvalidInput:
            return None


class Reassign(_Asking):
    reason = Text(
        label=_("Reason"), help_text=_("Why it is taken from the agency; it stays with the case."), is_private=False
    )
    agency = ModelChoice(label=_("Agency"), queryset=Agency.objects.none(), required=False, empty_label="—")
    because = Text(
        label=_("Why not the one that the rule names"),
        required=False,
        help_text=_("Needed for another one; it stays with the case."),
        is_private=False,
    )

    def __init__(self, *args: Any, row: Commission, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        asked = list(Commission.objects.filter(procedure=row.procedure_id).values_list("agency_id", flat=True))
        kind = ProcedureKind(row.kind)
        self.show(weigh(row.claim, kind, hospital=row.hospital, never=asked, at=self.look.at))


class ReturnReport(MoveForm):
    """The reason, and what is to be done about each of the visits."""

    reason = Text(
        label=_("Reason"), help_text=_("It stays with the case: nothing about the member's health."), is_private=False
    )

    def __init__(self, *args: Any, row: Commission, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        standing = row.reports.filter(returned_at__isnull=True).first()
        visits = standing.said.visits if standing else ()
        self.about = {f"point-{number}": number for number in range(len(visits))}
        for (name, _number), visit in zip(self.about.items(), visits, strict=True):
            label = gettext("Point on: %(visit)s") % {"visit": METHOD_NAMES[visit.method]}
            self.fields[name] = Text(label=label, required=False, max_length=2_000)
        self.fields["point"] = Text(label=gettext("Another point"), required=False, max_length=2_000)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        points = [(number, said.get(name, "")) for name, number in self.about.items()]
        return said | {"points": [*points, (None, said.get("point", ""))]}


class RecordAuthorisation(MoveForm):
    signed_as = Choice(label=_("Signed by"), choices=Reporter.choices)
    signed_on = Day(label=_("Signed on"))
    scan = Files(
        label=_("Scan"), accept=ACCEPT, help_text=_("One file, with all pages: PDF, JPEG or PNG of at most 20 MB.")
    )

    def clean(self) -> dict[str, Any]:
        """The scan is stored while the form is read, as papers are; nothing of somebody who may not record it."""
        said = super().clean() or self.cleaned_data
        uploads = said.get("scan") or []
        if len(uploads) != 1:
            self.add_error("scan", _("Add the scan of the letter, as one file."))
        elif not self.errors and self.look.by.has_perm("investigations.record_authorisation"):
            said["stored"] = self._stored(uploads[0])
        return said

    def _stored(self, upload: Any) -> Any:
        try:
            if (upload.size or 0) > store.LARGEST:
                raise store.UnwelcomeFile(why=store.TOO_LARGE)
            return store.keep(upload.read(), at=self.look.at)
        except store.UnwelcomeFile as no:
            self.add_error("scan", str(no))
            return None


class DeclareConflict(MoveForm):
    case_number = Line(
        label=_("Case number"),
        required=False,
        max_length=20,
        help_text=_("Of a case of the member whom the agency is too close to."),
    )
    hospital = Line(
        label=_("Hospital"), required=False, max_length=120, help_text=_("Or its name or code in the register.")
    )
    reason = Text(label=_("Reason"), help_text=_("Nothing about anybody's health."), is_private=False)


class AgreeFee(MoveForm):
    kind = Choice(label=_("Kind"), choices=ProcedureKind.choices)
    fee_fen = Yuan(label=_("Fee for a commission (yuan)"))
    valid_from = Day(label=_("Valid from"))


def why(choice: Mapping[str, Any]) -> dict[str, Any]:
    """A commission's `choice` in the reader's words; empty for one that was sent before choices were kept."""
    if not choice:
        return {}
    return {
        "by_person": choice["by"] == "person",
        "because": WHY_FIRST[Because(choice["because"])],
        "reason": choice["reason"],
        "ranked": choice["ranked"],
        "left_out": [(one["agency"], WHY_LEFT_OUT[LeftOut(one["why"])]) for one in choice["left_out"]],
    }
