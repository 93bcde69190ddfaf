"""What the clock demands: each sweep at the instant it is due, once, for one case or for all, early, late and twice.

Among all cases an end counts a minute after it (`GRACE`); a single case that is played has nobody waiting.
"""

import logging
from datetime import datetime, timedelta

import pytest
from django.db import connection

from claims import sweeps
from claims.enums import DeadlineKind, ObjectionKind
from claims.models import Claim, Deadline, Objection, Reminder
from claims.services import objecting
from config.kernel import sweeping
from config.kernel.models import Outbox
from config.kernel.refusals import Busy
from members.models import Message
from tests.claims.cases import OBJECTED, World, fresh
from tests.factories import APPROVED, at, staff

TICK = timedelta(microseconds=1)
FAR = at("2026-06-01")

CLOSE, EXTEND, REJECTED = "claims.close_publicity", "claims.extend_for_objections", "claims.close_rejected"
REMIND, MISSED = "claims.send_reminders", "claims.note_missed_deadlines"


def sweep(name: str) -> sweeping.Sweep:
    return sweeping._sweeps[name]


def run(name: str, when: datetime, claim: Claim | None = None) -> int:
    return sweeping.run(name, at=when, only=claim and claim.pk)


def due_of(claim: Claim, kind: DeadlineKind) -> datetime:
    due = Deadline.objects.get(claim=claim, kind=kind, status="open").due_at
    assert due is not None
    return due


def told(claim: Claim, template: str) -> int:
    return Message.objects.filter(about=claim.number, template=template).count()


class Due:
    """A sweep, a step in which it has something to do, when, and how to see that it was done."""

    def __init__(self, name: str, step: str, kind: DeadlineKind | None) -> None:
        self.name, self.step, self.kind = name, step, kind

    def __repr__(self) -> str:
        return self.name

    def at(self, claim: Claim) -> datetime:
        if self.name == EXTEND:
            return OBJECTED
        if self.name == REMIND:
            return (
                Reminder.objects.filter(deadline__claim=claim, sent_at=None, cancelled_at=None)
                .earliest("due_at")
                .due_at
            )
        assert self.kind is not None
        return due_of(claim, self.kind)

    def late(self, claim: Claim) -> datetime:
        """However late it still acts; a reminder has a point only until the end it reminds of."""
        return due_of(claim, DeadlineKind.SUPPLEMENT) - TICK if self.name == REMIND else FAR

    def done(self, claim: Claim) -> bool:
        return {
            CLOSE: lambda: fresh(claim).state == "approved",
            REJECTED: lambda: fresh(claim).state == "closed",
            EXTEND: lambda: not Objection.objects.filter(claim=claim, effect_at=None).exists(),
            REMIND: lambda: told(claim, "reminder") > 0,
            MISSED: lambda: Deadline.objects.filter(claim=claim, status="missed").exists(),
        }[self.name]()


SWEEPS = [
    Due(CLOSE, "publicised", DeadlineKind.PUBLICITY),
    Due(REJECTED, "rejected", DeadlineKind.APPEAL_WINDOW),
    Due(EXTEND, "objected", None),
    Due(REMIND, "collecting", DeadlineKind.SUPPLEMENT),
    Due(MISSED, "collecting", DeadlineKind.SUPPLEMENT),
    Due(MISSED, "reviewing", DeadlineKind.REVIEW),
    Due(MISSED, "deciding", DeadlineKind.DECISION),
    Due(MISSED, "investigating", DeadlineKind.INVESTIGATION),
    Due(MISSED, "approved", DeadlineKind.PAYMENT),
    Due(MISSED, "appealing", DeadlineKind.APPEAL_DECISION),
]


OF_NO_CASE = {"claims.run_trials", "claims.draw_samples", "claims.print_reports"}
"""They look at many cases and move none (`tests/claims/test_trials.py`, `test_samples.py`, `test_monthly.py`)."""


def test_these_are_the_sweeps_of_cases() -> None:
    of_cases = {name for name in sweeping.names() if name.startswith("claims.")} - {
        "claims.print_letters",
        "claims.run_trials",
        "claims.climb_ladder",
        "claims.send_digests",
        *OF_NO_CASE,
    }
    assert {due.name for due in SWEEPS} == of_cases


@pytest.mark.parametrize("due", SWEEPS, ids=repr)
class TestEverySweep:
    def test_it_says_when_it_is_due_and_acts_then_and_not_before(self, world: World, due: Due) -> None:
        claim = world[due.step]
        instant = due.at(claim)
        assert sweep(due.name).next_due(only=claim.pk) == instant

        assert run(due.name, instant - TICK, claim) == 0
        assert not due.done(claim)

        assert run(due.name, instant, claim) == 1
        assert due.done(claim)

    def test_a_second_run_finds_nothing(self, world: World, due: Due) -> None:
        claim = world[due.step]
        instant = due.at(claim)
        run(due.name, instant, claim)
        version, messages = fresh(claim).version, Message.objects.count()

        assert run(due.name, instant, claim) == 0
        assert (fresh(claim).version, Message.objects.count()) == (version, messages)
        following = sweep(due.name).next_due(only=claim.pk)
        assert following is None or following > instant

    def test_it_leaves_other_cases_alone(self, world: World, due: Due) -> None:
        claim = world[due.step]
        others = {name: other.version for name, other in world.items() if other.pk != claim.pk}

        run(due.name, FAR, claim)

        assert {name: fresh(world[name]).version for name in others} == others
        reminded = Message.objects.filter(template__in=("reminder", "deadline_missed"))
        assert not reminded.exclude(about=claim.number).exists()

    def test_for_all_it_comes_late_rather_than_never(self, world: World, due: Due) -> None:
        claim = world[due.step]
        late = due.late(claim)

        run(due.name, late)

        assert due.done(claim)
        assert run(due.name, late) == 0
        assert sweep(due.name).next_due(only=claim.pk) is None


@pytest.mark.parametrize("due", [one for one in SWEEPS if one.name not in (EXTEND, REMIND)], ids=repr)
def test_among_all_cases_an_end_goes_by_for_a_minute_before_it_counts(world: World, due: Due) -> None:
    claim = world[due.step]
    instant = due.at(claim) + sweeps.GRACE

    run(due.name, instant - TICK)
    assert not due.done(claim)

    run(due.name, instant)
    assert due.done(claim)


class TestReminders:
    def test_they_go_out_at_nine_to_the_member(self, world: World) -> None:
        claim = world["collecting"]

        assert run(REMIND, at("2025-04-25 08:59"), claim) == 0
        assert run(REMIND, at("2025-04-25 09:00"), claim) == 1

        message = Message.objects.get(about=claim.number, template="reminder")
        assert message.member == claim.membership.member
        assert message.facts["days"] == 10
        assert message.facts["kind"] == "supplement"

    def test_staff_are_reminded_by_role(self, world: World) -> None:
        claim = world["reviewing"]
        run(REMIND, at("2025-04-11 09:00"), claim)

        assert Message.objects.get(about=claim.number, template="reminder").to == "reviewer"

    def test_each_step_is_sent_once_however_late(self, world: World) -> None:
        claim = world["collecting"]

        assert run(REMIND, at("2025-05-03"), claim) == 2
        assert run(REMIND, at("2025-05-03"), claim) == 0
        assert told(claim, "reminder") == 2

    def test_what_was_called_off_is_not_sent(self, world: World) -> None:
        assert run(REMIND, FAR, world["withdrawn"]) == 0
        assert told(world["withdrawn"], "reminder") == 0

    def test_nobody_is_reminded_of_what_he_has_missed(self, world: World) -> None:
        """After an outage over the whole time: the end is told, and no reminder comes after it."""
        claim = world["collecting"]

        sweeping.ring(at=FAR, only=claim.pk)

        assert told(claim, "deadline_missed") == 1
        assert told(claim, "reminder") == 0

    @pytest.mark.parametrize("step", ["collecting", "rejected"])
    def test_a_reminder_of_what_is_over_is_called_off(self, world: World, step: str) -> None:
        claim = world[step]
        deadline = Deadline.objects.get(claim=claim, status="open", reminders__isnull=False, reminders__days_before=3)
        end = deadline.due_at
        assert end is not None

        run(REMIND, end)

        assert told(claim, "reminder") == 0
        assert set(deadline.reminders.values_list("sent_at", "cancelled_at")) == {(None, end)}
        assert sweep(REMIND).next_due(only=claim.pk) is None

    def test_a_reminder_of_what_is_closed_is_called_off(self, world: World) -> None:
        claim, when = world["collecting"], at("2025-04-25 09:00")
        Deadline.objects.filter(claim=claim, status="open").update(status="met", closed_at=when)

        assert run(REMIND, when, claim) == 1
        assert run(REMIND, when, claim) == 0
        assert told(claim, "reminder") == 0

    def test_an_e_mail_is_left_for_whoever_has_an_address(self, world: World) -> None:
        claim = world["collecting"]
        member = claim.membership.member
        member.email = "wu@example.org"
        member.save()
        before = Outbox.objects.count()

        run(REMIND, at("2025-04-25 09:00"), claim)

        assert Outbox.objects.count() == before + 1


class TestObjections:
    def test_an_objection_at_the_last_second_holds_the_case(self, world: World) -> None:
        claim = world["publicised"]
        last = APPROVED - timedelta(seconds=1)
        objecting.object_to(
            claim.pk, kind=ObjectionKind.NON_DISCLOSURE, objector=world.other, by=staff("intake"), at=last
        )

        assert sweep(CLOSE).next_due(only=claim.pk) is None
        assert run(CLOSE, FAR) == 0
        assert fresh(claim).state == "publicised"

    def test_a_held_case_is_let_go_by_its_finding(self, world: World) -> None:
        claim = world["objected"]
        run(EXTEND, OBJECTED, claim)
        Objection.objects.filter(claim=claim).update(
            resolved_at=OBJECTED, resolved_by=staff("reviewer"), finding="dismissed"
        )

        assert sweep(CLOSE).next_due(only=claim.pk) == at("2025-05-15")
        assert run(CLOSE, at("2025-05-15") - TICK, claim) == 0
        assert run(CLOSE, at("2025-05-15"), claim) == 1
        assert fresh(claim).state == "approved"

    def test_a_suspended_case_is_never_due(self, world: World) -> None:
        assert sweep(CLOSE).next_due(only=world["suspended"].pk) is None
        run(CLOSE, FAR)
        assert fresh(world["suspended"]).state == "suspended"


class TestPoison:
    """A case that cannot be moved moves on by itself, holds up no other, and is heard of."""

    def early(self, claim: Claim) -> datetime:
        """Its deadline was written too early, so that the guard refuses."""
        due = APPROVED - timedelta(days=2)
        Deadline.objects.filter(claim=claim, kind=DeadlineKind.PUBLICITY).update(due_at=due)
        return due

    def broken(self, claim: Claim) -> datetime:
        """The database itself does not take the move."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN IF NEW.id = {claim.pk} THEN RAISE EXCEPTION 'poison'; END IF; RETURN NEW; END $$;
                CREATE TRIGGER poison BEFORE UPDATE ON claims_claim FOR EACH ROW EXECUTE FUNCTION poison()
                """
            )
        return APPROVED

    @pytest.mark.parametrize("poison", ["early", "broken"])
    def test_it_backs_off_to_once_an_hour_and_alarms_from_the_eighth_time_on(
        self, world: World, poison: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        claim = world["publicised"]
        when = getattr(self, poison)(claim)
        version, waits, levels = fresh(claim).version, [], []

        for _ in range(10):
            due = sweep(CLOSE).next_due(only=claim.pk)
            assert due is not None
            waits.append(int((due - when).total_seconds()) // 60)
            when = due
            assert run(CLOSE, due - TICK, claim) == 0
            caplog.clear()
            assert run(CLOSE, due, claim) == 1
            levels.append(caplog.records[-1].levelno)

        assert waits == [0, 2, 4, 8, 16, 32, 60, 60, 60, 60]
        assert levels == [logging.WARNING] * 7 + [logging.ERROR] * 3
        assert f"case {claim.pk}" in caplog.records[-1].getMessage()
        assert (fresh(claim).state, fresh(claim).version) == ("publicised", version)

    def test_a_case_that_is_busy_is_put_off_and_no_try_is_counted(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        claim = world["publicised"]

        def busy(*args: object, **kwargs: object) -> None:
            raise Busy

        monkeypatch.setattr(sweeps.ClosePublicity, "move", staticmethod(busy))
        assert run(CLOSE, APPROVED, claim) == 1

        deadline = Deadline.objects.get(claim=claim, kind=DeadlineKind.PUBLICITY)
        assert (deadline.attempts, deadline.retry_at) == (0, APPROVED + timedelta(minutes=1))

    def test_no_personal_data_in_the_alarm(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        claim = world["publicised"]
        run(CLOSE, self.early(claim), claim)

        assert caplog.records
        assert claim.membership.member.name not in caplog.text

    @pytest.mark.parametrize("poison", ["early", "broken"])
    def test_it_holds_up_no_other(self, world: World, poison: str) -> None:
        sick, well = world["publicised"], world["objected"]
        getattr(self, poison)(sick)
        Objection.objects.filter(claim=well).update(
            resolved_at=OBJECTED, resolved_by=staff("reviewer"), finding="dismissed", effect_at=OBJECTED
        )

        run(CLOSE, APPROVED - timedelta(days=2) + sweeps.GRACE)
        run(CLOSE, APPROVED + sweeps.GRACE)

        assert fresh(well).state == "approved"

    def test_an_objection_that_cannot_take_effect_holds_up_no_other(self, world: World) -> None:
        sick = world["objected"]
        well = world["publicised"]
        objecting.object_to(
            well.pk, kind=ObjectionKind.DEFINITION, objector=world.other, by=staff("intake"), at=OBJECTED
        )
        self.broken(sick)

        with pytest.raises(Exception, match="poison"):
            run(EXTEND, OBJECTED)

        assert not Objection.objects.filter(claim=well, effect_at=None).exists()
        assert Objection.objects.filter(claim=sick, effect_at=None).exists()

    def test_once_it_is_cured_it_goes_its_way(self, world: World) -> None:
        claim = world["publicised"]
        run(CLOSE, self.early(claim), claim)
        Deadline.objects.filter(claim=claim, kind=DeadlineKind.PUBLICITY).update(due_at=APPROVED)

        assert run(CLOSE, APPROVED, claim) == 1
        assert fresh(claim).state == "approved"


class TestAfterAnOutage:
    @pytest.fixture(autouse=True)
    def nothing_to_print(self, world: World) -> None:
        """Printing moves no case (`test_letters.py`)."""
        Outbox.objects.filter(topic="printing").delete()

    def test_one_ring_brings_every_case_up_to_date(self, world: World) -> None:
        sweeping.ring(at=FAR)

        states = {name: fresh(claim).state for name, claim in world.items()}
        assert states["publicised"] == "approved"
        assert states["rejected"] == "closed"
        assert states["objected"] == "publicised"
        assert states["suspended"] == "suspended"
        for name in ("reported", "collecting", "reviewing", "investigating", "deciding", "paying", "paid", "appealing"):
            assert states[name] == world[name].state
        assert not Objection.objects.filter(effect_at=None).exists()
        assert not Reminder.objects.filter(sent_at=None, cancelled_at=None, due_at__lte=FAR).exists()

    def test_and_the_next_ring_does_nothing(self, world: World) -> None:
        sweeping.ring(at=FAR)
        sweeping.ring(at=FAR + timedelta(minutes=2))  # what the first ring made due
        versions = {claim.pk: fresh(claim).version for claim in world.values()}
        messages = Message.objects.count()

        sweeping.ring(at=FAR + timedelta(minutes=4))

        assert {claim.pk: fresh(claim).version for claim in world.values()} == versions
        assert Message.objects.count() == messages

    def test_each_instant_in_its_turn_gives_the_same_end(self, world: World) -> None:
        """A case played instant by instant, as a replay does, ends where one late ring ends."""
        claim = world["objected"]
        instants = list(sweeping.ring_until(since=OBJECTED, until=FAR, only=claim.pk))

        assert instants == sorted(instants)
        assert fresh(claim).state == "publicised"
        assert fresh(claim).publicities.get().ends_at == at("2025-05-15")
