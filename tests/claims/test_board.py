"""The deadline board as pages: who may open it, that its counts are its rows, and many clocks changed at once."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import PauseReason, State
from claims.models import Claim, Deadline
from claims.services import assigning, collecting, rescheduling, watching
from claims.services.watching import Asked
from config.kernel import sweeping
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.models import CalendarDay, Team, User
from config.kernel.working_days import work_calendar
from tests.factories import PAPERS, REVIEWED, at, case_in, signed_in, staff

BOARD, WHAT_IF = "admin:claims_deadline_board", "admin:claims_deadline_what_if"
SATURDAY = at("2025-04-12 10:00")


def english(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


def page(client: Client, **asked: object) -> str:
    answer = client.get(reverse(BOARD), asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def rows_of(html: str) -> list[str]:
    return re.findall(r"<tr data-row>", html)


def review(claim: Claim) -> Deadline:
    return Deadline.objects.filter(claim=claim, kind="review").latest("generation")


def hidden(answer: HttpResponse, mark: str) -> dict[str, str]:
    """What the form of the page in which `mark` is written sends without anybody typing."""
    for form in re.findall(r"<form.*?</form>", answer.content.decode(), re.DOTALL):
        if mark in form:
            fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
            return {name: unescape(value) for name, value in fields}
    return {}


def now_in_review() -> Claim:
    """A case whose papers came today, so that its clock runs now."""
    claim = case_in(State.COLLECTING)
    collecting.submit(claim.pk, materials=PAPERS, by=staff("intake"), at=database_now())
    return Claim.objects.get(pk=claim.pk)


@pytest.fixture
def some(db: None) -> list[Claim]:
    """Long overdue ones (they were played in 2025), one that runs, one that stands still."""
    cases = [case_in(State.REVIEWING), case_in(State.DECIDING), now_in_review(), now_in_review()]
    sweeping.run("claims.note_missed_deadlines", at=database_now())
    last = cases[3]
    rescheduling.pause(
        last.pk, review(last).pk, code=PauseReason.OTHER, reason="x", by=staff("supervisor"), at=database_now()
    )
    return cases


class TestWhoMayOpenIt:
    @pytest.mark.parametrize(
        ("role", "board", "change"),
        [
            ("supervisor", 200, 200),
            ("auditor", 200, 403),
            ("reviewer", 403, 403),
            ("intake", 403, 403),
            ("finance", 403, 403),
            ("administrator", 403, 403),
        ],
    )
    def test_each_role(self, db: None, role: str, board: int, change: int) -> None:
        client = signed_in(role)

        assert client.get(reverse(BOARD)).status_code == board
        assert client.get(reverse(WHAT_IF)).status_code == change
        assert client.post(reverse(WHAT_IF), {"what": "extend"}).status_code == change

    def test_a_lead_sees_his_team_and_changes_nothing(self, some: list[Claim]) -> None:
        client = signed_in("reviewer")
        lead, person = User.objects.latest("pk"), staff("reviewer")
        User.objects.filter(pk=person.pk).update(team=Team.objects.create(name="一组", lead=lead))
        assigning.assign(some[0].pk, to=person, by=staff("supervisor"), at=database_now())

        html = page(client)

        assert some[0].number in html
        assert some[1].number not in html
        assert 'name="id"' not in html
        assert client.get(reverse(WHAT_IF)).status_code == 403

    def test_a_lead_does_not_widen_his_view_by_the_address(self, some: list[Claim]) -> None:
        client, other = signed_in("reviewer"), staff("reviewer")
        lead = User.objects.exclude(pk=other.pk).latest("pk")
        Team.objects.create(name="一组", lead=lead)
        beyond = Team.objects.create(name="二组", lead=other)
        User.objects.filter(pk=other.pk).update(team=beyond)
        assigning.assign(some[0].pk, to=other, by=staff("supervisor"), at=database_now())

        assert some[0].number not in page(client, team=beyond.pk)
        assert some[0].number not in page(client, person=other.pk)


class TestCounts:
    def test_a_tile_counts_what_its_list_shows(self, some: list[Claim]) -> None:
        client = signed_in("supervisor")
        tiles = re.findall(r'<a href="([^"]+)"[^>]*><b>(\d+)</b>', page(client))
        assert len(tiles) == 5

        found = {}
        for href, count in tiles:
            found[href] = int(count)
            assert len(rows_of(client.get(unescape(href)).content.decode())) == int(count), href

        assert sum(found.values()) >= 3

    def test_each_day_of_the_calendar_counts_what_its_list_shows(self, some: list[Claim]) -> None:
        client, when = signed_in("supervisor"), database_now()
        asked, first = Asked(), civil_date(when).replace(day=1)
        for month in (first, at("2025-04-01").date()):
            weeks = watching.month(asked, month, at=when, calendar=work_calendar())
            days = [day for week in weeks for day in week if day.total]
            assert days
            for day in days:
                assert len(rows_of(page(client, ends=day.day.isoformat()))) == day.total
                assert day.overdue == (day.total if day.is_over else 0)

    def test_the_calendar_has_whole_weeks_from_monday_and_says_what_is_off(self, db: None) -> None:
        CalendarDay.objects.update_or_create(day="2025-10-01", defaults={"is_working": False, "name": "国庆节"})
        CalendarDay.objects.update_or_create(day="2025-10-11", defaults={"is_working": True, "name": "调休"})

        weeks = watching.month(Asked(), at("2025-10-15").date(), at=SATURDAY, calendar=work_calendar())

        days = [one for week in weeks for one in week]
        assert {len(week) for week in weeks} == {7}
        assert (days[0].day.isoformat(), days[-1].day.isoformat()) == ("2025-09-29", "2025-11-02")
        is_working = {one.day.isoformat(): one.is_working for one in days}
        assert not is_working["2025-10-01"]
        assert is_working["2025-10-11"]
        assert not is_working["2025-10-12"]

    def test_pages_of_the_list_join_without_gap_or_double(self, some: list[Claim]) -> None:
        when = database_now()
        whole, _after = watching.page(Asked(), at=when)
        found, after = [], ""
        while True:
            lines, after = watching.page(Asked(), at=when, after=after, most=1)
            found += lines
            if not after:
                break

        assert [line.deadline.pk for line in found] == [line.deadline.pk for line in whole]
        assert len(whole) >= 4
        late = [line.is_late for line in whole]
        assert late == sorted(late, reverse=True)
        assert whole[-1].last is None

    @pytest.mark.parametrize("odd", ["x", "_", "nan_1", "1e400_1", "_99999999999999999999"])
    def test_a_page_that_nobody_can_read_is_the_first(self, some: list[Claim], odd: str) -> None:
        assert some[0].number in page(signed_in("supervisor"), after=odd)

    @pytest.mark.parametrize(
        "odd",
        [
            {"kind": "x"},
            {"team": "x"},
            {"over": "x"},
            {"ends": "x"},
            {"month": "2025-13"},
            {"ends": "9999-12-31"},
            {"ends": "0001-01-01"},
        ],
    )
    def test_what_nobody_offers_narrows_nothing(self, some: list[Claim], odd: dict[str, str]) -> None:
        assert some[0].number in page(signed_in("supervisor"), **odd)
        page(signed_in("supervisor"), view="calendar", **odd)


class TestFilters:
    def numbers(self, client: Client, **asked: object) -> set[str]:
        return set(re.findall(r"MA\d{8}-\d+", page(client, **asked)))

    def test_each_narrows_to_its_own(self, some: list[Claim]) -> None:
        client, person = signed_in("supervisor"), staff("reviewer")
        team = Team.objects.create(name="一组", lead=person)
        User.objects.filter(pk=person.pk).update(team=team)
        assigning.assign(some[2].pk, to=person, by=staff("supervisor"), at=database_now())
        overdue, deciding, runs, still = (claim.number for claim in some)

        assert self.numbers(client) == {overdue, deciding, runs, still}
        assert self.numbers(client, kind="decision") == {deciding}
        assert self.numbers(client, step="reviewing") == {overdue, runs, still}
        assert self.numbers(client, plan=some[0].membership.plan_id) == {overdue, deciding, runs, still}
        assert self.numbers(client, team=team.pk) == self.numbers(client, person=person.pk) == {runs}
        assert self.numbers(client, only="overdue") == {overdue, deciding}
        assert self.numbers(client, only="still") == {still}
        assert self.numbers(client, over="10") == {overdue, deciding}

    @pytest.mark.parametrize(
        ("days", "when", "is_listed"),
        [
            # the review ended with Friday 11 April; Monday the 14th is the first whole working day after it
            (1, "2025-04-14 23:00", False),
            (1, "2025-04-15 00:00", True),
            (3, "2025-04-16 23:00", False),
            (3, "2025-04-17 00:00", True),
            (0, "2025-04-12 00:00", True),
        ],
    )
    def test_overdue_by_working_days(self, db: None, days: int, when: str, is_listed: bool) -> None:
        case_in(State.REVIEWING)

        lines, _after = watching.page(Asked(over=days), at=at(when))

        assert bool(lines) is is_listed
        if days and is_listed:
            assert [line.working_days for line in lines] == [days]


class TestALine:
    def line(self, claim: Claim, when: datetime) -> watching.Line:
        lines, _after = watching.page(Asked(), at=when)
        (found,) = [line for line in lines if line.deadline.claim_id == claim.pk]
        return found

    def test_says_who_has_it_who_leads_and_who_was_told(self, db: None) -> None:
        claim, person = case_in(State.REVIEWING), staff("reviewer")
        team = Team.objects.create(name="一组", lead=staff("reviewer"))
        User.objects.filter(pk=person.pk).update(team=team)
        assigning.assign(claim.pk, to=person, by=staff("supervisor"), at=REVIEWED)
        before = self.line(claim, REVIEWED)
        sweeping.run("claims.note_missed_deadlines", at=SATURDAY)
        sweeping.run("claims.climb_ladder", at=SATURDAY + timedelta(days=4))

        after = self.line(claim, SATURDAY + timedelta(days=4))

        assert (before.holder, before.lead, before.told, before.working_days) == (person, team.lead, "", 3)
        assert (after.is_late, after.working_days) == (True, 2)
        assert after.told

    def test_is_red_when_it_stands_still_too_long(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        rescheduling.pause(
            claim.pk, review(claim).pk, code=PauseReason.OTHER, reason="x", by=staff("supervisor"), at=REVIEWED
        )

        assert not self.line(claim, REVIEWED + timedelta(days=30, microseconds=-1)).is_red
        assert self.line(claim, REVIEWED + timedelta(days=30)).is_red
        assert watching.tally(Asked(), at=REVIEWED + timedelta(days=30)).red == 1

    def test_has_no_name_in_full(self, some: list[Claim]) -> None:
        html = page(signed_in("supervisor"))

        assert "吴*漫" in html
        assert "吴小漫" not in html


class TestManyAtOnce:
    def test_choose_look_confirm(self, some: list[Claim]) -> None:
        client = english(signed_in("supervisor"))
        wanted = {"id": [review(some[0]).pk, review(some[2]).pk, review(some[3]).pk]}
        change = {"what": "extend", "days": "5", "reason": "系统停机"}

        choose = client.post(reverse(WHAT_IF), wanted)
        look = client.post(reverse(WHAT_IF), {**wanted, **change})
        lines = re.findall(r'name="line" value="([^"]+)"', look.content.decode())
        assert not Deadline.objects.filter(claim=some[0], kind="review", generation=2).exists()
        done = client.post(reverse(WHAT_IF), {**change, "line": lines})

        assert "3 deadlines are meant" in choose.content.decode()
        assert len(lines) == 2
        assert "stands still: let it go on first" in look.content.decode()
        assert "1 would no longer be overdue" in look.content.decode()
        assert "2 changed, 0 refused" in done.content.decode()
        assert Deadline.objects.filter(claim__in=some, kind="review", generation=2).count() == 2

    def test_all_of_a_filter(self, some: list[Claim]) -> None:
        client = english(signed_in("supervisor"))

        answer = client.post(
            reverse(WHAT_IF), {"all": "1", "only": "overdue", "what": "extend", "days": 2, "reason": "x"}
        )

        assert len(re.findall(r'name="line"', answer.content.decode())) == 2

    def test_all_of_a_filter_is_what_can_be_changed_and_crowds_out_nothing(
        self, some: list[Claim], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The most urgent one is a publicity, which has rules of its own."""
        monkeypatch.setattr("claims.admin.board.AT_ONCE", 1)
        Deadline.objects.filter(pk=review(some[2]).pk).update(due_at=database_now() + timedelta(days=400))
        case = case_in(State.PUBLICISED)
        far = database_now() + timedelta(days=300)
        Deadline.objects.filter(claim=case, kind="publicity").update(due_at=far)
        change = {"all": "1", "only": "", "kind": "", "what": "extend", "days": 2, "reason": "x"}
        for claim in (some[0], some[1]):
            Deadline.objects.filter(claim=claim, status="missed").update(status="cancelled")

        html = english(signed_in("supervisor")).post(reverse(WHAT_IF), change).content.decode()

        assert re.findall(r'name="line" value="(\d+):', html) == [str(review(some[2]).pk)]

    def test_more_than_are_done_at_once_are_gone_through_and_each_is_changed_once(
        self, some: list[Claim], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("claims.admin.board.AT_ONCE", 1)
        client = english(signed_in("supervisor"))
        said = {"all": "1", "kind": "review", "what": "extend", "days": "2", "reason": "x"}
        before = Deadline.objects.filter(kind="review").count()

        shown = []
        for _turn in range(4):
            look = client.post(reverse(WHAT_IF), said)
            shown += re.findall(r'<th scope="row"><a href="[^"]+">(MA[\d-]+)', look.content.decode())
            if sent := hidden(look, 'name="line"'):
                look = client.post(reverse(WHAT_IF), sent)
            said = hidden(look, "desk-go-on")
            if not said:
                break

        assert sorted(shown) == sorted(some[place].number for place in (0, 2, 3))
        assert Deadline.objects.filter(kind="review").count() == before + 2

    def test_nothing_ticked_is_nothing_meant(self, some: list[Claim]) -> None:
        answer = english(signed_in("supervisor")).post(reverse(WHAT_IF), {"what": "extend", "days": 2, "reason": "x"})

        assert "0 deadlines are meant" in answer.content.decode()
        assert 'name="line"' not in answer.content.decode()

    @pytest.mark.parametrize(
        "said",
        [
            {"what": "extend", "days": "", "reason": "x"},
            {"what": "extend", "days": "31", "reason": "x"},
            {"what": "pause", "code": "", "reason": "x"},
            {"what": "holiday", "day": "", "reason": "x"},
            {"what": "resume", "reason": ""},
            {"what": "else", "reason": "x"},
        ],
    )
    def test_what_is_not_whole_is_asked_for_again(self, some: list[Claim], said: dict[str, str]) -> None:
        answer = signed_in("supervisor").post(reverse(WHAT_IF), {"id": review(some[2]).pk, **said})

        assert answer.status_code == 200
        assert "desk-error" in answer.content.decode()
        assert 'name="line"' not in answer.content.decode()

    @pytest.mark.parametrize("odd", ["x", "1:2", "1:2:3", "a:b:c", "1:2:2025-99-99", "99999999:1:", "::"])
    def test_a_promise_that_was_never_made_changes_nothing(self, some: list[Claim], odd: str) -> None:
        before = list(Deadline.objects.order_by("pk").values())
        said = {"what": "extend", "days": "2", "reason": "x", "line": [odd]}

        assert signed_in("supervisor").post(reverse(WHAT_IF), said).status_code == 200
        assert list(Deadline.objects.order_by("pk").values()) == before


class TestOnTheCasePage:
    def test_a_supervisor_stops_prolongs_and_lets_go_on(self, db: None) -> None:
        claim = now_in_review()
        client = english(signed_in("supervisor"))
        url = reverse("admin:claims_claim_change", args=[claim.pk])

        def links() -> set[str]:
            return set(re.findall(r"/do/(\w+-clock)/", client.get(url).content.decode()))

        def move(name: str, **said: str) -> int:
            row = review(claim).pk
            return client.post(reverse("admin:claims_claim_move", args=[claim.pk, name, row]), said).status_code

        assert links() == {"pause-clock", "extend-clock"}
        assert move("pause-clock", code="hospital", reason="等病案室盖章") == 302
        html = unescape(client.get(url).content.decode())
        assert links() == {"resume-clock"}
        assert "a hospital has to hand out records first, 等病案室盖章" in html
        assert move("resume-clock") == 302
        assert move("extend-clock", days="3", reason="x") == 302
        assert review(claim).generation == 3

    def test_a_reviewer_is_not_offered_it(self, db: None) -> None:
        claim = now_in_review()

        html = signed_in("reviewer").get(reverse("admin:claims_claim_change", args=[claim.pk])).content.decode()

        assert "-clock/" not in html


class TestOnTheDesk:
    def test_who_watches_has_tiles_and_whoever_was_told_reads_it(self, some: list[Claim]) -> None:
        client = english(signed_in("reviewer"))
        person = User.objects.latest("pk")
        case = case_in(State.REVIEWING)
        assigning.assign(case.pk, to=person, by=staff("supervisor"), at=REVIEWED)
        sweeping.run("claims.note_missed_deadlines", at=database_now())

        html = client.get(reverse("admin:index")).content.decode()
        assert f"Case {case.number}: first review is overdue" in html
        assert reverse(BOARD) not in html
        assert reverse(BOARD) in signed_in("supervisor").get(reverse("admin:index")).content.decode()


def test_a_page_asks_as_much_for_many_as_for_one(db: None) -> None:
    def asked(size: int, **how: str) -> int:
        client.get(reverse(BOARD), how)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            html = client.get(reverse(BOARD), how).content.decode()
        assert how or len(rows_of(html)) == size
        return len(queries)

    def grow() -> None:
        claim, person = case_in(State.REVIEWING), staff("reviewer")
        team = Team.objects.create(name=f"组{claim.pk}", lead=staff("reviewer"))
        User.objects.filter(pk=person.pk).update(team=team)
        assigning.assign(claim.pk, to=person, by=staff("supervisor"), at=REVIEWED)
        sweeping.run("claims.note_missed_deadlines", at=SATURDAY)

    client = signed_in("supervisor")
    grow()
    one = asked(1), asked(1, view="calendar", month="2025-04")
    for _number in range(3):
        grow()

    assert (asked(4), asked(4, view="calendar", month="2025-04")) == one
    assert max(one) <= 25
