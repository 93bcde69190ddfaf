"""Is the member covered, since when, for how much: each answer with its arithmetic, from the facts as assessed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from claims.forms import words
from claims.models import Claim
from claims.rules import amount, timing
from claims.rules.facts import Facts
from config.kernel.civil import age_years, civil_date, days_between, months_before
from config.kernel.display import day, yuan
from config.kernel.pages import Look
from members.enums import Purpose
from members.models import Membership
from members.rules.admission import last_waiting_day
from members.rules.terms import Terms
from members.services.plans import terms_of


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: its label, the sentences, the rule behind it, and whether it speaks against the case."""

    label: str
    sentences: Sequence[str]
    rule: str = ""
    is_against: bool = False


def cover(claim: Claim, look: Look) -> dict[str, Any]:
    """What the panel shows; `lines` are empty before the first assessment."""
    membership = claim.membership
    earlier = Claim.objects.filter(membership__member=membership.member_id).exclude(pk=claim.pk)
    return {
        "claim": claim,
        "memberships": [_membership(one, claim) for one in _memberships(membership)],
        "corrections": list(membership.corrections.select_related("proposed_by", "confirmed_by").order_by("id")),
        "lines": lines_of(claim),
        "bound_because": _bound_because(claim),
        "declared": _declared(claim),
        "earlier": list(earlier.select_related("membership__plan").order_by("-id")),
    }


def lines_of(claim: Claim) -> list[Line]:
    """What the rules measure of the last assessment's facts; nothing before the first."""
    last = claim.assessment
    if last is None:
        return []
    facts, terms = Facts.from_json(last.facts), terms_of(last.covenant)
    return [*timely(facts, terms), *measured(facts, terms), owed(facts, terms)]


def timely(facts: Facts, terms: Terms) -> Iterator[Line]:
    """SR-08, SR-09, SR-12: the waiting period and the reporting window."""
    waited = timing.waiting_period(facts, terms)
    counted = {
        "joined": day(facts.joined_on),
        "days": terms.waiting.days,
        "last": day(last_waiting_day(facts.joined_on, terms)),
        "diagnosed": day(facts.diagnosed_on),
        "day": days_between(facts.joined_on, facts.diagnosed_on),
    }
    sentences = {
        timing.BY_ACCIDENT: _("None: the cause is an accident after joining."),
        timing.AFTER_WAITING: _(
            "Joined on %(joined)s + %(days)s days = %(last)s. First diagnosed on %(diagnosed)s: day %(day)s, after it."
        ),
        timing.WITHIN_WAITING: _(
            "Joined on %(joined)s + %(days)s days = %(last)s. First diagnosed on %(diagnosed)s: day %(day)s, within it."
        ),
        timing.BEFORE_JOINING: _("First diagnosed on %(diagnosed)s, before joining on %(joined)s."),
    }
    yield Line(_("Waiting period"), [sentences[waited] % counted], waited.rule, waited.code is not None)
    yield _reported(facts, terms)


def _reported(facts: Facts, terms: Terms) -> Line:
    found, last = timing.reporting(facts, terms), timing.last_reporting_day(facts, terms)
    counted = {
        "diagnosed": day(facts.diagnosed_on),
        "days": terms.report.days,
        "last": day(last),
        "reported": day(facts.reported_on),
        "day": days_between(facts.diagnosed_on, facts.reported_on),
    }
    if days_between(facts.diagnosed_on, last) == terms.report.days:
        window = _("First diagnosed on %(diagnosed)s + %(days)s days = %(last)s.")
    else:
        window = _("First diagnosed on %(diagnosed)s, %(days)s days; moved to %(last)s.")
    weekends = (
        _("A last day that is no working day moves to the next one.")
        if terms.report.extend_on_holiday
        else _("Weekends and holidays count.")
    )
    told = {
        timing.IN_TIME: _("Reported on %(reported)s: day %(day)s, in time."),
        timing.LATE: _("Reported on %(reported)s: day %(day)s, too late."),
        timing.LATE_WAIVED: _("Reported on %(reported)s: day %(day)s, too late; a supervisor waived it."),
    }
    sentences = [window % counted, weekends, told[found] % counted]
    return Line(_("Reporting window"), sentences, found.rule, found.code is not None)


def measured(facts: Facts, terms: Terms) -> Iterator[Line]:
    """SR-15, SR-18 to SR-21: ages with their factor, the ratio of the disease, the tier."""
    ages = {
        "joining": age_years(facts.birth_date, facts.joined_on),
        "diagnosis": age_years(facts.birth_date, facts.diagnosed_on),
        "from_age": terms.age_factor.from_,
        "percent": amount.age_factor(facts, terms)[1],
    }
    factor = amount.age_factor(facts, terms)[0]
    band = (
        _("From %(from_age)s on the age factor is %(percent)s %%.")
        if factor is amount.AGE_REDUCED
        else _("Below %(from_age)s the age factor is %(percent)s %%.")
    )
    lived = _("%(joining)s years old on joining, %(diagnosis)s on the day of the first diagnosis.")
    yield Line(_("Age"), [lived % ages, band % ages], factor.rule)
    ground, percent = amount.ratio(facts, terms)
    ratio = _("%(percent)s %% of the tier.") % {"percent": percent} if percent else _("Left to whoever decides.")
    yield Line(_("Ratio of the disease"), [ratio], ground.rule, ground.code is not None)
    yield Line(_("Tier"), [yuan(facts.tier_fen)], amount.BASE.rule)


def owed(facts: Facts, terms: Terms) -> Line:
    """SR-22, AMB-11: the shares that count as arrears, one by one."""
    first, after = months_before(facts.reported_on, terms.arrears.months)
    due = amount.arrears(facts, terms)
    window = {"first": day(first), "after": day(after), "months": terms.arrears.months}
    sentences = [_("Due in the %(months)s months from %(first)s to the day before %(after)s:") % window]
    sentences += [f"{day(share.due_on)}: {yuan(share.fen)}" for share in due]
    sentences.append(
        _("In all %(amount)s.") % {"amount": yuan(amount.arrears_fen(facts, terms))} if due else _("None.")
    )
    return Line(_("Arrears"), sentences, amount.ARREARS.rule)


def _memberships(membership: Membership) -> list[Membership]:
    """All of this person in the plan, the first one first."""
    rows = Membership.objects.filter(member=membership.member_id, plan=membership.plan_id)
    return list(rows.select_related("covenant__plan").order_by("joined_on", "id"))


def _membership(one: Membership, claim: Claim) -> dict[str, Any]:
    return {
        "row": one,
        "tier": yuan(one.tier_fen),
        "is_this": one.pk == claim.membership_id,
        "ended": one.get_end_reason_display() if one.ended_on else "",
    }


def _bound_because(claim: Claim) -> str:
    """AMB-21: why it is this version."""
    membership, covenant = claim.membership, claim.covenant
    if membership.covenant_id == covenant.pk:
        return _("The member joined under it on %(day)s.") % {"day": day(membership.joined_on)}
    consents = membership.consents.filter(purpose=Purpose.COVENANT, covenant=covenant)
    given: date | None = next((civil_date(one.given_at) for one in consents.order_by("-given_at")[:1]), None)
    if given is None:
        return ""
    return _("The member consented to it on %(given)s; it was in force on the day of the first diagnosis.") % {
        "given": day(given)
    }


def _declared(claim: Claim) -> list[dict[str, Any]]:
    """The answers that say "that applies to me", and those that were found untrue."""
    answers = claim.membership.declarations.select_related("found_untrue_by").order_by("id")
    return [
        {"question": words.question(claim.membership.covenant, one.question), "row": one}
        for one in answers
        if one.answer or one.found_untrue_at
    ]
