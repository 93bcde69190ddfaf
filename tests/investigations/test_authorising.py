"""The signed letter of authorisation: put on file by intake, and asked for before anybody goes to a hospital."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from claims.enums import ObjectionKind, State
from claims.models import Claim, ClaimEvent, Reading
from claims.refusals import ConsentMissing
from claims.services import collecting, objecting
from config.kernel import pages, sweeping
from config.kernel.refusals import InvalidInput, NotPermitted, WrongState
from investigations import services
from investigations.models import Authorisation, Commission
from investigations.refusals import AuthorisationMissing
from members.models import Message
from tests.factories import (
    APPROVED,
    COMMISSIONED,
    PUBLISHED,
    REVIEWED,
    authorised,
    case_in,
    membership,
    passed,
    signed_in,
    staff,
)
from tests.papers import png

SAID = {"signed_as": "guardian", "signed_on": date(2025, 4, 7)}


def unauthorised() -> Claim:
    """A case that only lacks the letter."""
    claim = passed()
    services.ensure_sample_agencies()
    services.withdraw_authorisation(Authorisation.objects.get().pk, reason="他案", by=staff("intake"), at=REVIEWED)
    return claim


def move(claim: Claim, name: str, row: int | None = None) -> str:
    return reverse("admin:claims_claim_move", args=[claim.pk, name, row or claim.pk])


def test_nobody_is_sent_to_a_hospital_without_the_letter(db: None) -> None:
    claim = unauthorised()

    with pytest.raises(AuthorisationMissing) as no:
        services.commission(claim.pk, by=staff("reviewer"), at=COMMISSIONED)

    assert no.value.code == "AUTHORISATION_MISSING"
    assert not Commission.objects.exists()
    authorised(claim)
    assert services.commission(claim.pk, by=staff("reviewer"), at=COMMISSIONED).claim == claim


def test_the_consent_is_asked_for_first(db: None) -> None:
    claim = unauthorised()
    claim.membership.consents.filter(purpose="investigation").delete()

    with pytest.raises(ConsentMissing):
        services.commission(claim.pk, by=staff("reviewer"), at=COMMISSIONED)


def test_the_button_is_grey_and_says_what_to_do(db: None) -> None:
    claim = unauthorised()

    text = signed_in("reviewer").get(reverse("admin:claims_claim_change", args=[claim.pk])).content.decode()

    assert 'data-move="commission" data-code="AUTHORISATION_MISSING"' in text


@pytest.mark.parametrize(("kind", "goes"), [("non_disclosure", False), ("definition", True), ("forgery", True)])
def test_only_what_goes_to_a_hospital_waits_for_the_letter(db: None, kind: str, goes: bool) -> None:
    claim = case_in(State.PUBLICISED)
    services.withdraw_authorisation(Authorisation.objects.get().pk, reason="他案", by=staff("intake"), at=PUBLISHED)
    objecting.object_to(claim.pk, kind=ObjectionKind(kind), objector=membership(), by=staff("intake"), at=PUBLISHED)

    sweeping.run("investigations.open_commissions", at=PUBLISHED)

    assert Commission.objects.filter(claim=claim).exclude(kind="field").exists() is goes
    assert Message.objects.filter(template="investigation_held").exists() is not goes
    if not goes:
        services.record_authorisation(claim.pk, **SAID, by=staff("intake"), at=PUBLISHED)
        sweeping.run("investigations.open_commissions", at=PUBLISHED)
        assert Commission.objects.filter(claim=claim, kind="second").exists()


@pytest.mark.parametrize("role", ["reviewer", "supervisor", "finance", "auditor", "investigator", "administrator"])
def test_the_letter_is_recorded_and_taken_back_by_intake(db: None, role: str) -> None:
    claim = passed()
    letter = Authorisation.objects.get()

    with pytest.raises(NotPermitted):
        services.record_authorisation(claim.pk, **SAID, by=staff(role), at=REVIEWED)
    with pytest.raises(NotPermitted):
        services.withdraw_authorisation(letter.pk, reason="x", by=staff(role), at=REVIEWED)


def test_what_is_wrong_with_a_letter_is_refused(db: None) -> None:
    claim, intake = passed(), staff("intake")
    letter = Authorisation.objects.get()

    for wrong in ({"signed_as": "neighbour"}, {"signed_on": date(2025, 4, 9)}):
        with pytest.raises(InvalidInput):
            services.record_authorisation(claim.pk, **SAID | wrong, by=intake, at=REVIEWED)
    with pytest.raises(InvalidInput):
        services.withdraw_authorisation(letter.pk, reason=" ", by=intake, at=REVIEWED)
    services.withdraw_authorisation(letter.pk, reason="他案", by=intake, at=REVIEWED)
    with pytest.raises(InvalidInput):
        services.withdraw_authorisation(letter.pk, reason="他案", by=intake, at=REVIEWED)


def test_no_letter_comes_to_a_case_that_has_ended(db: None) -> None:
    claim = case_in(State.COLLECTING)
    collecting.withdraw(claim.pk, by=staff("intake"), at=REVIEWED)

    with pytest.raises(WrongState):
        services.record_authorisation(claim.pk, **SAID, by=staff("intake"), at=REVIEWED)


def test_a_letter_is_an_event_and_stays_as_it_was_signed(db: None) -> None:
    passed()

    event = ClaimEvent.objects.get(verb="record_authorisation")
    assert event.data == {"signed_as": "member", "signed_on": "2025-04-08"}
    with pytest.raises(DatabaseError, match="authorisation_stays_as_signed"), transaction.atomic():
        Authorisation.objects.update(signed_on=date(2025, 1, 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        Authorisation.objects.all().delete()


def test_a_letter_is_taken_back_once(db: None) -> None:
    passed()
    letter = Authorisation.objects.get()
    services.withdraw_authorisation(letter.pk, reason="他案", by=staff("intake"), at=REVIEWED)

    for change in ({"withdrawn_by": None, "withdrawn_at": None}, {"withdrawn_at": PUBLISHED}):
        with pytest.raises(DatabaseError, match="authorisation_is_withdrawn_once"), transaction.atomic():
            Authorisation.objects.update(**change)


def offered(claim: Claim) -> set[str]:
    """What intake may do about the letter on the page of this case."""
    found = pages.offers(Claim.objects.get(pk=claim.pk), by=staff("intake"), at=PUBLISHED)
    return {one.move.name for one in found if one.is_open} & {"record-authorisation", "withdraw-authorisation"}


def test_the_page_offers_what_the_service_does_until_the_money_is_out(db: None) -> None:
    claim = case_in(State.APPROVED)
    assert offered(claim) == {"record-authorisation", "withdraw-authorisation"}

    services.withdraw_authorisation(Authorisation.objects.get().pk, reason="他案", by=staff("intake"), at=APPROVED)
    assert offered(claim) == {"record-authorisation"}


def test_the_page_offers_nothing_of_a_letter_once_a_case_has_ended(db: None) -> None:
    claim = case_in(State.COLLECTING)
    authorised(claim)
    assert offered(claim) == {"record-authorisation", "withdraw-authorisation"}
    collecting.withdraw(claim.pk, by=staff("intake"), at=REVIEWED)

    assert offered(claim) == set()


def test_intake_records_the_scan_and_a_reader_of_it_is_noted(db: None) -> None:
    claim = unauthorised()
    intake, bytes_in = signed_in("intake"), png()
    said = {"signed_as": "member", "signed_on": "2025-04-07"}

    without = intake.post(move(claim, "record-authorisation"), said)
    assert without.context["form"].errors.keys() == {"scan"}
    bad = SimpleUploadedFile("委托书.png", b"MZ\x90")
    assert intake.post(move(claim, "record-authorisation"), said | {"scan": bad}).context["form"].errors.keys() == {
        "scan"
    }
    scan = SimpleUploadedFile("委托书.png", bytes_in)
    assert intake.post(move(claim, "record-authorisation"), said | {"scan": scan}).status_code == 302

    letter = Authorisation.objects.get(withdrawn_at__isnull=True)
    names = [
        reverse("admin:investigations_commission_letter", args=[claim.pk, letter.pk]),
        reverse("admin:investigations_commission_letter_page", args=[claim.pk, letter.pk, 1]),
    ]
    reviewer = signed_in("reviewer")
    page = reviewer.get(reverse("admin:claims_claim_change", args=[claim.pk])).content.decode()
    assert all(url in page for url in names)
    original = reviewer.get(names[0])
    assert original.content == bytes_in
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.headers["X-Content-Type-Options"] == "nosniff"
    assert reviewer.get(names[1]).status_code == 200
    assert Reading.objects.get(about="letter_of_authorisation").claim == claim
    for role in ("investigator", "finance", "administrator"):
        assert [signed_in(role).get(url).status_code for url in names] == [403, 403]
    other = reverse("admin:investigations_commission_letter", args=[claim.pk + 1, letter.pk])
    assert reviewer.get(other).status_code == 404


def test_a_letter_recorded_by_mistake_is_struck_out_on_the_page(db: None) -> None:
    claim = passed()
    letter, intake = Authorisation.objects.get(), signed_in("intake")

    said = {"reason": "属于另一案件"}
    assert intake.post(move(claim, "withdraw-authorisation", letter.pk), said).status_code == 302

    text = intake.get(reverse("admin:claims_claim_change", args=[claim.pk])).content.decode()
    assert "<del>" in text
    assert intake.get(move(claim, "withdraw-authorisation", letter.pk)).status_code == 200
