"""A covenant as a sheet of terms and values: it becomes a draft, and is never published."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from config.kernel.importing import columns
from config.kernel.importing.columns import Column, Read, Unfit
from config.kernel.importing.importers import Effect, Importer, Row, importable
from members.models import Covenant, Plan
from members.rules.term_checks import Listed, Maybe, Whole, amounts, papers_by_disease, steps, switch
from members.rules.term_checks import Unfit as Wrong
from members.rules.terms import CHECKS
from members.services import drafting

HEADS: dict[str, Read] = {
    "plan": columns.words(40),
    "copied_from": columns.words(40),
    "version": columns.words(40),
    "in_force_from": columns.day,
}
"""What a sheet says beside terms: the plan, the version that the draft is copied from, its own name and first day."""

NONE = ("无", "none", "—", "-")


def value_of(name: str, cell: Any) -> Any:
    """The JSON value of a term as people write it: yes or no, yuan where its name ends in `_fen`, lists with commas."""
    check = CHECKS[name]
    text = str(cell).strip()
    if isinstance(check, Maybe):
        if text in NONE:
            return None
        check = check.check
    if check is switch:
        return columns.yes_or_no(cell)
    if name.endswith("_fen"):
        return columns.yuan(cell)
    if check is amounts:
        return [columns.yuan(part) for part in _split(text)]
    if check is steps:
        return [columns.number(part) for part in _split(text)]
    if check is papers_by_disease:
        lines = (line.replace("：", ":").partition(":") for line in text.splitlines() if line.strip())
        return {disease.strip(): _split(kinds) for disease, _colon, kinds in lines}
    if isinstance(check, Listed):
        return text
    return columns.number(cell) if isinstance(check, Whole) else _split(text)


def _split(text: str) -> list[str]:
    return (
        []
        if text in NONE
        else [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]
    )


@importable
class CovenantImporter(Importer):
    kind = "covenants"
    title = _("A covenant, as a draft")
    about = _(
        "Each row is a term and its value; terms that are not in the sheet are those of the version it is copied from."
        " It becomes a draft, and is published by another person, on its page."
    )
    permission = "members.import_covenant"
    is_whole = True
    tries = True
    most_rows = 500

    term = Column(
        "条款项", "Term", columns.words(80),
        _("plan, copied_from, version and in_force_from once each; else the dotted name of a term, as waiting.days."),
        needed=True, example="waiting.days",
    )  # fmt: skip
    value = Column(
        "取值", "Value", lambda cell: cell,
        _("A whole number, yes or no, an amount in yuan, or a list with commas; 无 where there is none."),
        needed=True, example="90",
    )  # fmt: skip

    def check(self, row: Row) -> None:
        name, cell = row.values["term"], row.values["value"]
        try:
            if name in HEADS:
                row.found = HEADS[name](cell)
            elif name not in CHECKS or name == drafting.QUESTIONS:
                self.fault(row, "term", gettext_noop("there is no such term"))
            else:
                row.found = value_of(name, cell)
                CHECKS[name](row.found)
        except (Unfit, Wrong) as no:
            self.fault(row, "value", no.message, **no.params)

    def judge(self, rows: Sequence[Row]) -> None:
        self.draft: tuple[Covenant, str, date, dict[str, Any]] | None = None
        named = {row.values["term"]: row for row in rows if self.once(row, row.values["term"], "term")}
        if missing := [name for name in HEADS if name not in named]:
            self._all(rows, gettext_noop("the sheet lacks: %(names)s."), names=", ".join(missing))
            return
        said = {name: row.found for name, row in named.items()}
        plan = Plan.objects.filter(code=said["plan"]).first()
        source = Covenant.objects.filter(plan=plan, version=said["copied_from"], derived_from__isnull=True).first()
        if plan is None or source is None:
            self._all([named["copied_from"]], gettext_noop("this plan has no such version."))
            return
        terms = {name: value for name, value in said.items() if name not in HEADS}
        effect = Effect.UNCHANGED if self._is_there(plan, said, source.terms | terms) else Effect.NEW
        for row in rows:
            row.effect = effect
        self.draft = source, said["version"], said["in_force_from"], terms

    def _is_there(self, plan: Plan, said: dict[str, Any], terms: dict[str, Any]) -> bool:
        there = Covenant.objects.filter(plan=plan, version=said["version"]).first()
        return there is not None and there.terms == terms and there.in_force_from == said["in_force_from"]

    def _all(self, rows: Iterable[Row], message: str, **params: Any) -> None:
        for row in rows:
            self.fault(row, "term", message, **params)

    def write(self, rows: Sequence[Row]) -> None:
        if self.draft is None or not rows:
            return
        self.attempt(rows, partial(self._draft, *self.draft))

    def _draft(self, source: Covenant, version: str, day: date, terms: dict[str, Any]) -> None:
        draft = drafting.copy(source.pk, version, in_force_from=day, by=self.by, at=self.at)
        if terms:
            drafting.set_terms(draft.pk, terms, digest=drafting.digest_of(draft), by=self.by, at=self.at)
