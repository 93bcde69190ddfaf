"""My desk, as each role sees it; giving out many cases; who looks at a case; the next one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.enums import ObjectionKind, State
from claims.models import Assignment, Claim, ClaimEvent, Presence
from claims.panels.work_lists import LISTS
from claims.services import assigning, objecting, reviewing
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.models import Absence, User
from payouts import services as payouts
from tests.claims.cases import appealing_, assessed, overturned, reviewing_
from tests.claims.test_admin import page, signed_in
from tests.factories import APPROVED, PUBLISHED, REVIEWED, case_in, membership, staff

INDEX = reverse("admin:index")
ASSIGN = reverse("admin:claims_claim_assign")
TILES = ("overdue", "untouched", "papers", "unassigned", "objections", "bounced", "resting", "above-limit", "absent")

SHOWN = {
    "mine": 1,
    "my-resting": 1,
    "anybody": 4,  # reviewing, deciding, deciding above the limit, objected
    "overdue": 13,  # all but those before the members, and the one with the bank
    "untouched": 10,  # neither those that wait for papers or members, nor the two that were laid aside just now
    "papers": 2,
    "new": 1,
    "some-papers": 1,
    "unassigned": 4,
    "objections": 1,
    "bounced": 1,
    "resting": 2,
    "above-limit": 1,
    "absent": 1,
    "came-back": 1,
    "to-prepare": 1,
    "to-approve": 1,
    "to-release": 1,
    "with-the-bank": 1,
}
"""How many cases each list has, counted by hand."""


def sections(client: Client) -> dict[str, Any]:
    """What each section of the desk lists, by its name."""
    return {section.name: listing for section, listing in client.get(INDEX).context["sections"]}


def numbers(listing: Any) -> list[str]:
    return [row.name for row in listing.rows]


def held(by: User, state: State = State.REVIEWING) -> Claim:
    claim = case_in(state)
    assigning.assign(claim.pk, to=by, by=staff("supervisor"), at=REVIEWED)
    return Claim.objects.get(pk=claim.pk)


class TestTheDeskOfAReviewer:
    def test_has_own_cases_those_at_rest_and_those_for_anybody(self, db: None) -> None:
        client, user = signed_in("reviewer")
        own, resting, free = held(user), held(user), case_in(State.DECIDING)
        tomorrow = civil_date(database_now()) + timedelta(days=1)
        assigning.hold(resting.pk, until=tomorrow, because="病历", by=user, at=database_now())
        held(staff("reviewer"))

        shown = sections(client)

        assert {name: numbers(listing) for name, listing in shown.items()} == {
            "mine": [own.number],
            "resting": [resting.number],
            "anybody": [free.number],
        }
        row = shown["mine"].rows[0]
        assert (row.url, row.about, row.is_late) == (page(own), "吴*漫", True)
        assert "7" in str(row.wanted)  # papers that nobody has looked at
        assert "病历" in shown["resting"].rows[0].note

    def test_with_nothing_on_it_says_what_to_do(self, db: None) -> None:
        client, _user = signed_in("reviewer")
        shown = sections(client)

        assert [listing.count for listing in shown.values()] == [0, 0, 0]
        assert shown["anybody"].button is None
        assert 'class="desk-quiet"' in client.get(INDEX).content.decode()

    def test_shows_why_a_case_came_back_until_it_is_moved(self, db: None) -> None:
        client, user = signed_in("reviewer")
        claim = case_in(State.DECIDING)
        Assignment.objects.create(claim=claim, step="reviewing", user=user, since=REVIEWED, given_by=user)
        reviewing.return_to(claim.pk, to=State.REVIEWING, reason="日期不符", by=staff("reviewer"), at=PUBLISHED)

        (notice,) = sections(client)["mine"].notices
        assert (notice.about, notice.url) == (claim.number, page(claim))
        assert "日期不符" in str(notice.text)
        assert "日期不符" in client.get(page(claim)).content.decode()

        reviewing.pass_review(claim.pk, by=user, at=PUBLISHED + timedelta(hours=1))
        assert sections(client)["mine"].notices == []

    def test_warns_whoever_is_away_with_cases(self, db: None) -> None:
        client, user = signed_in("reviewer")
        today = civil_date(database_now())
        Absence.objects.create(user=user, first_day=today, last_day=today)
        assert sections(client)["mine"].notices == []

        held_before = case_in(State.REVIEWING)
        Assignment.objects.create(claim=held_before, step="reviewing", user=user, since=REVIEWED, given_by=user)

        assert len(sections(client)["mine"].notices) == 1

    def test_says_who_looks_at_a_case_now(self, db: None) -> None:
        client, user = signed_in("reviewer")
        claim, other, gone = held(user), staff("supervisor"), staff("reviewer")
        at = database_now()
        Presence.objects.create(claim=claim, user=other, seen_at=at)
        Presence.objects.create(claim=claim, user=gone, seen_at=at - timedelta(minutes=4))
        Presence.objects.create(claim=claim, user=user, seen_at=at)

        assert sections(client)["mine"].rows[0].here == str(other)
        text = client.get(page(claim)).content.decode()
        assert str(other) in text
        assert f"{gone} (" not in text

    def test_takes_the_next_case_and_goes_there(self, db: None) -> None:
        client, user = signed_in("reviewer")
        claim = case_in(State.REVIEWING)
        url = reverse("admin:claims_claim_take_next")
        assert client.get(url).status_code == 405
        assert sections(client)["anybody"].button[1] == url

        assert client.post(url).headers["location"] == page(claim)
        assert Assignment.objects.get().user == user
        assert client.post(url).headers["location"] == INDEX

    def test_goes_on_to_the_next_of_the_own_cases(self, db: None) -> None:
        client, user = signed_in("reviewer")
        first, second, other = held(user), held(user), case_in(State.REVIEWING)

        def after(claim: Claim) -> str:
            return client.get(reverse("admin:claims_claim_next", args=[claim.pk])).headers["location"]

        assert [after(first), after(second), after(other)] == [page(second), INDEX, page(first)]
        assert 'data-act="next"' in client.get(page(first)).content.decode()

    def test_asks_as_much_for_fifty_cases_as_for_one(self, db: None) -> None:
        client, user = signed_in("reviewer", "supervisor", "intake", "finance")
        held(user)
        client.get(INDEX)
        with CaptureQueriesContext(connection) as one:
            client.get(INDEX)
        for _more in range(50):
            claim = case_in(State.REVIEWING)
            Assignment.objects.create(claim=claim, step="reviewing", user=user, since=REVIEWED, given_by=staff())
            Presence.objects.create(claim=claim, user=staff(), seen_at=database_now())
        with CaptureQueriesContext(connection) as fifty:
            shown = client.get(INDEX)
        mine = next(listing for section, listing in shown.context["sections"] if section.name == "mine")

        assert (len(mine.rows), mine.count) == (50, 51)
        assert len(fifty) == len(one)


class TestTheDeskOfOthers:
    @pytest.mark.parametrize(
        ("role", "names"),
        [
            ("intake", {"new", "papers"}),
            ("reviewer", {"mine", "resting", "anybody"}),
            ("supervisor", {"mine", "resting", "anybody"}),
            ("finance", {"came-back", "to-prepare", "to-approve", "to-release", "with-the-bank"}),
            ("auditor", set()),
            ("administrator", set()),
        ],
    )
    def test_each_role_has_its_own_sections(self, db: None, role: str, names: set[str]) -> None:
        client, _user = signed_in(role)
        assert set(sections(client)) == names
        assert bool(client.get(INDEX).context["tiles"]) == (role in ("supervisor", "auditor"))

    def test_intake_sees_new_reports_apart_from_those_with_papers(self, db: None) -> None:
        client, _user = signed_in("intake")
        new, begun = case_in(State.COLLECTING), case_in(State.COLLECTING)
        begun.materials.create(kind="imaging", received_at=REVIEWED, received_by=staff("intake"))
        shown = sections(client)

        assert [numbers(shown[name]) for name in ("new", "papers")] == [[new.number], [begun.number]]

    def test_finance_sees_each_payout_with_those_who_may_go_on(self, db: None) -> None:
        (one, first), (two, second), (three, third) = (signed_in("finance") for _ in range(3))
        claim = case_in(State.APPROVED)
        assert numbers(sections(one)["to-prepare"]) == [claim.number]

        payout = payouts.prepare(claim.pk, by=first, at=APPROVED)
        assert [numbers(sections(who)["to-approve"]) for who in (one, two)] == [[], [claim.number]]
        payouts.approve(payout.pk, by=second, at=APPROVED)
        assert [numbers(sections(who)["to-release"]) for who in (one, two, three)] == [[], [], [claim.number]]
        payouts.release(payout.pk, by=third, at=APPROVED)
        assert numbers(sections(one)["with-the-bank"]) == [claim.number]
        payouts.bounce(payout.pk, reason="account closed", by=first, at=APPROVED + timedelta(days=1))
        shown = sections(one)
        assert numbers(shown["came-back"]) == [claim.number]
        assert numbers(shown["to-prepare"]) == []

    def test_a_supervisor_sees_the_cases_of_who_is_away(self, db: None) -> None:
        client, _user = signed_in("supervisor")
        worker, today = staff("reviewer"), civil_date(database_now())
        claim = held(worker)
        assert "absent" not in sections(client)
        Absence.objects.create(user=worker, first_day=today, last_day=today)

        assert numbers(sections(client)["absent"]) == [claim.number]
        assert sections(client)["absent"].rows[0].holder == str(worker)


class TestTheTiles:
    def _fill(self) -> None:
        """Something for every tile, and something else beside it."""
        worker, at = staff("reviewer"), database_now()
        for state in (State.COLLECTING, State.REVIEWING, State.DECIDING, State.PUBLICISED, State.APPROVED):
            case_in(state)
        objecting.object_to(
            case_in(State.PUBLICISED).pk,
            kind=ObjectionKind.DEFINITION,
            objector=membership(),
            by=staff("intake"),
            at=PUBLISHED + timedelta(hours=1),
        )
        rests = held(worker)
        assigning.hold(rests.pk, until=civil_date(at) + timedelta(days=2), because="x", by=worker, at=at)
        away = staff("reviewer")
        held(away)
        Absence.objects.create(user=away, first_day=civil_date(at), last_day=civil_date(at))
        assessed(case_in(State.DECIDING), net_fen=10**9)
        bounced, people = case_in(State.APPROVED), [staff("finance") for _ in range(3)]
        payout = payouts.prepare(bounced.pk, by=people[0], at=APPROVED)
        payouts.approve(payout.pk, by=people[1], at=APPROVED)
        payouts.release(payout.pk, by=people[2], at=APPROVED)
        payouts.bounce(payout.pk, reason="closed", by=people[0], at=APPROVED + timedelta(days=1))

    def _fill_for(self, user: User) -> None:
        """Something for the lists that are a person's own, and orders on each side of the bank's counter."""
        held(user)
        rests, at = held(user), database_now()
        assigning.hold(rests.pk, until=civil_date(at) + timedelta(days=2), because="x", by=user, at=at)
        begun = case_in(State.COLLECTING)
        begun.materials.create(kind="imaging", received_at=REVIEWED, received_by=staff("intake"))
        people = [staff("finance") for _ in range(3)]
        for steps in range(3):
            payout = payouts.prepare(case_in(State.APPROVED).pk, by=people[0], at=APPROVED)
            for sign, by in list(zip((payouts.approve, payouts.release), people[1:], strict=True))[:steps]:
                sign(payout.pk, by=by, at=APPROVED)

    def test_each_number_is_the_length_of_the_list_behind_it(self, db: None) -> None:
        client, _user = signed_in("supervisor")
        self._fill()
        cases = reverse("admin:claims_claim_changelist")
        tiles = [tile for tile in client.get(INDEX).context["tiles"] if tile.url.startswith(f"{cases}?")]
        counted = {tile.url.partition("=")[2] or tile.url: tile.count for tile in tiles}

        shown = {tile.url.partition("=")[2]: len(client.get(tile.url).context["cl"].result_list) for tile in tiles}

        assert len(tiles) == len(TILES)
        assert counted == shown
        assert all(counted.values()), counted

    def test_every_named_list_shows_its_cases(self, db: None) -> None:
        client, user = signed_in("supervisor", "intake", "finance", "reviewer")
        self._fill()
        self._fill_for(user)
        url = reverse("admin:claims_claim_changelist")

        shown = {name: len(client.get(url, {"work": name}).context["cl"].result_list) for name in LISTS}

        assert shown == SHOWN

    def test_a_list_is_for_those_who_may_ask_for_it(self, db: None) -> None:
        case_in(State.COLLECTING)
        case_in(State.APPROVED)
        client, _user = signed_in("finance")
        url = reverse("admin:claims_claim_changelist")

        assert len(client.get(url, {"work": "to-prepare"}).context["cl"].result_list) == 1
        assert len(client.get(url, {"work": "papers"}).context["cl"].result_list) == 2  # as if nothing was asked


class TestGivingOut:
    def _crew(self) -> list[User]:
        return [staff("reviewer"), staff("reviewer")]

    def test_shows_first_and_gives_out_then(self, db: None) -> None:
        client, _user = signed_in("supervisor")
        User.objects.filter(groups__name="supervisor").exclude(pk=_user.pk).update(is_active=False)
        cases, crew = [case_in(State.REVIEWING) for _ in range(3)], [*self._crew(), _user]
        User.objects.filter(groups__name__in=("reviewer", "supervisor")).exclude(
            pk__in=[one.pk for one in crew]
        ).update(is_active=False)

        shown = client.post(ASSIGN, {"which": "unassigned", "of": "", "ids": "", "to": "", "note": "请本周处理"})
        lines = shown.context["lines"]
        assert [line.claim for line in lines] == cases
        assert {line.gets for line in lines} == set(crew)
        assert not Assignment.objects.exists()

        done = client.post(ASSIGN, {"line": [line.said for line in lines], "note": "请本周处理"})
        assert [line.is_done for line in done.context["lines"]] == [True] * 3
        assert {one.user: one.note for one in Assignment.objects.all()} == dict.fromkeys(crew, "请本周处理")

    def test_one_refusal_holds_up_no_other_and_says_what_happened(self, db: None) -> None:
        client, _user = signed_in("supervisor")
        worker = staff("reviewer")
        moved, fine = case_in(State.REVIEWING), case_in(State.REVIEWING)
        ids = f"{moved.pk},{fine.pk}"
        shown = client.post(ASSIGN, {"which": "chosen", "ids": ids, "of": "", "to": worker.pk, "note": ""})
        reviewing.pass_review(moved.pk, by=staff("reviewer"), at=REVIEWED)

        done = client.post(ASSIGN, {"line": [line.said for line in shown.context["lines"]]})

        results = {line.claim.pk: (line.is_done, bool(line.why_not)) for line in done.context["lines"]}
        assert results == {moved.pk: (False, True), fine.pk: (True, False)}
        assert "初审通过" in done.content.decode()
        assert (done.context["done"], done.context["refused"]) == (1, 1)
        assert [one.claim_id for one in Assignment.objects.all()] == [fine.pk]

    def test_says_of_each_case_why_not(self, db: None) -> None:
        client, _user = signed_in("supervisor")
        claim = case_in(State.DECIDING)
        assert claim.passed_by is not None
        said = {"which": "chosen", "ids": str(claim.pk), "of": "", "to": claim.passed_by.pk, "note": ""}

        (line,) = client.post(ASSIGN, said).context["lines"]

        assert line.gets is None
        assert line.why_not

    def test_takes_all_of_a_leaver(self, db: None) -> None:
        client, _user = signed_in("supervisor")
        leaver, other = staff("reviewer"), staff("reviewer")
        claims = [held(leaver), held(leaver)]
        held(other)
        leaver.is_active = False
        leaver.save(update_fields=["is_active"])
        said = {"which": "person", "of": leaver.pk, "ids": "", "to": other.pk, "note": ""}

        lines = client.post(ASSIGN, said).context["lines"]

        assert [(line.claim, line.had, line.gets) for line in lines] == [(claim, leaver, other) for claim in claims]

    def test_gives_none_of_them_back_to_whom_they_are_taken_from(self, db: None) -> None:
        client, _user = signed_in("supervisor")
        overloaded = staff("reviewer")
        held(overloaded)
        said = {"which": "person", "of": overloaded.pk, "ids": "", "to": "", "note": ""}

        (line,) = client.post(ASSIGN, said).context["lines"]

        assert line.gets not in (None, overloaded)

    @pytest.mark.parametrize("role", ["reviewer", "intake", "finance", "auditor", "administrator"])
    def test_is_for_supervisors(self, db: None, role: str) -> None:
        client, _user = signed_in(role)
        assert client.get(ASSIGN).status_code == 403
        assert client.post(ASSIGN, {"which": "unassigned"}).status_code == 403

    @pytest.mark.parametrize("line", ["x", "1:2", "1:2:x", "1:2:9999999999999999999999", "::"])
    def test_what_was_made_up_gives_out_nothing(self, db: None, line: str) -> None:
        client, _user = signed_in("supervisor")
        assert client.post(ASSIGN, {"line": [line]}).context["lines"] == []

    def test_is_reached_from_the_list(self, db: None) -> None:
        client, _user = signed_in("supervisor")
        claim = case_in(State.REVIEWING)
        said = {"action": "give_out", "_selected_action": [claim.pk]}
        response = client.post(reverse("admin:claims_claim_changelist"), said)
        assert response.headers["location"] == f"{ASSIGN}?ids={claim.pk}"
        assert client.get(response.headers["location"]).context["form"].initial["ids"] == str(claim.pk)
        reviewer, _other = signed_in("reviewer")
        assert "give_out" not in reviewer.get(reverse("admin:claims_claim_changelist")).content.decode()

    def test_gives_the_most_urgent_and_says_what_is_left(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("claims.admin.assigning.AT_ONCE", 2)
        client, _user = signed_in("supervisor")
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        leaver, other = staff("reviewer"), staff("reviewer")
        claims = [held(leaver) for _ in range(3)]
        said = {"which": "person", "of": leaver.pk, "ids": "", "to": other.pk, "note": ""}

        shown = client.post(ASSIGN, said)

        assert [line.claim for line in shown.context["lines"]] == claims[:2]
        assert "the 2 most urgent of 3 cases" in shown.content.decode()
        done = client.post(ASSIGN, {"line": [line.said for line in shown.context["lines"]]})
        assert done.context["done"] == 2
        rest = client.post(ASSIGN, said)
        assert [line.claim for line in rest.context["lines"]] == claims[2:]
        assert "most urgent" not in rest.content.decode()

    def test_of_too_many_that_are_chosen_takes_the_most_urgent(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("claims.admin.assigning.AT_ONCE", 2)
        client, _user = signed_in("supervisor")
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        later, *urgent = [case_in(state) for state in (State.DECIDING, State.REVIEWING, State.REVIEWING)]
        chosen = [claim.pk for claim in (later, *urgent)]
        said = {"action": "give_out", "_selected_action": chosen}

        response = client.post(reverse("admin:claims_claim_changelist"), said)

        asked = client.get(response.headers["location"])
        assert asked.context["form"].initial["ids"] == ",".join(str(claim.pk) for claim in urgent)
        assert "the 2 most urgent of 3 cases" in asked.content.decode()

    @pytest.mark.parametrize("whom", ["all", "one"])
    @pytest.mark.parametrize("build", [reviewing_, overturned, appealing_])
    def test_asks_as_much_for_many_as_for_one(self, db: None, whom: str, build: Callable[[], Claim]) -> None:
        client, user = signed_in("supervisor")
        said = {"which": "unassigned", "of": "", "ids": "", "to": user.pk if whom == "one" else "", "note": ""}
        build()
        User.objects.exclude(pk=user.pk).update(is_active=False)
        crew = [user, *self._crew()]
        client.post(ASSIGN, said)
        with CaptureQueriesContext(connection) as one:
            client.post(ASSIGN, said)
        for _more in range(4):
            build()
        User.objects.exclude(pk__in=[one.pk for one in crew]).update(is_active=False)
        with CaptureQueriesContext(connection) as five:
            shown = client.post(ASSIGN, said)
        assert {line.gets for line in shown.context["lines"]} == ({user} if whom == "one" else set(crew))
        assert len(shown.context["lines"]) == 5
        assert len(five) == len(one)


class TestPresence:
    def test_is_noted_once_a_person_without_an_event(self, db: None) -> None:
        client, user = signed_in("reviewer")
        claim = case_in(State.REVIEWING)
        url = reverse("admin:claims_claim_here", args=[claim.pk])
        events = ClaimEvent.objects.count()

        assert [client.post(url).status_code for _twice in range(2)] == [204, 204]

        assert [one.user for one in Presence.objects.all()] == [user]
        assert ClaimEvent.objects.count() == events
        assert Claim.objects.get(pk=claim.pk).version == claim.version
        assert url in client.get(page(claim)).content.decode()
        assert "presence.js" in client.get(page(claim)).content.decode()

    def test_is_posted_by_those_who_may_read_the_case(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        url = reverse("admin:claims_claim_here", args=[claim.pk])
        assert signed_in("administrator")[0].post(url).status_code == 403
        assert signed_in("reviewer")[0].get(url).status_code == 405
        assert signed_in("reviewer")[0].post(reverse("admin:claims_claim_here", args=[10**9])).status_code == 404
        assert not Presence.objects.exists()
