"""What of a file is read in the field: the letter of authorisation, medical papers, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from claims.enums import MaterialKind
from claims.models import Material, PaperFile, Reading
from config.kernel import files as kept
from config.kernel.clock import database_now
from config.kernel.refusals import NotPermitted
from investigations import services
from investigations.models import Authorisation, Commission
from investigations.services import files, visiting
from tests.factories import (
    ACCEPTED,
    COMMISSIONED,
    REVIEWED,
    colleague_of,
    in_the_field,
    investigator_of,
    reported,
    signed_in,
    staff,
)
from tests.papers import pdf, png

MEDICAL = {
    "diagnosis_certificate",
    "pathology_report",
    "imaging",
    "surgery_record",
    "discharge_summary",
    "dialysis_record",
    "transplant_record",
    "prior_exam_reports",
    "no_symptom_evidence",
}
PRIVATE = {"id_card_front", "id_card_back", "bank_card", "guardianship", "heirship"}

MakeOne = Callable[[str], Commission]


def scanned(sent: Commission, data: bytes) -> Authorisation:
    """One more letter of its case, with a scan."""
    return services.record_authorisation(
        sent.claim_id,
        signed_as="member",
        signed_on=REVIEWED.date(),
        scan=kept.keep(data, at=REVIEWED),
        by=staff("intake"),
        at=REVIEWED,
    )


def every_paper(sent: Commission, data: bytes) -> dict[str, PaperFile]:
    """A scanned paper of each kind."""
    stored = kept.keep(data, at=REVIEWED)
    by = staff("intake")
    made = {}
    for kind in MaterialKind.values:
        paper, _created = Material.objects.get_or_create(
            claim=sent.claim, kind=kind, replaced_at=None, defaults={"received_at": REVIEWED, "received_by": by}
        )
        made[kind] = PaperFile.objects.create(material=paper, stored=stored)
    return made


def letter_urls(sent: Commission, letter: Authorisation, page: int = 1) -> list[str]:
    return [
        reverse("field:letter-page", args=[sent.pk, letter.pk, page]),
        reverse("field:letter", args=[sent.pk, letter.pk]),
    ]


def paper_url(sent: Commission, paper: PaperFile, page: int = 1) -> str:
    return reverse("field:paper-page", args=[sent.pk, paper.pk, page])


def phone(sent: Commission) -> Client:
    return in_the_field(investigator_of(sent))


def statuses(client: Client, urls: list[str]) -> set[int]:
    return {client.get(url).status_code for url in urls}


@pytest.mark.parametrize("kind", ["field", "second"])
def test_the_letter_is_read_and_saved_by_whoever_goes_there(of_kind: MakeOne, store: Path, kind: str) -> None:
    sent, data = of_kind(kind), pdf(2)
    letter, client = scanned(sent, data), phone(sent)
    drawn, saved = letter_urls(sent, letter)
    page = client.get(reverse("field:commission", args=[sent.pk])).content.decode()
    assert all(url in page for url in (drawn, saved, letter_urls(sent, letter, 2)[0]))

    image, original = client.get(drawn), client.get(saved)

    assert (image.status_code, image.headers["Content-Type"]) == (200, "image/jpeg")
    assert original.content == data
    assert original.headers["Content-Disposition"].startswith("attachment")
    for answer in (image, original):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    read = Reading.objects.get(what="paper")
    assert (read.claim, read.by, read.what, read.about) == (
        sent.claim,
        investigator_of(sent),
        "paper",
        "letter_of_authorisation",
    )
    assert client.get(letter_urls(sent, letter, 3)[0]).status_code == 404


@pytest.mark.parametrize("kind", ["expert", "forensic", "arbitration"])
def test_who_goes_nowhere_has_no_letter(of_kind: MakeOne, store: Path, kind: str) -> None:
    sent = of_kind(kind)
    letter = scanned(sent, png())

    assert statuses(phone(sent), letter_urls(sent, letter)) == {404}
    assert not Reading.objects.filter(about="letter_of_authorisation").exists()


def test_a_letter_that_was_taken_back_is_gone(sent: Commission, store: Path) -> None:
    letter, client = scanned(sent, png()), phone(sent)
    assert statuses(client, letter_urls(sent, letter)) == {200}
    services.withdraw_authorisation(letter.pk, reason="他案", by=staff("intake"), at=database_now())

    assert statuses(client, letter_urls(sent, letter)) == {404}


def test_no_service_reads_for_a_commission_that_ended_meanwhile(sent: Commission, store: Path) -> None:
    letter, by = scanned(sent, png()), investigator_of(sent)
    reported(sent)
    services.accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)  # `sent` was read before that
    Reading.objects.all().delete()

    with pytest.raises(Commission.DoesNotExist):
        files.open_letter(sent, letter.pk, by=by, at=ACCEPTED)
    with pytest.raises(Commission.DoesNotExist):
        files.open_paper(sent, 0, by=by, at=ACCEPTED)
    with pytest.raises(Commission.DoesNotExist):
        visiting.reveal(sent, number="id_number", reason="病案室要求", by=by, at=ACCEPTED)
    assert not Reading.objects.exists()


def test_a_letter_on_paper_alone_is_said(sent: Commission) -> None:
    client = phone(sent)
    client.cookies["django_language"] = "en"

    assert "the letter lies on paper" in client.get(reverse("field:commission", args=[sent.pk])).content.decode()


def test_the_letter_is_in_the_hands_that_have_the_commission(sent: Commission, store: Path, of_kind: MakeOne) -> None:
    letter, other = scanned(sent, png()), of_kind("field")
    one, colleague = colleague_of(sent), colleague_of(sent)
    services.assign(sent.pk, investigator_id=one.pk, by=investigator_of(sent), at=COMMISSIONED)
    urls = letter_urls(sent, letter)

    assert statuses(in_the_field(colleague.user), urls) == {404}
    assert statuses(phone(other), urls) == {404}
    assert statuses(phone(other), letter_urls(other, letter)) == {404}
    assert statuses(signed_in("reviewer"), urls) == {403}
    assert statuses(Client(), urls) == {302}
    assert not Reading.objects.exists()
    fresh = Commission.objects.get(pk=sent.pk)
    with pytest.raises(NotPermitted):
        files.open_letter(fresh, letter.pk, by=colleague.user, at=COMMISSIONED)

    assert statuses(in_the_field(one.user), urls) == {200}
    reported(sent)
    services.accept_report(sent.pk, by=staff("reviewer"), at=database_now())
    assert statuses(in_the_field(one.user), urls) == {404}


@pytest.mark.parametrize("kind", ["expert", "forensic", "arbitration"])
def test_who_reads_gets_the_medical_papers_drawn_anew(of_kind: MakeOne, store: Path, kind: str) -> None:
    sent = of_kind(kind)
    papers, client = every_paper(sent, pdf(2)), phone(sent)
    page = client.get(reverse("field:commission", args=[sent.pk])).content.decode()

    assert {name for name, paper in papers.items() if paper_url(sent, paper) in page} == MEDICAL
    assert {name for name, paper in papers.items() if client.get(paper_url(sent, paper)).status_code == 200} == MEDICAL
    assert {name for name, paper in papers.items() if client.get(paper_url(sent, paper)).status_code == 404} == PRIVATE
    assert client.get(paper_url(sent, papers["imaging"], 3)).status_code == 404
    image = client.get(paper_url(sent, papers["imaging"], 2))
    assert image.headers["Content-Type"] == "image/jpeg"
    assert "Content-Disposition" not in image.headers
    noted = Reading.objects.filter(what="paper", by=investigator_of(sent))
    assert sorted(noted.values_list("about", flat=True)) == sorted(MEDICAL)


@pytest.mark.parametrize("kind", ["field", "second"])
def test_who_goes_to_the_hospital_reads_no_papers(of_kind: MakeOne, store: Path, kind: str) -> None:
    sent = of_kind(kind)
    papers, client = every_paper(sent, png()), phone(sent)

    assert statuses(client, [paper_url(sent, paper) for paper in papers.values()]) == {404}
    assert not Reading.objects.filter(what="paper").exists()


def test_papers_of_another_case_or_of_an_ended_commission_are_not_there(of_kind: MakeOne, store: Path) -> None:
    sent, other = of_kind("expert"), of_kind("expert")
    paper, foreign = every_paper(sent, png())["imaging"], every_paper(other, png())["imaging"]
    client, colleague = phone(sent), colleague_of(sent)

    assert client.get(paper_url(sent, foreign)).status_code == 404
    assert client.get(paper_url(sent, paper)).status_code == 200
    services.assign(sent.pk, investigator_id=colleague_of(sent).pk, by=investigator_of(sent), at=database_now())
    assert in_the_field(colleague.user).get(paper_url(sent, paper)).status_code == 404
    Material.objects.filter(pk=paper.material_id).update(replaced_at=database_now())
    assert client.get(paper_url(sent, paper)).status_code == 404


def test_a_lost_file_is_said(of_kind: MakeOne, store: Path) -> None:
    sent = of_kind("expert")
    paper = every_paper(sent, png())["imaging"]
    kept.place_of(paper.stored).unlink()

    assert phone(sent).get(paper_url(sent, paper)).status_code == 410
