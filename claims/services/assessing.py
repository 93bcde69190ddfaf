"""Asking the rules, and keeping what they said together with what they were asked."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from claims.enums import UNDECIDED, DeadlineKind, DeadlineStatus, PaperFinding
from claims.models import Assessment, Claim
from claims.rules import assessment as rules
from claims.rules.facts import Cause, Facts, Medical, Paper, Unpaid
from claims.services import clocks
from config.kernel.civil import civil_date, end_of
from config.kernel.working_days import work_calendar
from members.services import dues
from members.services.plans import binding_covenant, terms_of


def assess(claim: Claim, *, at: datetime) -> Assessment:
    """Run the rules on the case as it stands, under the version that binds its member, and store what they say."""
    claim.covenant = binding_covenant(claim.membership, claim.diagnosed_on)
    return _store(claim, facts_of(claim), at=at)


def assess_again(claim: Claim, *, at: datetime) -> Assessment:
    """As `assess`, but a case whose facts and version are those of its last assessment keeps that one."""
    claim.covenant = binding_covenant(claim.membership, claim.diagnosed_on)
    facts, last = facts_of(claim), claim.assessment
    if last is not None and last.covenant_id == claim.covenant.pk and last.facts == facts.to_json():
        return last
    return _store(claim, facts, at=at)


def facts_of(claim: Claim) -> Facts:
    """Everything that the rules look at, read from the rows as they are now; a paper sent back is no paper."""
    membership, reported_on = claim.membership, civil_date(claim.reported_at)
    papers = claim.materials.filter(replaced_at__isnull=True).exclude(finding=PaperFinding.RETURNED).order_by("kind")
    breaches = membership.declarations.filter(found_untrue_at__isnull=False).order_by("question")
    return Facts(
        disease=claim.disease,
        cause=Cause(claim.cause),
        diagnosed_on=claim.diagnosed_on,
        reported_on=reported_on,
        joined_on=membership.joined_on,
        birth_date=membership.member.birth_date,
        tier_fen=membership.tier_fen,
        accident_on=claim.accident_on,
        medical=Medical.from_json(claim.facts),
        papers=tuple(Paper.from_json({"kind": paper.kind, **paper.details}) for paper in papers),
        unpaid=tuple(Unpaid(due_on, fen) for due_on, fen in dues.unpaid_shares(membership)),
        breaches=tuple(breaches.values_list("question", flat=True)),
        migrated_unchecked=membership.migrated and membership.health_rechecked_at is None,
        joining_corrected=membership.corrections.filter(confirmed_at__isnull=False).exists(),
        late_waived=claim.late_waived_at is not None,
        non_disclosure_upheld=claim.non_disclosure_upheld,
        forgery_found=claim.forgery_found,
        days_off=(
            days_off(claim.diagnosed_on, reported_on)
            if terms_of(claim.covenant).report.extend_on_holiday
            else frozenset()
        ),
    )


def net_at(said: Assessment, in_situ_percent: int | None) -> int:
    """The net amount in fen; a person sets the ratio where the covenant leaves it open (AMB-10)."""
    if said.net_fen is not None or in_situ_percent is None:
        return said.net_fen or 0
    return _at_ratio(said, in_situ_percent).net_fen or 0


def steps_at(said: Assessment, in_situ_percent: int | None) -> list[dict[str, Any]]:
    """The arithmetic of that amount, line by line, as an assessment stores it."""
    if said.net_fen is not None or in_situ_percent is None:
        return list(said.steps)
    return _steps(_at_ratio(said, in_situ_percent))


def _at_ratio(said: Assessment, in_situ_percent: int) -> rules.Assessment:
    terms = terms_of(said.covenant)
    set_by_hand = replace(terms, ratio=replace(terms.ratio, in_situ=in_situ_percent))
    return rules.assess(Facts.from_json(said.facts), set_by_hand)


def days_off(diagnosed_on: date, reported_on: date) -> frozenset[date]:
    """The days off between diagnosis and report on which a window could end (AMB-04, Civil Code 203)."""
    calendar = work_calendar()
    days = (diagnosed_on + timedelta(days=n) for n in range((reported_on - diagnosed_on).days + 1))
    return frozenset(day for day in days if not calendar.is_working(day))


def _store(claim: Claim, facts: Facts, *, at: datetime) -> Assessment:
    said = rules.assess(facts, terms_of(claim.covenant))
    assessment = Assessment.objects.create(
        claim=claim,
        covenant=claim.covenant,
        at=at,
        facts=facts.to_json(),
        outcome=said.outcome.value,
        codes=[code.value for code in said.codes],
        findings=[finding.to_json() for finding in said.findings],
        gross_fen=said.gross_fen,
        arrears_fen=said.arrears_fen,
        net_fen=said.net_fen,
        steps=_steps(said),
    )
    claim.assessment = assessment
    _follow_condition(claim, assessment, at=at)
    return assessment


def _steps(said: rules.Assessment) -> list[dict[str, Any]]:
    return [{"because": step.because, "params": dict(step.params), "fen": step.fen} for step in said.steps]


def _follow_condition(claim: Claim, said: Assessment, *, at: datetime) -> None:
    """Keep the clock of a waiting condition in step with what the rules wait for.

    A day that has come is waited for no longer, whatever paper is still missing; nor is any on a case that is decided.
    """
    untils = [date.fromisoformat(finding["until"]) for finding in said.findings if finding["until"]]
    running = claim.deadlines.filter(kind=DeadlineKind.CONDITION, status=DeadlineStatus.OPEN).first()
    if running is not None and (not untils or running.due_at != end_of(untils[0])):
        clocks.stop(claim, DeadlineKind.CONDITION, at=at)
        running = None
    if untils and running is None and end_of(untils[0]) > at and claim.state in UNDECIDED:
        clocks.start_condition(claim, untils[0], at=at)
