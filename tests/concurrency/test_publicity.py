"""An objection at the last second against the sweep that would approve the case."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import transaction

from claims.enums import DeadlineKind, DeadlineStatus, ObjectionKind, State
from claims.models import Claim, Deadline, Objection
from claims.services import approving, objecting
from claims.sweeps import ClosePublicity, ExtendForObjections
from config.kernel import gate
from config.kernel.models import User
from tests.concurrency.racing import Move, at_once, queue, read_without_lock
from tests.factories import case_in, membership, staff

MOMENT = timedelta(milliseconds=1)
ROUNDS = 3


@pytest.fixture
def case() -> Claim:
    return case_in(State.PUBLICISED)


def end_of(case: Claim) -> datetime:
    """The first instant after the publicity."""
    ends_at = case.publicities.get().ends_at
    assert ends_at is not None
    return ends_at


def objecting_to(case: Claim, *, at: datetime, kind: ObjectionKind = ObjectionKind.DEFINITION) -> Move:
    clerk, objector = staff("intake"), membership()
    return lambda: objecting.object_to(case.pk, kind=kind, objector=objector, by=clerk, at=at)


def closing(case: Claim, *, at: datetime) -> Move:
    """The sweep, once it has chosen this case."""
    system = User.objects.system()
    return lambda: approving.close_publicity(case.pk, by=system, at=at)


def extending(case: Claim, *, at: datetime) -> Move:
    system = User.objects.system()
    return lambda: approving.extend_for_objections(case.pk, by=system, at=at)


def state_of(case: Claim) -> str:
    return Claim.objects.get(pk=case.pk).state


def is_held(case: Claim) -> bool:
    """In publicity, with an open objection that is on record."""
    open_ones = Objection.objects.filter(claim=case, resolved_at__isnull=True)
    return state_of(case) == State.PUBLICISED and open_ones.exists()


def test_an_objection_that_came_first_holds_the_case_though_the_sweep_had_chosen_it(case: Claim) -> None:
    end = end_of(case)

    outcome = queue(case, objecting_to(case, at=end - MOMENT), closing(case, at=end + timedelta(minutes=2)))

    assert outcome == ["done", "WRONG_STATE"]
    assert is_held(case)
    assert not case.events.filter(verb="approve").exists()


def test_a_sweep_at_the_very_end_takes_no_objection_from_whoever_still_waits(case: Claim) -> None:
    """Received in the last millisecond, it has its turn after the sweep of the end, and holds the case all the same."""
    end = end_of(case)

    ClosePublicity().run(at=end)
    objecting_to(case, at=end - MOMENT)()

    assert is_held(case)


@pytest.mark.parametrize("hold", [0.0, 1.0])
@pytest.mark.parametrize(
    ("since_the_end", "outcome", "state"),
    [
        (-MOMENT, "done", State.PUBLICISED),
        (timedelta(), "PUBLICITY_ENDED", State.APPROVED),
        (MOMENT, "PUBLICITY_ENDED", State.APPROVED),
    ],
)
def test_what_counts_is_when_an_objection_came_not_how_long_it_waited(
    case: Claim, since_the_end: timedelta, outcome: str, state: State, hold: float
) -> None:
    end = end_of(case)
    objection = objecting_to(case, at=end + since_the_end)

    said, _swept = queue(case, objection, closing(case, at=end + timedelta(minutes=2)), hold=hold)

    assert said == outcome
    assert state_of(case) == state


def test_run_as_the_machine_lets_them_none_is_lost_and_none_approved_over_an_objection() -> None:
    for _round in range(ROUNDS):
        case = case_in(State.PUBLICISED)
        late = end_of(case) + timedelta(minutes=2)
        move = objecting_to(case, at=end_of(case) - MOMENT)

        close, extend = ClosePublicity(), ExtendForObjections()
        objection, *sweeps = at_once(move, *(partial(sweep.run, at=late) for sweep in (close, extend, close)))

        assert sweeps == ["done"] * 3
        recorded = Objection.objects.filter(claim=case).count()
        assert (objection, state_of(case), recorded) in [
            ("done", State.PUBLICISED, 1),
            ("WRONG_STATE", State.APPROVED, 0),  # two minutes late: refused in words, not lost in silence
        ]


@pytest.mark.parametrize("order", [[closing, extending], [extending, closing], [extending, extending]])
def test_an_extension_while_the_sweep_closes_counts_once(case: Claim, order: list[Callable[..., Move]]) -> None:
    end = end_of(case)
    late = end + timedelta(minutes=2)
    objecting_to(case, at=end - MOMENT)()

    queue(case, *(sweep(case, at=late) for sweep in order))

    assert is_held(case)
    clocks = Deadline.objects.filter(claim=case, kind=DeadlineKind.PUBLICITY).order_by("generation")
    assert [clock.status for clock in clocks] == [DeadlineStatus.CANCELLED, DeadlineStatus.OPEN]
    assert clocks[1].due_at == end + timedelta(days=30)


def test_sweeps_pass_a_case_over_that_somebody_works_on(case: Claim) -> None:
    """They do not queue: nobody waits, no try is counted, and whoever has the case rings when he is done."""
    late = end_of(case) + timedelta(minutes=2)
    objecting_to(case, at=end_of(case) - MOMENT)()
    other = case_in(State.PUBLICISED)

    with transaction.atomic():
        gate.lock(Claim.objects.all(), case.pk)
        gate.lock(Claim.objects.all(), other.pk)
        swept = at_once(partial(ClosePublicity().run, at=late), partial(ExtendForObjections().run, at=late))

    assert swept == ["done", "done"]
    assert not Deadline.objects.filter(attempts__gt=0).exists()
    assert Objection.objects.filter(effect_at__isnull=True).count() == 1
    assert state_of(other) == State.PUBLICISED
    assert ClosePublicity().run(at=late) == ExtendForObjections().run(at=late) == 1


# Negative controls: the same races with the gate's lock switched off.


def test_without_the_lock_only_the_database_is_left(case: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its trigger on the steps, or its index of the events; whoever objected in time is lost, without a reason."""
    read_without_lock(monkeypatch)
    late, objection = end_of(case) + timedelta(minutes=2), objecting_to(case, at=end_of(case) - MOMENT)

    sweep, lost = queue(case, closing(case, at=late), objection)

    assert sweep == "done"
    assert lost in ("P0001", "one_event_a_version")


def test_without_lock_and_index_a_case_is_approved_over_an_open_objection(
    case: Claim, monkeypatch: pytest.MonkeyPatch, events_unnumbered: None
) -> None:
    read_without_lock(monkeypatch)
    late, objection = end_of(case) + timedelta(minutes=2), objecting_to(case, at=end_of(case) - MOMENT)

    assert queue(case, objection, closing(case, at=late)) == ["done", "done"]
    assert state_of(case) == State.APPROVED
    assert Objection.objects.filter(claim=case, resolved_at__isnull=True).exists()
