"""The demo's people and stories, played at awkward instants: just after midnight, in a holiday, at a year's end."""

from collections import Counter
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import override_settings

from claims.enums import DeadlineStatus, State
from claims.models import Assignment, Claim, Deadline
from claims.panels.work_lists import LISTS
from claims.replaying.registry import finales
from claims.rules.facts import Medical
from config.kernel import sweeping
from config.kernel.civil import SHANGHAI, civil_date
from config.kernel.clock import database_now
from config.kernel.models import Export, ExportSchedule, Import, User
from config.kernel.sweeps import MakeExports
from investigations.models import Commission
from investigations.services import second_factor
from members.models import Member, Message
from members.services.shipping import load_shipped
from payouts.management.demo import people, samples, stories
from payouts.management.demo.desks import give_out
from payouts.management.demo.exports import take_out
from payouts.management.demo.filling import cases_by_state, play
from payouts.management.demo.progress import Progress
from payouts.management.demo.tables import send_members

AFTER_MIDNIGHT = datetime(2026, 3, 1, 0, 1, tzinfo=SHANGHAI)
IN_THE_HOLIDAY = datetime(2025, 10, 7, 13, 0, tzinfo=SHANGHAI)
YEARS_END = datetime(2025, 12, 31, 23, 59, tzinfo=SHANGHAI)
INSTANTS = (AFTER_MIDNIGHT, IN_THE_HOLIDAY, YEARS_END)

LATE_ON_PURPOSE = {
    ("papers_missing", 33),
    ("papers_missing", 36),
    ("complete", 15),
    ("out", 34),
    ("lapsed", 7),  # its papers were due before it lapsed
    ("refused", 45),  # its appeal window is what went by
}
TOLD = stories.tell()
ONE_OF_EACH = list(
    {(told.story, told.ago in (15, 33, 34), told.illness in stories.ORDINARY): told for told in TOLD}.values()
)


def stage(*played: stories.Told, now: datetime) -> None:
    """What must be there before stories can be played: their members, somebody to object, and the desk."""
    load_shipped(at=now)
    people.open_accounts()
    objectors = range(people.MEMBERS - len(people.PLANS), people.MEMBERS)
    list(people.admit([*(told.number for told in played), *objectors], {t.number: t.wish for t in played}, now=now))


def name_of(told: stories.Told) -> str:
    return people.membership_of(told.number).member.name


def test_the_stories_leave_cases_in_every_step_where_a_case_can_rest() -> None:
    ends = Counter(told.ends for told in TOLD)

    assert set(ends) == set(State) - {State.REPORTED}
    assert min(ends.values()) >= 2
    assert 60 <= sum(ends.values()) <= 75


def test_every_case_has_a_member_of_its_own_and_objectors_have_none() -> None:
    numbers = [told.number for told in TOLD]

    assert len(set(numbers)) == len(numbers)
    assert max(numbers) < people.MEMBERS - len(people.PLANS)
    assert people.MEMBERS % len(people.PLANS) == 0


@pytest.mark.parametrize("told", TOLD, ids=lambda told: f"{told.story.__name__}-{told.ago}")
def test_a_diary_goes_forward_and_stops_before_today(told: stories.Told) -> None:
    today = civil_date(AFTER_MIDNIGHT)
    events = told.diary(today).events

    instants = [datetime.fromisoformat(event["at"]) for event in events]
    assert instants == sorted(instants)
    assert instants[-1] < AFTER_MIDNIGHT
    assert Medical.from_json(events[0]["facts"], "facts")


@pytest.mark.django_db
@pytest.mark.parametrize("turn", range(len(INSTANTS)))
def test_stories_end_where_they_say_and_only_what_is_meant_to_be_late_is_late(turn: int) -> None:
    now = INSTANTS[turn]
    played = ONE_OF_EACH[turn :: len(INSTANTS)]
    stage(*played, now=now)

    for told in played:
        assert play(told, now=now) is True  # raises where an event is refused, or the end is another

    late = Deadline.objects.filter(status=DeadlineStatus.MISSED).values_list(
        "claim__membership__member__name", flat=True
    )
    assert set(late) == {name_of(told) for told in played if (told.story.__name__, told.ago) in LATE_ON_PURPOSE}
    due = [sweeping.next_due(only=pk) for pk in Claim.objects.values_list("pk", flat=True)]
    assert min(instant for instant in due if instant) > now


@pytest.mark.django_db
def test_a_second_run_adds_no_account_member_or_case() -> None:
    told = TOLD[0]
    stage(told, now=AFTER_MIDNIGHT)
    play(told, now=AFTER_MIDNIGHT)
    accounts = User.objects.count()

    stage(told, now=YEARS_END)

    assert play(told, now=YEARS_END) is False
    assert list(people.admit([told.number], {}, now=YEARS_END)) == [False]
    assert User.objects.count() == accounts
    assert Member.objects.count() == 1 + len(people.PLANS)
    assert dict(cases_by_state()) == {"collecting": 1}


@pytest.mark.django_db
def test_the_first_reviewers_desk_shows_everything_there_is() -> None:
    wanted = {"complete", "sent_back", "to_decide", "appealed_online", "report_in"}
    played = [told for told in TOLD if told.story.__name__ in wanted]
    stage(*played, now=AFTER_MIDNIGHT)
    for told in played:
        play(told, now=AFTER_MIDNIGHT)

    given = give_out(at=AFTER_MIDNIGHT)

    first, supervisor = (User.objects.get(username=name) for name in ("reviewer-1", "supervisor-1"))
    shown = {name: LISTS[name].rows(first, AFTER_MIDNIGHT).count() for name in ("mine", "my-resting", "anybody")}
    assert all(shown.values()), shown
    assert LISTS["mine"].rows(first, AFTER_MIDNIGHT).returned().exists()
    assert Assignment.objects.filter(user=first).exclude(note="").exists()
    assert LISTS["absent"].rows(supervisor, AFTER_MIDNIGHT).exists()
    assert given == Assignment.objects.count() > 5
    assert give_out(at=YEARS_END) == 0


@pytest.mark.django_db(transaction=True)
def test_the_supervisors_have_a_file_one_that_waits_and_one_of_every_day() -> None:
    now = database_now()
    stage(TOLD[0], now=now)
    play(TOLD[0], now=now)
    assert [take_out(at=database_now()) for _ in range(2)] == [2, 0]
    MakeExports().run(at=database_now())
    found = Export.objects.order_by("pk").values_list("asked_by__username", "status", "done")
    assert list(found) == [("supervisor-1", "ready", 1), ("supervisor-2", "waiting", 0)]
    assert ExportSchedule.objects.get().next_at > now


@pytest.mark.django_db
def test_the_agencies_desks_have_work_at_every_stage(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    played = [told for told in TOLD if told.story.__name__ in {"out", "report_in", "report_returned"}]
    stage(*played, now=AFTER_MIDNIGHT)
    for told in played:
        play(told, now=AFTER_MIDNIGHT)

    for finale in finales:
        finale(samples.drawn, at=AFTER_MIDNIGHT)

    at_work = Commission.objects.at_work().select_related("deadline")
    assert at_work.filter(assignee__isnull=True, state="sent").exists()
    assert at_work.filter(taken_at__isnull=False, state="sent").exists()
    assert at_work.filter(assignee__is_coordinator=False).exists()
    assert at_work.filter(deadline__status=DeadlineStatus.MISSED).exists()
    assert {one.state for one in at_work} == {"sent", "reported", "returned"}
    assert Message.objects.filter(template="commission_overdue", user__isnull=False).exists()


@pytest.mark.django_db
def test_the_accounts_cover_every_role_and_nobody_is_a_superuser() -> None:
    load_shipped(at=YEARS_END)

    accounts = people.open_accounts()

    assert {role: len(names) for role, names in accounts.items()} == {
        "intake": 2,
        "reviewer": 6,
        "supervisor": 2,
        "finance": 3,
        "auditor": 1,
        "administrator": 1,
        "investigator": 6,
    }
    for role, names in accounts.items():
        for user in User.objects.filter(username__in=names):
            assert [group.name for group in user.groups.all()] == [role]
            assert user.is_staff == (role != "investigator")  # whose pages are others, behind a second factor
            assert second_factor.is_set_up(user) == (role == "investigator")
            assert not user.is_superuser
            assert user.check_password(people.PASSWORD)


@pytest.mark.django_db
def test_whoever_chose_a_password_keeps_it() -> None:
    load_shipped(at=YEARS_END)
    people.open_accounts()
    clerk = User.objects.get(username="intake-1")
    clerk.set_password("of my own making")
    clerk.save()

    people.open_accounts()

    assert User.objects.get(username="intake-1").check_password("of my own making")


@pytest.mark.django_db
def test_members_have_names_numbers_and_cards_of_their_own() -> None:
    load_shipped(at=YEARS_END)
    people.open_accounts()

    list(people.admit(range(40), {}, now=YEARS_END))

    members = list(Member.objects.all())
    for attribute in ("name", "id_number", "phone", "bank_card"):
        assert len({getattr(member, attribute) for member in members}) == 40
    assert {member.email.partition("@")[2] for member in members} == {"", "example.org"}


@pytest.mark.django_db
def test_a_spreadsheet_with_some_bad_rows_waits_for_a_supervisor() -> None:
    stage(now=AFTER_MIDNIGHT)

    assert [send_members(at=AFTER_MIDNIGHT) for _run in range(2)] == [37, 0]

    it = Import.objects.get()
    assert (it.status, it.good, it.bad, it.new, it.asked_by.username) == ("read", 32, 5, 32, "supervisor-1")
    assert [line.line for line in it.lines.all()] == [6, 13, 19, 25, 38]
    assert [len(line.faults) for line in it.lines.all()] == [1] * 5


@pytest.mark.django_db
@override_settings(SETTINGS_MODULE="config.settings.production")
def test_the_demo_does_not_run_in_production() -> None:
    with pytest.raises(CommandError, match="in development only"):
        call_command("demo", stdout=StringIO())

    assert not User.objects.exists()


def test_progress_off_a_terminal_is_one_plain_line_that_tells_what_was_done() -> None:
    out = StringIO()
    progress = Progress("Cases", 3, out)
    for new in (True, False, True):
        progress.step(new=new)
        assert out.getvalue() == ""

    progress.finish()

    assert out.getvalue().split(" (")[0] == "Cases: 2 added, 1 were there"
    assert "\r" not in out.getvalue()
