"""The codes of the rules and of the facts, as a reader calls them."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from claims.enums import (
    AppealFinding,
    Channel,
    Delivery,
    MaterialKind,
    ObjectionFinding,
    ObjectionKind,
    PaperFault,
    PaperFinding,
    PauseReason,
    ReturnReason,
    SignalKind,
    State,
    Weighs,
)
from config.kernel.display import language, said
from config.kernel.pages import code_label
from members.models import Covenant
from members.rules.codes import Status
from members.services.templates import CODES

Word = str | Promise

STATUSES: Mapping[str, Word] = {
    Status.MET: pgettext_lazy("rule", "met"),
    Status.NOT_MET: pgettext_lazy("rule", "not met"),
    Status.UNKNOWN: pgettext_lazy("rule", "unknown"),
}

FACTS: Mapping[str, Word] = {
    "none": pgettext_lazy("symptoms", "none"),
    "present": pgettext_lazy("symptoms", "present"),
    "malignant": _("malignant"),
    "in_situ": _("in situ"),
    "open_chest": _("open chest"),
    "interventional": _("interventional"),
    "minimally_invasive": _("minimally invasive"),
    "symptoms": _("typical symptoms"),
    "ecg": _("changes of the electrocardiogram"),
    "enzymes": _("raised heart enzymes"),
    "lvef": _("reduced ejection fraction"),
    "specialist": _("a specialist"),
    "physician": _("another doctor"),
    "thyroid": _("thyroid"),
    "lung": _("lung"),
    "breast": _("breast"),
    "other": pgettext_lazy("site", "another site"),
    "true": _("yes"),
}

FACT_NAMES: Mapping[str, Word] = {
    "diagnosed_on": _("First diagnosed on"),
    "symptoms_in_waiting": _("Symptoms within the waiting period"),
    "behaviour": _("Behaviour of a tumour"),
    "site": _("Site of a tumour"),
    "tnm": _("TNM stage"),
    "hiv_related": _("Related to HIV"),
    "approach": _("Approach of a bypass"),
    "alcohol_related": _("Caused by alcohol"),
    "dialysis_since": _("Dialysis since"),
    "transplanted_on": _("Transplanted on"),
    "criteria": _("Criteria of an infarction met"),
    "hospital": _("hospital"),
    "grade": _("grade"),
    "ownership": _("ownership"),
    "sealed": _("Seal of the records office"),
    "signed_by": _("Signed by"),
    "through": _("Record through"),
    "none_exist": _("Declared that none exist"),
}

SITES = [(site, FACTS[site]) for site in ("thyroid", "lung", "breast", "other")]
"""Of a tumour, as far as they are told apart."""

REASONS: tuple[type[TextChoices], ...] = (
    PauseReason,
    ReturnReason,
    Channel,
    Delivery,
    ObjectionKind,
    ObjectionFinding,
    AppealFinding,
    MaterialKind,
    PaperFinding,
    PaperFault,
    Weighs,
    SignalKind,
)


def state(name: str) -> str:
    return str(State(name).label) if name in State.values else name


def code(name: str) -> str:
    """A code of the rules, or a coded reason of an upper app, in words; the code itself where it has none."""
    return str(CODES.get(name) or code_label(name))


def reason_code(name: str) -> str:
    """The coded reason of an event in words; a pair (`forgery:upheld`) part by part."""
    return ": ".join(_reason(part) for part in name.split(":"))


def _reason(name: str) -> str:
    for choices in REASONS:
        if name in choices.values:
            return str(choices(name).label)
    return code(name)


def choices(kinds: Iterable[StrEnum]) -> list[tuple[str, Word]]:
    """The values of a closed list of facts with their words."""
    return [(kind.value, FACTS[kind.value]) for kind in kinds]


def facts(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Facts as pairs of name and value, in words; what is not known is left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in said.items():
        if isinstance(value, Mapping):
            pairs += facts(value)
        elif value not in (None, "", False, []):
            pairs.append((str(FACT_NAMES.get(name, name)), fact(value)))
    return pairs


def fact(value: Any) -> str:
    """The value of a fact in words."""
    if isinstance(value, list):
        return gettext(", ").join(fact(part) for part in value)
    if value is True:
        return str(FACTS["true"])
    return str(FACTS.get(str(value), _OWNED.get(str(value), said(value))))


_OWNED: Mapping[str, Word] = {"public": _("public"), "private": _("private")}


def question(covenant: Covenant, key: str) -> str:
    """A health question as the covenant asks it, in the reader's language."""
    return next((one[language()] for one in covenant.questions if one["key"] == key), key)
