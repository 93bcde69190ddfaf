"""What the moves ask for that weigh a case: evidence, and answers to signals."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from claims.enums import MaterialKind, SignalKind, Weighs
from claims.forms import WHY
from claims.models import Claim, Evidence, Material
from claims.services import signals
from claims.services.signals import Signal
from config.kernel.display import day
from config.kernel.forms import Choice, Line, ModelChoice, MoveForm, Text, offer
from config.kernel.pages import once

SENTENCES = {
    SignalKind.SAME_FILE: ngettext_lazy(
        "A file of the paper “%(paper)s” also lies in %(cases)s case of another member.",
        "A file of the paper “%(paper)s” also lies in %(cases)s cases of other members.",
        "cases",
    ),
    SignalKind.SAME_PAYEE: ngettext_lazy(
        "The member's bank card is also that of %(cases)s case of another member.",
        "The member's bank card is also that of %(cases)s cases of other members.",
        "cases",
    ),
    SignalKind.SAME_RECORD: ngettext_lazy(
        "The hospital record number of the paper “%(paper)s” also stands in %(cases)s case of another member.",
        "The hospital record number of the paper “%(paper)s” also stands in %(cases)s cases of other members.",
        "cases",
    ),
    SignalKind.SAME_PHONE: ngettext_lazy(
        "The phone of the member or of whoever reported also belongs to %(cases)s case of another member.",
        "The phone of the member or of whoever reported also belongs to %(cases)s cases of other members.",
        "cases",
    ),
    SignalKind.SAME_AGENCY: ngettext_lazy(
        "“%(agency)s” also reported %(cases)s case of another member.",
        "“%(agency)s” also reported %(cases)s cases of other members.",
        "cases",
    ),
    SignalKind.SOON_AFTER_WAITING: ngettext_lazy(
        "First diagnosed %(days)s day after the end of the waiting period.",
        "First diagnosed %(days)s days after the end of the waiting period.",
        "days",
    ),
}
"""Why each kind of signal is given."""


class PaperChoice(ModelChoice):
    def label_from_instance(self, paper: Material) -> str:
        return paper_label(paper)


class RecordEvidence(MoveForm):
    weighs = Choice(label=_("Weighs"), choices=Weighs.choices)
    fact = Text(label=_("Fact"), help_text=_("One fact, as the source says it."))
    source = Line(label=_("Source"), max_length=200, help_text=_("Who or what says so, and of which day."))
    material = PaperChoice(
        label=_("Paper that shows it"), queryset=Material.objects.none(), required=False, empty_label=_("no paper")
    )

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        offer(self, "material", row.materials.order_by("kind", "-id"))


class WithdrawEvidence(MoveForm):
    evidence = ModelChoice(label=_("Evidence"), queryset=Evidence.objects.none(), empty_label=None)
    reason = Text(label=_("Reason"), help_text=WHY, is_private=False)

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        offer(self, "evidence", row.evidence.filter(withdrawn_at__isnull=True))


class AnswerSignal(MoveForm):
    signal = Choice(label=_("Signal"))
    note = Text(label=_("What was found"), help_text=_("It stays with the case; the signal no longer counts."))

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        offer(
            self,
            "signal",
            [(f"{signal.kind}:{signal.about}", sentence(signal)) for signal in found(row) if signal.answer is None],
        )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        kind, _colon, about = said.get("signal", "").partition(":")
        return said | ({"kind": SignalKind(kind), "about": about} if kind else {})


def found(claim: Claim) -> list[Signal]:
    """The signals of a page's row, looked up once for its panel and its move."""
    kept: list[Signal] = once(claim, signals.signals_of)
    return kept


def sentence(signal: Signal) -> str:
    """The reason in words."""
    params: dict[str, Any] = {"cases": len(signal.others), **signal.params}
    if "paper" in params:
        params["paper"] = MaterialKind(params["paper"]).label
    return str(SENTENCES[signal.kind] % params)


def paper_label(paper: Material) -> str:
    """A paper as it is chosen out of several of a kind."""
    return f"{paper.get_kind_display()} · {day(paper.received_at)}"
