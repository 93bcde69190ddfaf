"""Sequences nobody thought of: services in any order, by anybody, at any time, and what holds after each of them.

Each example is a savepoint around one case of the module, in whatever step it begins.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from random import Random
from typing import Any

from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from claims.enums import (
    ENDED,
    AppealFinding,
    Approvals,
    Channel,
    DeadlineKind,
    ObjectionFinding,
    ObjectionKind,
    State,
)
from claims.gate import moving
from claims.models import Claim, Reminder
from claims.services import appealing, collecting, correcting, deciding, investigating, objecting, paying, reviewing
from config.kernel import sweeping
from config.kernel.refusals import Refusal
from members.services import dues
from tests.claims.cases import BUILDERS, World
from tests.claims.test_moves import PAIRS
from tests.factories import PAPERS

EXAMPLES, STEPS = 40, 50

CLOCKS_OF = {
    DeadlineKind.SUPPLEMENT: {"reported", "collecting"},
    DeadlineKind.REVIEW: {"reviewing"},
    DeadlineKind.DECISION: {"deciding"},
    DeadlineKind.PUBLICITY: {"publicised", "suspended"},
    DeadlineKind.PAYMENT: {"approved"},
    DeadlineKind.APPEAL_WINDOW: {"rejected"},
    DeadlineKind.APPEAL_DECISION: {"appealing"},
}
"""The steps in which a clock can run; outside them nobody is to be reminded of anything."""

BEGINNINGS = sorted(set(BUILDERS) - set(ENDED))
DECIDED = {"publicised", "suspended", "approved", "paying", "paid"}
WAITS = [timedelta(), timedelta(hours=3), timedelta(days=1), timedelta(days=8), timedelta(days=33)]

Draw = Callable[[Iterable[Any]], Any]
Act = Callable[["Desk", Draw], Any]
"""Draws what it needs and calls one service."""

ACTS: dict[str, tuple[tuple[str, ...], Act]] = {}
"""By name: the steps in which people would try it, and what they do."""


class Desk(RuleBasedStateMachine):
    """One case, the people around it, and a clock that only goes on."""

    tally: Counter[str] = Counter()

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    @initialize(begin=st.sampled_from(BEGINNINGS))
    def begin(self, begin: str) -> None:
        self.pk = self.world[begin].pk
        self.at = self.world[begin].state_since
        self.reviewers = [self.world.roles["reviewer"], self.world.roles["supervisor"], self.world.everybody]
        self.last, self.seen = self.look(), -1

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @precondition(lambda self: self.last.state in ENDED)
    @rule(begin=st.sampled_from(BEGINNINGS))
    def another_case(self, begin: str) -> None:
        self.begin(begin)

    @rule(seed=st.integers(0, 2**64 - 1))
    def something_happens(self, seed: int) -> None:
        """One number for the whole step: every act is drawn as often as any other, mostly one that suits the step."""
        chance = Random(seed)
        likely = [name for name, (steps, _work) in ACTS.items() if self.last.state in steps]
        name = chance.choice(likely if likely and chance.random() < 0.8 else list(ACTS))
        self.at += chance.choice(WAITS)
        outcome = "done"
        try:
            with transaction.atomic():
                ACTS[name][1](self, lambda values: chance.choice(list(values)))
        except Refusal as no:
            outcome = no.code
        self.tally[f"{name}: {outcome}"] += 1
        self.compare(name, outcome)

    def compare(self, name: str, outcome: str) -> None:
        """With what was before: a refusal changes nothing, a move is a legal one and leaves its event."""
        before, self.last = self.last, self.look()
        if outcome != "done" or self.last.version == before.version:
            assert (self.last.state, self.last.version) == (before.state, before.version)
            return
        events = list(self.last.events.filter(version__gt=before.version).order_by("version"))
        assert [event.version for event in events] == list(range(before.version + 1, self.last.version + 1))
        state = before.state
        for event in events:
            assert event.from_state == state
            assert event.to_state == state or event.to_state in PAIRS[state], f"{name}: {state} → {event.to_state}"
            state = event.to_state
        assert state == self.last.state

    def look(self) -> Claim:
        return Claim.objects.select_related("assessment").get(pk=self.pk)

    def reviewer(self, draw: Draw) -> Any:
        return draw(self.reviewers)

    @invariant()
    def what_must_hold(self) -> None:
        """Looked at whenever something has changed."""
        if self.seen != self.last.version:
            self.seen = self.last.version
            constraints_now()
            for holds in INVARIANTS:
                holds(self.last)


def the_publicity_is_that_of_the_step(claim: Claim) -> None:
    running = list(claim.publicities.filter(ended_at=None))
    clocks = list(claim.deadlines.filter(kind=DeadlineKind.PUBLICITY, status="open"))
    assert len(running) == len(clocks) == (claim.state in ("publicised", "suspended"))
    if running:
        assert running[0].stands_still == (claim.state == "suspended")
        assert clocks[0].due_at == running[0].ends_at
        assert running[0].days_left >= 0


def no_clock_runs_outside_its_step(claim: Claim) -> None:
    open_ones = Counter(claim.deadlines.filter(status="open").values_list("kind", flat=True))
    for kind, steps in CLOCKS_OF.items():
        assert open_ones[kind] <= (claim.state in steps), f"{kind} in {claim.state}"
    assert open_ones[DeadlineKind.CONDITION] <= 1
    assert not (open_ones and claim.state in ENDED)


def nobody_is_reminded_of_what_is_over(claim: Claim) -> None:
    pending = Reminder.objects.filter(deadline__claim=claim, sent_at=None, cancelled_at=None)
    assert not pending.exclude(deadline__status="open").exists()


def nothing_is_approved_or_refused_over_an_objection(claim: Claim) -> None:
    if claim.state not in ("publicised", "suspended", "deciding"):
        assert not claim.objections.filter(resolved_at=None).exists()


def nobody_looks_into_an_ended_case(claim: Claim) -> None:
    if claim.state in ENDED:
        assert not claim.procedures.filter(closed_at=None).exists()


def the_money_is_what_was_decided(claim: Claim) -> None:
    assert (claim.decided_fen is not None) == (claim.state in DECIDED) or claim.state == "closed"
    assert 0 <= (claim.decided_fen or 0) <= 3_000_000


def two_people_have_seen_it(claim: Claim) -> None:
    assert claim.published_by_id is None or claim.published_by_id != claim.passed_by_id


def an_appeal_is_open_while_it_is_heard(claim: Claim) -> None:
    assert claim.appeals.filter(decided_at=None).count() == (claim.state == "appealing")


INVARIANTS = (
    the_publicity_is_that_of_the_step,
    no_clock_runs_outside_its_step,
    nobody_is_reminded_of_what_is_over,
    nothing_is_approved_or_refused_over_an_objection,
    nobody_looks_into_an_ended_case,
    the_money_is_what_was_decided,
    two_people_have_seen_it,
    an_appeal_is_open_while_it_is_heard,
)


def constraints_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def act(*steps: str) -> Callable[[Act], Act]:
    def known(work: Act) -> Act:
        ACTS[work.__name__] = (steps, work)
        return work

    return known


@act("collecting", "reviewing")
def submit(desk: Desk, draw: Draw) -> None:
    papers = draw([PAPERS, PAPERS[:3], PAPERS[1:]])
    collecting.submit(desk.pk, materials=papers, by=desk.world.roles["intake"], at=desk.at)


@act("reported", "collecting")
def withdraw(desk: Desk, draw: Draw) -> None:
    collecting.withdraw(desk.pk, by=desk.world.roles["intake"], at=desk.at)


@act("collecting")
def lapse(desk: Desk, draw: Draw) -> None:
    collecting.lapse(desk.pk, reason="no papers", by=desk.world.roles["supervisor"], at=desk.at)


@act("reviewing")
def pass_review(desk: Desk, draw: Draw) -> None:
    reviewing.pass_review(desk.pk, reason=draw(["", "so"]), by=desk.reviewer(draw), at=desk.at)


@act("reviewing")
def refuse_in_review(desk: Desk, draw: Draw) -> None:
    reviewing.refuse_in_review(
        desk.pk, contrary="nothing found", ground="LATE_REPORT", reason="so", by=desk.reviewer(draw), at=desk.at
    )


@act("reviewing")
def commission(desk: Desk, draw: Draw) -> None:
    with moving(desk.pk, "commission", by=(by := desk.reviewer(draw)), at=desk.at) as claim:
        investigating.begin(claim, by=by, at=desk.at)


@act("investigating")
def conclude(desk: Desk, draw: Draw) -> None:
    with moving(desk.pk, "accept_report", by=(by := desk.reviewer(draw)), at=desk.at) as claim:
        investigating.conclude(claim, by=by, at=desk.at)


@act("deciding", "reviewing")
def return_to(desk: Desk, draw: Draw) -> None:
    to, approvals = draw(State), draw(Approvals)
    reviewing.return_to(desk.pk, to=to, reason="so", approvals=approvals, by=desk.reviewer(draw), at=desk.at)


@act("deciding")
def publish(desk: Desk, draw: Draw) -> None:
    deciding.publish(desk.pk, reason=draw(["", "so"]), by=desk.reviewer(draw), at=desk.at)


@act("deciding", "publicised", "suspended")
def reject(desk: Desk, draw: Draw) -> None:
    deciding.reject(
        desk.pk, contrary="nothing found", ground="LATE_REPORT", reason="so", by=desk.reviewer(draw), at=desk.at
    )


@act("publicised", "suspended")
def object_to(desk: Desk, draw: Draw) -> None:
    kind, by = draw(ObjectionKind), desk.world.roles["intake"]
    objecting.object_to(desk.pk, kind=kind, objector=desk.world.other, by=by, at=desk.at)


@act("publicised", "suspended", "deciding")
def resolve(desk: Desk, draw: Draw) -> None:
    kind, finding = draw(ObjectionKind), draw([ObjectionFinding.DISMISSED, ObjectionFinding.UPHELD])
    with moving(desk.pk, "resolve", by=(by := desk.reviewer(draw)), at=desk.at) as claim:
        objecting.resolve(claim, kind, finding, by=by, at=desk.at)


@act("approved")
def reopen(desk: Desk, draw: Draw) -> None:
    deciding.reopen(desk.pk, reason="so", by=desk.world.roles["supervisor"], at=desk.at)


@act("approved")
def start_payment(desk: Desk, draw: Draw) -> None:
    with moving(desk.pk, "start_payment", by=(by := desk.world.roles["finance"]), at=desk.at) as claim:
        paying.start(claim, by=by, at=desk.at)


@act("paying")
def confirm(desk: Desk, draw: Draw) -> None:
    with moving(desk.pk, "confirm_payment", by=(by := desk.world.roles["finance"]), at=desk.at) as claim:
        paying.confirm(claim, by=by, at=desk.at)


@act("paying")
def bounced(desk: Desk, draw: Draw) -> None:
    with moving(desk.pk, "payment_bounced", by=(by := desk.world.roles["finance"]), at=desk.at) as claim:
        paying.bounced(claim, by=by, at=desk.at)


@act("rejected")
def appeal(desk: Desk, draw: Draw) -> None:
    channel, deposit = draw(Channel), draw([0, 50_000])
    appealing.appeal(desk.pk, channel=channel, deposit_fen=deposit, by=desk.world.roles["intake"], at=desk.at)


@act("appealing")
def decide_appeal(desk: Desk, draw: Draw) -> None:
    with moving(desk.pk, "decide_appeal", by=(by := draw([*desk.reviewers, desk.world.judge])), at=desk.at) as claim:
        appealing.decide(claim, draw(AppealFinding), by=by, at=desk.at)


@act("paid", "rejected")
def close(desk: Desk, draw: Draw) -> None:
    deciding.close(desk.pk, by=desk.world.roles["supervisor"], at=desk.at)


@act("reviewing", "approved")
def die(desk: Desk, draw: Draw) -> None:
    correcting.record_death(desk.pk, by=desk.world.roles["intake"], at=desk.at)


@act("reviewing", "deciding")
def breach(desk: Desk, draw: Draw) -> None:
    correcting.record_breach(desk.last.membership_id, question="diabetes", by=desk.reviewer(draw), at=desk.at)


@act("collecting", "rejected")
def waive(desk: Desk, draw: Draw) -> None:
    reviewing.waive_late_report(desk.pk, reason="so", by=desk.world.roles["supervisor"], at=desk.at)


@act("reviewing", "deciding")
def owe(desk: Desk, draw: Draw) -> None:
    dues.owe(desk.last.membership, due_on=desk.last.diagnosed_on, fen=draw([1, 305, 4_000_000]))


@act("reviewing", "deciding")
def assess(desk: Desk, draw: Draw) -> None:
    correcting.run_assessment(desk.pk, by=desk.world.roles["system"], at=desk.at)


@act("publicised", "suspended", "rejected", "investigating")
def ring(desk: Desk, draw: Draw) -> None:
    """All sweeps, for this case only, as late as it may be."""
    sweeping.ring(at=desk.at, only=desk.pk)


def test_whatever_happens_in_whatever_order(world: World) -> None:
    Desk.tally.clear()

    run_state_machine_as_test(
        lambda: Desk(world),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

    done = {name.partition(":")[0] for name in Desk.tally if name.endswith("done")}
    assert len(done) > 0.8 * len(ACTS), f"Never seen to work: {set(ACTS) - done}; the sequences are too short."
    assert Desk.tally.total() > EXAMPLES * STEPS / 2
