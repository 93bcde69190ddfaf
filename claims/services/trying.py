"""Trying a draft: the past cases of its plan run again under it, in portions, changing none of them.

Each case is asked with the facts of its last assessment, so what differs is what the draft says otherwise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext_noop

from claims.models import Claim, Trial, TrialChange
from claims.refusals import TrialRuns
from claims.rules import assessment as rules
from claims.rules.fact_checks import FactsInvalid
from claims.rules.facts import Facts
from claims.services.assessing import days_off
from config.kernel.bell import ring_bell
from config.kernel.models import User
from config.kernel.permissions import check_permission
from members.models import Covenant
from members.rules.codes import Outcome
from members.rules.terms import Terms
from members.services.drafting import digest_of
from members.services.plans import check_is_draft, terms_of

CHANGED_MEANWHILE = gettext_noop("the draft was changed meanwhile")
PUBLISHED_MEANWHILE = gettext_noop("the draft was published meanwhile")

STOPPED = gettext_noop("an error stopped it")

_COLUMNS = ("pk", "assessment__facts", "assessment__outcome", "assessment__codes", "assessment__net_fen")

UNREADABLE = ""
"""The outcome of a case whose facts the rules cannot read."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the rules say of a case; `fen` is None where the ratio is left to a person."""

    outcome: str
    codes: tuple[str, ...]
    fen: int | None


def ask(covenant_id: int, *, by: User, at: datetime) -> Trial:
    """Leave a trial of a draft to the worker; `TrialRuns` while one is not finished."""
    check_permission("members.draft_covenant", by)
    with transaction.atomic():
        covenant = Covenant.objects.select_for_update(of=("self",)).get(pk=covenant_id)
        check_is_draft(covenant)
        check_no_trial_runs(covenant)
        ring_bell()
        return Trial.objects.create(
            covenant=covenant,
            wording=digest_of(covenant),
            asked_by=by,
            asked_at=at,
            total=_cases(covenant).count(),
        )


def check_no_trial_runs(covenant: Covenant) -> None:
    """`TrialRuns` while a trial of the draft is not finished."""
    if Trial.objects.filter(covenant=covenant, finished_at__isnull=True).exists():
        raise TrialRuns


def carry_on(trial_id: int, *, at: datetime, portion: int) -> int:
    """One portion of a trial in a transaction of its own, from where the last one ended; how many cases it took.

    None are left, or another worker is at it, when it returns 0. What a dead worker had begun was never written.
    """
    with transaction.atomic():
        trial = _taken(trial_id)
        if trial is None:
            return 0
        covenant = trial.covenant
        if digest_of(covenant) != trial.wording:
            return _finish(trial, at=at, because=CHANGED_MEANWHILE)
        if covenant.published_at is not None:
            return _finish(trial, at=at, because=PUBLISHED_MEANWHILE)
        cases = list(_cases(covenant).filter(pk__gt=trial.last_claim).order_by("pk").values_list(*_COLUMNS)[:portion])
        if not cases:
            return _finish(trial, at=at)
        _try(trial, cases, terms_of(covenant))
        trial.save()
        return len(cases)


def give_up(trial_id: int, *, at: datetime) -> None:
    """End a trial that an error stops each time it is carried on."""
    with transaction.atomic():
        if (trial := _taken(trial_id)) is not None:
            _finish(trial, at=at, because=STOPPED)


def said_under(facts: Mapping[str, Any], terms: Terms) -> Said:
    """What the rules say of the facts of an assessment under other terms; of facts that they cannot read, nothing."""
    try:
        read = Facts.from_json(facts)
    except (FactsInvalid, TypeError, AttributeError):  # whatever an older version kept
        return Said(UNREADABLE, (), None)
    if terms.report.extend_on_holiday:
        read = replace(read, days_off=days_off(read.diagnosed_on, read.reported_on))
    said = rules.assess(read, terms)
    return Said(said.outcome.value, tuple(code.value for code in said.codes), said.net_fen)


def aid(said: Said) -> int:
    """The aid that a case counts for in the totals: what the rules propose, none where they refuse."""
    return 0 if said.outcome == Outcome.REJECT else said.fen or 0


def crossing(trial: Trial) -> list[tuple[str, str, int]]:
    """How many cases change, by outcome before and after; the most first."""
    rows = trial.changes.exclude(outcome_after=UNREADABLE).values_list("outcome_before", "outcome_after")
    return [
        (was, now, n) for was, now, n in rows.annotate(n=Count("pk")).order_by("-n", "outcome_before", "outcome_after")
    ]


def last_trial(covenant: Covenant) -> Trial | None:
    """The latest trial of a draft."""
    return Trial.objects.filter(covenant=covenant).select_related("asked_by").order_by("-id").first()


def _cases(covenant: Covenant) -> QuerySet[Claim]:
    return Claim.objects.filter(membership__plan=covenant.plan_id, assessment__isnull=False)


def _taken(trial_id: int) -> Trial | None:
    """The trial, locked; None where another worker has it or it is over."""
    rows = Trial.objects.select_for_update(of=("self",), skip_locked=True).select_related("covenant__plan")
    return rows.filter(pk=trial_id, finished_at__isnull=True).first()


def _try(trial: Trial, cases: Iterable[tuple[Any, ...]], terms: Terms) -> None:
    changes = []
    for claim_id, facts, outcome, codes, net_fen in cases:
        was, now = Said(outcome, tuple(codes), net_fen), said_under(facts, terms)
        if now.outcome != UNREADABLE:
            trial.before_fen += aid(was)
            trial.after_fen += aid(now)
        if now != was:
            changes.append(_change(trial, claim_id, was, now))
        trial.done += 1
        trial.last_claim = claim_id
    TrialChange.objects.bulk_create(changes)


def _change(trial: Trial, claim_id: int, was: Said, now: Said) -> TrialChange:
    return TrialChange(
        trial=trial,
        claim_id=claim_id,
        outcome_before=was.outcome,
        outcome_after=now.outcome,
        codes_after=list(now.codes),
        before_fen=was.fen,
        after_fen=now.fen,
    )


def _finish(trial: Trial, *, at: datetime, because: str = "") -> int:
    trial.finished_at, trial.failed_because = at, because
    trial.total = trial.total if because else trial.done
    trial.save()
    return 0
