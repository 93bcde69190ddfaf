"""What is asked in a service's body, because it takes more than the case: reasons, grounds, input."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from claims.enums import State
from claims.models import Claim
from claims.policies import not_accepted
from claims.refusals import NotAccepted
from claims.services import collecting, correcting, deciding, reporting, reviewing
from members.rules.codes import Code
from tests.claims.cases import World, everybody, later, outcome_of
from tests.claims.refusing import service_refused
from tests.factories import APPROVED, REPORTED, at, case_in, membership, staff


class TestReasons:
    @pytest.fixture
    def hopeless(self, db: None) -> Claim:
        """In the first review, though diagnosed within the waiting period: the rules propose a refusal."""
        claim = case_in(State.REVIEWING, of=membership(joined_at=at("2025-02-01 10:00")))
        assert claim.assessment is not None
        assert claim.assessment.outcome == "reject"
        return claim

    def test_to_go_on_against_the_rules_takes_a_reason(self, hopeless: Claim) -> None:
        reviewer, when = staff("reviewer"), later(hopeless)

        for reason in ("", "  \n"):
            service_refused(
                "NOT_ACCEPTED",
                lambda reason=reason: reviewing.pass_review(hopeless.pk, reason=reason, by=reviewer, at=when),
            )

        reviewing.pass_review(hopeless.pk, reason="the hospital wrote a wrong date", by=reviewer, at=when)
        assert hopeless.events.latest("version").reason == "the hospital wrote a wrong date"

    def test_what_the_rules_found_is_said_in_words(self, hopeless: Claim) -> None:
        with pytest.raises(NotAccepted) as no:
            reviewing.pass_review(hopeless.pk, by=staff("reviewer"), at=later(hopeless))

        assert no.value.codes == ["WAITING_PERIOD"]
        with override("zh-hans"):
            assert "(等待期内确诊)" in str(no.value)
        with override("en"):
            assert "(diagnosed within the waiting period):" in str(no.value)
            assert str(not_accepted(None)) == (
                "The rules' assessment is “papers are missing”: ask for the papers that are still missing."
            )

    def test_every_finding_that_may_stand_in_the_way_has_words(self) -> None:
        def said(code: str, language: str) -> str:
            with override(language):
                return str(NotAccepted(codes=[code, code], said="", remedy=""))

        of_cases = [code.value for code in list(Code)[list(Code).index(Code.NOT_COVERED) :]]
        assert [code for code in of_cases if code in said(code, "zh-hans") + said(code, "en")] == []

    def test_to_refuse_as_the_rules_propose_takes_none(self, hopeless: Claim) -> None:
        claim = reviewing.refuse_in_review(
            hopeless.pk, contrary="nothing found", ground="WAITING_PERIOD", by=staff("reviewer"), at=later(hopeless)
        )

        assert (claim.state, claim.ground) == ("rejected", "WAITING_PERIOD")

    def test_to_refuse_what_the_rules_accept_takes_a_reason(self, world: World) -> None:
        claim = world["deciding"]

        service_refused(
            "INVALID_INPUT",
            lambda: deciding.reject(
                claim.pk, contrary="nothing found", ground="DEFINITION_NOT_MET", by=staff("reviewer"), at=later(claim)
            ),
        )

    @pytest.mark.parametrize(
        ("step", "refuse"), [("reviewing", reviewing.refuse_in_review), ("deciding", deciding.reject)]
    )
    def test_a_refusal_says_what_was_looked_for_against_it(
        self, world: World, step: str, refuse: Callable[..., Claim]
    ) -> None:
        claim, by = world[step], staff("reviewer")

        def attempt(contrary: str) -> Claim:
            at = later(claim)
            return refuse(claim.pk, ground="LATE_REPORT", contrary=contrary, reason="seen so", by=by, at=at)

        no = service_refused("INVALID_INPUT", lambda: attempt(" \n"))
        assert no.data["field"] == "Contrary evidence"
        attempt("asked the hospital twice: nothing")
        event = claim.events.latest("version")
        assert (event.reason, event.data) == ("seen so", {"contrary": "asked the hospital twice: nothing"})

    def test_whoever_may_not_refuse_is_told_so_first(self, world: World) -> None:
        claim = world["deciding"]
        service_refused(
            "NOT_PERMITTED",
            lambda: deciding.reject(
                claim.pk, ground="LATE_REPORT", contrary="", reason="x", by=staff("intake"), at=later(claim)
            ),
        )

    @pytest.mark.parametrize("ground", ["", "IMAGING", "MEDICAL_EXPERT", "anything"])
    def test_a_refusal_has_a_ground_of_the_list(self, world: World, ground: str) -> None:
        claim = world["deciding"]

        service_refused(
            "INVALID_INPUT",
            lambda: deciding.reject(
                claim.pk, contrary="nothing found", ground=ground, reason="so", by=staff("reviewer"), at=later(claim)
            ),
        )

    def test_what_is_referred_to_a_person_is_published_with_a_reason(self, world: World) -> None:
        claim, when = world["deciding"], later(world["deciding"])
        correcting.record_breach(claim.membership_id, question="diabetes", by=staff("reviewer"), at=when)

        service_refused("NOT_ACCEPTED", lambda: deciding.publish(claim.pk, by=staff("reviewer"), at=when))

        deciding.publish(claim.pk, reason="has nothing to do with it", by=staff("reviewer"), at=when)

    @pytest.mark.parametrize(
        ("step", "service"),
        [
            ("deciding", lambda pk, by, at: reviewing.return_to(pk, to=State.REVIEWING, reason=" ", by=by, at=at)),
            ("deciding", lambda pk, by, at: reviewing.return_to(pk, to=State.PUBLICISED, reason="x", by=by, at=at)),
            ("reviewing", lambda pk, by, at: reviewing.return_to(pk, to=State.REVIEWING, reason="x", by=by, at=at)),
            ("reviewing", lambda pk, by, at: reviewing.waive_late_report(pk, reason="", by=by, at=at)),
            ("collecting", lambda pk, by, at: collecting.lapse(pk, reason="", by=by, at=at)),
            ("approved", lambda pk, by, at: deciding.reopen(pk, reason="", by=by, at=at)),
            (
                "collecting",
                lambda pk, by, at: collecting.submit(
                    pk, materials=[{"kind": "dialysis_record", "through": "2099-01-01"}], by=by, at=at
                ),
            ),
            (
                "collecting",
                lambda pk, by, at: collecting.submit(
                    pk, materials=[{"kind": "dialysis_record", "through": "2025-02-30"}], by=by, at=at
                ),
            ),
            ("collecting", lambda pk, by, at: collecting.submit(pk, materials=[{"kind": "poem"}], by=by, at=at)),
            (
                "collecting",
                lambda pk, by, at: collecting.submit(
                    pk,
                    materials=[{"kind": "diagnosis_certificate", "hospital": {"grade": "9Z"}}],
                    by=by,
                    at=at,
                ),
            ),
        ],
    )
    def test_input_that_cannot_be(self, world: World, step: str, service: Callable[..., Any]) -> None:
        claim = world[step]

        service_refused("INVALID_INPUT", lambda: service(claim.pk, everybody(), later(claim)))

    @pytest.mark.parametrize(
        "report",
        [
            {"diagnosed_on": date(2025, 4, 6)},
            {"accident_on": date(2025, 4, 6)},
            {"accident_on": date(2025, 4, 2)},
            {"facts": {"dialysis_since": "2025-04-06"}},
            {"facts": {"dialysis_since": "yesterday"}},
            {"facts": {"transplanted_on": "2025-04-06"}},
            {"facts": {"behaviour": "bad"}},
        ],
    )
    def test_a_report_that_cannot_be(self, db: None, report: dict[str, Any]) -> None:
        member, intake = membership(), staff("intake")
        known: dict[str, Any] = {"disease": "malignant_tumor", "diagnosed_on": date(2025, 4, 1)}

        service_refused(
            "INVALID_INPUT", lambda: reporting.report(member.pk, **(known | report), by=intake, at=REPORTED)
        )

    def test_one_case_at_a_time(self, world: World) -> None:
        def report(claim: Claim, disease: str) -> Any:
            return reporting.report(
                claim.membership_id, disease=disease, diagnosed_on=date(2025, 4, 1), by=staff("intake"), at=APPROVED
            )

        for step in ("collecting", "reviewing", "deciding", "suspended", "approved", "paying"):
            service_refused("WRONG_STATE", lambda step=step: report(world[step], "coronary_bypass"))
        for step in ("rejected", "appealing"):
            service_refused("WRONG_STATE", lambda step=step: report(world[step], "malignant_tumor"))
        service_refused("NOT_A_MEMBER", lambda: report(world["paid"], "coronary_bypass"))
        assert outcome_of(lambda: report(world["withdrawn"], "malignant_tumor")) == "done"
        assert outcome_of(lambda: report(world["rejected"], "coronary_bypass")) == "done"
