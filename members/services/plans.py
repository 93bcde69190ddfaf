"""Versions of a covenant: drafted by one, published by another, immutable from then on."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from secrets import token_hex

from django.db import transaction
from django.utils.translation import gettext as _

from config.kernel.civil import civil_date
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput, SamePerson
from config.kernel.roles import who_has
from members.models import Covenant, Plan
from members.policies import binding_covenant, terms_of
from members.refusals import BeginsTooEarly, CovenantPublished, NoCovenant
from members.rules.comparing import Wording
from members.rules.plan_files import PlanFile, complaints
from members.rules.term_checks import TermsInvalid
from members.rules.terms import parse_override

__all__ = ["Wording", "binding_covenant", "terms_of"]


def draft(plan: Plan, version: str, wording: Wording, *, in_force_from: date, by: User, at: datetime) -> Covenant:
    """A new version that binds nobody yet. `InvalidInput` names the term, clause or question that is wrong."""
    check_permission("members.draft_covenant", by)
    return write(plan, version, wording, in_force_from=in_force_from, by=by, at=at)


def publish(covenant_id: int, *, by: User, at: datetime) -> Covenant:
    """Put a draft in force from its day on; done by somebody who did not draft it. It never changes again."""
    check_permission("members.publish_covenant", by)
    with transaction.atomic():
        covenant = Covenant.objects.select_for_update(of=("self",)).get(pk=covenant_id)
        check_is_draft(covenant)
        check_lies_ahead(covenant.in_force_from, at=at)
        return sign(covenant, by=by, at=at)


def check_is_draft(covenant: Covenant) -> None:
    """`CovenantPublished` for a version that never changes again."""
    if covenant.published_at is not None:
        raise CovenantPublished(version=covenant.version)


def check_not_written_by(covenant: Covenant, *, by: User) -> None:
    """`SamePerson` for whoever drafted the version or edited it: publishing is reading what others wrote."""
    if covenant.drafted_by_id == by.pk or covenant.edits.filter(by=by).exists():
        raise SamePerson(did=_("draft of this version"), who=who_has("members.publish_covenant"))


def check_lies_ahead(in_force_from: date, *, at: datetime) -> None:
    """`BeginsTooEarly` for a version that would begin today or before.

    What binds a case is the version in force on the day of diagnosis (AMB-21), and whoever joined today has a version
    already: a version that began in the past would bind cases and members that another one bound.
    """
    if in_force_from <= civil_date(at):
        raise BeginsTooEarly(day=in_force_from)


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
    check_whole(plan, version, wording, in_force_from)
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
    check_not_written_by(covenant, by=by)
    check_whole(covenant.plan, covenant.version, wording_of(covenant), covenant.in_force_from)
    covenant.published_by, covenant.published_at = by, at
    covenant.save(update_fields=["published_by", "published_at"])
    return covenant


def wording_of(covenant: Covenant) -> Wording:
    """What a version says."""
    return Wording(covenant.terms, covenant.clauses, covenant.term_clauses, tuple(covenant.questions))


def check_whole(plan: Plan, version: str, wording: Wording, in_force_from: date) -> None:
    """`InvalidInput` unless every term has its kind of value and a clause, and every text its two languages."""
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
    for message, params in complaints(whole):
        raise InvalidInput(field=_("Covenant"), why=_(message) % params)
    try:
        whole.parsed()
    except TermsInvalid as error:
        raise InvalidInput(field=error.path, why=_(error.message) % error.params) from error
