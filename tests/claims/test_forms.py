"""What the forms of a case let through."""

from django.test import Client
from django.urls import reverse

from claims.enums import Approvals, ReturnReason, State
from claims.models import Claim
from claims.services import reviewing
from tests.factories import REVIEWED, case_in, staff

NOTHING = {"paper-TOTAL_FORMS": 1, "paper-INITIAL_FORMS": 0}


def intake() -> Client:
    user = staff("intake")
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def submit(claim: Claim) -> str:
    return reverse("admin:claims_claim_move", args=[claim.pk, "submit", claim.pk])


def sent_back_complete() -> Claim:
    """A case whose papers are all there, back in the collection."""
    claim = case_in(State.REVIEWING)
    reviewing.return_to(
        claim.pk,
        to=State.COLLECTING,
        code=ReturnReason.OTHER,
        approvals=Approvals.REDO,
        reason="退回错误",
        by=staff("reviewer"),
        at=REVIEWED,
    )
    return Claim.objects.get(pk=claim.pk)


def test_a_case_that_wants_no_paper_goes_on_without_one(db: None) -> None:
    claim, client = sent_back_complete(), intake()
    assert "可以不填写任何材料" in client.get(submit(claim)).content.decode()

    assert client.post(submit(claim), {"version": claim.version, **NOTHING}).status_code == 302

    assert Claim.objects.get(pk=claim.pk).state == State.REVIEWING


def test_a_paper_is_needed_where_one_is_wanted_and_in_the_review(db: None) -> None:
    for state in (State.COLLECTING, State.REVIEWING):
        claim, client = case_in(state), intake()
        assert "可以不填写任何材料" not in client.get(submit(claim)).content.decode()
        response = client.post(submit(claim), {"version": claim.version, **NOTHING})
        assert "请至少填写一份材料" in response.content.decode()
        assert Claim.objects.get(pk=claim.pk).version == claim.version
