"""The figures of the floor, against a small world whose numbers are worked out by hand here."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import AppealFinding, ObjectionKind, State
from claims.forms.figures import chosen
from claims.gate import moving
from claims.models import Assignment, Deadline, PaperFile
from claims.services import appealing, objecting, reviewing
from claims.services.figures import closing, disputes, forecast, stages
from config.kernel import files, sweeping
from config.kernel.civil import last_day, start_of
from config.kernel.figures import LONGEST, Asked, Behind, Number, Period, Table, Unit, rows_behind
from config.kernel.models import Team, User
from config.kernel.templatetags.desk import clock
from tests import papers
from tests.claims.cases import appealing_
from tests.factories import PUBLISHED, SUBMITTED, at, case_in, membership, signed_in, staff

PAGE = reverse("admin:claims_claim_figures")
APRIL = Asked(Period(date(2025, 4, 1), date(2025, 4, 30)))
LATER = at("2025-05-02 09:00")
MISSED = at("2025-04-25 09:00")
READERS = ("supervisor", "auditor")
OTHERS = ("intake", "reviewer", "finance", "administrator")


NEVER = 1_000_000.0


@pytest.fixture(autouse=True)
def _however_slow_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No block is kept from one look to the next, nor from one test to the next, and the page waits for all of them."""
    cache.clear()
    monkeypatch.setattr("claims.admin.figures.PATIENCE", NEVER)
    monkeypatch.setattr("claims.admin.figures.SLOW", NEVER)


def on(first: str, last: str = "") -> Asked:
    return Asked(Period(date.fromisoformat(first), date.fromisoformat(last or first)))


def told(table: Table) -> dict[str, list[str]]:
    """The table as an English reader sees it."""
    return {str(line.label): [str(number) for number in line.numbers] for line in table.lines}


def team_of(name: str, *people: User) -> Team:
    team = Team.objects.create(name=name, lead=people[0])
    for user in people:
        user.team = team
        user.save(update_fields=["team"])
    return team


class World:
    """Six cases reported on 5 April; five had their papers complete on the 6th.

    `approved` went all the way, with its publicity over at 00:00 of 30 April. `refused` was decided in the last second
    of the day after its papers, by the first team. `late` was passed on the 26th by the second team, its time over.
    `online` waits for its review, past its time, with every paper as a file. `disputed` is before the members, with two
    objections of a kind. `bare` has no paper yet. One paper of `late` is a file.
    """

    def __init__(self) -> None:
        self.first, self.second = staff("reviewer"), staff("reviewer")
        self.teams = [team_of("=1+1", self.first), team_of("二组", self.second)]
        self.approved = case_in(State.APPROVED)
        self.refused, self.late, self.online = (case_in(State.REVIEWING) for _ in range(3))
        self.disputed, self.bare = case_in(State.PUBLICISED), case_in(State.COLLECTING)
        said = {"ground": "FORGED_MATERIAL", "contrary": "已核对原件。", "reason": "原件不符。"}
        reviewing.refuse_in_review(self.refused.pk, by=self.first, at=at("2025-04-07 23:59"), **said)
        self._object()
        sweeping.run("claims.note_missed_deadlines", at=MISSED)
        reviewing.pass_review(self.late.pk, by=self.second, at=at("2025-04-26 10:00"))
        self._file()
        Assignment.objects.create(claim=self.online, step=State.REVIEWING, user=self.first, since=SUBMITTED)

    def _object(self) -> None:
        for hours in (1, 2):
            objecting.object_to(
                self.disputed.pk,
                kind=ObjectionKind.DEFINITION,
                objector=membership(),
                by=staff("intake"),
                at=PUBLISHED + timedelta(hours=hours),
            )

    def _file(self) -> None:
        scan = files.keep(papers.png(), at=SUBMITTED)
        filed = [*self.online.materials.all(), self.late.materials.all()[0]]
        PaperFile.objects.bulk_create(PaperFile(material=paper, stored=scan) for paper in filed)


@pytest.fixture
def world(db: None, settings: Any) -> World:
    settings.LANGUAGE_CODE = "en"
    return World()


class TestPeriod:
    def test_it_is_civil_days_in_shanghai_half_open_as_instants(self) -> None:
        period = Period(date(2025, 4, 1), date(2025, 4, 30))
        assert (period.start, period.end) == (at("2025-04-01"), at("2025-05-01"))
        assert period.days == 30

    @pytest.mark.parametrize(
        ("first", "last"), [("2025-04-02", "2025-04-01"), ("2025-01-01", "2025-04-03")], ids=["empty", "93 days"]
    )
    def test_one_that_is_empty_or_too_long_is_none(self, first: str, last: str) -> None:
        with pytest.raises(ValueError, match="days"):
            on(first, last)

    def test_the_longest_is_ninety_two_days(self) -> None:
        assert on("2025-01-01", "2025-04-02").period.days == LONGEST == 92

    @pytest.mark.parametrize(
        ("said", "first", "last"),
        [
            ({}, "2025-04-02", "2025-05-01"),
            ({"period": "7"}, "2025-04-25", "2025-05-01"),
            ({"period": "90"}, "2025-02-01", "2025-05-01"),
            ({"period": "last-month"}, "2025-04-01", "2025-04-30"),
            ({"period": "own", "from": "2025-03-03", "to": "2025-03-03"}, "2025-03-03", "2025-03-03"),
            ({"period": "own", "from": "2025-03-03", "to": "2025-03-02"}, "2025-04-02", "2025-05-01"),
            ({"period": "own", "from": "yesterday"}, "2025-04-02", "2025-05-01"),
            ({"period": "∞"}, "2025-04-02", "2025-05-01"),
        ],
    )
    def test_an_address_chooses_it(self, said: dict[str, str], first: str, last: str) -> None:
        choice = chosen(said, today=date(2025, 5, 1))
        assert choice.asked == on(first, last)
        assert bool(choice.fault) == (said.get("period") == "own" and said.get("to") != "2025-03-03")


class TestFigures:
    def test_complete_files_closed_within_a_day_and_the_fastest(self, world: World) -> None:
        (line,) = closing.closing(APRIL, LATER).lines
        assert [str(one) for one in line.numbers] == ["20.0 %", "1", "5", "1 d 13 h"]
        assert line.numbers[3].about == world.refused.number
        assert list(rows_behind(Behind("fastest"), APRIL, at=LATER)) == [world.refused]

    def test_a_file_whose_next_day_is_not_over_counts_only_when_it_is_decided(self, world: World) -> None:
        before_it_ends, when_it_ends = at("2025-04-07 23:59:30"), at("2025-04-08")
        assert told(closing.closing(APRIL, at("2025-04-07 12:00"))) == {}
        assert told(closing.closing(APRIL, before_it_ends))["all"] == ["100.0 %", "1", "1", "1 d 13 h"]
        assert told(closing.closing(APRIL, when_it_ends))["all"] == ["20.0 %", "1", "5", "1 d 13 h"]

    def test_a_decision_at_the_end_of_the_next_day_is_too_late(self, world: World) -> None:
        """The day after 6 April ends at 24:00 of the 7th, which is no longer in it."""
        claim = case_in(State.REVIEWING)
        said = {"ground": "FORGED_MATERIAL", "contrary": "已核对原件。", "reason": "原件不符。"}
        reviewing.refuse_in_review(claim.pk, by=staff("reviewer"), at=at("2025-04-08 00:00"), **said)
        assert told(closing.closing(APRIL, LATER))["all"][:3] == ["16.7 %", "1", "6"]

    def test_online_are_those_whose_every_standing_paper_came_as_a_file(self, world: World) -> None:
        assert told(closing.online(APRIL, LATER)) == {"all": ["20.0 %", "1", "4"], "member": ["20.0 %", "1", "4"]}
        assert list(rows_behind(Behind("online", "member:online"), APRIL, at=LATER)) == [world.online]
        world.online.materials.filter(kind="imaging").update(replaced_at=None)
        bare = world.late.materials.exclude(files__isnull=False)
        bare.update(replaced_at=LATER)
        assert told(closing.online(APRIL, LATER))["all"] == ["40.0 %", "2", "3"]

    def test_days_in_each_step(self, world: World) -> None:
        """`came` 5 April 09:30; 24.5 h collecting. In review 49, 49 and 37.98 h; 12 d 23 h away; 23 h; 7 d 15 h."""
        assert told(stages.stays(APRIL, LATER)) == {
            "collecting papers": ["5", "1.0", "1.0"],
            "first review": ["3", "2.0", "2.0"],
            "investigation": ["2", "13.0", "13.0"],
            "final review": ["2", "1.0", "1.0"],
            "publicity": ["1", "7.6", "7.6"],
        }
        found = {line.label: line.numbers[1].value for line in stages.stays(on("2025-04-07"), LATER).lines}
        assert found == {"first review": pytest.approx(37.98333 / 24, abs=0.0001)}

    def test_several_stays_of_a_case_are_added_up(self, world: World) -> None:
        """Back to the papers 60 h after it came, complete again a day later, passed on after two more."""
        claim = case_in(State.REVIEWING)
        back, again, on_it_goes = (SUBMITTED + timedelta(hours=hours) for hours in (60, 84, 132))
        reviewing.return_to(claim.pk, to=State.COLLECTING, reason="x", by=staff("reviewer"), at=back)
        with moving(claim.pk, "submit", by=staff("intake"), at=again) as row:
            row.complete_materials(by=staff("intake"), at=again)
        said = {"ground": "FORGED_MATERIAL", "contrary": "x", "reason": "x"}
        reviewing.refuse_in_review(claim.pk, by=staff("reviewer"), at=on_it_goes, **said)
        rows = stages.STAYS.read(
            "SELECT part, stayed FROM fact WHERE claim_id = %(claim)s", APRIL, LATER, claim=claim.pk
        )
        assert dict(rows)["reviewing"] == pytest.approx((60 + 48) / 24)
        assert told(stages.stays(APRIL, LATER))["first review"][0] == "4"

    def test_a_move_at_midnight_belongs_to_the_day_that_begins(self, world: World) -> None:
        assert "publicity" not in told(stages.stays(on("2025-04-29"), LATER))
        assert told(stages.stays(on("2025-04-30"), LATER)) == {"publicity": ["1", "7.6", "7.6"]}

    def test_in_time_by_stage(self, world: World) -> None:
        """The appeal window of the refusal, the publicity that was over: nobody's to meet."""
        assert told(stages.in_time(APRIL, LATER)) == {
            "papers to be supplied": ["100.0 %", "5", "0"],
            "first review": ["60.0 %", "3", "2"],
            "investigation report": ["100.0 %", "2", "0"],
            "final review": ["100.0 %", "2", "0"],
        }
        late = rows_behind(Behind("in-time", "review:late"), APRIL, at=LATER)
        assert set(late) == {world.late, world.online}

    def test_in_time_by_team_is_of_whoever_ended_the_step(self, world: World) -> None:
        assert told(stages.by_team(APRIL, LATER)) == {"=1+1": ["100.0 %", "1", "0"], "二组": ["0.0 %", "0", "1"]}
        one = Asked(APRIL.period, team=world.teams[1].pk)
        assert told(stages.by_team(one, LATER)) == {"二组": ["0.0 %", "0", "1"]}
        assert told(stages.by_team(on("2025-04-01", "2025-04-25"), LATER)) == {"=1+1": ["100.0 %", "1", "0"]}

    def test_a_review_that_was_passed_is_not_ended_again_by_sending_it_out(self, world: World) -> None:
        before = stages.BY_TEAM.counted(APRIL, LATER)
        world.approved.events.filter(verb="commission").get()
        sender = User.objects.get(pk=world.approved.events.get(verb="commission").by_id)
        team_of("三组", sender)
        assert stages.BY_TEAM.counted(APRIL, LATER) == before
        assert str(sender.pk) not in stages.DONE.counted(APRIL, LATER)

    def test_work_of_each_person(self, world: World) -> None:
        found = told(stages.workload(APRIL, LATER))
        assert found[str(world.first)] == ["1", "1"]
        assert found[str(world.second)] == ["0", "1"]
        own = Asked(APRIL.period, team=world.teams[0].pk)
        assert told(stages.workload(own, LATER)) == {str(world.first): ["1", "1"]}

    def test_objections_by_kind_and_result_count_a_merged_one_with_the_first(self, world: World) -> None:
        heads = [str(head) for head in disputes.objections(APRIL, LATER).heads]
        assert heads == ["still open", "dismissed", "upheld", "no longer relevant"]
        assert told(disputes.objections(APRIL, LATER)) == {
            "dispute about the disease definition": ["1", "0", "0", "0"],
        }
        assert told(disputes.objections(on("2025-04-21"), LATER)) == {}

    def test_overturned_decisions(self, world: World) -> None:
        decided = at("2025-04-20 10:00")
        for finding in (AppealFinding.UPHELD, AppealFinding.OVERTURNED, AppealFinding.UPHELD):
            judge, claim = staff("reviewer"), appealing_()
            with moving(claim.pk, "decide_appeal", by=judge, at=decided) as row:
                appealing.decide(row, finding, by=judge, at=decided, reason="x")
        assert told(disputes.overturned(APRIL, LATER)) == {"online, with new evidence": ["33.3 %", "2", "1"]}
        assert told(disputes.overturned(on("2025-04-19"), LATER)) == {}

    def test_what_comes_due_is_shown_on_its_last_day(self, world: World) -> None:
        due = Deadline.objects.get(claim=world.bare, status="open").due_at
        assert due is not None
        last = last_day(due)
        for ahead, is_shown in ((-1, False), (0, True), (13, True), (14, False)):
            now = start_of(last - timedelta(days=ahead))
            table = forecast.forecast(APRIL, now)
            found = [line.numbers[0].value for line in table.lines if table.lines.index(line) == ahead]
            assert bool(sum(int(one or 0) for one in found)) is is_shown, ahead
        line = forecast.forecast(APRIL, start_of(last)).lines[0]
        assert [str(number) for number in line.numbers][:1] == ["1"]

    def test_days_off_are_marked(self, world: World) -> None:
        """1 to 5 May 2025 were holidays, and 27 April a Sunday that was worked."""
        lines = forecast.forecast(APRIL, at("2025-04-22 12:00")).lines
        days = [date(2025, 4, 22) + timedelta(days=ahead) for ahead in range(14)]
        off = [day for day, line in zip(days, lines, strict=True) if line.is_quiet]
        assert off == [date(2025, 4, 26), *(date(2025, 5, day) for day in range(1, 6))]

    def test_of_another_plan_there_is_nothing(self, world: World) -> None:
        other, own = Asked(APRIL.period, plan="xianghu"), Asked(APRIL.period, plan="qingsong")
        for read in (
            closing.closing,
            closing.online,
            stages.stays,
            stages.in_time,
            stages.by_team,
            disputes.objections,
        ):
            assert told(read(other, LATER)) == {}, read
            assert told(read(own, LATER)) == told(read(APRIL, LATER)), read

    def test_of_nothing_the_share_is_a_dash(self) -> None:
        assert str(stages.punctual("x", "x", "x", {}).numbers[0]) == "—"
        assert str(Number(None, Unit.FEN)) == "—"


def numbers_of(response: Any) -> Iterator[tuple[str, Number, str]]:
    """Every number of the page that is a count, with its address."""
    for block in response.context["blocks"]:
        for row in block["lines"]:
            for number, (_text, _about, url) in zip(row["line"].numbers, row["numbers"], strict=True):
                yield block["block"].name, number, url


def asked_for(client: Client, asked: Asked, **more: str) -> Any:
    days = {"from": asked.period.first.isoformat(), "to": asked.period.last.isoformat()}
    response = client.get(PAGE, {"period": "own", **days, **more})
    assert response.status_code == 200
    return response


class TestPage:
    def test_every_number_is_a_link_to_exactly_its_cases(self, world: World) -> None:
        client, seen = signed_in("supervisor"), set()
        for more in ({}, {"plan": "qingsong"}, {"team": str(world.teams[0].pk)}):
            for name, number, url in numbers_of(asked_for(client, APRIL, **more)):
                assert url, (name, number)
                if number.unit is not Unit.CASES:
                    assert client.get(url).status_code == 200
                    continue
                seen.add(name)
                assert client.get(url).context["cl"].result_count == number.value, (name, number, url)
        expected = {"closing", "online", "stays", "in-time", "teams", "workload", "objections", "agencies", "money"}
        assert seen == expected

    def test_a_link_says_what_the_list_is_narrowed_to(self, world: World) -> None:
        client = signed_in("auditor")
        url = next(url for name, number, url in numbers_of(asked_for(client, APRIL)) if name == "in-time")
        text = client.get(url).content.decode()
        assert "deadlines met and missed" in text
        assert "1 April 2025" in text

    def test_empty_blocks_say_what_is_missing(self, world: World) -> None:
        response = asked_for(signed_in("supervisor"), on("2024-01-01"))
        empty = {block["block"].name for block in response.context["blocks"] if not block["lines"]}
        assert empty >= {"closing", "online", "stays", "in-time", "teams", "objections", "appeals", "agencies"}
        assert "No deadline ended in this period." in response.content.decode()

    @pytest.mark.parametrize("role", OTHERS)
    def test_others_see_neither_the_page_nor_a_table_nor_a_list(self, world: World, role: str) -> None:
        client = signed_in(role)
        assert client.get(PAGE).status_code == 403
        assert client.get(reverse("admin:claims_claim_figures_csv", args=["stays"])).status_code == 403
        if role == "administrator":
            return
        said = {"figure": "in-time", "of": "review:late", "from": "2025-04-01", "to": "2025-04-30"}
        response = client.get(reverse("admin:claims_claim_changelist"), said)
        assert response.context["cl"].result_count == 0  # neither the figure's cases nor all

    @pytest.mark.parametrize("role", READERS)
    def test_readers_find_it_in_the_navigation(self, world: World, role: str) -> None:
        client = signed_in(role)
        assert f'href="{PAGE}"' in client.get(reverse("admin:index")).content.decode()
        assert client.get(PAGE).status_code == 200
        assert client.post(PAGE).status_code == 405

    def test_days_that_are_no_period_are_refused_in_words(self, world: World) -> None:
        response = signed_in("supervisor").get(PAGE, {"period": "own", "from": "2025-01-01", "to": "2025-12-31"})
        assert "at most 92 days" in response.content.decode()

    @pytest.mark.parametrize("name", ["plan", "team", "from", "to", "period", "figure", "of"])
    def test_what_nobody_understands_stumbles_nowhere(self, world: World, name: str) -> None:
        client = signed_in("supervisor")
        days = {"from": "2025-04-01", "to": "2025-04-30", "period": "own", "figure": "done-by", "of": "1"}
        for said in ("\0", "9" * 5_000, "'", ":::", "%s"):
            assert client.get(PAGE, days | {name: said}).status_code == 200, said
            assert client.get(reverse("admin:claims_claim_changelist"), days | {name: said}).status_code in (200, 302)

    def test_its_queries_do_not_grow_with_the_rows(self, world: World) -> None:
        client = signed_in("supervisor")
        asked_for(client, APRIL)
        with CaptureQueriesContext(connection) as before:
            asked_for(client, APRIL)
        Team.objects.update(name=Concat("name", Value(" a")))
        World()
        with CaptureQueriesContext(connection) as after:
            asked_for(client, APRIL)
        assert len(after) == len(before)


class TestKept:
    """A block that took long is not computed again for a minute, and says of when it is."""

    def test_a_slow_block_is_kept_and_a_quick_one_is_not(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        client = signed_in("supervisor")
        monkeypatch.setattr("claims.admin.figures.SLOW", -1.0)
        cache.clear()
        first = asked_for(client, APRIL)
        case_in(State.REVIEWING)
        second = asked_for(client, APRIL)
        assert [block["kept_since"] for block in first.context["blocks"]] == [None] * len(first.context["blocks"])
        assert second.context["blocks"][0]["kept_since"] == first.context["at"]
        assert second.context["blocks"][0]["table"].lines == first.context["blocks"][0]["table"].lines
        assert "and anew after a minute" in second.content.decode()

        cache.clear()
        monkeypatch.setattr("claims.admin.figures.SLOW", NEVER)
        assert asked_for(client, APRIL).context["blocks"][0]["table"].lines[0].numbers[2].value == 6
        assert asked_for(client, APRIL).context["blocks"][0]["kept_since"] is None


class TestPatience:
    """The page does not wait for what takes long: each such block has an address of its own.

    It is made to wait for nothing: blocks that really take long need a million cases.
    """

    def test_every_block_has_a_page_of_its_own_with_the_same_numbers(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = signed_in("supervisor")
        whole = {one["block"].name: one["table"].lines for one in asked_for(client, APRIL).context["blocks"]}
        monkeypatch.setattr("claims.admin.figures.PATIENCE", -1.0)
        first, *waiting = asked_for(client, APRIL).context["blocks"]
        assert first["table"].lines == whole.pop(first["block"].name)
        assert [one["block"].name for one in waiting] == [*whole]
        for one in waiting:
            (alone,) = client.get(PAGE + one["later"]).context["blocks"]
            assert alone["table"].lines == whole[one["block"].name]

    def test_what_was_kept_is_shown_at_once(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        client = signed_in("supervisor")
        monkeypatch.setattr("claims.admin.figures.SLOW", -1.0)
        asked_for(client, APRIL)
        monkeypatch.setattr("claims.admin.figures.PATIENCE", -1.0)
        assert not any("later" in one for one in asked_for(client, APRIL).context["blocks"])

    def test_a_block_alone_leads_back_to_all_of_the_same_period(self, world: World) -> None:
        answer = asked_for(signed_in("supervisor"), APRIL, only="stays")
        assert 'href="?period=own&amp;from=2025-04-01&amp;to=2025-04-30"' in answer.content.decode()

    def test_a_block_alone_says_of_when_it_is(self, world: World) -> None:
        """It is put into a page that is older."""
        for said in ({}, {"only": "stays"}):
            answer = asked_for(signed_in("supervisor"), APRIL, **said)
            section = answer.content.decode().split('id="figure-stays"', 1)[1]
            assert (clock(answer.context["at"]) in section) is bool(said)

    def test_nobody_reads_alone_what_is_not_on_his_page(self, world: World) -> None:
        assert signed_in("supervisor").get(PAGE, {"only": "none"}).status_code == 404
        assert signed_in("reviewer").get(PAGE, {"only": "stays"}).status_code == 403


class TestSheet:
    def sheet(self, name: str, **said: str) -> tuple[Any, list[list[str]]]:
        days = {"period": "own", "from": "2025-04-01", "to": "2025-04-30"}
        url = reverse("admin:claims_claim_figures_csv", args=[name])
        response = signed_in("auditor").get(url, days | said)
        assert response.status_code == 200
        return response, list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))

    def test_it_has_a_mark_and_its_text_is_never_a_formula(self, world: World) -> None:
        response, rows = self.sheet("teams")
        assert response.content.startswith(b"\xef\xbb\xbf")
        assert response["Content-Disposition"] == 'attachment; filename="figures-teams-2025-04-01-2025-04-30.csv"'
        assert rows == [
            ["team", "in time, share (%)", "in time", "late"],
            ["'=1+1", "100.0", "1", "0"],
            ["二组", "0.0", "0", "1"],
        ]

    def test_numbers_have_no_signs(self, world: World) -> None:
        _response, rows = self.sheet("closing")
        assert rows[1] == ["all", "20.0", "1", "5", "37.98"]
        assert rows[0][-1] == "fastest closure (hours)"

    def test_notes_have_a_column(self, world: World) -> None:
        _response, rows = self.sheet("workload")
        assert rows[0][-1] == "Note"
        assert [str(world.second), "0", "1", "二组"] in rows

    def test_a_table_that_is_not_there(self, world: World) -> None:
        url = reverse("admin:claims_claim_figures_csv", args=["nothing"])
        assert signed_in("supervisor").get(url).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"figure": "nothing", "from": "2025-04-01", "to": "2025-04-30"},
        {"figure": "online", "from": "2025-01-01", "to": "2025-12-31"},
        {"figure": "online"},
    ],
)
def test_a_figure_that_is_none_has_no_cases_behind_it(db: None, query: dict[str, str]) -> None:
    case_in(State.REVIEWING)
    response = signed_in("supervisor").get(reverse("admin:claims_claim_changelist"), query)
    assert response.context["cl"].result_count == 0
