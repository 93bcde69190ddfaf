"""The gate of a case: versions, nesting, and rows that were open when it was refused."""

from collections.abc import Callable
from typing import Any

import pytest

from claims.enums import ENDED, Channel, ObjectionKind, State
from claims.gate import moving
from claims.models import Claim
from claims.services import appealing, collecting, correcting, deciding, objecting, reviewing
from claims.services.assessing import assess
from tests.claims.cases import World, everybody, fresh, later, rows
from tests.claims.refusing import POSSIBLE, refused, service_refused
from tests.factories import PUBLISHED, at, staff


class TestTheGate:
    def test_a_page_that_is_older_than_the_case_is_stale_and_says_what_changed(self, world: World) -> None:
        claim = world["deciding"]
        intake = staff("intake")
        intake.display_name = "林接件"
        intake.save()
        correcting.record_death(claim.pk, by=intake, at=at("2025-04-21 11:05"))

        no = service_refused(
            "STALE",
            lambda: deciding.publish(claim.pk, by=staff("reviewer"), at=PUBLISHED, version=claim.version),
        )

        assert no.data["what"] == "林接件: Death of the member recorded (21 April 2025, 11:05)"
        deciding.publish(claim.pk, by=staff("reviewer"), at=PUBLISHED, version=claim.version + 1)

    def test_every_service_of_a_page_compares_the_version(self, world: World) -> None:
        by, stale = everybody(), -1
        attempts: dict[str, Callable[[Claim], Any]] = {
            "collecting": lambda one: collecting.submit(one.pk, materials=[], by=by, at=later(one), version=stale),
            "reported": lambda one: collecting.withdraw(one.pk, by=by, at=later(one), version=stale),
            "complete": lambda one: collecting.lapse(one.pk, reason="x", by=by, at=later(one), version=stale),
            "reviewing": lambda one: reviewing.pass_review(one.pk, by=by, at=later(one), version=stale),
            "passed": lambda one: reviewing.refuse_in_review(
                one.pk, contrary="nothing found", ground="x", by=by, at=later(one), version=stale
            ),
            "investigating": lambda one: reviewing.waive_late_report(
                one.pk, reason="x", by=by, at=later(one), version=stale
            ),
            "deciding": lambda one: reviewing.return_to(
                one.pk, to=State.REVIEWING, reason="x", by=by, at=later(one), version=stale
            ),
            "suspended": lambda one: deciding.reject(
                one.pk, contrary="nothing found", ground="x", by=by, at=later(one), version=stale
            ),
            "approved": lambda one: deciding.reopen(one.pk, reason="x", by=by, at=later(one), version=stale),
            "paid": lambda one: deciding.close(one.pk, by=by, at=later(one), version=stale),
            "publicised": lambda one: objecting.object_to(
                one.pk, kind=ObjectionKind.FORGERY, objector=world.other, by=by, at=later(one), version=stale
            ),
            "rejected": lambda one: appealing.appeal(
                one.pk, channel=Channel.ONLINE, by=by, at=later(one), version=stale
            ),
            "appealing": lambda one: correcting.record_death(one.pk, by=by, at=later(one), version=stale),
        }

        for step, attempt in attempts.items():
            service_refused("STALE", lambda attempt=attempt, step=step: attempt(world[step]))

    def test_the_gate_of_one_case_is_not_opened_twice(self, world: World) -> None:
        claim, by = world["deciding"], everybody()
        before = rows()

        with (
            pytest.raises(RuntimeError, match="open already"),
            moving(claim.pk, "publish", by=by, at=PUBLISHED),
        ):
            deciding.publish(claim.pk, by=by, at=PUBLISHED)

        assert rows() == before

    def test_after_a_refusal_the_row_that_was_open_is_not_the_case(self, world: World) -> None:
        """A service moved its row before it was refused: what the database holds has not moved."""
        claim, when = world["deciding"], later(world["deciding"])
        held: list[Claim] = []

        def attempt() -> None:
            with moving(claim.pk, "publish", by=(by := everybody()), at=when) as row:
                held.append(row)
                row.publish(amount_fen=1, by=by, at=when)
                assess(row, at=when)
                deciding.check_reason_against(row.assessment, ("accept",), "")

        service_refused("NOT_ACCEPTED", attempt)

        assert held[0].state == "publicised"
        assert fresh(claim).state == "deciding"

    def test_what_ended_is_moved_by_nobody(self, world: World) -> None:
        for state in ENDED:
            for verb in POSSIBLE:
                refused(world[state], verb, "WRONG_STATE", by=world.everybody, at=later(world[state]))
