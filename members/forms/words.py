"""The parts of a covenant as a reader calls them: labels, units and values in words, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from config.kernel.display import language, yuan
from members.models import Covenant, Disease
from members.rules import term_words
from members.rules.codes import PAPER_CODES
from members.rules.terms import CHECKS
from members.services.drafting import QUESTIONS
from members.services.templates import CODES

DISEASES = frozenset({"diseases.covered", "diseases.mild", "certificate.specialist_for"})
"""Terms that list codes of the catalogue."""


UNITS: Mapping[str, str | Promise] = {
    term_words.DAYS: pgettext_lazy("unit", "days"),
    term_words.DAYS_OLD: pgettext_lazy("unit", "days old"),
    term_words.YEARS: pgettext_lazy("unit", "years old"),
    term_words.MONTHS: pgettext_lazy("unit", "months"),
    term_words.SHARES: pgettext_lazy("unit", "shares"),
    term_words.PERCENT: "%",
    term_words.YUAN: pgettext_lazy("unit", "yuan"),
    term_words.CRITERIA: pgettext_lazy("unit", "of 4"),
}


def title(section: str) -> str:
    return _(term_words.SECTIONS[section])


def label(name: str) -> str:
    return _(term_words.label(name)) if name in CHECKS else name


def unit(name: str) -> str:
    return str(UNITS.get(term_words.unit(name), ""))


def papers() -> list[tuple[str, str]]:
    """The kinds of paper that can be asked for, with their names."""
    return [(kind, str(CODES[code])) for kind, code in PAPER_CODES.items()]


def disease_names() -> dict[str, str]:
    """The catalogue: names by code, in its order. One query."""
    return {disease.code: str(disease) for disease in Disease.objects.order_by("number")}


def value(name: str, held: Any, known: Mapping[str, str]) -> str:
    """A term's value, in words; `known` names codes. Days and ages carry no unit, which stands beside it."""
    if held is None:
        return _("not set")
    if name.endswith("_fen") or name == "tiers.fen":
        return _and(yuan(fen) for fen in (held if isinstance(held, list) else [held]))
    if isinstance(held, bool):
        return _("yes") if held else _("no")
    if isinstance(held, dict):
        names = dict(papers())
        return "; ".join(
            f"{known.get(one, one)}: {_and(names.get(k, k) for k in kinds)}" for one, kinds in held.items()
        )
    if isinstance(held, list):
        names = {**known, **dict(papers())}
        said = [names.get(one, str(one)) for one in held]
        return ("; ".join(said) if name == QUESTIONS else _and(said)) or _("none")
    return _(term_words.VALUES[held]) if held in term_words.VALUES else str(held)


def with_unit(name: str, said: str) -> str:
    """The value and what it counts; an amount says its unit itself."""
    measure = unit(name)
    if not measure or said in (_("not set"), _("none")) or name.endswith("_fen") or name == "tiers.fen":
        return said
    return said + measure if measure == "%" else _("%(value)s %(unit)s") % {"value": said, "unit": measure}


def questions(covenant: Covenant) -> dict[str, str]:
    """Each health question with its code, by its code: "smoking (Do you smoke?)"."""
    return {
        one["key"]: _("%(code)s (%(question)s)") % {"code": one["key"], "question": text(one)}
        for one in covenant.questions
    }


def text(texts: Mapping[str, str] | None) -> str:
    """A clause or question in the reader's language; empty where there is none."""
    return (texts or {}).get(language(), "")


def _and(parts: Iterable[str]) -> str:
    return _(", ").join(parts)
