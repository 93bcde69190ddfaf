"""The clocks of real cases: what their bars show and what is said beside them."""

from datetime import date, datetime, timedelta

import pytest
from django.utils.translation import override

from claims.enums import ObjectionFinding, ObjectionKind, State
from claims.models import Claim, Deadline
from claims.panels.bars import Part
from claims.panels.clocks import Clock, all_clocks, running
from claims.services import approving, collecting, correcting, objecting, reviewing
from claims.sweeps import NoteMissedDeadlines
from config.kernel.models import User
from tests.claims.refusing import resolve
from tests.factories import PAPERS, REPORTED, REVIEWED, SUBMITTED, at, case_in, membership, staff

OBJECTED = at("2025-04-24 14:00")


@pytest.fixture(autouse=True)
def _english(db: None) -> object:
    with override("en"):
        yield


def fresh(claim: Claim) -> Claim:
    return Claim.objects.get(pk=claim.pk)


def parts(clock: Clock) -> str:
    assert clock.bar is not None
    return " ".join(f"{one.part}{'=' if one.is_past else ''}" for one in clock.bar.segments)


def publicity(claim: Claim, *, now: datetime) -> Clock:
    (clock,) = [one for one in all_clocks(fresh(claim), at=now) if one.kind == "publicity"]
    return clock


def objected(kind: ObjectionKind) -> Claim:
    claim = case_in(State.PUBLICISED)
    objecting.object_to(claim.pk, kind=kind, objector=membership(), by=staff("intake"), at=OBJECTED)
    approving.extend_for_objections(claim.pk, by=User.objects.system(), at=OBJECTED)
    return fresh(claim)


class TestRunning:
    def test_a_collection_says_its_last_day_and_its_reminders(self) -> None:
        (clock,) = running(case_in(State.COLLECTING), at=REPORTED + timedelta(days=1))

        assert clock.label == "papers to be supplied"
        assert parts(clock) == "base= base"
        assert clock.bar is not None
        assert len(clock.bar.ticks) == len(clock.notes) > 0
        assert clock.left.endswith("days left")

    def test_what_was_missed_and_is_still_to_be_done_is_overdue_and_red(self) -> None:
        claim = case_in(State.REVIEWING)
        due = Deadline.objects.get(claim=claim, kind="review").due_at
        assert due is not None
        NoteMissedDeadlines().run(at=due + timedelta(days=2), only=claim.pk)

        (clock,) = running(fresh(claim), at=due + timedelta(days=2))

        assert clock.is_late
        assert parts(clock) == "base= late="
        assert clock.left == "3 days overdue"

    def test_a_review_that_was_passed_is_missed_no_more(self) -> None:
        claim = case_in(State.REVIEWING)
        due = Deadline.objects.get(claim=claim, kind="review").due_at
        assert due is not None
        reviewing.pass_review(claim.pk, by=staff("reviewer"), at=due + timedelta(days=1))

        assert running(fresh(claim), at=due + timedelta(days=2)) == []

    def test_the_earliest_end_comes_first_and_what_stands_still_last(self) -> None:
        claim = objected(ObjectionKind.FORGERY)
        correcting.run_assessment(claim.pk, by=staff("reviewer"), at=OBJECTED)
        Deadline.objects.create(
            claim=claim, kind="investigation", generation=9, opened_at=OBJECTED, due_at=OBJECTED + timedelta(days=5)
        )

        assert [clock.kind.value for clock in running(claim, at=OBJECTED)] == ["investigation", "publicity"]


class TestStandingStill:
    def test_a_review_waits_while_papers_are_asked_for(self) -> None:
        claim = case_in(State.REVIEWING)
        reviewing.return_to(claim.pk, to=State.COLLECTING, reason="unreadable", by=staff("reviewer"), at=REVIEWED)
        back = at("2025-04-15 10:00")
        collecting.submit(claim.pk, materials=PAPERS, by=staff("intake"), at=back)

        (clock,) = running(fresh(claim), at=back + timedelta(days=1))

        assert parts(clock) == "base= still= base= base"
        assert clock.notes[0] == (
            "stood still from 8 April 2025 to 15 April 2025, while this ran: papers to be supplied"
        )
        assert clock.started_on == SUBMITTED.date()

    def test_a_forgery_stops_the_publicity_and_says_why(self) -> None:
        clock = publicity(objected(ObjectionKind.FORGERY), now=OBJECTED + timedelta(days=3))

        assert clock.last_day is None
        assert parts(clock) == "base= still= base"
        assert clock.left == "stands still, 5 days left"
        assert clock.notes == [
            "stands still since 24 April 2025: objection of 24 April 2025, suspected forgery of papers",
            "held by an open objection: suspected forgery of papers",
        ]

    def test_after_it_the_days_that_were_left_run(self) -> None:
        claim, found = objected(ObjectionKind.FORGERY), at("2025-05-04 10:00")
        claim.procedures.update(closed_at=found)
        resolve(claim, ObjectionKind.FORGERY, ObjectionFinding.DISMISSED, by=staff("reviewer"), at=found)

        clock = publicity(claim, now=found)

        assert clock.last_day == date(2025, 5, 9)
        assert parts(clock) == "base= still= base= base"
        assert "stood still from 24 April 2025 to 4 May 2025" in clock.notes[0]
        assert clock.bar is not None
        assert clock.bar.end == at("2025-05-10 00:00")


class TestExtensions:
    def test_the_days_that_an_objection_added_are_a_segment(self) -> None:
        clock = publicity(objected(ObjectionKind.NON_DISCLOSURE), now=OBJECTED)

        assert parts(clock) == "base= base added"
        assert clock.notes[0] == "15 days added: objection of 24 April 2025, untrue health declaration"
        assert clock.last_day == date(2025, 5, 14)
        assert clock.bar is not None
        assert clock.bar.end == at("2025-05-15 00:00")

    def test_a_longer_one_adds_only_what_is_longer(self) -> None:
        claim, second = objected(ObjectionKind.NON_DISCLOSURE), OBJECTED + timedelta(days=1)
        kind = ObjectionKind.DEFINITION
        objecting.object_to(claim.pk, kind=kind, objector=membership(), by=staff("intake"), at=second)
        approving.extend_for_objections(claim.pk, by=User.objects.system(), at=second)

        clock = publicity(claim, now=second)

        assert [note.split(":")[0] for note in clock.notes[:2]] == ["15 days added", "15 days added"]
        assert parts(clock) == "base= base added added"
        assert clock.last_day == date(2025, 5, 29)

    def test_one_that_ended_shows_no_now(self) -> None:
        claim = case_in(State.APPROVED)

        clock = publicity(claim, now=at("2025-06-01"))

        assert not clock.runs
        assert parts(clock) == "base="
        assert clock.bar is not None
        assert clock.bar.now is None


def test_the_same_facts_are_said_aloud() -> None:
    clock = publicity(objected(ObjectionKind.NON_DISCLOSURE), now=OBJECTED)

    assert clock.aloud == (
        "publicity; began on 22 April 2025; last day 14 May 2025; 20 days left; "
        "15 days added: objection of 24 April 2025, untrue health declaration; "
        "held by an open objection: untrue health declaration"
    )
    assert all(segment.part in Part for segment in (clock.bar.segments if clock.bar else ()))
