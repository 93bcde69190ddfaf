"""Versions of a covenant: drafted by one, published by another, immutable from then on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput, SamePerson
from config.kernel.roles import who_has
from members.models import Covenant, Plan
from members.policies import binding_covenant, terms_of
from members.refusals import CovenantPublished, NoCovenant
from members.rules.plan_files import PlanFile, complaints
from members.rules.term_checks import TermsInvalid
from members.rules.terms import parse_override

__all__ = ["Wording", "binding_covenant", "covenant_on", "derive", "draft", "founders", "publish", "terms_of"]


@dataclass(frozen=True, slots=True)
class Wording:
    """The content of a version: flat `terms`, `clauses` by number, the clause of each term, the health questions."""

    terms: Mapping[str, Any]
    clauses: Mapping[str, Mapping[str, str]]
    term_clauses: Mapping[str, str]
    questions: tuple[Mapping[str, str], ...]


def draft(plan: Plan, version: str, wording: Wording, *, in_force_from: date, by: User, at: datetime) -> Covenant:
    """A new version that binds nobody yet. `InvalidInput` names the term, clause or question that is wrong."""
    check_permission("members.draft_covenant", by)
    return write(plan, version, wording, in_force_from=in_force_from, by=by, at=at)


def publish(covenant_id: int, *, by: User, at: datetime) -> Covenant:
    """Put a draft in force from its day on; done by somebody who did not draft it. It never changes again."""
    check_permission("members.publish_covenant", by)
    with transaction.atomic():
        covenant = Covenant.objects.select_for_update(of=("self",)).get(pk=covenant_id)
        if covenant.published_at is not None:
            raise CovenantPublished(version=covenant.version)
        return sign(covenant, by=by, at=at)


def derive(covenant: Covenant, overrides: Mapping[str, object], *, at: datetime) -> Covenant:
    """A published version with single terms set otherwise, to try them out; one that exists already is taken again.

    It is never in force: it binds only the memberships it is given to. Raises TermsInvalid with the dotted name.
    """
    if not overrides:
        return covenant
    checked = {name: parse_override(name, value) for name, value in overrides.items()}
    version = f"{covenant.version}~{sha256(json.dumps(checked, sort_keys=True).encode()).hexdigest()[:12]}"
    known = Covenant.objects.filter(plan=covenant.plan_id, derived_from=covenant, version__startswith=version).first()
    if known is not None:
        return known
    drafter, publisher = founders()
    return Covenant.objects.create(
        plan=covenant.plan,
        version=f"{version}-{token_hex(4)}",  # two at once do not wait for each other
        derived_from=covenant,
        terms=covenant.terms | checked,
        clauses=covenant.clauses,
        term_clauses=covenant.term_clauses,
        questions=covenant.questions,
        in_force_from=covenant.in_force_from,
        drafted_by=drafter,
        drafted_at=at,
        published_by=publisher,
        published_at=at,
    )


def covenant_on(plan: Plan, day: date) -> Covenant:
    """The version of a plan that whoever joins on `day` joins under. `NoCovenant` before its first."""
    covenant = Covenant.objects.in_force_on(day).filter(plan=plan).first()
    if covenant is None:
        raise NoCovenant(plan=plan, day=day)
    return covenant


def founders() -> tuple[User, User]:
    """The two accounts that stand behind what ships: the drafter and the publisher. Nobody can sign in with them."""
    names = {"founder-1": "公约起草", "founder-2": "公约发布"}
    one, two = (
        User.objects.get_or_create(
            username=username, defaults={"display_name": name, "is_active": False, "password": "!"}
        )[0]
        for username, name in names.items()
    )
    return one, two


def write(plan: Plan, version: str, wording: Wording, *, in_force_from: date, by: User, at: datetime) -> Covenant:
    """The draft's row, after a look at every part of it; who may is asked before."""
    _check_whole(plan, version, wording, in_force_from)
    if Covenant.objects.filter(plan=plan, version=version).exists():
        raise InvalidInput(field=_("Version"), why=_("this plan has a version of that name already."))
    return Covenant.objects.create(
        plan=plan,
        version=version,
        terms=dict(wording.terms),
        clauses={number: dict(texts) for number, texts in wording.clauses.items()},
        term_clauses=dict(wording.term_clauses),
        questions=[dict(question) for question in wording.questions],
        in_force_from=in_force_from,
        drafted_by=by,
        drafted_at=at,
    )


def sign(covenant: Covenant, *, by: User, at: datetime) -> Covenant:
    """Publish a draft that is locked, or was just written; who may is asked before."""
    if covenant.drafted_by_id == by.pk:
        raise SamePerson(did=_("draft of this version"), who=who_has("members.publish_covenant"))
    _check_whole(covenant.plan, covenant.version, wording_of(covenant), covenant.in_force_from)
    covenant.published_by, covenant.published_at = by, at
    covenant.save(update_fields=["published_by", "published_at"])
    return covenant


def wording_of(covenant: Covenant) -> Wording:
    """What a version says."""
    return Wording(covenant.terms, covenant.clauses, covenant.term_clauses, tuple(covenant.questions))


def _check_whole(plan: Plan, version: str, wording: Wording, in_force_from: date) -> None:
    whole = PlanFile(
        code=plan.code,
        name={"zh": plan.name_zh, "en": plan.name_en},
        version=version,
        in_force_from=in_force_from,
        terms=wording.terms,
        clauses=wording.clauses,
        term_clauses=wording.term_clauses,
        questions=wording.questions,
    )
    for complaint in complaints(whole):
        raise InvalidInput(field=_("Covenant"), why=complaint)
    try:
        whole.parsed()
    except TermsInvalid as error:
        raise InvalidInput(field=error.path, why=error.why) from error
