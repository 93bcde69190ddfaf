"""The morning's e-mail about deadlines: who gets it, what it says, and that it is written and sent once.

The reviews began on Sunday 6 April 2025 and end with Friday 11 April; the papers of a collection with 5 May.
"""

import os
import signal
import subprocess
import sys
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from django.core import mail
from django.db import connection
from django.utils.translation import override

from claims.enums import PauseReason, State
from claims.models import Claim, Deadline, Digest
from claims.services import assigning, digests, rescheduling
from config.kernel import outbox, sweeping
from config.kernel.models import Absence, Outbox, OutboxState, Team, User
from tests.concurrency.racing import at_once, wait_for
from tests.factories import REVIEWED, at, case_in, staff

THURSDAY, FRIDAY = at("2025-04-10 08:30"), at("2025-04-11 08:30")
SATURDAY, MONDAY = at("2025-04-12 08:30"), at("2025-04-14 08:30")


def with_address(*roles: str) -> User:
    user = staff(*roles)
    user.email = f"{user.username}@example.org"
    user.save(update_fields=["email"])
    return user


def held(by: User) -> Claim:
    claim = case_in(State.REVIEWING)
    assigning.assign(claim.pk, to=by, by=staff("supervisor"), at=REVIEWED)
    return claim


def write(when: datetime) -> int:
    return sweeping.run("claims.send_digests", at=when)


def sent(user: User) -> list[str]:
    """The bodies of the digests that went to somebody."""
    return [str(one.body) for one in mail.outbox if one.to == [user.email]]


def deliver(when: datetime) -> None:
    outbox.deliver(at=when)


class TestOnce:
    def test_a_person_gets_one_a_day(self, db: None) -> None:
        person = with_address("reviewer")
        claim = held(person)

        assert write(THURSDAY) == 1
        assert write(THURSDAY) == write(THURSDAY + timedelta(hours=5)) == 0
        deliver(THURSDAY)
        deliver(THURSDAY + timedelta(hours=1))

        assert len(sent(person)) == 1
        assert claim.number in sent(person)[0]
        assert write(FRIDAY) == 1

    @pytest.mark.parametrize("when", ["2025-04-10 08:29", "2025-04-12 09:00", "2025-04-13 09:00", "2025-10-01 09:00"])
    def test_not_before_its_hour_and_not_on_a_day_off(self, db: None, when: str) -> None:
        held(with_address("reviewer"))

        assert write(at(when)) == 0
        assert not Digest.objects.exists()

    def test_a_sunday_that_is_worked_has_one(self, db: None) -> None:
        held(with_address("reviewer"))

        assert write(at("2025-04-27 08:30")) == 1

    def test_late_in_the_day_it_still_goes_out_and_the_day_after_not(self, db: None) -> None:
        held(with_address("reviewer"))

        assert write(THURSDAY + timedelta(hours=10)) == 1
        assert list(Digest.objects.values_list("day", flat=True)) == [THURSDAY.date()]

    def test_nothing_to_say_is_no_e_mail_and_is_not_looked_for_again(self, db: None) -> None:
        idle = with_address("reviewer")
        case_in(State.REVIEWING)

        assert write(THURSDAY) == 0
        assert Digest.objects.get(user=idle).facts == {}
        assert not Outbox.objects.filter(topic=digests.TOPIC).exists()

    def test_the_message_id_is_the_digests_own(self, db: None) -> None:
        """A worker that dies after sending and before its commit sends the same e-mail again: it can be told."""
        person = with_address("reviewer")
        held(person)
        write(THURSDAY)
        item = Outbox.objects.get(topic=digests.TOPIC)

        digests.send(item)
        digests.send(item)

        first, second = mail.outbox
        key = Digest.objects.get(user=person).pk
        assert first.extra_headers == second.extra_headers
        assert first.extra_headers["Message-ID"].startswith(f"<{digests.TOPIC}-{key}@")

    def test_what_fails_is_tried_again(self, db: None, settings: pytest.FixtureRequest) -> None:
        person = with_address("reviewer")
        held(person)
        write(THURSDAY)
        settings.EMAIL_BACKEND = "no.such.backend"  # type: ignore[attr-defined]
        deliver(THURSDAY)
        assert Outbox.objects.get(topic=digests.TOPIC).state == OutboxState.PENDING
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # type: ignore[attr-defined]

        deliver(THURSDAY + timedelta(hours=1))

        assert len(sent(person)) == 1


class TestWhoGetsIt:
    def test_nobody_without_an_address_or_with_a_closed_account_or_away(self, db: None) -> None:
        without, closed, away = staff("reviewer"), with_address("reviewer"), with_address("reviewer")
        for user in (without, closed, away):
            held(user)
        User.objects.filter(pk=closed.pk).update(is_active=False)
        Absence.objects.create(user=away, first_day=date(2025, 4, 10), last_day=date(2025, 4, 10))

        assert write(THURSDAY) == 0
        assert write(FRIDAY) == 1
        assert [one.user for one in Digest.objects.all()] == [away]

    def test_an_account_that_is_closed_meanwhile_gets_nothing(self, db: None) -> None:
        person = with_address("reviewer")
        held(person)
        write(THURSDAY)
        User.objects.filter(pk=person.pk).update(is_active=False)

        deliver(THURSDAY)

        assert sent(person) == []

    def test_a_lead_gets_his_teams_and_a_supervisor_the_counts_of_the_floor(self, db: None) -> None:
        lead, person, boss = with_address("reviewer"), staff("reviewer"), with_address("supervisor")
        User.objects.filter(pk=person.pk).update(team=Team.objects.create(name="一组", lead=lead))
        claim, other = held(person), case_in(State.REVIEWING)

        write(THURSDAY)
        deliver(THURSDAY)

        (to_lead,), (to_boss,) = sent(lead), sent(boss)
        assert claim.number in to_lead
        assert "一组" in to_lead
        assert other.number not in to_lead
        assert claim.number not in to_boss
        assert Digest.objects.get(user=boss).facts == {"floor": {"soon": 2}}

    def test_an_auditor_gets_none(self, db: None) -> None:
        held(staff("reviewer"))
        auditor = with_address("auditor")

        write(THURSDAY)

        assert Digest.objects.get(user=auditor).facts == {}


class TestWhatItSays:
    def headings(self, user: User, day: datetime) -> dict[str, int]:
        facts = Digest.objects.get(user=user, day=day.date()).facts
        return {name: said["count"] for name, said in facts.items() if name in digests.HEADINGS}

    def test_each_deadline_under_its_heading(self, db: None) -> None:
        person = with_address("reviewer")
        claims = [held(person) for _number in range(3)]
        who = {"by": staff("supervisor"), "at": REVIEWED}
        first, second = (Deadline.objects.get(claim=claim, kind="review") for claim in claims[:2])
        rescheduling.pause(first.claim_id, first.pk, code=PauseReason.HOSPITAL, reason="病案室", **who)
        rescheduling.extend(second.claim_id, second.pk, days=1, reason="x", **who)  # until Monday

        write(at("2025-04-08 08:30"))
        assert self.headings(person, at("2025-04-08")) == {"still": 1}

        write(FRIDAY)
        assert self.headings(person, FRIDAY) == {"today": 1, "soon": 1, "still": 1}

        sweeping.run("claims.note_missed_deadlines", at=SATURDAY)
        write(MONDAY)
        assert self.headings(person, MONDAY) == {"overdue": 1, "today": 1, "still": 1}

    def test_which_rungs_were_told_since_the_last_working_day(self, db: None) -> None:
        person, boss = with_address("reviewer"), with_address("supervisor")
        mine, nobodys = held(person), case_in(State.REVIEWING)
        sweeping.run("claims.note_missed_deadlines", at=SATURDAY)

        write(MONDAY)
        write(MONDAY + timedelta(days=1))

        first, second = Digest.objects.filter(user=person).order_by("day")
        assert first.facts["rungs"] == [[mine.number, "review", "holder"]]
        assert "rungs" not in second.facts
        assert Digest.objects.get(user=boss, day=MONDAY.date()).facts["rungs"] == [
            [nobodys.number, "review", "supervisors"]
        ]

    def test_what_was_told_on_a_day_without_a_digest_is_in_the_next_one_and_once(self, db: None) -> None:
        """Nothing wrote on Monday; on Tuesday the worker was back. Whoever is away is told when he is here again."""
        person, boss = with_address("reviewer"), with_address("supervisor")
        away = with_address("supervisor")
        Absence.objects.create(user=away, first_day=MONDAY.date(), last_day=(MONDAY + timedelta(days=1)).date())
        mine, nobodys = held(person), case_in(State.REVIEWING)
        write(FRIDAY)
        sweeping.run("claims.note_missed_deadlines", at=SATURDAY)

        for days in (1, 2, 3):
            write(MONDAY + timedelta(days=days))

        def rungs(user: User) -> dict[int, list[list[str]]]:
            rows = Digest.objects.filter(user=user, day__gte=MONDAY.date())
            return {row.day.day: row.facts["rungs"] for row in rows if "rungs" in row.facts}

        assert rungs(person) == {15: [[mine.number, "review", "holder"]]}
        assert rungs(boss) == {15: [[nobodys.number, "review", "supervisors"]]}
        assert rungs(away) == {16: [[nobodys.number, "review", "supervisors"]]}

    def test_a_first_digest_begins_with_the_working_day_before(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        sweeping.run("claims.note_missed_deadlines", at=SATURDAY)
        boss = with_address("supervisor")

        write(MONDAY + timedelta(days=1))

        assert "rungs" not in Digest.objects.get(user=boss).facts
        assert claim.deadlines.filter(rungs__rung="supervisors").exists()

    def test_whoever_had_the_last_one_long_ago_is_told_what_is_remembered(self, db: None) -> None:
        claim, boss = case_in(State.REVIEWING), with_address("supervisor")
        Digest.objects.create(user=boss, day=MONDAY.date() - timedelta(days=60), created_at=MONDAY)
        sweeping.run("claims.note_missed_deadlines", at=SATURDAY)

        write(MONDAY + timedelta(days=1))

        told = Digest.objects.get(user=boss, day=MONDAY.date() + timedelta(days=1))
        assert told.facts["rungs"] == [[claim.number, "review", "supervisors"]]

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_case_numbers_and_no_names(self, db: None, language: str) -> None:
        person = with_address("reviewer")
        claim = held(person)
        Deadline.objects.filter(claim=claim, status="open")
        write(FRIDAY)

        with override(language):
            subject, body = digests.compose(Digest.objects.get(user=person))

        assert claim.number in body
        for private in (claim.membership.member.name, "甲状腺", "thyroid", "malignant", "13800138000"):
            assert private not in subject + body

    def test_many_are_counted_and_the_first_named(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(digests, "LISTED", 1)
        person = with_address("reviewer")
        claims = [held(person) for _number in range(3)]

        write(FRIDAY)
        with override("en"):
            _subject, body = digests.compose(Digest.objects.get(user=person))

        assert sum(claim.number in body for claim in claims) == 1
        assert "Due today: 3" in body
        assert "and 2 more" in body


KILLED_AMID = """
import os, signal
import django
django.setup()
from django.conf import settings
from django.db import connection
from claims.services import digests
from config.kernel import outbox
from tests.factories import at
connection.settings_dict["NAME"] = os.environ["TEST_DATABASE"]
outbox.put = lambda *said, **how: os.kill(os.getpid(), signal.SIGKILL)
digests.write(at=at("2025-04-10 08:30"))
"""


@pytest.mark.django_db(transaction=True)
class TestCrashesAndCrowds:
    def test_a_worker_that_dies_between_row_and_e_mail_leaves_neither(self) -> None:
        person = with_address("reviewer")
        held(person)

        worker = subprocess.Popen(
            [sys.executable, "-c", KILLED_AMID],
            env=os.environ | {"TEST_DATABASE": connection.settings_dict["NAME"]},
        )
        assert worker.wait(60) == -signal.SIGKILL
        assert not Digest.objects.filter(user=person).exists()

        wait_for(lambda: write(THURSDAY) == 1)
        deliver(THURSDAY)
        assert len(sent(person)) == 1

    @pytest.mark.parametrize("workers", [2, 4])
    def test_sweeps_at_once_write_each_once(self, workers: int) -> None:
        people = [with_address("reviewer") for _number in range(5)]
        for person in people:
            held(person)

        assert at_once(*[partial(write, THURSDAY)] * workers) == ["done"] * workers
        deliver(THURSDAY)

        assert Digest.objects.filter(user__in=people).count() == len(people)
        assert sorted(one.to[0] for one in mail.outbox) == sorted(person.email for person in people)
