"""The plans that ship: one JSON file each under `members/plans/`, read into a whole covenant.

A file may be `based_on` another and then holds only what differs. Clause texts name terms in braces, "{waiting.days}",
so that a text never contradicts its figure: `:yuan` writes fen as yuan, `:count` the length of a list.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from members.rules.terms import Terms
from members.rules.vocabulary import trade_words
from members.rules.wording import _

_HERE = Path(__file__).resolve().parent.parent
_PLANS = _HERE / "plans"
_CATALOGUE = _HERE / "catalogue" / "diseases.json"
_PLACE = re.compile(r"\{([a-z0-9_.]+)(?::(yuan|count))?\}")


class PlanFileInvalid(ValueError):
    """A plan file that cannot be used: `code` of the plan, and `why`."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code
        self.why = why


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A shipped plan, complete: what a published covenant is made of.

    `terms` is flat (`{"waiting.days": 90}`), `clauses` is `{number: {"zh", "en"}}`, `term_clauses` leads from every
    term to its clause, `questions` are `{"key", "zh", "en"}` in order.
    """

    code: str
    name: Mapping[str, str]
    version: str
    in_force_from: date
    terms: Mapping[str, Any]
    clauses: Mapping[str, Mapping[str, str]]
    term_clauses: Mapping[str, str]
    questions: tuple[Mapping[str, str], ...]

    def parsed(self) -> Terms:
        """The typed terms, with the clause numbers of this version."""
        return Terms.parse(self.terms, self.term_clauses)


def plan_codes() -> tuple[str, ...]:
    """The codes of the shipped plans, in alphabetical order."""
    return tuple(sorted(path.stem for path in _PLANS.glob("*.json")))


@cache
def read_plan(code: str) -> PlanFile:
    """The shipped plan `code`.

    Raises KeyError for an unknown code, PlanFileInvalid or TermsInvalid for a broken file.
    """
    if code not in plan_codes():
        raise KeyError(code)
    data = _read(code)
    questions = tuple(data["questions"])
    terms = dict(data["terms"]) | {"health.questions": [question["key"] for question in questions]}
    if terms["diseases.covered"] == "catalogue":
        terms["diseases.covered"] = [disease["code"] for disease in _catalogue()]
    if terms["diseases.mild"] == "catalogue":
        terms["diseases.mild"] = [disease["code"] for disease in _catalogue() if disease["class"] == "mild"]
    plan = PlanFile(
        code=data["code"],
        name=data["name"],
        version=data["version"],
        in_force_from=date.fromisoformat(data["in_force_from"]),
        terms=terms,
        clauses={number: _filled(texts, terms, code) for number, texts in data["clauses"].items()},
        term_clauses=data["term_clauses"],
        questions=questions,
    )
    for message, params in complaints(plan):
        raise PlanFileInvalid(code, message % params)
    plan.parsed()
    return plan


def complaints(plan: PlanFile) -> Iterator[tuple[str, Mapping[str, str]]]:
    """What keeps a covenant from being complete: a term without a clause, a clause or question without a text.

    Each is an English msgid and the params that fill its places.
    """
    for name in plan.terms:
        if plan.term_clauses.get(name) not in plan.clauses:
            yield _("%(name)s has no clause"), {"name": name}
    for name in plan.term_clauses:
        if name not in plan.terms:
            yield _("%(name)s has a clause but no value"), {"name": name}
    for number, texts in plan.clauses.items():
        if not (texts.get("zh") and texts.get("en")):
            yield _("clause %(number)s lacks a language"), {"number": number}
    for question in plan.questions:
        if not (question.get("zh") and question.get("en")):
            yield _("question %(key)s lacks a language"), {"key": question["key"]}
    for text in (text for texts in (*plan.clauses.values(), *plan.questions) for text in texts.values()):
        for word in trade_words(text):
            yield _("a text says “%(word)s”, which a mutual-aid plan does not say of itself"), {"word": word}


def _read(code: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((_PLANS / f"{code}.json").read_text(encoding="utf-8"))
    if "based_on" not in data:
        return data
    base = _read(data["based_on"])
    known = {question["key"]: question for question in base["questions"]}
    merged = base | data
    merged["questions"] = [known[entry] if isinstance(entry, str) else entry for entry in data["questions"]]
    for part in ("terms", "clauses", "term_clauses"):
        merged[part] = base[part] | data.get(part, {})
    return merged


@cache
def _catalogue() -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads(_CATALOGUE.read_text(encoding="utf-8")))


def _filled(texts: Mapping[str, str], terms: Mapping[str, Any], code: str) -> dict[str, str]:
    return {language: _PLACE.sub(partial(_value_at, terms, code, language), text) for language, text in texts.items()}


def _value_at(terms: Mapping[str, Any], code: str, language: str, place: re.Match[str]) -> str:
    name, form = place.groups()
    if name not in terms:
        raise PlanFileInvalid(code, f"a clause names {name}, which is no term")
    return _shown(terms[name], form, language)


def _shown(value: Any, form: str | None, language: str) -> str:
    if form == "count":
        return str(len(value))
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(_shown(entry, form, language) for entry in value)
    if form == "yuan":
        yuan, part = divmod(value, 100)
        return f"{yuan:,}.{part:02}" if part else f"{yuan:,}"
    return str(value)
