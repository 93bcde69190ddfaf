"""The legal moves, written a second time by hand: as moves of the case, as services, as what the database lets pass."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django_fsm import TransitionNotAllowed

from claims.enums import (
    MOVES,
    AppealFinding,
    Channel,
    ObjectionFinding,
    ObjectionKind,
    PaperFault,
    PaperFinding,
    State,
    Weighs,
)
from claims.gate import moving
from claims.models import Claim, ClaimEvent, Material
from claims.services import (
    appealing,
    approving,
    collecting,
    correcting,
    deciding,
    evidence,
    judging,
    objecting,
    reviewing,
)
from config.kernel.models import User
from config.kernel.refusals import Refusal
from tests.claims.cases import ARGUMENTS, World, fresh, later, move, outcome_of, undone

LEGAL = {
    "open_collection": {"reported": "collecting"},
    "withdraw": {"reported": "withdrawn", "collecting": "withdrawn"},
    "lapse": {"collecting": "closed"},
    "complete_materials": {"collecting": "reviewing"},
    "pass_review": {"reviewing": "reviewing"},
    "commission": {"reviewing": "investigating"},
    "conclude_investigation": {"investigating": "deciding"},
    "return_to": {"reviewing": "collecting", "deciding": "collecting"},
    "reject": {
        "reviewing": "rejected",
        "deciding": "rejected",
        "publicised": "rejected",
        "suspended": "rejected",
    },
    "publish": {"deciding": "publicised"},
    "suspend": {"publicised": "suspended"},
    "resume": {"suspended": "publicised"},
    "reconsider": {"publicised": "deciding", "suspended": "deciding"},
    "approve": {"publicised": "approved"},
    "reopen": {"approved": "deciding"},
    "start_payment": {"approved": "paying"},
    "confirm_payment": {"paying": "paid"},
    "payment_bounced": {"paying": "approved"},
    "close": {"paid": "closed", "rejected": "closed"},
    "appeal": {"rejected": "appealing"},
    "uphold": {"appealing": "rejected"},
    "overturn": {"appealing": "deciding"},
}
"""Where each move leads from each step; from a step that is not named it is refused."""

PAIRS = {
    "reported": {"collecting", "withdrawn"},
    "collecting": {"reviewing", "withdrawn", "closed"},
    "reviewing": {"collecting", "investigating", "deciding", "rejected"},
    "investigating": {"deciding"},
    "deciding": {"collecting", "reviewing", "investigating", "publicised", "rejected"},
    "publicised": {"suspended", "deciding", "approved", "rejected"},
    "suspended": {"publicised", "deciding", "rejected"},
    "approved": {"paying", "deciding"},
    "paying": {"paid", "approved"},
    "paid": {"closed"},
    "rejected": {"appealing", "closed"},
    "appealing": {"rejected", "deciding"},
    "withdrawn": set(),
    "closed": set(),
}
"""What the database lets pass, whoever writes."""

STANDS_IN = {("complete_materials", "collecting"): "complete", ("commission", "reviewing"): "passed"}
"""A move that needs more than its step: the case that has it."""

Service = Callable[[Claim, User, datetime, World], Any]

ALL = set(State.values)
SERVICES: dict[str, tuple[Service, set[str]]] = {
    "submit": (
        lambda claim, by, at, world: collecting.submit(claim.pk, materials=[{"kind": "imaging"}], by=by, at=at),
        {"collecting", "reviewing"},
    ),
    "submit_on_appeal": (
        lambda claim, by, at, world: collecting.submit_on_appeal(
            claim.pk, materials=[{"kind": "imaging"}], by=by, at=at
        ),
        {"appealing"},
    ),
    "record_evidence": (
        lambda claim, by, at, world: evidence.record(
            claim.pk, fact="one", source="file", weighs=Weighs.FOR, by=by, at=at
        ),
        ALL - {"paying", "paid", "withdrawn", "closed"},
    ),
    "judge": (
        lambda claim, by, at, world: _judge(claim, by, at),
        {"collecting", "reviewing", "investigating", "deciding"},
    ),
    "withdraw": (
        lambda claim, by, at, world: collecting.withdraw(claim.pk, by=by, at=at),
        {"reported", "collecting"},
    ),
    "lapse": (
        lambda claim, by, at, world: collecting.lapse(claim.pk, reason="no papers", by=by, at=at),
        {"collecting"},
    ),
    "pass_review": (lambda claim, by, at, world: reviewing.pass_review(claim.pk, by=by, at=at), {"reviewing"}),
    "refuse_in_review": (
        lambda claim, by, at, world: reviewing.refuse_in_review(
            claim.pk, contrary="nothing found", ground="LATE_REPORT", reason="seen so", by=by, at=at
        ),
        {"reviewing"},
    ),
    "return_to": (
        lambda claim, by, at, world: reviewing.return_to(claim.pk, to=State.COLLECTING, reason="unclear", by=by, at=at),
        {"reviewing", "deciding"},
    ),
    "waive_late_report": (
        lambda claim, by, at, world: reviewing.waive_late_report(claim.pk, reason="in hospital", by=by, at=at),
        ALL,
    ),
    "run_assessment": (lambda claim, by, at, world: correcting.run_assessment(claim.pk, by=by, at=at), ALL),
    "record_death": (
        lambda claim, by, at, world: correcting.record_death(claim.pk, by=by, at=at),
        ALL - {"paying", "paid", "withdrawn", "closed"},
    ),
    "publish": (lambda claim, by, at, world: deciding.publish(claim.pk, by=by, at=at), {"deciding"}),
    "reject": (
        lambda claim, by, at, world: deciding.reject(
            claim.pk, contrary="nothing found", ground="LATE_REPORT", reason="seen so", by=by, at=at
        ),
        {"deciding", "publicised", "suspended"},
    ),
    "reopen": (lambda claim, by, at, world: deciding.reopen(claim.pk, reason="an error", by=by, at=at), {"approved"}),
    "close": (lambda claim, by, at, world: deciding.close(claim.pk, by=by, at=at), {"paid", "rejected"}),
    "close_publicity": (
        lambda claim, by, at, world: approving.close_publicity(claim.pk, by=by, at=at + timedelta(days=8)),
        {"publicised"},
    ),
    "close_rejected": (
        lambda claim, by, at, world: approving.close_rejected(claim.pk, by=by, at=at + timedelta(days=40)),
        {"rejected", "paid"},
    ),
    "object_to": (
        lambda claim, by, at, world: objecting.object_to(
            claim.pk, kind=ObjectionKind.DEFINITION, objector=world.other, by=by, at=at
        ),
        {"publicised", "suspended"},
    ),
    "appeal": (
        lambda claim, by, at, world: appealing.appeal(claim.pk, channel=Channel.ONLINE, by=by, at=at),
        {"rejected"},
    ),
    "resolve": (
        lambda claim, by, at, world: _open(
            claim,
            by,
            at,
            lambda row: objecting.resolve(row, ObjectionKind.FORGERY, ObjectionFinding.DISMISSED, by=by, at=at),
        ),
        {"suspended"},
    ),
    "decide_appeal": (
        lambda claim, by, at, world: _open(
            claim, by, at, lambda row: appealing.decide(row, AppealFinding.OVERTURNED, by=by, at=at)
        ),
        {"appealing"},
    ),
}
"""What people and sweeps do, and in which steps it can be done."""

AFTER_THE_PUBLICITY = {"approved", "paying", "paid"}
"""Here an objection is told that the publicity ended, instead of the step."""


def _judge(claim: Claim, by: User, at: datetime) -> None:
    taken_in = {"received_by": by, "received_at": at}
    paper, _new = Material.objects.get_or_create(claim=claim, kind="imaging", replaced_at=None, defaults=taken_in)
    judging.judge(claim.pk, paper.pk, finding=PaperFinding.RETURNED, fault=PaperFault.UNREADABLE, by=by, at=at)


def _open(claim: Claim, by: User, at: datetime, work: Callable[[Claim], Any]) -> None:
    with moving(claim.pk, "resolve", by=by, at=at) as row:
        work(row)


def test_no_move_is_missing_from_the_table() -> None:
    assert {name for name, member in vars(Claim).items() if hasattr(member, "_django_fsm")} == set(LEGAL)


def test_moves_and_pairs_were_written_alike() -> None:
    pairs = {(was, becomes) for moves in LEGAL.values() for was, becomes in moves.items()}
    elsewhere = {("reviewing", "deciding"), ("deciding", "reviewing"), ("deciding", "investigating")}
    written = {(was, becomes) for was, others in PAIRS.items() for becomes in others}

    assert (pairs | elsewhere) - {("reviewing", "reviewing")} == written
    assert {(str(was.value), str(becomes.value)) for was, becomes in MOVES} == written


@pytest.mark.parametrize("verb", LEGAL)
def test_a_move_is_possible_from_these_steps_and_no_other(world: World, verb: str) -> None:
    def reached(state: str) -> str:
        claim = world[STANDS_IN.get((verb, state), state)]
        with undone():
            try:
                return move(claim, verb, by=world.everybody, at=later(claim, verb)).state
            except Refusal as no:
                return no.code

    assert {state: reached(state) for state in State.values} == {
        state: LEGAL[verb].get(state, "WRONG_STATE") for state in State.values
    }


@pytest.mark.parametrize(
    ("was", "verb", "becomes", "arguments"),
    [
        ("reviewing", "pass_review", "deciding", {"investigate": False}),
        ("deciding", "return_to", "reviewing", {"to": State.REVIEWING}),
        ("deciding", "return_to", "investigating", {"to": State.INVESTIGATING}),
    ],
)
def test_a_move_with_two_ends_takes_the_one_that_was_asked_for(
    world: World, was: str, verb: str, becomes: str, arguments: dict[str, Any]
) -> None:
    assert move(world[was], verb, by=world.everybody, at=later(world[was]), **arguments).state == becomes


@pytest.mark.parametrize("verb", LEGAL)
def test_outside_the_gate_every_move_is_shut(world: World, verb: str) -> None:
    for state in LEGAL[verb]:
        claim = fresh(world[STANDS_IN.get((verb, state), state)])
        with pytest.raises(TransitionNotAllowed):
            getattr(claim, verb)(
                **ARGUMENTS.get(verb, {}),
                by=world.everybody,
                at=later(claim, verb),
            )
        assert claim.state == state


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_works_in_these_steps_and_no_other(world: World, name: str) -> None:
    service, steps = SERVICES[name]

    def expected(state: str) -> str:
        if state in steps:
            return "done"
        return "PUBLICITY_ENDED" if name == "object_to" and state in AFTER_THE_PUBLICITY else "WRONG_STATE"

    def outcome(state: str) -> str:
        claim = world[state]
        return outcome_of(lambda: service(claim, world.everybody, later(claim, name), world))

    assert {state: outcome(state) for state in State.values} == {state: expected(state) for state in State.values}


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_writes_one_event_that_tells_all(world: World, name: str) -> None:
    service, steps = SERVICES[name]
    for state in steps:
        before = fresh(world[state])
        with undone():
            at = later(before, name)
            service(before, world.everybody, at, world)
            after, events = fresh(before), ClaimEvent.objects.filter(claim=before, version__gt=before.version)
            told = events.values_list("version", "from_state", "to_state", "by", "assessment")

            assert list(told) == [(before.version + 1, state, after.state, world.everybody.pk, after.assessment_id)]
            assert after.version == before.version + 1
            assert at <= events.get().at <= at + timedelta(days=40)


def test_the_events_of_every_case_are_its_whole_way(world: World) -> None:
    for claim in world.values():
        events = list(claim.events.order_by("version"))
        steps = ["reported", *(event.to_state for event in events)]

        assert [event.version for event in events] == list(range(1, claim.version + 1))
        assert [event.from_state for event in events] == steps[:-1]
        assert steps[-1] == claim.state


class TestTheDatabase:
    """Whoever writes past the services: constructor, `.only()`, `update`, SQL."""

    def test_every_pair_of_steps(self, world: World) -> None:
        """14 × 14 raw UPDATEs, with whatever the constraints on the other columns ask for."""
        statement = """
            UPDATE claims_claim SET state = %(state)s, ground = 'LATE_REPORT', decided_fen = 1, passed_by_id = NULL,
                passed_at = NULL, published_by_id = %(by)s, published_at = now(),
                ended_at = CASE WHEN %(state)s IN ('withdrawn', 'closed') THEN now() END
            WHERE id = %(claim)s
        """

        def passes(claim: Claim, state: str) -> bool:
            with undone(), connection.cursor() as cursor:
                try:
                    with transaction.atomic():
                        cursor.execute(statement, {"state": state, "by": world.everybody.pk, "claim": claim.pk})
                except DatabaseError as error:
                    if "Invalid transition" not in str(error):
                        raise
                    return False
            return True

        let_pass = {was: {becomes for becomes in State.values if passes(world[was], becomes)} for was in State.values}

        assert let_pass == {was: becomes | {was} for was, becomes in PAIRS.items()}

    @pytest.mark.parametrize("state", sorted(set(State.values) - {"reported"}))
    def test_no_case_begins_in_another_step(self, world: World, state: str) -> None:
        known = Claim.objects.filter(pk=world["reported"].pk).values().get()
        known |= {"id": None, "number": "MA-new", "disease": "another", "state": state, "ground": "LATE_REPORT"}
        known |= {"decided_fen": 1, "published_by_id": world.everybody.pk, "published_at": known["state_since"]}
        known |= {"ended_at": known["state_since"] if state in ("withdrawn", "closed") else None}

        for bypass in (lambda: Claim(**known).save(), lambda: Claim.objects.bulk_create([Claim(**known)])):
            with pytest.raises(DatabaseError, match="Cannot insert"), transaction.atomic():
                bypass()
        Claim.objects.create(**known | {"state": "reported", "ended_at": None})

    def test_a_case_is_never_deleted(self, world: World) -> None:
        bare = world["reported"]
        with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
            fresh(bare).delete()
        with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
            Claim.objects.filter(pk=bare.pk).delete()
        with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM claims_claim WHERE id = %s", [bare.pk])

    def test_the_state_is_not_assigned(self, world: World) -> None:
        claim = fresh(world["collecting"])

        with pytest.raises(AttributeError):
            claim.state = State.PAID

    def test_what_python_cannot_hold_back_the_trigger_does(self, world: World) -> None:
        pk = world["collecting"].pk

        def constructed() -> None:
            values = Claim.objects.filter(pk=pk).values().get()
            Claim(**values | {"state": State.APPEALING, "ground": "LATE_REPORT"}).save()

        def deferred() -> None:
            claim = Claim.objects.only("pk").get(pk=pk)
            claim.__dict__["state"] = State.INVESTIGATING
            claim.save(update_fields=["state"])

        def updated() -> None:
            Claim.objects.filter(pk=pk).update(state=State.INVESTIGATING)

        def bulk_updated() -> None:
            claim = fresh(world["collecting"])
            claim.__dict__["state"] = State.INVESTIGATING
            Claim.objects.bulk_update([claim], ["state"])

        for bypass in (constructed, deferred, updated, bulk_updated):
            with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
                bypass()
        assert fresh(world["collecting"]).state == "collecting"

    def test_a_step_that_nobody_knows(self, world: World) -> None:
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            Claim.objects.filter(pk=world["collecting"].pk).update(state="nowhere")
