"""Clocks of the desk that supervisors stop, let go on and prolong, and what a change of many would do beforehand.

The review of a case in `reviewing` began on Sunday 6 April 2025 and ends with Friday 11 April; it reminds on the 10th.
"""

from datetime import date, datetime, timedelta

import pgtrigger
import pytest
from django.db import transaction
from django.utils.translation import override

from claims.enums import DESK_KINDS, DeadlineKind, DeadlineStatus, PauseReason, ProcedureKind, State
from claims.models import Claim, ClaimEvent, Deadline, Reminder
from claims.services import approving, assigning, clocks, foreseeing, investigating, rescheduling, reviewing, watching
from claims.services.foreseeing import EXTEND, HOLIDAY, PAUSE, RESUME, Change
from claims.services.watching import Asked
from config.kernel import sweeping
from config.kernel.civil import last_day
from config.kernel.display import day as shown_day
from config.kernel.models import Team, User
from config.kernel.refusals import NotPermitted
from config.kernel.roles import ROLES
from investigations.models import Commission
from members.models import Message
from members.services.messages import render
from tests.claims.cases import outcome_of
from tests.concurrency.racing import queue
from tests.factories import COMMISSIONED, PUBLISHED, REVIEWED, SUBMITTED, at, case_in, membership, staff

MONDAY, TUESDAY = at("2025-04-07 15:00"), at("2025-04-08 15:00")
SATURDAY = at("2025-04-12 10:00")


def clock(claim: Claim, kind: str = "review") -> Deadline:
    return Deadline.objects.filter(claim=claim, kind=kind).latest("generation")


def until(deadline: Deadline) -> str:
    return last_day(deadline.due_at).isoformat() if deadline.due_at else "stands still"


def pause(claim: Claim, when: datetime, *, by: User | None = None, kind: str = "review") -> Deadline:
    said = {"code": PauseReason.HOSPITAL, "reason": "等病案室盖章"}
    return rescheduling.pause(claim.pk, clock(claim, kind).pk, by=by or staff("supervisor"), at=when, **said)


def resume(claim: Claim, when: datetime, *, kind: str = "review") -> Deadline:
    return rescheduling.resume(claim.pk, clock(claim, kind).pk, by=staff("supervisor"), at=when)


def extend(claim: Claim, days: int, when: datetime, *, kind: str = "review") -> Deadline:
    said = {"days": days, "reason": "系统停机"}
    return rescheduling.extend(claim.pk, clock(claim, kind).pk, by=staff("supervisor"), at=when, **said)


def reminders(deadline: Deadline) -> list[tuple[str, str]]:
    """Of each: its day, and what became of it."""
    return [
        (f"{one.due_at:%m-%d}", "sent" if one.sent_at else "off" if one.cancelled_at else "waits")
        for one in deadline.reminders.order_by("due_at")
    ]


class TestPauseAndResume:
    def test_a_clock_that_stands_still_is_never_due_and_reminds_nobody(self, db: None) -> None:
        claim = case_in(State.REVIEWING)

        pause(claim, MONDAY)
        sweeping.ring(at=at("2025-06-01"), only=claim.pk)

        found = clock(claim)
        assert (found.status, found.due_at, found.paused_at, found.days_left) == ("open", None, MONDAY, 4)
        assert reminders(found) == [("04-10", "off")]
        assert not Message.objects.filter(about=claim.number, template__in=("reminder", "deadline_missed")).exists()

    @pytest.mark.parametrize(
        ("stopped", "resumed", "ends"),
        [
            # four working days are left: 8 to 11 April
            ("2025-04-07 15:00", "2025-04-07 16:00", "2025-04-11"),
            ("2025-04-07 15:00", "2025-04-08 10:00", "2025-04-14"),
            ("2025-04-07 15:00", "2025-04-12 10:00", "2025-04-17"),
            # over Labour Day: 1 to 5 May off, Sunday 27 April worked; 28, 29, 30 April and 6 May
            ("2025-04-07 15:00", "2025-04-27 10:00", "2025-05-06"),
            ("2025-04-07 15:00", "2025-05-02 10:00", "2025-05-09"),
            # on its last day nothing but that day is left
            ("2025-04-11 09:00", "2025-04-16 10:00", "2025-04-16"),
            ("2025-04-11 09:00", "2025-04-19 10:00", "2025-04-21"),
        ],
    )
    def test_it_goes_on_with_the_working_days_that_were_left(
        self, db: None, stopped: str, resumed: str, ends: str
    ) -> None:
        claim = case_in(State.REVIEWING)

        pause(claim, at(stopped))
        resume(claim, at(resumed))

        assert until(clock(claim)) == ends

    def test_natural_days_are_kept_as_natural_days(self, db: None) -> None:
        claim = case_in(State.COLLECTING)  # reported on 5 April, papers until 5 May

        pause(claim, at("2025-04-15 10:00"), kind="supplement")
        resume(claim, at("2025-05-15 10:00"), kind="supplement")

        found = clock(claim, "supplement")
        assert until(found) == "2025-06-04"
        assert reminders(found) == [("05-25", "waits"), ("06-01", "waits")]

    def test_it_reminds_anew_and_each_generation_tells_its_own(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        stopped = pause(claim, MONDAY)

        resume(claim, SATURDAY)
        sweeping.run("claims.send_reminders", at=at("2025-04-16 09:00"), only=claim.pk)

        stopped.refresh_from_db()
        assert (stopped.status, stopped.paused_at) == ("cancelled", MONDAY)
        assert reminders(clock(claim)) == [("04-16", "sent")]
        assert Message.objects.filter(about=claim.number, template="reminder").count() == 1

    def test_each_is_one_event_with_its_reason(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        before = claim.version

        pause(claim, MONDAY)
        resume(claim, TUESDAY)
        extend(claim, 2, TUESDAY)

        events = claim.events.filter(version__gt=before).order_by("version")
        assert [(one.version - before, one.verb, one.reason_code, one.reason) for one in events] == [
            (1, "pause_clock", "hospital", "等病案室盖章"),
            (2, "resume_clock", "hospital", ""),
            (3, "extend_clock", "", "系统停机"),
        ]
        assert Claim.objects.get(pk=claim.pk).state == State.REVIEWING

    def test_the_step_may_be_done_meanwhile(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        stopped = pause(claim, MONDAY)

        reviewing.pass_review(claim.pk, by=staff("reviewer"), at=TUESDAY)

        stopped.refresh_from_db()
        assert stopped.status == DeadlineStatus.MET

    def test_the_commission_goes_with_its_clock(self, db: None) -> None:
        claim = case_in(State.INVESTIGATING)
        when = at("2025-04-10 10:00")

        pause(claim, when, kind="investigation")
        resume(claim, when + timedelta(days=10), kind="investigation")

        assert Commission.objects.get(claim=claim).deadline == clock(claim, "investigation")


class TestExtend:
    def test_so_many_working_days_after_the_last(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        was = clock(claim)

        extend(claim, 3, MONDAY)

        was.refresh_from_db()
        assert was.status == DeadlineStatus.CANCELLED
        assert (until(clock(claim)), clock(claim).generation) == ("2025-04-16", was.generation + 1)
        assert reminders(was) == [("04-10", "off")]
        assert reminders(clock(claim)) == [("04-15", "waits")]

    def test_of_what_ran_out_from_today_on(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        sweeping.run("claims.note_missed_deadlines", at=SATURDAY)
        missed = clock(claim)
        assert missed.status == DeadlineStatus.MISSED

        extend(claim, 2, at("2025-04-24 10:00"))

        missed.refresh_from_db()
        assert missed.status == DeadlineStatus.MISSED
        assert until(clock(claim)) == "2025-04-27"  # Friday the 25th, and a Sunday that is worked

    def test_what_ran_out_but_was_not_noted_counts_as_missed(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        was = clock(claim)

        extend(claim, 2, SATURDAY)

        was.refresh_from_db()
        assert was.status == DeadlineStatus.MISSED

    @pytest.mark.parametrize("days", [0, -1, 31])
    def test_not_for_ever(self, db: None, days: int) -> None:
        claim = case_in(State.REVIEWING)

        assert outcome_of(lambda: extend(claim, days, MONDAY)) == "INVALID_INPUT"


class TestRefusals:
    def test_of_pauses(self, db: None) -> None:
        claim, other = case_in(State.REVIEWING), case_in(State.PUBLICISED)

        assert outcome_of(lambda: pause(claim, SATURDAY)) == "CLOCK_RAN_OUT"
        assert outcome_of(lambda: resume(claim, MONDAY)) == "CLOCK_RUNS"
        assert outcome_of(lambda: pause(other, PUBLISHED, kind="publicity")) == "OWN_RULES"
        assert outcome_of(lambda: pause(other, PUBLISHED, kind="review")) == "CLOCK_STOPPED"
        pause(claim, MONDAY)
        assert outcome_of(lambda: pause(claim, MONDAY)) == "CLOCK_STANDS_STILL"
        assert outcome_of(lambda: extend(claim, 1, MONDAY)) == "CLOCK_STANDS_STILL"

    def test_an_appeal_window_has_its_own_rules(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        said = {"contrary": "nothing found", "ground": "LATE_REPORT", "reason": "seen so"}
        reviewing.refuse_in_review(claim.pk, by=staff("reviewer"), at=REVIEWED, **said)

        assert outcome_of(lambda: extend(claim, 1, REVIEWED, kind="appeal_window")) == "OWN_RULES"

    def test_a_reason_is_needed(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        who = {"by": staff("supervisor"), "at": MONDAY}

        def longer(reason: str) -> str:
            return outcome_of(lambda: rescheduling.extend(claim.pk, clock(claim).pk, days=1, reason=reason, **who))

        def stopped(reason: str) -> str:
            said = {"code": PauseReason.OTHER, "reason": reason}
            return outcome_of(lambda: rescheduling.pause(claim.pk, clock(claim).pk, **said, **who))

        for reason in ("", "  ", "x" * 201):
            assert longer(reason) == stopped(reason) == "INVALID_INPUT"

    @pytest.mark.parametrize("role", [role for role in ROLES if role != "supervisor"])
    def test_it_is_done_by_supervisors(self, db: None, role: str) -> None:
        claim = case_in(State.REVIEWING)
        who, version = {"by": staff(role), "at": MONDAY}, Claim.objects.get(pk=claim.pk).version

        for change in (
            lambda: rescheduling.extend(claim.pk, clock(claim).pk, days=1, reason="x", **who),
            lambda: rescheduling.pause(claim.pk, clock(claim).pk, code=PauseReason.OTHER, reason="x", **who),
            lambda: rescheduling.resume(claim.pk, clock(claim).pk, reason="x", **who),
            lambda: rescheduling.extend_for_holiday(claim.pk, clock(claim).pk, day=date(2025, 4, 9), reason="x", **who),
        ):
            assert outcome_of(change) == "NOT_PERMITTED"
        assert Claim.objects.get(pk=claim.pk).version == version


class TestWhomItBinds:
    """A member hears of the one clock that is his, each change once; whoever is bound by another one does not."""

    def heard(self, claim: Claim) -> list[tuple[str, str | None]]:
        rows = Message.objects.filter(about=claim.number, template__startswith="supplement_").order_by("pk")
        assert {one.member for one in rows} <= {claim.membership.member}
        return [(one.template, one.facts.get("due_at")) for one in rows]

    def test_a_member_hears_when_the_time_for_papers_stands_still_goes_on_and_grows(self, db: None) -> None:
        claim = case_in(State.COLLECTING)

        pause(claim, MONDAY, kind="supplement")
        resumed = resume(claim, TUESDAY, kind="supplement")
        longer = extend(claim, 2, TUESDAY, kind="supplement")

        assert self.heard(claim) == [
            ("supplement_stopped", None),
            ("supplement_moved", resumed.due_at.isoformat()),
            ("supplement_moved", longer.due_at.isoformat()),
        ]

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_it_is_said_with_the_new_day_and_without_the_reason(self, db: None, language: str) -> None:
        claim = case_in(State.COLLECTING)
        pause(claim, MONDAY, kind="supplement")
        opened = resume(claim, TUESDAY, kind="supplement")

        rows = Message.objects.filter(about=claim.number, template__startswith="supplement_").order_by("pk")
        stopped, moved = (" ".join(render(one, language)) for one in rows)

        with override(language):
            assert shown_day(last_day(opened.due_at)) in moved
        assert claim.number in stopped
        assert "病案室" not in stopped + moved

    def test_he_does_not_hear_of_the_review_nor_of_what_is_only_tried(self, db: None) -> None:
        reviewed, collecting = case_in(State.REVIEWING), case_in(State.COLLECTING)
        pause(reviewed, MONDAY)

        change = Change(what=EXTEND, days=2, reason="x")
        foreseeing.foresee(change, [clock(collecting, "supplement")], by=staff("supervisor"), at=MONDAY)

        assert self.heard(reviewed) == self.heard(collecting) == []


class TestHoliday:
    def test_a_day_off_within_a_clock_of_working_days_moves_it_by_one(self, db: None) -> None:
        first, second = case_in(State.REVIEWING), case_in(State.REVIEWING)
        who = {"reason": "台风停工", "by": staff("supervisor"), "at": MONDAY}

        rescheduling.extend_for_holiday(first.pk, clock(first).pk, day=date(2025, 4, 9), **who)
        rescheduling.extend_for_holiday(second.pk, clock(second).pk, day=date(2025, 4, 11), **who)

        assert (until(clock(first)), until(clock(second))) == ("2025-04-14", "2025-04-14")

    @pytest.mark.parametrize("day", ["2025-04-07", "2025-04-04", "2025-04-12", "2025-04-14"])
    def test_another_day_moves_nothing(self, db: None, day: str) -> None:
        claim = case_in(State.REVIEWING)
        who = {"reason": "x", "by": staff("supervisor"), "at": MONDAY, "day": date.fromisoformat(day)}

        refused = outcome_of(lambda: rescheduling.extend_for_holiday(claim.pk, clock(claim).pk, **who))
        assert refused == "DAY_MOVES_NOTHING"

    def test_a_clock_is_given_a_holiday_once(self, db: None) -> None:
        claim, by = case_in(State.REVIEWING), staff("supervisor")
        said = {"day": date(2025, 4, 9), "reason": "x", "by": by, "at": MONDAY}
        rescheduling.extend_for_holiday(claim.pk, clock(claim).pk, **said)

        again = outcome_of(lambda: rescheduling.extend_for_holiday(claim.pk, clock(claim).pk, **said))
        rescheduling.extend_for_holiday(claim.pk, clock(claim).pk, **said | {"day": date(2025, 4, 10)})

        assert again == "DAY_MOVES_NOTHING"
        assert until(clock(claim)) == "2025-04-15"

    def test_clocks_side_by_side_are_given_it_each(self, db: None) -> None:
        own = {"investigation.days": 5, "investigation.unit": "working", "investigation.reminders": []}
        claim = case_in(State.INVESTIGATING, of=membership(terms=own))  # its clock runs from Tuesday 8 April
        beside = investigating.open_procedure(claim, ProcedureKind.EXPERT, at=COMMISSIONED)
        with transaction.atomic():
            second = investigating.start_clock(claim, beside, at=COMMISSIONED)
        first = Deadline.objects.filter(claim=claim, kind="investigation").earliest("generation")
        said = {"day": date(2025, 4, 11), "reason": "x", "by": staff("supervisor"), "at": COMMISSIONED}

        given = [rescheduling.extend_for_holiday(claim.pk, one.pk, **said) for one in (first, second)]

        assert [until(one) for one in given] == ["2025-04-16", "2025-04-16"]
        again = outcome_of(lambda: rescheduling.extend_for_holiday(claim.pk, given[1].pk, **said))
        assert again == "DAY_MOVES_NOTHING"

    def test_a_day_given_before_clocks_had_a_procedure_is_not_given_again(self, db: None) -> None:
        own = {"investigation.days": 5, "investigation.unit": "working", "investigation.reminders": []}
        claim = case_in(State.INVESTIGATING, of=membership(terms=own))
        said = {"day": date(2025, 4, 11), "reason": "x", "by": staff("supervisor"), "at": COMMISSIONED}
        rescheduling.extend_for_holiday(claim.pk, clock(claim, "investigation").pk, **said)
        event = ClaimEvent.objects.filter(claim=claim, verb="extend_clock")
        with pgtrigger.ignore():
            event.update(data={name: told for name, told in event.get().data.items() if name != "procedure"})

        again = outcome_of(lambda: rescheduling.extend_for_holiday(claim.pk, clock(claim, "investigation").pk, **said))
        assert again == "DAY_MOVES_NOTHING"

    def test_natural_days_know_no_holidays(self, db: None) -> None:
        claim = case_in(State.COLLECTING)
        who = {"reason": "x", "by": staff("supervisor"), "at": MONDAY, "day": date(2025, 4, 9)}

        refused = outcome_of(lambda: rescheduling.extend_for_holiday(claim.pk, clock(claim, "supplement").pk, **who))
        assert refused == "DAY_MOVES_NOTHING"


class TestWhatIf:
    """What is shown beforehand is what then happens, and nothing happens before."""

    @pytest.fixture
    def cases(self, db: None) -> dict[str, Claim]:
        """Four that differ: one runs, one is overdue, one stands still, one counts natural days."""
        cases = {name: case_in(State.REVIEWING) for name in ("overdue", "runs", "still")}
        sweeping.run("claims.note_missed_deadlines", at=SATURDAY, only=cases["overdue"].pk)
        pause(cases["still"], MONDAY)
        extend(cases["runs"], 10, MONDAY)
        return {**cases, "natural": case_in(State.COLLECTING)}

    CHANGES = [
        Change(what=EXTEND, days=5, reason="系统停机"),
        Change(what=PAUSE, code="disaster", reason="台风"),
        Change(what=RESUME, reason="恢复办公"),
        Change(what=HOLIDAY, day=date(2025, 4, 17), reason="台风停工"),
    ]

    @pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.what)
    def test_it_shows_what_then_happens(self, cases: dict[str, Claim], change: Change) -> None:
        by, when = staff("supervisor"), SATURDAY
        versions = {claim.pk: Claim.objects.get(pk=claim.pk).version for claim in cases.values()}
        kept = list(Deadline.objects.order_by("pk").values()), list(Reminder.objects.order_by("pk").values())
        rows, count = watching.chosen(Asked(), at=when, ids=None, most=100)
        assert count == len(rows) == 4

        shown = foreseeing.foresee(change, rows, by=by, at=when)

        assert (list(Deadline.objects.order_by("pk").values()), list(Reminder.objects.order_by("pk").values())) == kept
        assert {claim.pk: Claim.objects.get(pk=claim.pk).version for claim in cases.values()} == versions
        promises = [one.promise for one in shown if one.promise]
        known = Deadline.objects.select_related("claim").in_bulk([row.pk for row in rows])
        done = foreseeing.confirm(change, promises, known, by=by, at=when + timedelta(minutes=5))

        def said(one: foreseeing.Outcome) -> tuple[object, ...]:
            return (one.deadline.pk, one.was, one.becomes, one.is_saved, one.called_off, one.to_come)

        assert [said(one) for one in done] == [said(one) for one in shown if not one.why_not]
        assert all(one.is_done for one in done)
        for one in done:
            now = clock(one.deadline.claim, one.deadline.kind)
            assert (last_day(now.due_at) if now.due_at else None) == one.becomes

    def test_what_cannot_be_changed_says_why(self, cases: dict[str, Claim]) -> None:
        rows, _count = watching.chosen(Asked(), at=SATURDAY, ids=None, most=100)
        shown = foreseeing.foresee(self.CHANGES[0], rows, by=staff("supervisor"), at=SATURDAY)

        why = {one.deadline.claim_id: one.why_not for one in shown}
        assert [name for name, claim in cases.items() if why[claim.pk]] == ["still"]

    def test_it_counts_what_is_no_longer_overdue(self, cases: dict[str, Claim]) -> None:
        rows, _count = watching.chosen(Asked(), at=SATURDAY, ids=None, most=100)
        shown = foreseeing.foresee(self.CHANGES[0], rows, by=staff("supervisor"), at=SATURDAY)

        assert [one.deadline.claim_id for one in shown if one.is_saved] == [cases["overdue"].pk]

    def test_the_load_moves_from_day_to_day(self, cases: dict[str, Claim]) -> None:
        rows, _count = watching.chosen(Asked(), at=SATURDAY, ids=None, most=100)
        shown = foreseeing.foresee(self.CHANGES[0], rows, by=staff("supervisor"), at=SATURDAY)

        load = {one.day.isoformat(): (one.before, one.after) for one in foreseeing.load(shown, Asked(), at=SATURDAY)}
        # the overdue one from today on; the running one from 25 April; the papers from 5 May, over Labour Day
        assert load == {
            "2025-04-18": (0, 1),
            "2025-04-25": (1, 0),
            "2025-05-05": (1, 0),
            "2025-05-06": (0, 1),
            "2025-05-12": (0, 1),
        }

    def test_what_changed_meanwhile_is_refused_alone(self, cases: dict[str, Claim]) -> None:
        by = staff("supervisor")
        change = self.CHANGES[0]
        rows, _count = watching.chosen(Asked(), at=SATURDAY, ids=None, most=100)
        promises = [one.promise for one in foreseeing.foresee(change, rows, by=by, at=SATURDAY) if one.promise]
        reviewing.pass_review(cases["runs"].pk, by=staff("reviewer"), at=SATURDAY)

        known = Deadline.objects.select_related("claim").in_bulk([row.pk for row in rows])
        done = foreseeing.confirm(change, promises, known, by=by, at=SATURDAY)

        assert {one.deadline.claim_id: one.is_done for one in done} == {
            cases["overdue"].pk: True,
            cases["natural"].pk: True,
            cases["runs"].pk: False,
        }
        (refused,) = [one.why_not for one in done if not one.is_done]
        assert refused

    def test_what_would_come_out_otherwise_on_another_day_is_refused(self, cases: dict[str, Claim]) -> None:
        by, change = staff("supervisor"), self.CHANGES[2]
        rows, _count = watching.chosen(Asked(only=watching.STILL), at=SATURDAY, ids=None, most=100)
        (promise,) = [one.promise for one in foreseeing.foresee(change, rows, by=by, at=SATURDAY)]
        known = Deadline.objects.select_related("claim").in_bulk([row.pk for row in rows])

        (late,) = foreseeing.confirm(change, [promise], known, by=by, at=SATURDAY + timedelta(days=2))

        assert not late.is_done
        assert clock(cases["still"]).paused_at == MONDAY

    def test_two_clocks_of_one_case_do_not_stand_in_each_others_way(self, db: None) -> None:
        claim, by, change = case_in(State.REVIEWING), staff("supervisor"), self.CHANGES[0]
        clocks.start(claim, DeadlineKind.INVESTIGATION, at=SUBMITTED)
        rows, _count = watching.chosen(Asked(), at=MONDAY, ids=None, most=100)
        assert len(rows) == 2

        promises = [one.promise for one in foreseeing.foresee(change, rows, by=by, at=MONDAY)]
        known = Deadline.objects.select_related("claim").in_bulk([row.pk for row in rows])

        assert [one.is_done for one in foreseeing.confirm(change, promises, known, by=by, at=MONDAY)] == [True, True]

    def test_somebody_without_the_right_changes_nothing(self, cases: dict[str, Claim]) -> None:
        rows, _count = watching.chosen(Asked(), at=SATURDAY, ids=None, most=100)

        shown = foreseeing.foresee(self.CHANGES[0], rows, by=staff("auditor"), at=SATURDAY)

        assert all(one.why_not and not one.promise for one in shown)


class TestOverdue:
    def test_what_is_missed_and_still_waited_for(self, db: None) -> None:
        cases = {name: case_in(State.REVIEWING) for name in ("waits", "passed", "returned", "extended")}
        sweeping.run("claims.note_missed_deadlines", at=SATURDAY)
        reviewing.pass_review(cases["passed"].pk, by=staff("reviewer"), at=SATURDAY)
        said = {"to": State.COLLECTING, "reason": "unclear"}
        reviewing.return_to(cases["returned"].pk, by=staff("reviewer"), at=SATURDAY, **said)
        extend(cases["extended"], 2, SATURDAY)

        assert [one.claim_id for one in clocks.overdue()] == [cases["waits"].pk]

    def test_the_end_of_a_publicity_is_no_fault(self, db: None) -> None:
        claim = case_in(State.PUBLICISED)
        approving.close_publicity(claim.pk, by=User.objects.system(), at=PUBLISHED + timedelta(days=9))
        held = case_in(State.PUBLICISED)

        lines, _after = watching.page(Asked(), at=PUBLISHED + timedelta(days=9))

        assert held.pk not in {line.deadline.claim_id for line in lines if line.is_late}

    def test_the_kinds_of_the_desk_are_those_that_somebody_here_has_to_meet(self) -> None:
        assert {kind.value for kind in DESK_KINDS} == {
            "supplement",
            "review",
            "investigation",
            "decision",
            "payment",
            "appeal_decision",
        }


@pytest.mark.django_db(transaction=True)
def test_two_supervisors_at_once_prolong_a_deadline_once() -> None:
    claim, by = case_in(State.REVIEWING), staff("supervisor")
    row, version = clock(claim), Claim.objects.get(pk=claim.pk).version

    def prolong() -> Deadline:
        return rescheduling.extend(claim.pk, row.pk, days=2, reason="x", by=by, at=MONDAY, version=version)

    assert queue(claim, prolong, prolong) == ["done", "STALE"]
    assert Deadline.objects.filter(claim=claim, kind="review").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_deadline_is_not_noted_as_missed_while_it_is_being_stopped() -> None:
    """At its last second: the pause has the case and the row, the sweep passes by, and finds nothing afterwards."""
    claim, by = case_in(State.REVIEWING), staff("supervisor")
    last = at("2025-04-11 23:59")

    outcome = queue(
        claim,
        lambda: pause(claim, last, by=by),
        lambda: sweeping.run("claims.note_missed_deadlines", at=SATURDAY - timedelta(hours=9, minutes=59, seconds=30)),
    )

    assert outcome == ["done", "done"]
    assert clock(claim).paused_at == last


class TestWhoWatches:
    def test_supervisors_and_auditors_the_floor_leads_their_teams_others_nothing(self, db: None) -> None:
        lead, person = staff("reviewer"), staff("reviewer")
        team = Team.objects.create(name="一组", lead=lead)
        User.objects.filter(pk=person.pk).update(team=team)
        mine, other = case_in(State.REVIEWING), case_in(State.REVIEWING)
        assigning.assign(mine.pk, to=person, by=staff("supervisor"), at=REVIEWED)
        assigning.assign(other.pk, to=staff("reviewer"), by=staff("supervisor"), at=REVIEWED)

        assert watching.scope_of(staff("supervisor")) is None
        assert watching.scope_of(staff("auditor")) is None
        assert watching.scope_of(lead) == (team.pk,)
        lines, _after = watching.page(Asked(teams=(team.pk,)), at=REVIEWED)
        assert {line.deadline.claim_id for line in lines} == {mine.pk}
        for role in ("reviewer", "intake", "finance", "administrator", "investigator"):
            with pytest.raises(NotPermitted):
                watching.scope_of(staff(role))
