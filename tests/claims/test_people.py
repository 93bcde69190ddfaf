"""Who may move a case: by role, by what he did before, by the amount."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from claims.enums import AppealFinding, Approvals, Channel, Delivery, ObjectionKind, PaperFinding, State
from claims.models import Claim
from claims.services import (
    appealing,
    collecting,
    correcting,
    deciding,
    delivering,
    judging,
    objecting,
    reporting,
    reviewing,
)
from config.kernel.models import User
from investigations.services import decide_appeal
from members.models import Message
from members.services import joining
from tests.claims.cases import World, fresh, later, outcome_of
from tests.claims.refusing import POSSIBLE, possible, refused, resolve, service_refused
from tests.factories import PUBLISHED, at, case_in, membership, staff

MAY = {
    "open_collection": {"intake"},
    "withdraw": {"intake"},
    "lapse": {"supervisor"},
    "complete_materials": {"intake"},
    "pass_review": {"reviewer", "supervisor"},
    "commission": {"reviewer", "supervisor"},
    "conclude_investigation": {"reviewer", "supervisor"},
    "return_to": {"reviewer", "supervisor"},
    "reject": {"reviewer", "supervisor"},
    "publish": {"reviewer", "supervisor"},
    "suspend": {"reviewer", "supervisor", "system"},
    "resume": {"reviewer", "supervisor"},
    "reconsider": {"reviewer", "supervisor"},
    "approve": {"system"},
    "reopen": {"supervisor"},
    "start_payment": {"finance"},
    "confirm_payment": {"finance"},
    "payment_bounced": {"finance"},
    "close": {"supervisor", "system"},
    "appeal": {"intake"},
    "uphold": {"reviewer", "supervisor"},
    "overturn": {"reviewer", "supervisor"},
}
"""Who may make which move, by hand."""


class TestThePerson:
    @pytest.mark.parametrize("verb", MAY)
    def test_a_move_is_for_these_roles(self, world: World, verb: str) -> None:
        claim = world[POSSIBLE[verb]]
        when = later(claim, verb)
        people = world.roles | {"superuser": world.superuser}

        for role, person in people.items():
            if role in MAY[verb]:
                possible(claim, verb, by=person, at=when)
            else:
                no = refused(claim, verb, "NOT_PERMITTED", by=person, at=when)
                assert no.who

    def test_somebody_who_left_has_no_right(self, world: World) -> None:
        gone = staff("reviewer")
        gone.is_active = False
        gone.save()

        refused(world["deciding"], "publish", "NOT_PERMITTED", by=gone, at=later(world["deciding"]))

    SERVICES: dict[str, tuple[set[str], str, Callable[[World, Claim, User, datetime], Any]]] = {
        "submit": (
            {"intake"},
            "collecting",
            lambda world, claim, by, at: collecting.submit(claim.pk, materials=[{"kind": "imaging"}], by=by, at=at),
        ),
        "judge": (
            {"reviewer", "supervisor"},
            "reviewing",
            lambda world, claim, by, at: judging.judge(
                claim.pk, claim.materials.get(kind="imaging").pk, finding=PaperFinding.ACCEPTED, by=by, at=at
            ),
        ),
        "object_to": (
            {"intake"},
            "publicised",
            lambda world, claim, by, at: objecting.object_to(
                claim.pk, kind=ObjectionKind.DEFINITION, objector=world.other, by=by, at=at
            ),
        ),
        "resolve": (
            {"reviewer", "supervisor"},
            "suspended",
            lambda world, claim, by, at: resolve(claim, ObjectionKind.FORGERY, by=by, at=at),
        ),
        "deliver": (
            {"intake", "reviewer", "supervisor"},
            "collecting",
            lambda world, claim, by, at: delivering.deliver(
                claim.letters.latest("id").pk, channel=Delivery.PERSON, note="", by=by, at=at
            ),
        ),
        "waive_late_report": (
            {"supervisor"},
            "reviewing",
            lambda world, claim, by, at: reviewing.waive_late_report(claim.pk, reason="why", by=by, at=at),
        ),
        "record_death": (
            {"intake"},
            "reviewing",
            lambda world, claim, by, at: correcting.record_death(claim.pk, by=by, at=at),
        ),
        "recheck_health": (
            {"reviewer", "supervisor"},
            "reviewing",
            lambda world, claim, by, at: correcting.recheck_health(claim.membership_id, by=by, at=at),
        ),
        "record_breach": (
            {"reviewer", "supervisor"},
            "reviewing",
            lambda world, claim, by, at: correcting.record_breach(
                claim.membership_id, question="diabetes", by=by, at=at
            ),
        ),
        "report": (
            {"intake"},
            "withdrawn",
            lambda world, claim, by, at: reporting.report(
                claim.membership_id, disease="malignant_tumor", diagnosed_on=date(2025, 4, 1), by=by, at=at
            ),
        ),
    }

    @pytest.mark.parametrize("name", SERVICES)
    def test_what_changes_a_case_without_moving_it_is_for_these_roles(self, world: World, name: str) -> None:
        roles, step, service = self.SERVICES[name]
        claim = world[step]
        people = world.roles | {"superuser": world.superuser}

        allowed = {
            role
            for role, person in people.items()
            if outcome_of(lambda person=person: service(world, claim, person, later(claim))) == "done"
        }

        assert allowed == roles
        for role in set(people) - roles:
            service_refused("NOT_PERMITTED", lambda role=role: service(world, claim, people[role], later(claim)))

    def test_a_joining_date_is_confirmed_by_another_supervisor(self, world: World) -> None:
        claim, one = world["reviewing"], staff("supervisor")
        open_one = joining.propose_correction(
            claim.membership_id, at("2024-05-01"), reason="a typing error", by=one, at=later(claim)
        )

        def confirm(by: User) -> None:
            correcting.confirm_joining(open_one.pk, by=by, at=later(claim))

        service_refused("SAME_PERSON", lambda: confirm(one))
        service_refused("NOT_PERMITTED", lambda: confirm(staff("reviewer")))
        confirm(staff("supervisor"))


class TestTwoPeople:
    @pytest.mark.parametrize(
        ("step", "verb"),
        [("deciding", "publish"), ("deciding", "reject"), ("publicised", "reject"), ("suspended", "reject")],
    )
    def test_the_final_decision_is_not_by_the_first_reviewer(self, world: World, step: str, verb: str) -> None:
        claim = world[step]
        assert claim.passed_by is not None

        refused(claim, verb, "SAME_PERSON", by=claim.passed_by, at=later(claim))

        possible(claim, verb, by=staff("reviewer"), at=later(claim))

    def test_the_first_reviewer_may_refuse_in_his_own_review(self, world: World) -> None:
        claim = world["passed"]
        assert claim.passed_by is not None

        possible(claim, "reject", by=claim.passed_by, at=later(claim))

    @pytest.mark.parametrize("verb", ["uphold", "overturn"])
    @pytest.mark.parametrize("part", ["pass_review", "accept_report", "reject"])
    def test_an_appeal_is_decided_by_nobody_who_had_a_part_in_the_refusal(self, db: None, part: str, verb: str) -> None:
        claim = case_in(State.DECIDING)
        somebody = staff("reviewer")
        deciding.reject(claim.pk, contrary="x", ground="DEFINITION_NOT_MET", reason="x", by=somebody, at=PUBLISHED)
        appealing.appeal(claim.pk, channel=Channel.ONLINE, by=staff("intake"), at=PUBLISHED)
        had_a_part = claim.events.get(verb=part).by

        refused(fresh(claim), verb, "SAME_PERSON", by=had_a_part, at=PUBLISHED)

        possible(fresh(claim), verb, by=staff("reviewer"), at=PUBLISHED)

    def test_who_refused_first_decides_no_later_appeal_either(self, db: None) -> None:
        claim, first, second = case_in(State.REVIEWING), staff("reviewer"), staff("reviewer")
        reviewing.refuse_in_review(
            claim.pk, contrary="x", ground="DEFINITION_NOT_MET", reason="x", by=first, at=PUBLISHED
        )
        for judge in (second, None):
            appealing.appeal(claim.pk, channel=Channel.ONLINE, by=staff("intake"), at=PUBLISHED)
            if judge is not None:
                decide_appeal(claim.pk, finding=AppealFinding.UPHELD, by=judge, at=PUBLISHED)

        for somebody in (first, second):
            refused(fresh(claim), "overturn", "SAME_PERSON", by=somebody, at=PUBLISHED)

        possible(fresh(claim), "overturn", by=staff("reviewer"), at=PUBLISHED)

    def test_who_overturned_a_refusal_of_the_first_review_does_not_decide_the_case(self, db: None) -> None:
        claim, judge, when = case_in(State.REVIEWING), staff("reviewer"), PUBLISHED
        reviewing.refuse_in_review(
            claim.pk, contrary="nothing found", ground="DEFINITION_NOT_MET", reason="x", by=staff("reviewer"), at=when
        )
        appealing.appeal(claim.pk, channel=Channel.ONLINE, by=staff("intake"), at=when)
        decide_appeal(claim.pk, finding=AppealFinding.OVERTURNED, by=judge, at=when)

        for verb in ("publish", "reject"):
            refused(fresh(claim), verb, "SAME_PERSON", by=judge, at=when)

        possible(fresh(claim), "publish", by=staff("reviewer"), at=when)

    @pytest.mark.parametrize(("joined_on", "told"), [("2024-05-01", 0), ("2025-03-20", 1)])
    def test_supervisors_are_told_when_a_correction_speaks_against_a_decision(
        self, world: World, joined_on: str, told: int
    ) -> None:
        claim = world["publicised"]
        proposed = joining.propose_correction(
            claim.membership_id, at(joined_on), reason="a typing error", by=staff("supervisor"), at=later(claim)
        )

        correcting.confirm_joining(proposed.pk, by=staff("supervisor"), at=later(claim))

        assert Message.objects.filter(about=claim.number, template="decided_otherwise", to="supervisor").count() == told
        assert fresh(claim).state == State.PUBLICISED

    def test_a_review_that_was_taken_back_ties_nobody(self, world: World) -> None:
        claim = world["deciding"]
        first = claim.passed_by
        assert first is not None
        when = later(claim)
        reviewing.return_to(claim.pk, to=State.REVIEWING, reason="misread", by=staff("reviewer"), at=when)
        again = reviewing.pass_review(claim.pk, by=staff("reviewer"), at=when)

        assert again.passed_by != first
        assert again.investigated_by is None

    def test_a_review_that_stands_still_ties(self, world: World) -> None:
        claim = world["deciding"]
        reviewing.return_to(
            claim.pk,
            to=State.REVIEWING,
            reason="misread",
            approvals=Approvals.KEEP,
            by=staff("reviewer"),
            at=later(claim),
        )

        assert fresh(claim).passed_by == claim.passed_by
        assert fresh(claim).investigated_by == claim.investigated_by


class TestAuthority:
    def deciding(self, limit_fen: int, **others: Any) -> Claim:
        """A case over 30,000 yuan under this limit."""
        return case_in(State.DECIDING, of=membership(terms={"authority.reviewer_fen": limit_fen} | others))

    def test_at_the_limit_a_reviewer_decides(self, db: None) -> None:
        possible(self.deciding(3_000_000), "publish", by=staff("reviewer"), at=PUBLISHED)

    def test_a_fen_above_the_limit_a_supervisor_does(self, db: None) -> None:
        claim = self.deciding(2_999_999)

        no = refused(claim, "publish", "OVER_AUTHORITY", by=staff("reviewer"), at=PUBLISHED)

        assert no.data["limit_fen"] == 2_999_999
        assert no.data["amount_fen"] == 3_000_000
        possible(claim, "publish", by=staff("supervisor"), at=PUBLISHED)

    def in_situ(self) -> Claim:
        """A case whose ratio the covenant leaves to a person (AMB-10): 100,000 yuan, limit 50,000."""
        claim = self.deciding(5_000_000)
        facts = claim.facts | {"behaviour": "in_situ", "site": "cervix", "tnm": None}
        Claim.objects.filter(pk=claim.pk).update(facts=facts)
        return fresh(claim)

    def publish(self, claim: Claim, percent: int | None, by: User) -> Any:
        return deciding.publish(claim.pk, reason="as usual", ratio_percent=percent, by=by, at=PUBLISHED)

    def test_a_ratio_set_by_hand_does_not_pass_the_limit_by(self, db: None) -> None:
        claim = self.in_situ()

        no = service_refused("OVER_AUTHORITY", lambda: self.publish(claim, 51, staff("reviewer")))

        assert no.data["amount_fen"] == 5_100_000
        assert outcome_of(lambda: self.publish(claim, 50, staff("reviewer"))) == "done"
        assert outcome_of(lambda: self.publish(claim, 51, staff("supervisor"))) == "done"

    @pytest.mark.parametrize("percent", [-1, 0, 101, 1000])
    def test_a_ratio_set_by_hand_is_a_ratio(self, db: None, percent: int) -> None:
        claim = self.in_situ()

        service_refused("INVALID_INPUT", lambda: self.publish(claim, percent, staff("supervisor")))

    def test_where_no_ratio_is_named_it_is_the_proposed_one(self, db: None) -> None:
        claim = self.in_situ()

        self.publish(claim, None, staff("reviewer"))

        assert fresh(claim).decided_fen == 3_000_000
