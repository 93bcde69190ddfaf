"""What speaks for and against a case: recorded, taken back, and read side by side."""

import pytest
from django.urls import reverse

from claims.enums import State, Weighs
from claims.models import Claim, ClaimEvent, Evidence
from claims.services import evidence
from config.kernel.models import User
from tests.claims.cases import BUILDERS, World
from tests.claims.refusing import service_refused
from tests.factories import REVIEWED, case_in, signed_in, staff


def record(claim: Claim, fact: str = "加入前无结节记录", *, by: User | None = None, **others: object) -> Evidence:
    said = {"fact": fact, "source": "体检中心", "weighs": Weighs.FOR} | others
    return evidence.record(claim.pk, **said, by=by or staff("reviewer"), at=REVIEWED)


def url(claim: Claim, move: str) -> str:
    return reverse("admin:claims_claim_move", args=[claim.pk, move, claim.pk])


def part(claim: Claim) -> str:
    """The panel as a reviewer reads it."""
    text = signed_in("auditor").get(reverse("admin:claims_claim_change", args=[claim.pk])).content.decode()
    return text.partition('<section class="desk-panel" id="evidence">')[2].partition('<section class="desk-panel"')[0]


@pytest.mark.django_db
class TestTheLedger:
    def test_a_fact_is_kept_with_its_source_and_writes_an_event(self) -> None:
        claim, reviewer = case_in(State.REVIEWING), staff("reviewer")
        imaging = claim.materials.get(kind="imaging")

        kept = record(claim, " 影像与报告一致 ", by=reviewer, material=imaging)

        assert (kept.fact, kept.source, kept.weighs, kept.material) == ("影像与报告一致", "体检中心", "for", imaging)
        assert (kept.recorded_by, kept.recorded_at, kept.withdrawn_at) == (reviewer, REVIEWED, None)
        event = ClaimEvent.objects.get(claim=claim, verb="record_evidence")
        assert (event.version, event.reason_code, event.data) == (claim.version + 1, "for", {"evidence": kept.pk})
        assert event.from_state == event.to_state == "reviewing"

    def test_a_mistake_is_taken_back_once_with_a_reason_and_stays(self) -> None:
        claim, reviewer = case_in(State.REVIEWING), staff("reviewer")
        kept = record(claim)

        def withdraw(reason: str) -> Evidence:
            return evidence.withdraw_evidence(kept.pk, reason=reason, by=reviewer, at=REVIEWED)

        service_refused("INVALID_INPUT", lambda: withdraw(" "))
        taken_back = withdraw("录错案件")

        assert (taken_back.withdrawn_by, taken_back.withdrawn_at) == (reviewer, REVIEWED)
        assert Evidence.objects.get() == kept
        assert ClaimEvent.objects.get(claim=claim, verb="withdraw_evidence").reason == "录错案件"
        service_refused("INVALID_INPUT", lambda: withdraw("录错案件"))

    def test_is_refused_without_fact_or_source_with_a_strangers_paper_and_to_others(self) -> None:
        claim, other = case_in(State.REVIEWING), case_in(State.REVIEWING)

        service_refused("INVALID_INPUT", lambda: record(claim, " "))
        service_refused("INVALID_INPUT", lambda: record(claim, source=" "))
        service_refused("INVALID_INPUT", lambda: record(claim, material=other.materials.first()))
        for role in ("intake", "finance", "auditor", "administrator"):
            service_refused("NOT_PERMITTED", lambda role=role: record(claim, by=staff(role)))

    def test_nothing_is_taken_back_by_others_or_on_a_settled_case(self) -> None:
        claim = BUILDERS["collecting"]()
        kept = record(claim)

        service_refused(
            "NOT_PERMITTED",
            lambda: evidence.withdraw_evidence(kept.pk, reason="x", by=staff("auditor"), at=REVIEWED),
        )
        ended = BUILDERS["paid"]()
        Evidence.objects.filter(pk=kept.pk).update(claim=ended)
        service_refused(
            "WRONG_STATE",
            lambda: evidence.withdraw_evidence(kept.pk, reason="x", by=staff("reviewer"), at=REVIEWED),
        )


SETTLED = {"paying", "paid", "withdrawn", "closed"}


@pytest.mark.parametrize("state", State.values)
def test_evidence_is_recorded_until_a_case_is_settled(world: World, state: str) -> None:
    if state in SETTLED:
        service_refused("WRONG_STATE", lambda: record(world[state]))
    else:
        assert record(world[state]).claim_id == world[state].pk


@pytest.mark.django_db
class TestThePage:
    def test_two_columns_say_what_speaks_for_and_against(self) -> None:
        claim = case_in(State.REVIEWING)
        record(claim, "影像与报告一致", material=claim.materials.get(kind="imaging"))
        record(claim, "加入前已有结节", weighs=Weighs.AGAINST)

        supports, _heading, against = part(claim).partition('id="weighs-against"')

        assert "影像与报告一致" in supports
        assert "影像学资料" in supports
        assert "加入前已有结节" not in supports
        assert "加入前已有结节" in against

    def test_what_was_taken_back_is_folded_and_struck_with_its_reason(self) -> None:
        claim = case_in(State.REVIEWING)
        kept = record(claim)
        evidence.withdraw_evidence(kept.pk, reason="录错案件", by=staff("reviewer"), at=REVIEWED)

        folded = part(claim).partition("<details")[2]

        assert "加入前无结节记录" in folded.partition("<del>")[2].partition("</del>")[0]
        assert "录错案件" in folded

    def test_the_forms_record_and_take_back(self) -> None:
        claim, client = case_in(State.REVIEWING), signed_in("reviewer")
        imaging = claim.materials.get(kind="imaging")
        said = {"weighs": "against", "fact": "加入前已有结节", "source": "体检中心", "material": imaging.pk}

        assert client.post(url(claim, "record-evidence"), said | {"version": claim.version}).status_code == 302
        kept = Evidence.objects.get()
        assert (kept.weighs, kept.material) == ("against", imaging)
        stale = client.post(url(claim, "record-evidence"), said | {"version": claim.version})
        assert stale.status_code == 409
        assert "加入前已有结节" in stale.content.decode()
        taken = {"version": claim.version + 1, "evidence": kept.pk, "reason": "录错案件"}
        assert client.post(url(claim, "withdraw-evidence"), taken).status_code == 302
        assert Evidence.objects.get().withdrawn_at is not None

    def test_only_papers_of_the_case_can_be_chosen(self) -> None:
        claim, other = case_in(State.REVIEWING), case_in(State.REVIEWING)
        said = {"weighs": "for", "fact": "x", "source": "x", "material": other.materials.all()[0].pk}

        response = signed_in("reviewer").post(url(claim, "record-evidence"), said)

        assert list(response.context["form"].errors) == ["material"]
        assert not Evidence.objects.exists()
