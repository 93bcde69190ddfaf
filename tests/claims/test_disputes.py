"""What is refused to those who object and appeal, and what a finding needs."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from claims.enums import AppealFinding, Channel, ObjectionFinding, ObjectionKind
from claims.gate import moving
from claims.models import Claim
from claims.services import appealing, deciding, objecting
from members.models import Membership
from tests.claims import cases
from tests.claims.cases import World, fresh, later, outcome_of
from tests.claims.refusing import resolve, service_refused
from tests.factories import APPROVED, membership, staff


class TestObjections:
    def object_to(self, claim: Claim, objector: Membership | None, when: datetime) -> Any:
        return objecting.object_to(
            claim.pk, kind=ObjectionKind.DEFINITION, objector=objector, by=staff("intake"), at=when
        )

    def test_in_time_is_before_the_last_midnight(self, world: World) -> None:
        claim = world["publicised"]

        no = service_refused("PUBLICITY_ENDED", lambda: self.object_to(claim, world.other, APPROVED))

        assert no.data["ends_on"] == date(2025, 4, 29)
        last = APPROVED - timedelta(microseconds=1)
        assert outcome_of(lambda: self.object_to(claim, world.other, last)) == "done"

    def test_only_another_member_of_the_plan_objects(self, world: World) -> None:
        claim, when = world["publicised"], cases.OBJECTED
        later_one = membership(joined_at=when + timedelta(days=1))
        gone = membership()
        Membership.objects.filter(pk=gone.pk).update(ended_on=date(2025, 4, 24), end_reason="left")

        for nobody in (None, later_one, gone):
            service_refused("NOT_A_MEMBER", lambda nobody=nobody: self.object_to(claim, nobody, when))
        service_refused("NOT_PERMITTED", lambda: self.object_to(claim, claim.membership, when))

        last_day = membership()
        Membership.objects.filter(pk=last_day.pk).update(ended_on=date(2025, 4, 25), end_reason="left")
        waiting = membership(joined_at=when - timedelta(days=1))
        for somebody in (last_day, waiting):
            assert outcome_of(lambda somebody=somebody: self.object_to(claim, somebody, when)) == "done"

    @pytest.mark.parametrize("kind", ObjectionKind)
    @pytest.mark.parametrize("finding", [ObjectionFinding.DISMISSED, ObjectionFinding.UPHELD])
    def test_a_finding_does_not_wait_for_the_sweep(
        self, world: World, kind: ObjectionKind, finding: ObjectionFinding
    ) -> None:
        """The objection is resolved before any sweep has seen it."""
        claim, when = world["publicised"], cases.OBJECTED
        objecting.object_to(claim.pk, kind=kind, objector=world.other, by=staff("intake"), at=when)

        resolve(claim, kind, finding, by=staff("reviewer"), at=when + timedelta(hours=1))

        upheld = "rejected" if kind is ObjectionKind.FORGERY else "deciding"
        assert fresh(claim).state == (upheld if finding is ObjectionFinding.UPHELD else "publicised")

    def test_what_is_not_objected_is_not_resolved(self, world: World) -> None:
        for step in ("publicised", "deciding", "paid"):
            service_refused(
                "WRONG_STATE",
                lambda step=step: resolve(
                    world[step], ObjectionKind.DEFINITION, by=staff("reviewer"), at=later(world[step])
                ),
            )


class TestAppeals:
    def appeal(self, claim: Claim, deposit_fen: int, channel: Channel = Channel.ARBITRATION) -> Any:
        return appealing.appeal(
            claim.pk, channel=channel, deposit_fen=deposit_fen, by=staff("intake"), at=cases.APPEALED
        )

    def test_an_arbitration_starts_with_its_whole_deposit(self, world: World) -> None:
        claim = world["rejected"]

        service_refused("DEPOSIT_NOT_PAID", lambda: self.appeal(claim, 49_999))

        assert self.appeal(claim, 50_000).deposit_fen == 50_000

    @pytest.mark.parametrize("channel", [Channel.ONLINE, Channel.LITIGATION])
    def test_other_channels_ask_for_none(self, world: World, channel: Channel) -> None:
        assert self.appeal(world["rejected"], 0, channel).deposit_fen == 0

    def test_a_refusal_for_forgery_that_falls_can_be_decided_otherwise(self, world: World) -> None:
        """The finding on which the refusal stood falls with it, or the final review could only refuse again."""
        claim, when = world["objected"], cases.OBJECTED
        objecting.object_to(claim.pk, kind=ObjectionKind.FORGERY, objector=world.other, by=staff("intake"), at=when)
        resolve(claim, ObjectionKind.FORGERY, ObjectionFinding.UPHELD, by=staff("reviewer"), at=when)
        assert fresh(claim).ground == "FORGED_MATERIAL"
        appealing.appeal(claim.pk, channel=Channel.ONLINE, by=staff("intake"), at=cases.APPEALED)

        with moving(claim.pk, "decide_appeal", by=(judge := staff("reviewer")), at=cases.APPEALED) as row:
            appealing.decide(row, AppealFinding.OVERTURNED, by=judge, at=cases.APPEALED)
        assert fresh(claim).state == "deciding"

        assert outcome_of(lambda: deciding.publish(claim.pk, by=staff("reviewer"), at=cases.APPEALED)) == "done"
