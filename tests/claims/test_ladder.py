"""Who is told of a deadline that ran out, when, and once: person, lead, supervisors.

The review of a case in `reviewing` began on Sunday 6 April 2025 and ends with Friday 11 April.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, models

from claims.enums import DeadlineKind, ObjectionKind, PauseReason, Rungs, State
from claims.models import Claim, Deadline, Rung
from claims.services import assigning, clocks, investigating, ladder, objecting, rescheduling, reviewing
from config.kernel import sweeping
from config.kernel.models import Absence, CalendarDay, Outbox, Team, User
from config.kernel.working_days import load_holidays, work_calendar
from members.models import Message
from tests.concurrency.racing import at_once
from tests.factories import REVIEWED, at, case_in, membership, staff

NOTED = at("2025-04-12 00:02")
LEAD, TOP = at("2025-04-15 09:00"), at("2025-04-17 09:00")
TICK = timedelta(microseconds=1)


def team_of(*people: User, lead: User | None = None) -> Team:
    team = Team.objects.create(name=f"组{Team.objects.count()}", lead=lead or staff("reviewer"))
    User.objects.filter(pk__in=[one.pk for one in people]).update(team=team)
    return team


def held(by: User | None = None) -> tuple[Claim, User]:
    """A case in the first review that somebody has."""
    claim, user = case_in(State.REVIEWING), by or staff("reviewer")
    assigning.assign(claim.pk, to=user, by=staff("supervisor"), at=REVIEWED)
    return claim, user


def sweep(*instants: datetime) -> None:
    for when in instants:
        sweeping.run("claims.note_missed_deadlines", at=when)
        sweeping.run("claims.climb_ladder", at=when)


def told(claim: Claim) -> list[tuple[str, int | None]]:
    """The rungs of the case's last review, in their order, and whom each told."""
    rows = Rung.objects.filter(deadline__claim=claim, deadline__kind="review").order_by("pk")
    return list(rows.values_list("rung", "user"))


def said(claim: Claim) -> list[tuple[str, str, int | None]]:
    """Messages about its being overdue."""
    rows = Message.objects.filter(about=claim.number).exclude(template="reminder").order_by("pk")
    return [(one.template, one.to, one.user_id) for one in rows if "due_at" in one.facts or "since" in one.facts]


def review(claim: Claim) -> Deadline:
    return Deadline.objects.filter(claim=claim, kind="review").latest("generation")


class TestTheWayUp:
    def test_person_at_once_lead_after_one_day_supervisors_after_three(self, db: None) -> None:
        claim, person = held()
        team = team_of(person)

        sweep(NOTED, LEAD - TICK)
        assert told(claim) == [("holder", person.pk)]

        sweep(LEAD, TOP - TICK)
        assert told(claim) == [("holder", person.pk), ("lead", team.lead_id)]

        sweep(TOP, TOP + timedelta(days=30))
        assert told(claim) == [("holder", person.pk), ("lead", team.lead_id), ("supervisors", None)]
        assert said(claim) == [
            ("deadline_missed", "", person.pk),
            ("overdue_lead", "", team.lead_id),
            ("overdue_supervisors", "supervisor", None),
        ]

    def test_nobody_is_told_before_the_end(self, db: None) -> None:
        claim, _person = held()

        sweep(at("2025-04-11 23:59"), at("2025-04-12 00:00"))

        assert told(claim) == said(claim) == []

    def test_after_an_outage_of_days_each_rung_is_told_once(self, db: None) -> None:
        claim, person = held()
        team_of(person)

        sweep(TOP + timedelta(days=1), TOP + timedelta(days=2))

        assert [rung for rung, _user in told(claim)] == ["holder", "lead", "supervisors"]
        assert len(said(claim)) == 3

    def test_the_words_say_for_how_long(self, db: None) -> None:
        claim, person = held()
        team_of(person)

        sweep(NOTED, LEAD, TOP)

        days = [one.facts.get("days") for one in Message.objects.filter(about=claim.number).order_by("pk")]
        assert days[-2:] == [1, 3]

    def test_it_rings_when_the_next_rung_falls(self, db: None) -> None:
        claim, person = held()
        team_of(person)
        sweep(NOTED)

        assert ladder.next_due() == LEAD
        assert sweeping._sweeps["claims.climb_ladder"].next_due(only=claim.pk) is None

    def test_no_rung_goes_by_e_mail(self, db: None) -> None:
        """The morning's digest does."""
        claim, person = held()
        team = team_of(person)
        User.objects.filter(pk__in=[person.pk, team.lead_id]).update(email="a@example.org")

        sweep(NOTED, LEAD, TOP)

        assert len(told(claim)) == 3
        assert not Outbox.objects.filter(topic="message", created_at__gte=NOTED).exists()


class TestWhoIsTold:
    def test_a_case_that_nobody_has_goes_to_the_supervisors_at_once_and_once(self, db: None) -> None:
        claim = case_in(State.REVIEWING)

        sweep(NOTED, LEAD, TOP)

        assert told(claim) == [("supervisors", None)]
        assert said(claim) == [("deadline_missed", "supervisor", None)]

    def test_without_a_team_the_supervisors_are_told_when_the_lead_would_be(self, db: None) -> None:
        claim, person = held()

        sweep(NOTED, LEAD - TICK)
        assert told(claim) == [("holder", person.pk)]

        sweep(LEAD, TOP)
        assert told(claim) == [("holder", person.pk), ("supervisors", None)]

    def test_a_lead_is_not_told_of_his_own_case_twice(self, db: None) -> None:
        person = staff("reviewer")
        claim, _person = held(person)
        team_of(person, lead=person)

        sweep(NOTED, LEAD)

        assert told(claim) == [("holder", person.pk), ("supervisors", None)]

    def test_of_whoever_is_away_the_lead_is_told_at_once(self, db: None) -> None:
        claim, person = held()
        team = team_of(person)
        Absence.objects.create(user=person, first_day=date(2025, 4, 10), last_day=date(2025, 4, 20))

        sweep(NOTED, LEAD, TOP - TICK)
        assert told(claim) == [("lead", team.lead_id)]

        sweep(TOP)
        assert told(claim) == [("lead", team.lead_id), ("supervisors", None)]

    def test_where_both_are_away_the_supervisors_are(self, db: None) -> None:
        claim, person = held()
        team = team_of(person)
        for user in (person, team.lead):
            Absence.objects.create(user=user, first_day=date(2025, 4, 10), last_day=date(2025, 4, 20))

        sweep(NOTED, LEAD, TOP)

        assert told(claim) == [("supervisors", None)]

    @pytest.mark.parametrize("why", ["away", "left"])
    def test_a_lead_who_is_not_there_is_passed_over(self, db: None, why: str) -> None:
        claim, person = held()
        team = team_of(person)
        sweep(NOTED)
        if why == "left":
            User.objects.filter(pk=team.lead_id).update(is_active=False)
        else:
            Absence.objects.create(user=team.lead, first_day=LEAD.date(), last_day=LEAD.date())

        sweep(LEAD)

        assert told(claim) == [("holder", person.pk), ("supervisors", None)]

    def test_the_lead_is_that_of_whoever_has_it_by_then(self, db: None) -> None:
        claim, person = held()
        team_of(person)
        other = staff("reviewer")
        team = team_of(other)
        sweep(NOTED)
        assigning.assign(claim.pk, to=other, by=staff("supervisor"), at=NOTED)

        sweep(LEAD)

        assert told(claim)[-1] == ("lead", team.lead_id)

    def test_the_day_of_a_condition_is_told_to_the_supervisors_though_somebody_has_the_case(self, db: None) -> None:
        claim, _person = held()
        clocks.start_condition(claim, date(2025, 4, 9), at=REVIEWED)

        sweep(at("2025-04-10 00:02"), TOP)

        (condition,) = Message.objects.filter(about=claim.number, facts__kind="condition", template="deadline_missed")
        assert (condition.to, condition.user_id) == ("supervisor", None)

    def test_a_row_that_cannot_be_told_holds_up_no_other(self, db: None, caplog: pytest.LogCaptureFixture) -> None:
        broken, other = held()
        sound, person = held()
        sweep(NOTED)
        Deadline.objects.filter(claim=broken, kind="review").update(due_at=None, paused_at=NOTED)

        sweep(LEAD)

        assert told(broken) == [("holder", other.pk)]
        assert told(sound) == [("holder", person.pk), ("supervisors", None)]
        assert ladder.next_due() == LEAD + timedelta(hours=1)
        assert str(review(broken).pk) in caplog.text


class TestThirdParties:
    """Each objection leaves a procedure behind: its agency's time runs while the case is publicised."""

    ASKED, ENDED = at("2025-04-22 09:30"), at("2025-06-15 00:02")

    def doubted(self, *doubts: ObjectionKind) -> Claim:
        claim = case_in(State.PUBLICISED)
        for number, doubt in enumerate(doubts):
            when = self.ASKED + timedelta(days=3 * number)
            objecting.object_to(claim.pk, kind=doubt, objector=membership(), by=staff("intake"), at=when)
            sweeping.run("investigations.open_commissions", at=when, only=claim.pk)
        return claim

    def late(self, claim: Claim) -> list[int]:
        return sorted(clocks.overdue().filter(claim=claim).values_list("generation", flat=True))

    def test_an_agency_that_is_late_outside_the_investigation_climbs(self, db: None) -> None:
        claim, person = self.doubted(ObjectionKind.DEFINITION), staff("reviewer")
        assigning.assign(claim.pk, to=person, by=staff("supervisor"), at=self.ASKED)
        team = team_of(person)
        (clock,) = Deadline.objects.filter(claim=claim, kind="investigation", status="open")

        sweep(self.ENDED, self.ENDED + timedelta(days=30))

        rows = Rung.objects.filter(deadline=clock).order_by("pk").values_list("rung", "user")
        assert list(rows) == [("holder", person.pk), ("lead", team.lead_id), ("supervisors", None)]
        assert clock.pk in clocks.overdue().values_list("pk", flat=True)
        longer = rescheduling.extend(claim.pk, clock.pk, days=5, reason="x", by=staff("supervisor"), at=self.ENDED)
        assert longer.status == "open"
        assert self.late(claim) == []

    def test_two_side_by_side_hide_neither(self, db: None) -> None:
        claim = self.doubted(ObjectionKind.DEFINITION, ObjectionKind.FORGERY)
        running = sorted(
            Deadline.objects.filter(claim=claim, kind="investigation", status="open").values_list(
                "generation", flat=True
            )
        )

        sweep(self.ENDED)

        assert len(running) == 2
        assert self.late(claim) == running

    def test_nobody_waits_for_a_procedure_that_is_over(self, db: None) -> None:
        claim = self.doubted(ObjectionKind.DEFINITION)
        sweep(self.ENDED)
        assert len(self.late(claim)) == 1

        investigating.close_procedures(claim, at=self.ENDED)

        assert self.late(claim) == []


class TestMootRungs:
    """What was met, closed, stopped or prolonged climbs no further, however late the sweep comes."""

    def climbs_no_further(self, claim: Claim) -> None:
        sweep(TOP + timedelta(days=10))
        assert [rung for rung, _user in told(claim)] == ["holder"]
        assert len(said(claim)) == 1
        assert ladder.next_due() is None

    @pytest.fixture
    def overdue(self, db: None) -> Claim:
        claim, person = held()
        team_of(person)
        sweep(NOTED)
        return claim

    def test_met(self, overdue: Claim) -> None:
        reviewing.pass_review(overdue.pk, by=staff("reviewer"), at=NOTED + timedelta(hours=9))

        self.climbs_no_further(overdue)

    def test_sent_back(self, overdue: Claim) -> None:
        reviewing.return_to(
            overdue.pk, to=State.COLLECTING, reason="unclear", by=staff("reviewer"), at=NOTED + timedelta(hours=9)
        )

        self.climbs_no_further(overdue)

    def test_extended_and_paused(self, overdue: Claim) -> None:
        by, when = staff("supervisor"), NOTED + timedelta(hours=9)
        longer = rescheduling.extend(overdue.pk, review(overdue).pk, days=5, reason="x", by=by, at=when)
        rescheduling.pause(overdue.pk, longer.pk, code=PauseReason.OTHER, reason="x", by=by, at=when)

        self.climbs_no_further(overdue)

    def test_what_is_met_before_its_end_is_noted_is_never_told(self, db: None) -> None:
        claim, _person = held()
        reviewing.pass_review(claim.pk, by=staff("reviewer"), at=NOTED)

        sweep(TOP)

        assert told(claim) == []

    def test_what_was_prolonged_climbs_anew_when_that_runs_out(self, overdue: Claim) -> None:
        by, when = staff("supervisor"), NOTED + timedelta(hours=9)
        rescheduling.extend(overdue.pk, review(overdue).pk, days=1, reason="x", by=by, at=when)  # until Monday 14 April

        sweep(at("2025-04-15 00:02"))
        assert [rung for rung, _user in told(overdue)] == ["holder", "holder"]

        sweep(at("2025-04-16 09:00"))
        assert [rung for rung, _user in told(overdue)] == ["holder", "holder", "lead"]


class TestWorkingDays:
    """Written by hand: National Day 2025 is 1 to 8 October, Sunday 28 September and Saturday 11 October are worked."""

    @pytest.mark.parametrize(
        ("last", "lead", "supervisors"),
        [
            ("2025-09-29", "2025-10-09 09:00", "2025-10-11 09:00"),
            ("2025-09-30", "2025-10-10 09:00", "2025-10-13 09:00"),
            ("2025-10-08", "2025-10-10 09:00", "2025-10-13 09:00"),
            ("2025-09-26", "2025-09-29 09:00", "2025-10-09 09:00"),
            ("2025-04-11", "2025-04-15 09:00", "2025-04-17 09:00"),
        ],
    )
    def test_the_morning_of_each_rung(self, db: None, last: str, lead: str, supervisors: str) -> None:
        load_holidays()
        day, calendar = date.fromisoformat(last), work_calendar()

        assert ladder.due_of(Rungs.LEAD, day, calendar) == at(lead)
        assert ladder.due_of(Rungs.SUPERVISORS, day, calendar) == at(supervisors)

    def test_a_review_that_runs_out_before_national_day(self, db: None) -> None:
        claim, person = held()
        team_of(person)
        clocks.stop(claim, DeadlineKind.REVIEW, at=REVIEWED)
        clocks.start(claim, DeadlineKind.REVIEW, at=at("2025-09-23 10:00"))  # until Monday 29 September

        sweep(at("2025-09-30 00:02"), at("2025-10-08 23:00"))
        assert [rung for rung, _user in told(claim)] == ["holder"]

        sweep(at("2025-10-09 09:00"))
        assert [rung for rung, _user in told(claim)] == ["holder", "lead"]

    def test_a_holiday_entered_meanwhile_puts_the_rung_off(self, db: None) -> None:
        claim, person = held()
        team_of(person)
        sweep(NOTED)
        CalendarDay.objects.create(day="2025-04-14", is_working=False, name="台风停工")

        sweep(LEAD)
        assert [rung for rung, _user in told(claim)] == ["holder"]

        sweep(at("2025-04-16 09:00"))
        assert [rung for rung, _user in told(claim)] == ["holder", "lead"]


class TestStandingStill:
    def test_supervisors_are_told_once_after_thirty_days(self, db: None) -> None:
        claim, _person = held()
        clock = review(claim)
        rescheduling.pause(
            claim.pk, clock.pk, code=PauseReason.HOSPITAL, reason="病案室", by=staff("supervisor"), at=REVIEWED
        )

        sweep(REVIEWED + timedelta(days=30) - TICK)
        assert said(claim) == []

        sweep(REVIEWED + timedelta(days=30), REVIEWED + timedelta(days=60))
        assert said(claim) == [("stands_still", "supervisor", None)]

    def test_a_clock_that_stands_still_anew_is_told_anew_and_once(self, db: None) -> None:
        claim, by = case_in(State.REVIEWING), staff("supervisor")
        why = {"code": PauseReason.HOSPITAL, "reason": "病案室", "by": by}
        rescheduling.pause(claim.pk, review(claim).pk, at=REVIEWED, **why)
        sweep(REVIEWED + timedelta(days=31))
        went_on = REVIEWED + timedelta(days=40)
        rescheduling.resume(claim.pk, review(claim).pk, by=by, at=went_on)
        rescheduling.pause(claim.pk, review(claim).pk, at=went_on, **why)

        sweep(went_on + timedelta(days=30) - TICK)
        assert len(said(claim)) == 1

        sweep(went_on + timedelta(days=30), went_on + timedelta(days=90))
        assert said(claim) == [("stands_still", "supervisor", None)] * 2

    def test_a_suspended_publicity_is_none_of_the_desks_clocks(self, db: None) -> None:
        claim = case_in(State.PUBLICISED)
        clocks.pause_publicity(claim, at=REVIEWED)

        assert ladder.tell_of_standstills(at=REVIEWED + timedelta(days=300)) == 0


@pytest.mark.django_db(transaction=True)
class TestSweepsAtOnce:
    CASES = 6

    def crowd(self, sweepers: int) -> Counter[tuple[str, str]]:
        """Cases whose next rung has come, swept by several at once on connections of their own."""
        person = staff("reviewer")
        team_of(person)
        for _number in range(self.CASES):
            held(person)
        sweeping.run("claims.note_missed_deadlines", at=NOTED)

        def run() -> Any:
            return sweeping.run("claims.climb_ladder", at=TOP)

        at_once(*[run] * sweepers)
        run()
        return Counter(Message.objects.filter(created_at=TOP).values_list("about", "template"))

    @pytest.mark.parametrize("sweepers", [2, 4])
    def test_each_rung_is_told_once(self, sweepers: int) -> None:
        found = self.crowd(sweepers)

        assert len(found) == 2 * self.CASES
        assert set(found.values()) == {1}

    def test_without_locks_and_without_the_unique_row_some_are_told_twice(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Negative control: the crowd is real."""
        one_telling = next(one for one in Rung._meta.constraints if one.name == "one_telling_a_rung")
        monkeypatch.setattr(models.QuerySet, "select_for_update", lambda self, **options: self.all())
        with connection.schema_editor() as editor:
            editor.remove_constraint(Rung, one_telling)

        found = self.crowd(4)

        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE claims_rung")
        with connection.schema_editor() as editor:
            editor.add_constraint(Rung, one_telling)
        assert max(found.values()) > 1
