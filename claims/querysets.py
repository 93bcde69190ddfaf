"""Questions asked of the cases, as sentences."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import BigIntegerField, Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from claims.enums import AppealFinding, DeadlineKind, DeadlineStatus, State
from config.kernel.civil import civil_date
from config.kernel.models import Absence
from config.kernel.permissions import holders
from config.kernel.rows import answer

if TYPE_CHECKING:
    from claims.models import Assignment, Claim
    from config.kernel.models import User

CLOCK_OF = {
    State.COLLECTING: DeadlineKind.SUPPLEMENT,
    State.REVIEWING: DeadlineKind.REVIEW,
    State.INVESTIGATING: DeadlineKind.INVESTIGATION,
    State.DECIDING: DeadlineKind.DECISION,
    State.PUBLICISED: DeadlineKind.PUBLICITY,
    State.SUSPENDED: DeadlineKind.PUBLICITY,
    State.APPROVED: DeadlineKind.PAYMENT,
    State.APPEALING: DeadlineKind.APPEAL_DECISION,
}
"""The clock by which a step has to be through."""

DUE_BY_DESK = tuple(state for state in CLOCK_OF if state not in (State.PUBLICISED, State.SUSPENDED))
"""The steps that are late when their clock has run out; the end of a publicity is no fault."""

SEEN_TO = (
    State.REVIEWING,
    State.INVESTIGATING,
    State.DECIDING,
    State.SUSPENDED,
    State.APPROVED,
    State.PAYING,
    State.APPEALING,
)
"""The steps in which something should happen every week; papers and publicity have clocks of their own."""


@dataclass(frozen=True, slots=True)
class Want:
    """Something that a case wants of whoever works on it: in which steps, under which condition."""

    states: tuple[str, ...]
    when: Callable[[], Q]

    @property
    def condition(self) -> Q:
        return Q(state__in=self.states) & self.when()


wanted: dict[str, Want] = {}
"""Everything that a case may want of the desk, by name. Upper apps add theirs beside their own tables, in `querysets`:
what is wanted is the same in every process, whatever else it has imported."""


def want(name: str, *states: str, when: Callable[[], Q] = Q) -> None:
    """Let cases in these steps want `name` where the condition holds; ValueError for a name that is taken."""
    if name in wanted:
        raise ValueError(f"{name} is wanted already.")
    wanted[name] = Want(states, when)


def _rows_of(model: str, **conditions: object) -> "models.QuerySet[models.Model]":
    """The rows of a model of this app that hang on the case which is asked about."""
    rows: models.QuerySet[models.Model] = apps.get_model("claims", model)._default_manager.filter(claim=OuterRef("pk"))
    return rows.filter(**conditions).order_by()


def _clock() -> Cast:
    """The kind of the clock by which the case's step has to be through; none after a review that was passed in it."""
    passed = When(state=State.REVIEWING, passed_at__gt=F("state_since"), then=Value(""))
    kinds = (When(state=state, then=Value(kind.value)) for state, kind in CLOCK_OF.items())
    return Cast(Case(passed, *kinds, default=Value("")), CharField())


def _of_its_clock(column: str) -> Subquery:
    """Of the last deadline of the step, while it is still to be met: a missed one is, one that was met is not."""
    rows = _rows_of("Deadline", opened_at__gte=OuterRef("state_since"), kind=OuterRef("clock"))
    running = When(status__in=(DeadlineStatus.OPEN, DeadlineStatus.MISSED), then=F(column))
    return Subquery(rows.order_by("-generation").values_list(Case(running))[:1])


def _laid_aside() -> "models.QuerySet[models.Model]":
    """Events that laid the case aside since it came into its step: what rested before, does not rest after a return."""
    return _rows_of("ClaimEvent", verb="hold", at__gte=OuterRef("state_since"))


def has_open_objection() -> Q:
    return Q(Exists(_rows_of("Objection", resolved_at__isnull=True, merged_into__isnull=True)))


def _investigation_is_due() -> Q:
    """The few versions that ask for one are read once, and not the terms of each case's."""
    asking = apps.get_model("members", "Covenant")._default_manager.filter(**{"terms__investigation.required": True})
    return Q(passed_at__isnull=False, investigated_at__isnull=True, covenant__in=asking.order_by().values("pk"))


want("send_out", State.REVIEWING, when=_investigation_is_due)
want("pass_review", State.REVIEWING, when=lambda: ~_investigation_is_due())
want("decide", State.DECIDING)
want("resolve", State.PUBLICISED, State.SUSPENDED, when=has_open_objection)
want("decide_appeal", State.APPEALING)


def above_limit(case: str = "") -> Q:
    """The rules' amount is above what the covenant leaves to a reviewer."""
    limit = Cast(KeyTextTransform("authority.reviewer_fen", f"{case}covenant__terms"), BigIntegerField())
    return Q(**{f"{case}assessment__net_fen__gt": limit})


class ClaimQuerySet(models.QuerySet["Claim"]):
    def live(self) -> Self:
        """Cases somebody still works on; a refused one waits for its applicant only."""
        return self.exclude(state__in=(State.PAID, State.REJECTED, State.APPEALING, State.WITHDRAWN, State.CLOSED))

    def with_due(self) -> Self:
        """With `due`: when the present step has to be through, also when that was missed; None while no clock runs."""
        return self.alias(clock=_clock()).annotate(due=_of_its_clock("due_at"))

    def its_clocks(self) -> "models.QuerySet[Claim, int | None]":
        """The keys of the deadlines that are `due` in the present steps."""
        return self.alias(clock=_clock()).values_list(_of_its_clock("pk"), flat=True)

    def by_due(self) -> Self:
        """The most urgent first; without a clock those that have waited longest."""
        return self.with_due().order_by(F("due").asc(nulls_last=True), "state_since", "id")

    def overdue(self, *, at: datetime) -> Self:
        """Whose step should have been through by `at`."""
        return self.filter(state__in=DUE_BY_DESK).with_due().filter(due__lte=at)

    def wanting_work(self) -> Self:
        """Those that want something of a reviewer: nothing that is closed, and nothing that only waits."""
        states = {state for one in wanted.values() for state in one.states}
        return self.filter(reduce(or_, (one.condition for one in wanted.values())), state__in=sorted(states))

    def with_wants(self) -> Self:
        """With `wants_…` for each thing that may be wanted, and `unread_papers`."""
        unread = _rows_of("Material", replaced_at__isnull=True, finding="", judged_at__isnull=True)
        counted = unread.values("claim").annotate(number=models.Count("pk")).values("number")
        asked = {
            f"wants_{name}": Case(When(one.condition, then=Value(True)), default=Value(False))
            for name, one in wanted.items()
        }
        return self.annotate(unread_papers=Subquery(counted), **asked)

    def with_rest(self) -> Self:
        """With `was_laid_aside` in this step, and `condition_due`, the day of a condition."""
        day = _rows_of("Deadline", kind=DeadlineKind.CONDITION, status=DeadlineStatus.OPEN).order_by("due_at")
        return self.annotate(was_laid_aside=Exists(_laid_aside()), condition_due=Subquery(day.values("due_at")[:1]))

    def with_return(self) -> Self:
        """With `return_code` and `return_reason` of those that were sent back into their present step."""
        returns = _rows_of("ClaimEvent", verb="return", at=OuterRef("state_since"))
        return self.annotate(
            return_code=Subquery(returns.values("reason_code")[:1]),
            return_reason=Subquery(returns.values("reason")[:1]),
        )

    def returned(self) -> Self:
        """Those that were sent back into their present step, the latest first."""
        return self.with_return().filter(return_code__isnull=False).order_by("-state_since", "id")

    def held_by(self, user: "User") -> Self:
        """Those that this person works on in their present step."""
        return self.filter(pk__in=standing().filter(user=user).values("claim"))

    def with_work_of(self, user: "User") -> Self:
        """Those that were given to this person in their present step, whether he may still work or has left."""
        rows = _rows_of("Assignment", user=user, step=OuterRef("state"))
        return self.filter(Exists(rows))

    def of_the_absent(self, day: date) -> Self:
        """Those whose person is away on this day."""
        away = Absence.objects.on(day).values("user")
        return self.filter(pk__in=standing().filter(user__in=away).values("claim")).wanting_work()

    def unassigned(self) -> Self:
        """Those that want work and that nobody has."""
        return self.wanting_work().exclude(Exists(standing().filter(claim=OuterRef("pk"))))

    def at_rest(self, *, at: datetime) -> Self:
        """Those whose person laid them aside until a later day, since they came into this step."""
        resting = standing().filter(claim=OuterRef("pk"), held_until__gt=civil_date(at))
        return self.filter(Exists(resting), Exists(_laid_aside()))

    def awaiting_condition(self, *, at: datetime) -> Self:
        """Those that cannot be judged before a day which has not come (AMB-05)."""
        day = _rows_of("Deadline", kind=DeadlineKind.CONDITION, status=DeadlineStatus.OPEN, due_at__gt=at)
        return self.filter(Exists(day), state=State.REVIEWING, assessment__outcome="wait")

    def awake(self, *, at: datetime) -> Self:
        """Neither at rest nor awaiting a day."""
        asleep = self.model._default_manager.all()
        return self.exclude(pk__in=asleep.at_rest(at=at).values("pk")).exclude(
            pk__in=asleep.awaiting_condition(at=at).values("pk")
        )

    def above_limit(self) -> Self:
        """Those whose final review is a supervisor's, by their amount."""
        return self.filter(above_limit(), state=State.DECIDING)

    def open_to(self, user: "User") -> Self:
        """Those that this person may work on: what `policies.check_may_work` says, asked of the database."""
        if not user.has_perm("claims.take_claim"):
            return self.none()
        allowed = Q(pk__in=())
        for state, (permission, barred) in _BARS.items():
            if user.has_perm(permission):
                allowed |= Q(state=state) & ~barred(user.pk)
        rows = self.filter(allowed)
        if not user.has_perm("claims.decide_any_amount"):
            rows = rows.exclude(pk__in=self.model._default_manager.above_limit().values("pk"))
        return rows

    def untouched(self, *, since: datetime) -> Self:
        """Those of which nothing was heard since then, though nobody laid them aside."""
        rows = self.filter(state__in=SEEN_TO, state_since__lt=since)
        resting = self.model._default_manager.at_rest(at=since + UNTOUCHED_FOR)
        return rows.exclude(Exists(_rows_of("ClaimEvent", at__gte=since))).exclude(pk__in=resting.values("pk"))

    def with_open_objection(self) -> Self:
        return self.filter(has_open_objection(), state__in=(State.PUBLICISED, State.SUSPENDED))

    def bounced(self) -> Self:
        """Those whose money came back and is still owed."""
        came_back = _rows_of("ClaimEvent", verb="payment_bounced", at=OuterRef("state_since"))
        return self.filter(Exists(came_back), state=State.APPROVED)


UNTOUCHED_FOR = timedelta(days=7)

Who = int | F
"""Somebody's key, or F("user"): whoever an assignment is made to."""


def _nobody(who: Who, case: str = "") -> Q:
    return Q(pk__in=())


def _saw_it_before(who: Who, case: str = "") -> Q:
    """Who made the first review, changed its facts, or overturned the refusal, makes no final one."""
    decided_by = OuterRef("user") if isinstance(who, F) else who
    appeals = apps.get_model("claims", "Appeal")._default_manager.order_by()
    overturned = appeals.filter(claim=OuterRef(f"{case}pk"), finding=AppealFinding.OVERTURNED, decided_by=decided_by)
    events = apps.get_model("claims", "ClaimEvent")._default_manager.order_by()
    took_over = events.filter(claim=OuterRef(f"{case}pk"), verb=TOOK_OVER, by=decided_by)
    made_it = Q(**{f"{case}passed_by": who}) | Q(Exists(took_over))
    return made_it | (Q(**{f"{case}passed_by__isnull": True}) & Q(Exists(overturned)))


TOOK_OVER = "take_over_fact"

PARTS = ("pass_review", "accept_report", "reject", TOOK_OVER, "leave_fact_aside")
"""By these, and by upholding a refusal, somebody has a part in it."""

HAD_A_PART = """
SELECT EXISTS (SELECT FROM claims_claimevent WHERE claim_id = %s AND by_id = %s
               AND (verb = ANY(%s) OR verb = 'decide_appeal' AND reason_code = %s))
"""


def part_in_a_refusal() -> Q:
    """Events by which somebody had a part in a refusal, also one that was made, or upheld, long before the last."""
    return Q(verb__in=PARTS) | Q(verb="decide_appeal", reason_code=AppealFinding.UPHELD)


def had_a_part(claim: "Claim", by: "User") -> bool:
    """The same of one person: asked by the guard of each decision of an appeal, so without building SQL each time."""
    return bool(answer(HAD_A_PART, [claim.pk, by.pk, list(PARTS), AppealFinding.UPHELD.value]))


def _had_a_part(who: Who, case: str = "") -> Q:
    """Who had a part in the refusal decides no appeal against it."""
    acted = OuterRef("user") if isinstance(who, F) else who
    events = apps.get_model("claims", "ClaimEvent")._default_manager.order_by()
    parts = events.filter(part_in_a_refusal(), claim=OuterRef(f"{case}pk"), by=acted)
    return Q(**{f"{case}rejected_by": who}) | Q(Exists(parts))


_BARS: dict[str, tuple[str, Callable[..., Q]]] = {
    State.REVIEWING: ("claims.review_claim", _nobody),
    State.INVESTIGATING: ("investigations.accept_report", _nobody),
    State.DECIDING: ("claims.decide_claim", _saw_it_before),
    State.PUBLICISED: ("claims.resolve_objection", _nobody),
    State.SUSPENDED: ("claims.resolve_objection", _nobody),
    State.APPEALING: ("claims.decide_appeal", _had_a_part),
}
"""Who may work in which step, and who may not: `policies.WORK`, asked of the database."""


def decided_end() -> Q:
    """Events with which a decided case came to its end: aid was paid out, or a refusal could no longer be appealed."""
    paid = Q(from_state=State.PAYING.value, to_state=State.PAID.value)
    return paid | Q(from_state=State.REJECTED.value, to_state=State.CLOSED.value)


PERSONS = ("reported_by", "late_waived_by", "passed_by", "investigated_by", "published_by", "rejected_by")


def took_part(claim: "Claim") -> set[int]:
    """The keys of everybody who had any part in the case: made a move, or was given it to work on.

    An assignment is overwritten by the next; the events keep to whom (`to`) the case was ever given.
    """
    given = claim.events.filter(data__to__isnull=False).order_by().values_list("data__to", flat=True)
    moved = claim.events.order_by().values_list("by", flat=True)
    worked = claim.assignments.order_by().values_list("user", flat=True)
    named = (getattr(claim, f"{name}_id") for name in PERSONS)
    return {*moved, *worked, *given, *(key for key in named if key is not None)}


def standing() -> "models.QuerySet[Assignment]":
    """The assignments that count: of the case's present step, to somebody who may still work on it."""
    rows = apps.get_model("claims", "Assignment")._default_manager.order_by()
    rows = rows.filter(step=F("claim__state"), user__in=holders("claims.take_claim"))
    for state, (_permission, barred) in _BARS.items():
        if barred is not _nobody:
            rows = rows.exclude(Q(step=state) & barred(F("user"), "claim__"))
    too_much = Q(step=State.DECIDING) & above_limit("claim__")
    return rows.exclude(too_much & ~Q(user__in=holders("claims.decide_any_amount")))
