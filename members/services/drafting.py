"""Drafts of a covenant: copied from a version, edited by several people without losing each other's work, thrown away.

Every change carries the digest of what its form showed; it is refused where the draft says something else by then.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import ForeignObjectRel
from django.utils.translation import gettext as _

from config.kernel.display import language
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput
from members.models import Covenant, CovenantEdit
from members.refusals import DraftChanged, DraftInUse
from members.rules import term_words
from members.rules.comparing import Difference, changed, compare
from members.services import plans
from members.services.plans import check_is_draft, check_lies_ahead, check_whole, draft, wording_of

QUESTIONS = "health.questions"

_PARTS = ("version", "terms", "clauses", "term_clauses", "questions")


def digest_of(covenant: Covenant) -> str:
    """A hash of everything a version says, its name and first day included."""
    whole = [getattr(covenant, part) for part in _PARTS] + [covenant.in_force_from.isoformat()]
    return sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def copy(source_id: int, version: str, *, in_force_from: date, by: User, at: datetime) -> Covenant:
    """A draft that says what another version says. `BeginsTooEarly` for a day that has come."""
    check_permission("members.draft_covenant", by)
    source = Covenant.objects.select_related("plan").get(pk=source_id)
    check_lies_ahead(in_force_from, at=at)
    return draft(source.plan, version, wording_of(source), in_force_from=in_force_from, by=by, at=at)


def rename(covenant_id: int, version: str, *, in_force_from: date, digest: str, by: User, at: datetime) -> Covenant:
    """Another name or first day for a draft."""
    with _editing(covenant_id, digest=digest, by=by, at=at) as covenant:
        check_lies_ahead(in_force_from, at=at)
        if Covenant.objects.filter(plan=covenant.plan_id, version=version).exclude(pk=covenant.pk).exists():
            raise InvalidInput(field=_("Version"), why=_("this plan has a version of that name already."))
        covenant.version, covenant.in_force_from = version, in_force_from
    return covenant


def set_terms(covenant_id: int, values: Mapping[str, Any], *, digest: str, by: User, at: datetime) -> Covenant:
    """Other values for some terms. `InvalidInput` names the term by its dotted name."""
    if QUESTIONS in values:
        raise InvalidInput(field=QUESTIONS, why=_("is changed together with the questions."))
    with _editing(covenant_id, digest=digest, by=by, at=at) as covenant:
        covenant.terms = covenant.terms | dict(values)
    return covenant


def set_clause(
    covenant_id: int,
    number: str,
    texts: Mapping[str, str],
    *,
    terms: Sequence[str],
    digest: str,
    by: User,
    at: datetime,
) -> Covenant:
    """The wording of a clause, new or known, and the terms that lead to it; a term leads to one clause."""
    with _editing(covenant_id, digest=digest, by=by, at=at) as covenant:
        covenant.clauses = covenant.clauses | {number: dict(texts)}
        led = {name: clause for name, clause in covenant.term_clauses.items() if clause != number}
        covenant.term_clauses = led | dict.fromkeys(terms, number)
    return covenant


def remove_clause(covenant_id: int, number: str, *, digest: str, by: User, at: datetime) -> Covenant:
    """Leave a clause out; refused while a term leads to it."""
    with _editing(covenant_id, digest=digest, by=by, at=at) as covenant:
        covenant.clauses = {one: texts for one, texts in covenant.clauses.items() if one != number}
    return covenant


def set_questions(
    covenant_id: int, questions: Sequence[Mapping[str, str]], *, digest: str, by: User, at: datetime
) -> Covenant:
    """The health questions in their order, `{"key", "zh", "en"}`; the term that names them follows."""
    with _editing(covenant_id, digest=digest, by=by, at=at) as covenant:
        covenant.questions = [dict(question) for question in questions]
        covenant.terms = covenant.terms | {QUESTIONS: [question["key"] for question in questions]}
    return covenant


def publish(covenant_id: int, *, digest: str, by: User, at: datetime) -> Covenant:
    """Publish a draft as `by` read it: `DraftChanged` where it says something else by now."""
    check_permission("members.publish_covenant", by)
    with transaction.atomic():
        covenant = _locked(covenant_id)
        check_is_draft(covenant)
        _check_is_known(covenant, digest)
        return plans.publish(covenant_id, by=by, at=at)


def check_is_unused(covenant: Covenant) -> None:
    """`DraftInUse` where a row of any table, its own edits apart, refers to the draft."""
    referring = [one for one in covenant._meta.get_fields(include_hidden=True) if isinstance(one, ForeignObjectRel)]
    for one in referring:
        rows = one.related_model._base_manager.filter(**{one.field.name: covenant})
        if one.related_model is not CovenantEdit and rows.exists():
            raise DraftInUse


def discard(covenant_id: int, *, by: User, at: datetime) -> None:
    """Throw a draft away, with the list of its edits. `DraftInUse` where something refers to it."""
    check_permission("members.draft_covenant", by)
    with transaction.atomic():
        covenant = _locked(covenant_id)
        check_is_draft(covenant)
        check_is_unused(covenant)
        covenant.edits.all().delete()
        covenant.delete()


def parts_said(parts: Sequence[Mapping[str, Any]]) -> str:
    """What an edit changed, in words: "Waiting period: Length; clause 3.2"."""
    return "; ".join(dict.fromkeys(_part_said(part) for part in parts))


@contextmanager
def _editing(covenant_id: int, *, digest: str, by: User, at: datetime) -> Iterator[Covenant]:
    """Lock a draft, compare, let it be changed, look at the whole, save, and keep who changed what."""
    check_permission("members.draft_covenant", by)
    with transaction.atomic():
        covenant = _locked(covenant_id)
        check_is_draft(covenant)
        _check_is_known(covenant, digest)
        was = _locked(covenant_id)
        yield covenant
        if not (parts := _changes(was, covenant)):
            return
        check_whole(covenant.plan, covenant.version, wording_of(covenant), covenant.in_force_from)
        covenant.save()
        CovenantEdit.objects.create(
            covenant=covenant, by=by, at=at, parts=parts, before=digest, after=digest_of(covenant)
        )


def _locked(covenant_id: int) -> Covenant:
    return Covenant.objects.select_for_update(of=("self",)).select_related("plan").get(pk=covenant_id)


def _check_is_known(covenant: Covenant, digest: str) -> None:
    if digest != digest_of(covenant):
        raise DraftChanged(what=_missed(covenant, digest))


def _missed(covenant: Covenant, digest: str) -> str:
    """The edits since a draft had this digest, all of them where it never had."""
    edits = list(covenant.edits.select_related("by").order_by("id"))
    since = next((place for place, edit in enumerate(edits) if edit.before == digest), 0)
    return "; ".join(f"{edit.by}: {parts_said(edit.parts)}" for edit in edits[since:])


def _changes(was: Covenant, now: Covenant) -> list[dict[str, Any]]:
    both = compare(wording_of(was), wording_of(now))
    lists = {"term": both.terms, "clause": both.clauses, "question": both.questions, "lead": both.term_clauses}
    parts = [_kept(part, one) for part, found in lists.items() for one in changed(found)]
    if [*was.questions] != now.questions and not changed(both.questions):
        parts.append({"part": "order", "name": "", "was": None, "now": None})
    if was.version != now.version:
        parts.append({"part": "version", "name": "", "was": was.version, "now": now.version})
    if was.in_force_from != now.in_force_from:
        days = was.in_force_from.isoformat(), now.in_force_from.isoformat()
        parts.append({"part": "day", "name": "", "was": days[0], "now": days[1]})
    return parts


def _kept(part: str, one: Difference) -> dict[str, Any]:
    return {"part": part, "name": one.name, "was": one.was, "now": one.now}


def _part_said(one: Mapping[str, Any]) -> str:
    part, name = one["part"], one["name"]
    if part == "term":
        return term_said(name)
    if part == "lead":
        return _("clause of: %(term)s") % {"term": term_said(name)}
    said = {
        "clause": _("clause %(name)s"),
        "question": _("health question %(name)s (%(words)s)"),
        "order": _("order of the health questions"),
        "version": _("name of the version"),
        "day": _("day from which it is in force"),
    }
    words = (one["now"] or one["was"]).get(language(), "") if part == "question" else ""
    return said[part] % {"name": name, "words": words}


def term_said(name: str) -> str:
    """A term with its section, in words: "Waiting period: Length"."""
    title = term_words.SECTIONS[name.partition(".")[0]]
    return _("%(section)s: %(term)s") % {"section": _(title), "term": _(term_words.label(name))}
