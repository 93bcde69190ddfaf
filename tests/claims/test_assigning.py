"""Who works on a case: what each may do, whose turn it is, and that a desk is exactly one's open work."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from claims.enums import AppealFinding, Approvals, ReturnReason, State
from claims.gate import moving
from claims.models import Assignment, Claim, ClaimEvent
from claims.panels.work_lists import LISTS, mine, my_resting
from claims.services import appealing, assigning, deciding, reviewing
from config.kernel.models import Absence, User
from config.kernel.refusals import Refusal
from tests.claims.cases import assessed, fresh
from tests.factories import ACCEPTED, PUBLISHED, REVIEWED, SUBMITTED, at, case_in, staff

NOW = at("2025-05-03 10:00")


def refusal(work: Any) -> str:
    """The code of the refusal, or nothing."""
    try:
        work()
    except Refusal as no:
        return no.code
    return ""


def away(user: User, first: str, last: str) -> None:
    Absence.objects.create(user=user, first_day=date.fromisoformat(first), last_day=date.fromisoformat(last))


def desk(user: User, when: datetime = NOW) -> set[int]:
    """Everything on somebody's desk, what rests included."""
    return {row.pk for read in (mine, my_resting) for row in read(user, when)}


class TestTheDesk:
    def test_gives_a_case_back_to_whoever_had_it_before(self, db: None) -> None:
        claim, first, second = case_in(State.DECIDING), staff("reviewer"), staff("reviewer")
        Assignment.objects.create(claim=claim, step="reviewing", user=first, since=REVIEWED, given_by=first)
        assigning.take(claim.pk, by=second, at=ACCEPTED)
        assert (desk(first), desk(second)) == (set(), {claim.pk})

        reviewing.return_to(
            claim.pk, to=State.REVIEWING, reason="look again", code=ReturnReason.UNCLEAR_FACT, by=second, at=PUBLISHED
        )

        assert (desk(first), desk(second)) == ({claim.pk}, set())

    def test_loses_a_case_whose_person_is_barred_later(self, db: None) -> None:
        """Whoever had the final review and then makes the first one, after a return, is not offered it again."""
        claim, both = case_in(State.DECIDING), staff("reviewer")
        assigning.take(claim.pk, by=both, at=ACCEPTED)
        reviewing.return_to(
            claim.pk, to=State.REVIEWING, reason="a date", approvals=Approvals.REDO, by=both, at=PUBLISHED
        )
        Claim.objects.filter(pk=claim.pk).update(investigated_by=staff("reviewer"), investigated_at=ACCEPTED)
        reviewing.pass_review(claim.pk, by=both, at=PUBLISHED + timedelta(hours=1))

        assert fresh(claim).state == State.DECIDING
        assert desk(both) == set()
        assert claim in Claim.objects.unassigned()
        assert claim in assigning.offered(staff("reviewer"), at=NOW)

    @pytest.mark.parametrize("what", ["leaves", "changes"])
    def test_of_somebody_who_left_frees_his_cases(self, db: None, what: str) -> None:
        claim, leaver = case_in(State.REVIEWING), staff("reviewer")
        assigning.take(claim.pk, by=leaver, at=REVIEWED)
        assert claim not in Claim.objects.unassigned()
        if what == "leaves":
            leaver.is_active = False
            leaver.save(update_fields=["is_active"])
        else:
            leaver.groups.clear()

        assert claim in Claim.objects.unassigned()
        assert assigning.take(claim.pk, by=staff("reviewer"), at=NOW).claim_id == claim.pk

    def test_an_overturned_refusal_does_not_come_back_to_who_refused(self, db: None) -> None:
        claim, refuser, judge = case_in(State.DECIDING), staff("reviewer"), staff("reviewer")
        assigning.take(claim.pk, by=refuser, at=ACCEPTED)
        deciding.reject(claim.pk, contrary="x", ground="DEFINITION_NOT_MET", reason="benign", by=refuser, at=PUBLISHED)
        appealing.appeal(claim.pk, channel=appealing.Channel.ONLINE, by=staff("intake"), at=at("2025-04-25"))
        with moving(claim.pk, "decide_appeal", by=judge, at=at("2025-04-28")) as row:
            appealing.decide(row, AppealFinding.OVERTURNED, by=judge, at=at("2025-04-28"))

        assert fresh(claim).state == State.DECIDING
        assert not Assignment.objects.filter(claim=claim, step="deciding").exists()
        assert desk(refuser) == set()


class TestTaking:
    def test_gives_the_most_urgent_first_and_each_only_once(self, db: None) -> None:
        cases = [case_in(State.REVIEWING) for _ in range(3)]
        late = cases[2].deadlines.get(kind="review")
        late.due_at -= timedelta(days=3)
        late.save(update_fields=["due_at"])
        worker = staff("reviewer")

        taken = [assigning.take_next(by=worker, at=REVIEWED).pk for _ in cases]

        assert taken == [cases[2].pk, cases[0].pk, cases[1].pk]
        assert refusal(lambda: assigning.take_next(by=worker, at=REVIEWED)) == "NOTHING_WAITS"

    def test_a_missed_deadline_stays_the_most_urgent(self, db: None) -> None:
        early, missed = case_in(State.REVIEWING), case_in(State.REVIEWING)
        missed.deadlines.filter(kind="review").update(
            due_at=REVIEWED - timedelta(days=1), status="missed", closed_at=REVIEWED
        )

        assert list(assigning.offered(staff("reviewer"), at=REVIEWED)) == [missed, early]
        assert list(Claim.objects.overdue(at=REVIEWED)) == [missed]

    def test_is_refused_when_somebody_has_the_case(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        assigning.take(claim.pk, by=staff("reviewer"), at=REVIEWED)

        assert refusal(lambda: assigning.take(claim.pk, by=staff("reviewer"), at=REVIEWED)) == "ALREADY_TAKEN"

    def test_leaves_alone_what_waits_for_a_day(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        assessed(claim, outcome="wait")
        day = {"opened_at": REVIEWED, "generation": 1, "kind": "condition"}
        claim.deadlines.create(due_at=REVIEWED + timedelta(days=9), **day)

        assert not assigning.offered(staff("reviewer"), at=REVIEWED).exists()
        assert assigning.offered(staff("reviewer"), at=REVIEWED + timedelta(days=10)).exists()

    def test_an_amount_above_the_limit_is_the_supervisors(self, db: None) -> None:
        claim = case_in(State.DECIDING)
        limit = claim.covenant.terms["authority.reviewer_fen"]
        reviewer, supervisor = staff("reviewer"), staff("supervisor")
        assert claim in assigning.offered(reviewer, at=NOW)

        assessed(claim, net_fen=limit + 1)

        assert claim not in assigning.offered(reviewer, at=NOW)
        assert claim in assigning.offered(supervisor, at=NOW)
        assert claim in Claim.objects.above_limit()
        assert refusal(lambda: assigning.take(claim.pk, by=reviewer, at=NOW)) == "OVER_AUTHORITY"
        assert refusal(lambda: assigning.take(claim.pk, by=supervisor, at=NOW)) == ""


class TestHolding:
    @pytest.fixture
    def held(self, db: None) -> Assignment:
        return assigning.take(case_in(State.REVIEWING).pk, by=staff("reviewer"), at=REVIEWED)

    @pytest.mark.parametrize(
        ("days", "code"), [(-1, "INVALID_INPUT"), (0, "INVALID_INPUT"), (1, ""), (60, ""), (61, "INVALID_INPUT")]
    )
    def test_is_until_a_day_to_come_within_sixty(self, held: Assignment, days: int, code: str) -> None:
        until = date(2025, 4, 8) + timedelta(days=days)

        assert refusal(lambda: _hold(held, until)) == code

    def test_wakes_by_itself_on_its_day(self, held: Assignment) -> None:
        _hold(held, date(2025, 4, 12))
        before, after = at("2025-04-11 23:59"), at("2025-04-12 00:00")

        assert [list(read(held.user, before)) for read in (mine, my_resting)] == [[], [held.claim]]
        assert [list(read(held.user, after)) for read in (mine, my_resting)] == [[held.claim], []]

    def test_is_ended_by_whoever_holds_it(self, held: Assignment) -> None:
        _hold(held, date(2025, 4, 12))
        assigning.wake(held.claim_id, by=held.user, at=REVIEWED)

        assert list(mine(held.user, REVIEWED)) == [held.claim]

    def test_does_not_hide_a_case_that_came_back(self, held: Assignment) -> None:
        _hold(held, date(2025, 6, 1))
        Claim.objects.filter(pk=held.claim_id).update(state_since=REVIEWED + timedelta(days=1))

        assert list(mine(held.user, REVIEWED + timedelta(days=1))) == [held.claim]

    @pytest.mark.parametrize("verb", ["hold", "wake", "give_back", "hand_over"])
    def test_is_for_whoever_works_on_the_case(self, held: Assignment, verb: str) -> None:
        other, more = staff("reviewer"), {"hold": {"until": date(2025, 5, 1), "because": "x"}}
        more["hand_over"] = {"to": staff("reviewer"), "note": "x"}
        service = getattr(assigning, verb)

        assert refusal(lambda: service(held.claim_id, **more.get(verb, {}), by=other, at=REVIEWED)) == "NOT_YOURS"
        assert refusal(lambda: service(held.claim_id, **more.get(verb, {}), by=held.user, at=REVIEWED)) == ""

    def test_given_back_it_is_anybodys(self, held: Assignment) -> None:
        assigning.give_back(held.claim_id, by=held.user, at=REVIEWED)

        assert list(Claim.objects.unassigned()) == [held.claim]

    def test_writes_one_event_each_and_nothing_of_the_case_moves(self, held: Assignment) -> None:
        _hold(held, date(2025, 4, 12))
        assigning.wake(held.claim_id, by=held.user, at=REVIEWED)
        assigning.hand_over(held.claim_id, to=staff("reviewer"), note="一页缺失", by=held.user, at=REVIEWED)
        events = ClaimEvent.objects.filter(claim=held.claim).order_by("-version")[:4]

        assert [event.verb for event in events] == ["hand_over", "wake", "hold", "take"]
        assert {(event.from_state, event.to_state) for event in events} == {("reviewing", "reviewing")}
        assert events[0].reason == "一页缺失"


def _hold(held: Assignment, until: date) -> None:
    assigning.hold(held.claim_id, until=until, because="病历", by=held.user, at=REVIEWED)


class TestHandingOver:
    def test_needs_a_note(self, db: None) -> None:
        claim, one, two = case_in(State.REVIEWING), staff("reviewer"), staff("reviewer")
        assigning.take(claim.pk, by=one, at=REVIEWED)

        assert refusal(lambda: assigning.hand_over(claim.pk, to=two, note=" ", by=one, at=REVIEWED)) == "INVALID_INPUT"
        assigning.hand_over(claim.pk, to=two, note="call back", by=one, at=REVIEWED)

        assert (desk(one), desk(two)) == (set(), {claim.pk})

    @pytest.mark.parametrize("why", ["away", "gone", "no reviewer", "first reviewer"])
    def test_only_to_somebody_who_can_go_on(self, db: None, why: str) -> None:
        claim, one = case_in(State.DECIDING), staff("reviewer")
        other = staff("intake" if why == "no reviewer" else "reviewer")
        if why == "away":
            away(other, "2025-05-01", "2025-05-03")
        elif why == "gone":
            other.is_active = False
        elif why == "first reviewer":
            assert claim.passed_by is not None
            other = claim.passed_by
        assigning.take(claim.pk, by=one, at=ACCEPTED)

        assert refusal(lambda: assigning.hand_over(claim.pk, to=other, note="x", by=one, at=NOW)) == "CANNOT_WORK"
        assert refusal(lambda: assigning.assign(claim.pk, to=other, by=staff("supervisor"), at=NOW)) == "CANNOT_WORK"

    def test_a_supervisor_gives_whatever_case_to_whom_he_likes(self, db: None) -> None:
        claim, one, two = case_in(State.REVIEWING), staff("reviewer"), staff("reviewer")
        assigning.take(claim.pk, by=one, at=REVIEWED)

        assert refusal(lambda: assigning.assign(claim.pk, to=two, by=one, at=REVIEWED)) == "NOT_PERMITTED"
        assigning.assign(claim.pk, to=two, by=staff("supervisor"), at=REVIEWED)

        assert (desk(one), desk(two)) == (set(), {claim.pk})


class TestFairness:
    def turn(self, claim: Claim, when: datetime = NOW) -> User | None:
        found = assigning.fairest(claim, assigning.crew(at=when), at=when)
        return found.user if found else None

    def test_the_least_load_then_the_longest_without_then_the_first(self, db: None) -> None:
        claim = case_in(State.REVIEWING)
        busy, recent, early = (staff("reviewer") for _ in range(3))
        User.objects.exclude(pk__in=[one.pk for one in (busy, recent, early)]).filter(
            groups__name__in=("reviewer", "supervisor")
        ).update(is_active=False)
        assigning.assign(case_in(State.REVIEWING).pk, to=busy, by=staff("supervisor"), at=REVIEWED)
        User.objects.filter(groups__name="supervisor").update(is_active=False)
        for person, since in ((recent, "2025-05-02"), (early, "2025-05-01")):
            other = case_in(State.COLLECTING)
            Assignment.objects.create(claim=other, step="reviewing", user=person, since=at(since), given_by=person)

        assert self.turn(claim) == early
        away(early, "2025-05-03", "2025-05-03")
        assert self.turn(claim) == recent
        away(recent, "2025-05-01", "2025-05-09")
        assert self.turn(claim) == busy
        away(busy, "2025-04-01", "2025-05-04")
        assert self.turn(claim) is None

    def test_what_has_moved_on_is_no_load(self, db: None) -> None:
        worker = staff("reviewer")
        claim = assigning.take(case_in(State.REVIEWING).pk, by=worker, at=REVIEWED).claim
        assert assigning.load_of_all() == {worker.pk: 1}
        reviewing.refuse_in_review(
            claim.pk, contrary="x", ground="DEFINITION_NOT_MET", reason="benign", by=worker, at=REVIEWED
        )

        assert assigning.load_of_all() == {}


def test_untouched_is_what_nobody_touched_for_seven_days(db: None) -> None:
    claim = case_in(State.REVIEWING)
    last = ClaimEvent.objects.filter(claim=claim).latest("version").at
    assert last == SUBMITTED
    untouched = LISTS["untouched"].rows

    assert list(untouched(staff("supervisor"), SUBMITTED + timedelta(days=7, seconds=1))) == [claim]
    assert list(untouched(staff("supervisor"), SUBMITTED + timedelta(days=7))) == []
    assigning.take(claim.pk, by=staff("reviewer"), at=SUBMITTED + timedelta(days=6))
    assert list(untouched(staff("supervisor"), SUBMITTED + timedelta(days=8))) == []
