"""What must hold of the case for a move, and why-not by the attempt itself."""

from datetime import date, timedelta
from typing import Any

import pytest

from claims.enums import DeadlineKind, ObjectionKind
from claims.enums import ProcedureKind as Procedures
from claims.models import Claim, Deadline, Procedure
from claims.services import correcting
from config.kernel import gate
from config.kernel.models import User
from tests.claims.cases import World, everybody, fresh, later, move
from tests.claims.refusing import POSSIBLE, possible, refused, resolve
from tests.factories import APPROVED, staff


class TestTheCase:
    def test_a_collection_with_a_gap_is_not_complete(self, world: World) -> None:
        no = refused(
            world["collecting"], "complete_materials", "NOT_ACCEPTED", by=staff("intake"), at=later(world["collecting"])
        )

        assert no.data["outcome"] == "need"
        assert "PATHOLOGY_REPORT" in no.data["codes"]

    def test_a_review_is_passed_once(self, world: World) -> None:
        refused(world["passed"], "pass_review", "WRONG_STATE", by=staff("reviewer"), at=later(world["passed"]))

    def test_a_third_party_is_sent_after_the_review(self, world: World) -> None:
        refused(world["reviewing"], "commission", "WRONG_STATE", by=staff("reviewer"), at=later(world["reviewing"]))

    @pytest.mark.parametrize("verb", ["commission", "return_to", "publish"])
    def test_a_third_party_at_work_is_waited_for(self, world: World, verb: str) -> None:
        claim = world[POSSIBLE[verb]]
        Procedure.objects.create(claim=claim, kind=Procedures.EXPERT, opened_at=claim.state_since)

        no = refused(claim, verb, "OPEN_INVESTIGATION", by=everybody(), at=later(claim))

        assert no.data["kinds"] == str(Procedures.EXPERT.label)
        claim.procedures.update(closed_at=claim.state_since)
        possible(claim, verb, by=everybody(), at=later(claim))

    @pytest.mark.parametrize(("verb", "purpose"), [("commission", "investigation"), ("publish", "publicity")])
    def test_a_consent_is_needed_and_can_be_withdrawn(self, world: World, verb: str, purpose: str) -> None:
        claim = world[POSSIBLE[verb]]
        claim.membership.consents.exclude(purpose=purpose).delete()
        possible(claim, verb, by=staff("reviewer"), at=later(claim))

        claim.membership.consents.update(withdrawn_at=claim.state_since)

        refused(claim, verb, "CONSENT_MISSING", by=staff("reviewer"), at=later(claim))

    @pytest.mark.parametrize(
        ("outcome", "change"),
        [
            ("reject", {"forgery_found": True}),
            ("wait", {"disease": "end_stage_renal_disease", "facts": {"dialysis_since": "2025-04-01"}}),
            ("need", {"disease": "coronary_bypass", "facts": {"approach": "open_chest"}}),
        ],
    )
    def test_what_the_rules_do_not_accept_is_not_put_before_the_members(
        self, world: World, outcome: str, change: dict[str, Any]
    ) -> None:
        claim = world["deciding"]
        Claim.objects.filter(pk=claim.pk).update(**change)
        correcting.run_assessment(claim.pk, by=staff("reviewer"), at=later(claim))

        no = refused(claim, "publish", "NOT_ACCEPTED", by=staff("reviewer"), at=later(claim))

        assert no.data["outcome"] == outcome

    def test_nothing_unjudged_is_put_before_the_members(self, world: World) -> None:
        Claim.objects.filter(pk=world["deciding"].pk).update(assessment=None)

        refused(world["deciding"], "publish", "NOT_ACCEPTED", by=staff("reviewer"), at=later(world["deciding"]))

    @pytest.mark.parametrize("verb", ["approve", "publish"])
    def test_an_open_objection_holds_the_case(self, world: World, verb: str) -> None:
        claim = world["objected"]
        reviewer = staff("reviewer")
        if verb == "publish":
            claim = move(claim, "reconsider", by=reviewer, at=later(claim))

        no = refused(claim, verb, "OPEN_OBJECTION", by=everybody(), at=later(claim, "approve"))

        assert no.data["kinds"] == str(ObjectionKind.NON_DISCLOSURE.label)
        resolve(claim, ObjectionKind.NON_DISCLOSURE, by=reviewer, at=later(claim))
        why_not = gate.refusals(fresh(claim), verb, by=everybody(), at=later(claim, "approve") + timedelta(days=20))
        assert why_not == []

    def test_a_publicity_ends_at_its_last_midnight(self, world: World) -> None:
        claim, system = world["publicised"], User.objects.system()

        refused(claim, "approve", "WRONG_STATE", by=system, at=APPROVED - timedelta(microseconds=1))

        possible(claim, "approve", by=system, at=APPROVED)

    def test_a_publicity_that_stands_still_never_ends(self, world: World) -> None:
        claim = world["publicised"]
        claim.publicities.update(suspended_on=date(2025, 4, 23))

        refused(claim, "approve", "WRONG_STATE", by=User.objects.system(), at=APPROVED + timedelta(days=400))

    def test_the_appeal_window_opens_one_door_and_holds_the_other(self, world: World) -> None:
        claim = world["rejected"]
        window = Deadline.objects.get(claim=claim, kind=DeadlineKind.APPEAL_WINDOW)
        assert window.due_at is not None
        last = window.due_at - timedelta(microseconds=1)

        possible(claim, "appeal", by=staff("intake"), at=last)
        refused(claim, "close", "WRONG_STATE", by=staff("supervisor"), at=last)
        refused(claim, "appeal", "WRONG_STATE", by=staff("intake"), at=window.due_at)
        possible(claim, "close", by=staff("supervisor"), at=window.due_at)

    def test_a_paid_case_is_closed_at_any_time(self, world: World) -> None:
        possible(world["paid"], "close", by=staff("supervisor"), at=world["paid"].state_since)

    def test_why_not_names_every_reason_people_first(self, world: World) -> None:
        claim = world["objected"]
        move(claim, "reconsider", by=staff("reviewer"), at=later(claim))
        claim.membership.consents.all().delete()

        why_not = gate.refusals(fresh(claim), "publish", by=staff("auditor"), at=later(claim))

        assert [no.code for no in why_not] == [
            "NOT_PERMITTED",
            "OPEN_OBJECTION",
            "OPEN_INVESTIGATION",
            "CONSENT_MISSING",
        ]

    def test_why_not_of_another_step_names_the_step(self, world: World) -> None:
        why_not = gate.refusals(fresh(world["paying"]), "reject", by=everybody(), at=APPROVED)

        assert [(no.code, str(no.state)) for no in why_not] == [("WRONG_STATE", "payout under way")]
