"""When things are due: civil days, Chinese working days, extensions, standstills, and what happens to reminders."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.enums import DeadlineKind, DeadlineStatus, ObjectionFinding, ObjectionKind, State
from claims.gate import moving
from claims.models import Claim, Deadline
from claims.services import approving, clocks, collecting, correcting, deciding, objecting, reporting, reviewing
from config.kernel.models import User
from members.models import Membership, Message
from tests.claims.cases import World, fresh, later
from tests.factories import PAPERS, PUBLISHED, SUBMITTED, at, case_in, membership, staff

Kind = DeadlineKind


def day(text: str) -> datetime:
    """`10-11` of 2025 or `2026-02-14`, Shanghai."""
    return at(text if text.count("-") == 2 or text[:2] == "20" else f"2025-{text}")


def only(claim: Claim, kind: DeadlineKind) -> Deadline:
    """The deadline of this kind that is open."""
    return Deadline.objects.get(claim=claim, kind=kind, status=DeadlineStatus.OPEN)


def started(claim: Claim, kind: DeadlineKind, when: datetime) -> tuple[datetime | None, list[datetime]]:
    """When it is due, and when it reminds."""
    deadline = clocks.start(claim, kind, at=when)
    return deadline.due_at, list(deadline.reminders.order_by("due_at").values_list("due_at", flat=True))


class TestWorkingDays:
    """Review 5, decision and payment 3 working days, with a reminder one working day before the last."""

    @pytest.mark.parametrize(
        ("kind", "start", "due", "reminder"),
        [
            # National Day 2025: 1 to 8 October off, Sunday 28 September and Saturday 11 October worked
            (Kind.REVIEW, "09-26 10:00", "10-11", "10-09 09:00"),
            (Kind.REVIEW, "09-29 10:00", "10-14", "10-11 09:00"),
            (Kind.REVIEW, "09-30 23:59", "10-15", "10-13 09:00"),
            (Kind.DECISION, "09-27 10:00", "10-01", "09-29 09:00"),
            (Kind.DECISION, "10-03 10:00", "10-12", "10-10 09:00"),
            (Kind.DECISION, "10-09 10:00", "10-14", "10-11 09:00"),
            # Spring Festival 2025: 28 January to 4 February off, Sunday 26 January and Saturday 8 February worked
            (Kind.REVIEW, "01-24 10:00", "02-08", "02-06 09:00"),
            (Kind.DECISION, "01-24 10:00", "02-06", "01-27 09:00"),
            (Kind.DECISION, "01-26 10:00", "02-07", "02-05 09:00"),
            (Kind.PAYMENT, "02-06 10:00", "02-11", "02-08 09:00"),
            # plain weeks, and the turn of the day in Shanghai
            (Kind.REVIEW, "03-10 00:00", "03-18", "03-14 09:00"),
            (Kind.REVIEW, "03-10 23:59", "03-18", "03-14 09:00"),
            (Kind.REVIEW, "03-14 18:00", "03-22", "03-20 09:00"),
        ],
    )
    def test_due_and_reminded(self, world: World, kind: DeadlineKind, start: str, due: str, reminder: str) -> None:
        assert started(world["reviewing"], kind, day(start)) == (day(due), [day(reminder)])

    def test_a_start_in_universal_time_is_a_day_of_shanghai(self, world: World) -> None:
        evening = datetime.fromisoformat("2025-03-09T16:30:00+00:00")  # 00:30 of the 10th

        assert started(world["reviewing"], Kind.REVIEW, evening)[0] == day("03-18")


class TestNaturalDays:
    @pytest.mark.parametrize(
        ("kind", "start", "due", "reminders"),
        [
            (Kind.SUPPLEMENT, "09-05 10:00", "10-06", ["09-25 09:00", "10-02 09:00"]),  # holidays move nothing
            (Kind.SUPPLEMENT, "2024-01-30 10:00", "2024-03-01", ["2024-02-19 09:00", "2024-02-26 09:00"]),
            (Kind.INVESTIGATION, "12-31 23:59", "2026-01-31", ["2026-01-20 09:00", "2026-01-27 09:00"]),
            (Kind.APPEAL_WINDOW, "04-08 10:00", "05-09", ["04-28 09:00", "05-05 09:00"]),
            (Kind.APPEAL_DECISION, "04-08 10:00", "05-09", ["04-28 09:00", "05-05 09:00"]),
        ],
    )
    def test_due_and_reminded(
        self, world: World, kind: DeadlineKind, start: str, due: str, reminders: list[str]
    ) -> None:
        assert started(world["reviewing"], kind, day(start)) == (day(due), [day(one) for one in reminders])

    def test_a_reminder_whose_hour_has_gone_by_is_not_written(self, world: World) -> None:
        until = date(2025, 5, 1)

        def reminders(opened: str) -> int:
            return clocks.start_condition(world["reviewing"], until, at=day(opened)).reminders.count()

        assert reminders("05-01 09:00") == 1
        assert reminders("05-01 09:01") == 0

    def test_the_covenant_sets_the_days(self, db: None) -> None:
        own = {"supplement.days": 3, "supplement.unit": "working", "supplement.reminders": [2, 1, 0]}
        claim = case_in(State.COLLECTING, of=membership(terms=own))  # reported on Saturday 5 April, a holiday

        deadline = only(claim, Kind.SUPPLEMENT)

        assert deadline.due_at == day("04-10")
        assert [one.due_at for one in deadline.reminders.all()] == [
            day("04-07 09:00"),
            day("04-08 09:00"),
            day("04-09 09:00"),
        ]


class TestOneStep:
    """A step's clock ends with the step, whatever ends it."""

    def statuses(self, claim: Claim) -> dict[str, str]:
        return dict(Deadline.objects.filter(claim=claim).order_by("id").values_list("kind", "status"))

    def test_the_way_to_the_money(self, world: World) -> None:
        assert self.statuses(world["approved"]) == {
            "supplement": "met",
            "review": "met",
            "investigation": "met",
            "decision": "met",
            "publicity": "met",
            "payment": "open",
        }
        assert self.statuses(world["paying"])["payment"] == "met"

    @pytest.mark.parametrize("step", ["withdrawn", "closed"])
    def test_an_ended_case_waits_for_nothing(self, world: World, step: str) -> None:
        claim = world[step]

        assert set(self.statuses(claim).values()) == {"cancelled"}
        assert not Deadline.objects.filter(claim=claim, reminders__cancelled_at__isnull=True).exists()

    def test_a_refusal_leaves_the_appeal_window_alone(self, world: World) -> None:
        claim = world["suspended"]
        deciding.reject(
            claim.pk,
            contrary="nothing found",
            ground="LATE_REPORT",
            reason="seen",
            by=staff("reviewer"),
            at=later(claim),
        )

        still = Deadline.objects.filter(claim=claim, status=DeadlineStatus.OPEN)

        assert [one.kind for one in still] == ["appeal_window"]

    @pytest.mark.parametrize(("to", "kind"), [(State.COLLECTING, Kind.SUPPLEMENT), (State.REVIEWING, Kind.REVIEW)])
    def test_a_return_opens_the_next_generation(self, world: World, to: State, kind: DeadlineKind) -> None:
        claim = world["deciding"]

        reviewing.return_to(claim.pk, to=to, reason="look again", by=staff("reviewer"), at=later(claim))

        assert only(claim, kind).generation == 2
        assert self.statuses(claim)["decision"] == "cancelled"

    def test_reminders_are_called_off_with_their_deadline(self, world: World) -> None:
        claim, when = world["collecting"], day("04-20 10:00")
        steps = only(claim, Kind.SUPPLEMENT).reminders

        collecting.submit(claim.pk, materials=PAPERS, by=staff("intake"), at=when)

        assert list(steps.values_list("cancelled_at", flat=True)) == [when, when]

    def test_deadlines_are_written_before_their_reminders(self, world: World) -> None:
        """In the order of the sweep that notes what was missed, or the two would wait for each other."""
        claim, when = world["collecting"], day("04-20 10:00")

        with CaptureQueriesContext(connection) as asked:
            clocks.stop_all(claim, at=when)

        tables = [one["sql"].split('"')[1] for one in asked if one["sql"].startswith("UPDATE")]
        assert tables == ["claims_deadline", "claims_reminder"]

    def test_where_nothing_is_open_nothing_is_written(self, world: World) -> None:
        with CaptureQueriesContext(connection) as asked:
            clocks.stop_all(world["withdrawn"], at=day("04-20 10:00"))

        assert [one["sql"] for one in asked if one["sql"].startswith("UPDATE")] == []

    def test_done_at_the_last_instant_is_in_time_and_at_the_next_too_late(self, world: World) -> None:
        """A period is half-open: 24:00 of the last day is outside it."""
        claim = world["reviewing"]
        due = only(claim, Kind.REVIEW).due_at
        assert due is not None

        def status(when: datetime) -> str:
            from tests.claims.cases import undone

            with undone():
                reviewing.pass_review(claim.pk, by=staff("reviewer"), at=when)
                return self.statuses(claim)["review"]

        assert status(due - timedelta(microseconds=1)) == "met"
        assert status(due) == "missed"


class TestPublicity:
    """Put up on 22 April for seven days: the last day is 29 April."""

    def object_to(self, world: World, claim: Claim, kind: ObjectionKind, when: datetime) -> None:
        objecting.object_to(claim.pk, kind=kind, objector=world.other, by=staff("intake"), at=when)
        approving.extend_for_objections(claim.pk, by=User.objects.system(), at=when)

    def dismiss(self, claim: Claim, kind: ObjectionKind, when: datetime) -> None:
        with moving(claim.pk, "resolve", by=(by := staff("reviewer")), at=when) as row:
            objecting.resolve(row, kind, ObjectionFinding.DISMISSED, by=by, at=when)

    def generations(self, claim: Claim) -> list[tuple[int, str, datetime | None]]:
        rows = Deadline.objects.filter(claim=claim, kind=Kind.PUBLICITY).order_by("generation")
        return list(rows.values_list("generation", "status", "due_at"))

    def test_the_day_it_is_put_up_does_not_count(self, world: World) -> None:
        publicity = world["publicised"].publicities.get()

        assert (publicity.starts_on, publicity.ends_on) == (date(2025, 4, 22), date(2025, 4, 29))
        assert publicity.ends_at == day("04-30")
        assert publicity.payable_from == date(2025, 4, 30)
        assert self.generations(world["publicised"]) == [(1, "open", day("04-30"))]

    def test_it_reminds_nobody(self, world: World) -> None:
        assert only(world["publicised"], Kind.PUBLICITY).reminders.count() == 0

    @pytest.mark.parametrize(("kind", "ends"), [("non_disclosure", "05-15"), ("definition", "05-30")])
    def test_an_objection_extends_it_from_its_scheduled_end(self, world: World, kind: str, ends: str) -> None:
        claim = world["publicised"]

        self.object_to(world, claim, ObjectionKind(kind), day("04-25 14:00"))

        assert claim.publicities.get().ends_at == day(ends)
        assert self.generations(claim) == [(1, "cancelled", day("04-30")), (2, "open", day(ends))]

    def test_the_same_kind_merges(self, world: World) -> None:
        claim = world["publicised"]
        for when in ("04-25 14:00", "04-26 14:00"):
            self.object_to(world, claim, ObjectionKind.NON_DISCLOSURE, day(when))

        one, two = claim.objections.order_by("id")
        assert two.merged_into == one
        assert claim.procedures.filter(closed_at=None).count() == 1
        assert claim.publicities.get().ends_at == day("05-15")

    def test_it_may_come_again_once_it_was_resolved_and_counts_no_second_time(self, world: World) -> None:
        claim = world["publicised"]
        for when in ("04-25 14:00", "04-27 14:00"):
            self.object_to(world, claim, ObjectionKind.NON_DISCLOSURE, day(when))
            self.dismiss(claim, ObjectionKind.NON_DISCLOSURE, day(when))

        assert claim.objections.filter(merged_into__isnull=True).count() == 2
        assert claim.publicities.get().ends_at == day("05-15")

    @pytest.mark.parametrize("first", ["non_disclosure", "definition"])
    def test_different_kinds_run_side_by_side_and_the_longest_counts(self, world: World, first: str) -> None:
        claim = world["publicised"]
        for kind in sorted(["non_disclosure", "definition"], key=lambda kind: kind != first):
            self.object_to(world, claim, ObjectionKind(kind), day("04-25 14:00"))

        assert claim.publicities.get().ends_at == day("05-30")

    def test_a_suspected_forgery_stops_the_clock(self, world: World) -> None:
        claim, publicity = world["suspended"], world["suspended"].publicities.get()

        assert (publicity.ends_at, publicity.ends_on, publicity.payable_from) == (None, None, None)
        assert publicity.days_left == 4
        assert self.generations(claim) == [(1, "open", None)]
        assert only(claim, Kind.PUBLICITY).paused_at == day("04-25 14:00")

    @pytest.mark.parametrize(("found", "ends"), [("04-25 15:00", "04-30"), ("05-10 00:00", "05-15")])
    def test_the_days_that_were_left_run_after_the_finding(self, world: World, found: str, ends: str) -> None:
        claim = world["suspended"]

        self.dismiss(claim, ObjectionKind.FORGERY, day(found))

        publicity = claim.publicities.get()
        assert fresh(claim).state == State.PUBLICISED
        assert (publicity.ends_at, publicity.days_left) == (day(ends), 0)
        assert self.generations(claim) == [(1, "cancelled", None), (2, "open", day(ends))]

    def test_an_extension_while_it_stands_still_is_added_afterwards(self, world: World) -> None:
        claim = world["suspended"]
        self.object_to(world, claim, ObjectionKind.NON_DISCLOSURE, day("04-28 10:00"))
        assert self.generations(claim) == [(1, "open", None)]

        self.dismiss(claim, ObjectionKind.FORGERY, day("05-10 10:00"))

        assert claim.publicities.get().ends_at == day("05-30")

    def test_it_may_stand_still_twice(self, world: World) -> None:
        claim = world["suspended"]
        self.dismiss(claim, ObjectionKind.FORGERY, day("05-10 10:00"))
        self.object_to(world, claim, ObjectionKind.FORGERY, day("05-12 10:00"))
        self.dismiss(claim, ObjectionKind.FORGERY, day("05-20 10:00"))

        assert claim.publicities.get().ends_at == day("05-23")
        assert [number for number, _status, _due in self.generations(claim)] == [1, 2, 3]

    def test_however_late_an_objection_takes_effect_its_own_time_counts(self, world: World) -> None:
        """The system was down from before the objection until after the scheduled end."""
        claim = world["publicised"]
        objecting.object_to(
            claim.pk, kind=ObjectionKind.FORGERY, objector=world.other, by=staff("intake"), at=day("04-25 14:00")
        )

        approving.extend_for_objections(claim.pk, by=User.objects.system(), at=day("06-01 03:00"))
        self.dismiss(claim, ObjectionKind.FORGERY, day("06-01 10:00"))

        assert claim.publicities.get().ends_at == day("06-06")

    def test_a_new_decision_is_put_up_anew(self, world: World) -> None:
        claim, system = world["publicised"], User.objects.system()
        approving.close_publicity(claim.pk, by=system, at=day("04-30"))
        deciding.reopen(claim.pk, reason="an error", by=staff("supervisor"), at=day("05-01 10:00"))

        deciding.publish(claim.pk, by=staff("reviewer"), at=day("05-02 10:00"))

        first, second = claim.publicities.order_by("id")
        assert first.ended_at == day("04-30")
        assert (second.ends_at, second.ended_at) == (day("05-10"), None)
        assert only(claim, Kind.PUBLICITY).generation == 2


class TestCondition:
    """Dialysis since 10 March: ninety days are complete on 8 June (SR-17, AMB-05)."""

    RENAL: dict[str, Any] = {"disease": "end_stage_renal_disease", "diagnosed_on": date(2025, 4, 1)}

    @pytest.fixture
    def waiting(self, db: None) -> Claim:
        facts = {"dialysis_since": "2025-03-10"}
        return reporting.report(membership().pk, facts=facts, by=staff("intake"), at=day("04-05 09:30"), **self.RENAL)

    def record(self, claim: Claim, through: str, when: datetime) -> None:
        papers = [*PAPERS, {"kind": "dialysis_record", "through": through}]
        collecting.submit(claim.pk, materials=papers, by=staff("intake"), at=when)

    def test_the_member_is_reminded_on_the_day(self, waiting: Claim) -> None:
        deadline = only(waiting, Kind.CONDITION)

        assert deadline.due_at == day("06-09")
        assert [(one.due_at, one.to) for one in deadline.reminders.all()] == [(day("06-08 09:00"), "member")]

    def test_another_paper_does_not_start_it_again(self, waiting: Claim) -> None:
        self.record(waiting, "2025-04-05", day("04-06 10:00"))

        assert only(waiting, Kind.CONDITION).generation == 1
        assert fresh(waiting).state == State.REVIEWING

    def test_the_record_of_the_day_meets_it(self, waiting: Claim) -> None:
        self.record(waiting, "2025-06-08", day("06-08 20:00"))

        deadline = Deadline.objects.get(claim=waiting, kind=Kind.CONDITION)
        assert deadline.status == "met"
        assert deadline.reminders.get().cancelled_at == day("06-08 20:00")

    def test_once_it_went_by_it_is_not_opened_again(self, waiting: Claim) -> None:
        clocks.elapse(waiting, Kind.CONDITION, status=DeadlineStatus.MISSED, at=day("06-09"))

        correcting.run_assessment(waiting.pk, by=staff("reviewer"), at=day("06-10 10:00"))

        assert not Deadline.objects.filter(claim=waiting, kind=Kind.CONDITION, status="open").exists()

    def test_a_refused_case_waits_no_more(self, waiting: Claim) -> None:
        self.record(waiting, "2025-04-05", day("04-06 10:00"))

        reviewing.refuse_in_review(
            waiting.pk,
            contrary="nothing found",
            ground="DEFINITION_NOT_MET",
            reason="no dialysis",
            by=staff("reviewer"),
            at=day("04-07 10:00"),
        )

        assert Deadline.objects.get(claim=waiting, kind=Kind.CONDITION).status == "cancelled"


def test_a_letter_is_sent_to_the_member_whose_case_it_is(world: World) -> None:
    claim = world["collecting"]
    told = Message.objects.filter(about=claim.number, template="supplement")

    assert [message.member for message in told] == [Membership.objects.get(pk=claim.membership_id).member]
    assert SUBMITTED < PUBLISHED
