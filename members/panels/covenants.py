"""The page of a covenant: what it says, how it differs from another version, whom it binds, who wrote it."""

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext_lazy as _

from config.kernel.civil import civil_date
from config.kernel.display import language
from config.kernel.pages import Look, add_panels, panel
from members.enums import Purpose
from members.forms import words
from members.models import Consent, Covenant, Membership
from members.rules import term_words
from members.rules.comparing import Change, Comparison, Difference, changed, compare, in_order
from members.services.drafting import QUESTIONS, parts_said
from members.services.plans import wording_of

LONG = 8
"""From so many entries on, of a list only what came and went is shown, or it is folded."""

CHANGES = {
    Change.ADDED: (_("added"), "success"),
    Change.REMOVED: (_("left out"), "danger"),
    Change.CHANGED: (_("changed"), "warning"),
}


def compared(covenant: Covenant, look: Look) -> dict[str, Any]:
    others = Covenant.objects.filter(plan=covenant.plan_id, derived_from__isnull=True).exclude(pk=covenant.pk)
    versions = list(others.select_related("plan"))
    other = _chosen(covenant, versions, look.query.get("with", ""))
    if other is None:
        return {"other": None}
    both = compare(wording_of(other), wording_of(covenant))
    names = words.disease_names() | words.questions(other) | words.questions(covenant)
    return {
        "covenant": covenant,
        "other": other,
        "versions": versions,
        "terms": [_term(one, names) for one in changed(both.terms)],
        "clauses": [
            _wording(one, one.name) for one in sorted(changed(both.clauses), key=lambda one: in_order(one.name))
        ],
        "questions": [_wording(one, one.name) for one in changed(both.questions)],
        "leads": [
            {"label": words.label(one.name), "was": one.was or "–", "now": one.now or "–"}
            for one in changed(both.term_clauses)
        ],
        "same": _same(both),
        "unworded": [
            (words.label(one.name), covenant.term_clauses.get(one.name, ""))
            for one in both.unworded(covenant.term_clauses)
        ],
    }


def _same(both: Comparison) -> dict[str, list[str]]:
    def unchanged(parts: tuple[Difference, ...]) -> list[str]:
        return [one.name for one in parts if one.change is Change.SAME]

    terms = [f"{words.title(name.partition('.')[0])}: {words.label(name)}" for name in unchanged(both.terms)]
    return {"terms": terms, "clauses": sorted(unchanged(both.clauses), key=in_order)}


def _chosen(covenant: Covenant, versions: list[Covenant], asked: str) -> Covenant | None:
    """The one that the page's `?with=` names; else the one a try-out stands for, or the last that was published."""
    for other in versions:
        if str(other.pk) == asked:
            return other
    if covenant.derived_from_id is not None:
        return next(other for other in versions if other.pk == covenant.derived_from_id)
    place = (covenant.in_force_from, covenant.pk)
    before = [other for other in versions if other.published_at and (other.in_force_from, other.pk) < place]
    return max(before, key=lambda other: (other.in_force_from, other.pk), default=None)


def _term(one: Difference, names: Mapping[str, str]) -> dict[str, Any]:
    was, now = one.was, one.now
    if isinstance(was, list) and isinstance(now, list) and max(len(was), len(now)) >= LONG:
        was, now = [part for part in was if part not in now], [part for part in now if part not in was]
    label, colour = CHANGES[one.change]
    return {
        "section": words.title(one.name.partition(".")[0]),
        "label": words.label(one.name),
        "change": label,
        "colour": colour,
        "was": words.with_unit(one.name, words.value(one.name, was, names)),
        "now": words.with_unit(one.name, words.value(one.name, now, names)),
    }


def _wording(one: Difference, name: str) -> dict[str, Any]:
    """A text of both versions, in the reader's language, or in the other where only that one changed."""
    label, colour = CHANGES[one.change]
    was, now = words.text(one.was), words.text(one.now)
    if one.change is Change.CHANGED and was == now:
        other = "zh" if language() == "en" else "en"
        was, now = one.was.get(other, ""), one.now.get(other, "")
    return {"name": name, "change": label, "colour": colour, "pieces": list(_pieces(was, now))}


def _pieces(was: str, now: str) -> Iterator[tuple[str, str]]:
    """What stays, went (`del`) and came (`ins`), word by word, in Chinese sign by sign."""
    one, two = _signs(was), _signs(now)
    for kind, i, j, k, m in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "", "".join(one[i:j])
            continue
        if i < j:
            yield "del", "".join(one[i:j])
        if k < m:
            yield "ins", "".join(two[k:m])


def _signs(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]+|[\d,.]*\d|.", text, re.DOTALL)


def terms(covenant: Covenant, look: Look) -> dict[str, Any]:
    names = words.disease_names() | words.questions(covenant)

    def one(name: str) -> dict[str, Any]:
        held, number = covenant.terms[name], covenant.term_clauses.get(name, "")
        said = words.value(name, held, names)
        return {
            "label": words.label(name),
            "value": words.with_unit(name, said),
            "lines": [names.get(key, key) for key in held] if name == QUESTIONS else [],
            "count": len(held) if isinstance(held, list) and len(held) >= LONG else None,
            "number": number,
            "clause": words.text(covenant.clauses.get(number)),
        }

    return {
        "sections": [
            (words.title(section), [one(name) for name in names])
            for section, names in term_words.by_section(covenant.terms)
        ]
    }


def clauses(covenant: Covenant, look: Look) -> dict[str, Any]:
    numbers = sorted(covenant.clauses, key=in_order)
    return {"covenant": covenant, "clauses": [(number, words.text(covenant.clauses[number])) for number in numbers]}


def questions(covenant: Covenant, look: Look) -> dict[str, Any]:
    return {"questions": [words.text(question) for question in covenant.questions]}


def bound(covenant: Covenant, look: Look) -> dict[str, Any]:
    """AMB-21: who joined under it, and who consented to it later; who has left counts for the cases of before."""
    joined = Membership.objects.filter(covenant=covenant)
    consents = Consent.objects.filter(covenant=covenant, purpose=Purpose.COVENANT)
    return {
        "joined": joined.count(),
        "running": joined.running_on(civil_date(look.at)).count(),
        "consented": consents.filter(withdrawn_at__isnull=True).count(),
    }


def written(covenant: Covenant, look: Look) -> dict[str, Any]:
    edits = covenant.edits.select_related("by").order_by("-id")
    return {"covenant": covenant, "edits": [(edit, parts_said(edit.parts)) for edit in edits]}


add_panels(
    Covenant,
    panel("covenant", "compared", _("What is different"), compared, "members.view_covenant", 20),
    panel("covenant", "terms", _("Terms"), terms, "members.view_covenant", 30),
    panel("covenant", "clauses", _("clauses"), clauses, "members.view_covenant", 40),
    panel("covenant", "questions", _("health questions"), questions, "members.view_covenant", 50),
    panel("covenant", "bound", _("Whom it binds"), bound, "members.view_covenant", 60),
    panel("covenant", "written", _("Who wrote it"), written, "members.view_covenant", 70),
)
