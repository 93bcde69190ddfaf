"""Papers as files: taken in, looked at, judged one by one, asked for again in one letter."""

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override
from PIL import Image

from claims.enums import LetterKind, PaperFault, PaperFinding, State
from claims.models import Claim, ClaimEvent, Letter, Material, PaperFile, Reading
from claims.refusals import AskedAlready, NothingMissing, PaperReplaced
from claims.services import collecting, judging, reviewing, viewing
from claims.services.collecting import Enclosed
from claims.services.letters import compose
from config.kernel import files, sweeping
from config.kernel.models import StoredFile, User
from config.kernel.refusals import InvalidInput, NotPermitted, Refusal, Stale, WrongState
from members.models import Message
from members.services.messages import render
from tests.factories import PAPERS, REVIEWED, SUBMITTED, at, case_in, signed_in, staff
from tests.papers import EXE, POLYGLOT, SVG, bomb, jpeg, pdf, png

pytestmark = pytest.mark.django_db

LOOKED = REVIEWED + timedelta(hours=1)


def move(claim: Claim, name: str, row: Material | Claim | None = None) -> str:
    return reverse("admin:claims_claim_move", args=[claim.pk, name, (row or claim).pk])


def page_of(file: PaperFile, claim: Claim | None = None, page: int = 1) -> str:
    return reverse("admin:claims_claim_paper_page", args=[(claim or file.material.claim).pk, file.pk, page])


def original_of(file: PaperFile, claim: Claim | None = None) -> str:
    return reverse("admin:claims_claim_paper", args=[(claim or file.material.claim).pk, file.pk])


def fresh(claim: Claim) -> Claim:
    return Claim.objects.get(pk=claim.pk)


def paper(claim: Claim, kind: str = "imaging") -> Material:
    return Material.objects.get(claim=claim, kind=kind, replaced_at=None)


def with_file(claim: Claim, data: bytes | None = None, *, kind: str = "imaging", name: str = "scan.pdf") -> PaperFile:
    """A paper of one file, handed in."""
    stored = files.keep(data or pdf(2), at=SUBMITTED)
    enclosed = [Enclosed(files=[(name, stored)])]
    collecting.submit(claim.pk, materials=[{"kind": kind}], enclosed=enclosed, by=staff("intake"), at=SUBMITTED)
    return PaperFile.objects.get(material=paper(claim, kind))


def send_back(claim: Claim, kind: str = "imaging", fault: PaperFault = PaperFault.UNREADABLE, **more: Any) -> Material:
    said = {"by": staff("reviewer"), "at": LOOKED} | more
    return judging.judge(claim.pk, paper(claim, kind).pk, finding=PaperFinding.RETURNED, fault=fault, **said)


def accept(claim: Claim, kind: str = "imaging", **more: Any) -> Material:
    said = {"by": staff("reviewer"), "at": LOOKED} | more
    return judging.judge(claim.pk, paper(claim, kind).pk, finding=PaperFinding.ACCEPTED, **said)


def upload(data: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/x-whatever")


def lines(claim: Claim, *papers: dict[str, Any]) -> dict[str, Any]:
    """What a browser sends of the form."""
    said: dict[str, Any] = {"version": claim.version, "paper-TOTAL_FORMS": len(papers), "paper-INITIAL_FORMS": 0}
    for number, one in enumerate(papers):
        said |= {f"paper-{number}-{name}": value for name, value in one.items()}
    return said


class TestTakingIn:
    def test_files_and_record_number_stay_with_their_paper(self) -> None:
        claim = case_in(State.COLLECTING)
        one, other = files.keep(pdf(2), at=SUBMITTED), files.keep(png(), at=SUBMITTED)

        collecting.submit(
            claim.pk,
            materials=[{"kind": "imaging"}, {"kind": "bank_card"}],
            enclosed=[Enclosed(files=[("../a.pdf", one), ("b\x07.png", other)], record_number=" zy-2025 0417 ")],
            by=staff("intake"),
            at=SUBMITTED,
        )

        imaging = paper(claim)
        assert [(file.name, file.stored, file.place) for file in imaging.files.all()] == [
            ("a.pdf", one, 1),
            ("b.png", other, 2),
        ]
        assert imaging.record_number == "ZY20250417"
        assert Material.objects.get(record_number="ZY20250417") == imaging
        assert imaging.details == {}
        assert not paper(claim, "bank_card").files.exists()

    def test_the_record_number_is_encrypted(self) -> None:
        claim = case_in(State.COLLECTING)
        enclosed = [Enclosed(record_number="ZY20250417")]
        collecting.submit(
            claim.pk, materials=[{"kind": "imaging"}], enclosed=enclosed, by=staff("intake"), at=SUBMITTED
        )

        with connection.cursor() as cursor:
            cursor.execute("SELECT claims_material::text FROM claims_material WHERE claim_id = %s", [claim.pk])
            ((stored,),) = cursor.fetchall()
        assert "ZY20250417" not in stored
        assert b"ZY20250417".hex() not in stored

    def test_without_files_it_goes_on_as_ever(self) -> None:
        claim = case_in(State.COLLECTING)

        collecting.submit(claim.pk, materials=PAPERS, by=staff("intake"), at=SUBMITTED)

        assert fresh(claim).state == State.REVIEWING
        assert not PaperFile.objects.exists()


class TestAWantedLine:
    """The form comes with a line for each paper that is wanted: it is not there because it was asked for."""

    def sent(self, claim: Claim, client: Client, **more: Any) -> dict[str, Any]:
        """The form as the browser sends it back when nobody has touched it, and with what somebody typed."""
        form = client.get(move(claim, "submit")).context["form"]
        said: dict[str, Any] = {"version": claim.version}
        said |= {field.html_name: field.value() for field in form.lines.management_form}
        for line in form.lines:
            said |= {field.html_name: field.value() for field in line if field.value()}
        return said | {f"paper-{name}": value for name, value in more.items()}

    def taken(self, claim: Claim) -> list[str]:
        return list(claim.materials.order_by("id").values_list("kind", flat=True))

    def test_left_alone_it_is_not_taken_in(self) -> None:
        claim, client = case_in(State.COLLECTING), signed_in("intake")
        said = self.sent(claim, client, **{"1-scans": [upload(pdf(), "病理.pdf")]})
        assert said["paper-0-kind"] == "diagnosis_certificate"

        assert client.post(move(claim, "submit"), said).status_code == 302

        assert self.taken(claim) == ["pathology_report"]
        assert fresh(claim).state == State.COLLECTING

    def test_the_whole_form_left_alone_is_asked_about(self) -> None:
        claim, client = case_in(State.COLLECTING), signed_in("intake")

        response = client.post(move(claim, "submit"), self.sent(claim, client))

        assert "请至少填写一份材料" in response.content.decode()
        assert self.taken(claim) == []

    @pytest.mark.parametrize(
        ("line", "name", "value", "kind"),
        [
            (0, "here", "on", "diagnosis_certificate"),
            (0, "grade", "3A", "diagnosis_certificate"),
            (0, "ownership", "public", "diagnosis_certificate"),
            (0, "signed_by", "specialist", "diagnosis_certificate"),
            (0, "sealed", "on", "diagnosis_certificate"),
            (2, "here", "on", "imaging"),
            (2, "record_number", "Z77", "imaging"),
            (6, "none_exist", "on", "prior_exam_reports"),
        ],
    )
    def test_a_tick_or_a_detail_says_that_it_is_here(self, line: int, name: str, value: str, kind: str) -> None:
        claim, client = case_in(State.COLLECTING), signed_in("intake")

        client.post(move(claim, "submit"), self.sent(claim, client, **{f"{line}-{name}": value}))

        assert self.taken(claim) == [kind]

    def test_it_asks_for_what_counts_of_its_kind_alone(self) -> None:
        lines = signed_in("intake").get(move(case_in(State.COLLECTING), "submit")).context["form"].lines

        assert {
            line["kind"].value(): set(line.fields) - {"kind", "here", "record_number", "scans"} for line in lines
        } == {
            "diagnosis_certificate": {"grade", "ownership", "signed_by", "sealed"},
            **{kind: set() for kind in ("pathology_report", "imaging", "id_card_front", "id_card_back", "bank_card")},
            "prior_exam_reports": {"none_exist"},
            None: {"grade", "ownership", "signed_by", "sealed", "through", "none_exist"},
        }

    def test_files_that_were_all_left_out_do_not_say_so(self) -> None:
        claim, client = case_in(State.COLLECTING), signed_in("intake")
        typed = {"1-scans": [upload(pdf(), "falsch.pdf")], "0-scans": [upload(EXE, "x.exe")]}
        text = client.post(move(claim, "submit"), self.sent(claim, client, **typed)).content.decode()
        left_out = {"1-kept": token(text, line=1), "1-leave-out": [StoredFile.objects.get().pk]}

        assert (
            client.post(move(claim, "submit"), self.sent(claim, client, **left_out, **{"3-here": "on"})).status_code
            == 302
        )

        assert self.taken(claim) == ["id_card_front"]

    def test_one_added_by_hand_counts_by_its_kind(self) -> None:
        claim, client = case_in(State.COLLECTING), signed_in("intake")

        client.post(move(claim, "submit"), self.sent(claim, client, **{"7-kind": "surgery_record"}))

        assert self.taken(claim) == ["surgery_record"]

    def test_its_kind_is_said_and_not_chosen(self) -> None:
        claim = case_in(State.COLLECTING)

        text = signed_in("intake").get(move(claim, "submit")).content.decode()

        assert '<input type="hidden" name="paper-0-kind" value="diagnosis_certificate"' in text
        assert re.search(r"<legend>[^<]*确诊证明[^<]*</legend>", text)
        assert 'name="paper-0-here"' in text
        assert '<select name="paper-7-kind"' in text
        assert 'name="paper-7-here"' not in text

    def test_what_was_ticked_and_sent_survives_a_fault_elsewhere(self) -> None:
        claim, client = case_in(State.COLLECTING), signed_in("intake")
        typed = {"0-here": "on", "1-scans": [upload(pdf(), "病理.pdf")], "7-through": "gestern"}

        text = client.post(move(claim, "submit"), self.sent(claim, client, **typed)).content.decode()

        assert re.search(r'<input type="checkbox" name="paper-0-here"[^>]* checked[ >]', text)
        assert not re.search(r'<input type="checkbox" name="paper-3-here"[^>]* checked[ >]', text)
        again = self.sent(claim, client, **{"0-here": "on", "1-kept": token(text, line=1)})
        assert client.post(move(claim, "submit"), again).status_code == 302
        assert self.taken(claim) == ["diagnosis_certificate", "pathology_report"]


class TestTheForm:
    def test_it_is_sent_in_parts(self) -> None:
        claim = case_in(State.COLLECTING)

        text = signed_in("intake").get(move(claim, "submit")).content.decode()

        assert 'enctype="multipart/form-data"' in text
        own = '</div></div><input type="text" hidden disabled></div>'  # the skin writes the file's name into it
        assert re.search(rf'<div><div><div><input type="file" name="paper-0-scans"[^>]* multiple[^>]*>{own}', text)

    def test_several_files_are_the_pages_of_a_paper(self) -> None:
        claim = case_in(State.COLLECTING)
        said = lines(
            claim,
            {"kind": "imaging", "scans": [upload(jpeg(), "一.jpg"), upload(pdf(3), "二.pdf")], "record_number": "Z-77"},
            {"kind": "bank_card"},
        )

        response = signed_in("intake").post(move(claim, "submit"), said)

        assert response.status_code == 302
        assert [(file.name, file.stored.pages) for file in paper(claim).files.all()] == [("一.jpg", 1), ("二.pdf", 3)]
        assert paper(claim).record_number == "Z77"

    @pytest.mark.parametrize(
        ("data", "name"),
        [
            (EXE, "诊断证明.pdf"),
            (SVG, "a.svg"),
            (b"", "leer.pdf"),
            (pdf()[:150], "cut.pdf"),
            (pdf(locked=True), "locked.pdf"),
            (bomb(), "bomb.png"),
            (b"%PDF-1.7\n" + bytes(21 * 1024 * 1024), "large.pdf"),
        ],
        ids=["exe", "svg", "empty", "cut", "locked", "bomb", "21MB"],
    )
    def test_a_bad_file_is_named_and_everything_else_stays(self, data: bytes, name: str) -> None:
        claim, client = case_in(State.COLLECTING), signed_in("intake")
        both = [upload(pdf(), "good.pdf"), upload(data, name)]
        said = lines(claim, {"kind": "imaging", "scans": both, "record_number": "Z77"}, {"kind": "bank_card"})

        response = client.post(move(claim, "submit"), said)

        text = response.content.decode()
        assert response.status_code == 200
        assert f"{name}: " in text
        assert "good.pdf" in text
        assert 'value="Z77"' in text
        assert not Material.objects.filter(claim=claim).exists()

        again = lines(claim, {"kind": "imaging", "kept": token(text)}, {"kind": "bank_card"})
        assert client.post(move(claim, "submit"), again).status_code == 302
        assert [file.name for file in paper(claim).files.all()] == ["good.pdf"]

    def test_a_polyglot_is_shown_as_the_image_that_it_is(self) -> None:
        claim, client = case_in(State.COLLECTING), signed_in("intake")
        said = lines(claim, {"kind": "imaging", "scans": [upload(POLYGLOT, "page.html")]})
        assert client.post(move(claim, "submit"), said).status_code == 302

        file = PaperFile.objects.get()
        assert b"script" not in client.get(page_of(file)).content
        sent = client.get(original_of(file))
        assert sent.headers["content-type"] == "image/png"
        assert sent.headers["content-disposition"] == 'attachment; filename="page.html.png"'

    def test_files_survive_a_case_that_moved_meanwhile(self) -> None:
        claim, client = case_in(State.COLLECTING), signed_in("intake")
        said = lines(claim, {"kind": "imaging", "scans": [upload(pdf(), "影像.pdf")]})
        collecting.submit(claim.pk, materials=[{"kind": "bank_card"}], by=staff("intake"), at=SUBMITTED)

        response = client.post(move(claim, "submit"), said)

        text = response.content.decode()
        assert response.status_code == 409
        assert 'data-code="STALE"' in text
        assert "影像.pdf" in text
        again = lines(fresh(claim), {"kind": "imaging", "kept": token(text), "scans": [upload(png(), "补.png")]})
        assert client.post(move(claim, "submit"), again).status_code == 302
        assert [file.name for file in paper(claim).files.all()] == ["影像.pdf", "补.png"]

    def test_a_kept_file_can_be_left_out(self) -> None:
        claim, client = case_in(State.COLLECTING), signed_in("intake")
        said = lines(claim, {"scans": [upload(pdf(), "a.pdf"), upload(png(), "b.png")]})
        text = client.post(move(claim, "submit"), said).content.decode()
        wrong = StoredFile.objects.get(content_type="application/pdf")

        again = lines(claim, {"kind": "imaging", "kept": token(text), "leave-out": [wrong.pk]})
        assert client.post(move(claim, "submit"), again).status_code == 302

        assert [file.name for file in paper(claim).files.all()] == ["b.png"]

    def test_files_without_a_kind_are_asked_about(self) -> None:
        claim, client = case_in(State.COLLECTING), signed_in("intake")

        text = client.post(move(claim, "submit"), lines(claim, {"scans": [upload(pdf(), "a.pdf")]})).content.decode()

        assert token(text)
        assert 'id="id_paper-0-kind"' in text
        assert "desk-wrong" in text
        assert not Material.objects.filter(claim=claim).exists()

    def test_what_is_kept_is_kept_for_one_person_and_one_case(self) -> None:
        claim, other, client = case_in(State.COLLECTING), case_in(State.COLLECTING), signed_in("intake")
        text = client.post(move(claim, "submit"), lines(claim, {"scans": [upload(pdf(), "a.pdf")]})).content.decode()
        kept = {"kind": "imaging", "kept": token(text)}

        for somebody, case, said in (
            (signed_in("intake"), claim, kept),
            (client, other, kept),
            (client, claim, kept | {"kept": "W10:forged"}),
        ):
            assert somebody.post(move(case, "submit"), lines(case, said)).status_code == 200
        assert not PaperFile.objects.exists()

    def test_nothing_is_stored_for_who_may_not_take_papers_in(self) -> None:
        claim = case_in(State.COLLECTING)
        said = lines(claim, {"kind": "imaging", "scans": [upload(pdf(), "a.pdf")]})

        assert signed_in("auditor").post(move(claim, "submit"), said).status_code == 403

        assert not StoredFile.objects.exists()

    def test_more_files_than_can_be_opened_at_once_wait_for_the_next_time(self, monkeypatch: Any) -> None:
        monkeypatch.setattr("claims.forms.papers.MOST_AT_ONCE", 1)
        claim, client = case_in(State.COLLECTING), signed_in("intake")
        said = lines(claim, {"kind": "imaging", "scans": [upload(pdf(), "a.pdf"), upload(png(), "b.png")]})

        text = client.post(move(claim, "submit"), said).content.decode()

        assert "b.png" in text
        assert token(text)
        assert StoredFile.objects.count() == 1


def token(text: str, *, line: int = 0) -> str:
    found = re.search(rf'name="paper-{line}-kept" value="([^"]+)"', text)
    assert found, "no file is remembered"
    return found[1]


class TestLooking:
    def test_a_page_is_an_image_that_cannot_do_anything(self) -> None:
        file = with_file(case_in(State.COLLECTING))

        response = signed_in("reviewer").get(page_of(file, page=2))

        assert response.status_code == 200
        assert response.headers["content-type"] == "image/jpeg"
        assert response.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "no-store" in response.headers["cache-control"]
        assert Image.open(io.BytesIO(response.content)).width > 1000

    def test_the_original_is_saved_under_its_name(self) -> None:
        data = pdf()
        file = with_file(case_in(State.COLLECTING), data, name='诊断"证明.pdf')

        response = signed_in("reviewer").get(original_of(file))

        assert response.content == data
        said = "attachment; filename*=utf-8''%E8%AF%8A%E6%96%AD%22%E8%AF%81%E6%98%8E.pdf"
        assert response.headers["content-disposition"] == said
        assert response.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "no-store" in response.headers["cache-control"]

    def test_who_may_not_read_papers_sees_none(self) -> None:
        file = with_file(case_in(State.COLLECTING))

        for role, status in {
            "intake": 200,
            "reviewer": 200,
            "supervisor": 200,
            "auditor": 200,
            "finance": 403,
            "administrator": 403,
        }.items():
            client = signed_in(role)
            assert [client.get(page_of(file)).status_code, client.get(original_of(file)).status_code] == [status] * 2
        for url in (page_of(file), original_of(file)):
            assert Client().get(url).headers["location"].startswith("/admin/login/")
            assert signed_in("reviewer").post(url).status_code == 405
        assert set(Reading.objects.values_list("by__groups__name", flat=True)) == {
            "intake",
            "reviewer",
            "supervisor",
            "auditor",
        }

    def test_a_file_of_another_case_is_not_there(self) -> None:
        file, other, client = with_file(case_in(State.COLLECTING)), case_in(State.COLLECTING), signed_in("reviewer")

        for url in (page_of(file, other), original_of(file, other), page_of(file, page=3), page_of(file, page=0)):
            assert client.get(url).status_code == 404
        assert not Reading.objects.filter(claim=other).exists()

    def test_a_lost_file_is_said_to_be_lost(self) -> None:
        file, client = with_file(case_in(State.COLLECTING), png(colour="red")), signed_in("reviewer")
        place = files.place_of(file.stored)
        place.write_bytes(place.read_bytes()[:-1])

        for url in (page_of(file), original_of(file)):
            response = client.get(url)
            assert response.status_code == 410
            assert response.headers["content-security-policy"] == "sandbox; default-src 'none'"
        Path(place).unlink()
        assert client.get(page_of(file)).status_code == 410

    def test_a_file_that_draws_no_more_is_refused_in_words(self) -> None:
        claim = case_in(State.COLLECTING)
        broken = files.keep(b"%PDF-1.7\nmade by an older version", pages=1, at=SUBMITTED)
        enclosed = [Enclosed(files=[("alt.pdf", broken)])]
        collecting.submit(
            claim.pk, materials=[{"kind": "imaging"}], enclosed=enclosed, by=staff("intake"), at=SUBMITTED
        )

        response = signed_in("reviewer").get(page_of(PaperFile.objects.get()))

        assert response.status_code == 409
        assert response.headers["content-type"] == "text/plain; charset=utf-8"

    def test_an_opening_is_noted_once_in_a_quarter_of_an_hour(self) -> None:
        claim, reviewer = case_in(State.COLLECTING), staff("reviewer")
        file, other = with_file(claim), with_file(claim, kind="bank_card")

        for who, what, minutes in (
            (reviewer, file, 0),
            (reviewer, file, 14),
            (reviewer, other, 14),
            (staff("auditor"), file, 14),
            (reviewer, file, 15),
        ):
            viewing.open_paper(claim.pk, what.pk, by=who, at=LOOKED + timedelta(minutes=minutes))

        noted = Reading.objects.filter(claim=claim, what="paper").order_by("id")
        assert [(row.about, (row.at - LOOKED).seconds // 60) for row in noted] == [
            ("imaging", 0),
            ("bank_card", 14),
            ("imaging", 14),
            ("imaging", 15),
        ]

    def test_the_service_asks_who_it_is(self) -> None:
        claim = case_in(State.COLLECTING)
        file = with_file(claim)

        with pytest.raises(NotPermitted):
            viewing.open_paper(claim.pk, file.pk, by=staff("finance"), at=LOOKED)

        assert not Reading.objects.exists()


class TestJudging:
    def test_a_paper_sent_back_counts_as_missing(self) -> None:
        claim = case_in(State.REVIEWING)
        reviewer = staff("reviewer")

        returned = send_back(claim, fault=PaperFault.NOT_SEALED, note="第 2 页没有章", by=reviewer)

        assert (returned.finding, returned.fault, returned.finding_note) == ("returned", "not_sealed", "第 2 页没有章")
        assert (returned.judged_by, returned.judged_at) == (reviewer, LOOKED)
        said = fresh(claim).assessment
        assert said is not None
        assert (said.outcome, said.codes) == ("need", ["IMAGING"])
        event = ClaimEvent.objects.filter(claim=claim).latest("id")
        assert (event.verb, event.reason_code, event.reason) == ("judge", "imaging:not_sealed", "第 2 页没有章")
        assert (event.from_state, event.to_state, event.data) == ("reviewing", "reviewing", {"paper": returned.pk})

    def test_no_letter_is_written_for_it(self) -> None:
        claim = case_in(State.REVIEWING)
        before = Letter.objects.filter(claim=claim).count()

        send_back(claim)
        send_back(claim, "bank_card")

        assert Letter.objects.filter(claim=claim).count() == before

    def test_it_can_be_judged_again(self) -> None:
        claim = case_in(State.REVIEWING)
        send_back(claim)

        accepted = accept(claim)

        assert (accepted.finding, accepted.fault, accepted.finding_note) == ("accepted", "", "")
        said = fresh(claim).assessment
        assert said is not None
        assert said.outcome == "accept"

    def test_accepting_what_counted_already_asks_no_rule_again(self) -> None:
        claim = case_in(State.REVIEWING)

        accept(claim)

        assert fresh(claim).assessment == claim.assessment
        assert fresh(claim).version == claim.version + 1

    def test_a_newer_version_has_not_been_looked_at(self) -> None:
        claim = case_in(State.REVIEWING)
        old = send_back(claim)

        collecting.submit(claim.pk, materials=[{"kind": "imaging"}], by=staff("intake"), at=LOOKED)

        assert paper(claim).finding == ""
        said = fresh(claim).assessment
        assert said is not None
        assert said.outcome == "accept"
        with pytest.raises(PaperReplaced):
            judging.judge(claim.pk, old.pk, finding=PaperFinding.ACCEPTED, by=staff("reviewer"), at=LOOKED)

    def test_a_paper_of_another_case_is_not_judged(self) -> None:
        claim, other = case_in(State.REVIEWING), case_in(State.REVIEWING)

        with pytest.raises(PaperReplaced):
            judging.judge(claim.pk, paper(other).pk, finding=PaperFinding.ACCEPTED, by=staff("reviewer"), at=LOOKED)

    def test_it_is_possible_until_somebody_has_decided(self) -> None:
        possible = set()
        for state in (State.REVIEWING, State.INVESTIGATING, State.DECIDING, State.PUBLICISED, State.APPROVED):
            claim = case_in(state)
            try:
                accept(claim)
            except WrongState:
                continue
            possible.add(state)
        claim = case_in(State.COLLECTING)
        with_file(claim)
        accept(claim)

        assert possible == {State.REVIEWING, State.INVESTIGATING, State.DECIDING}

    @pytest.mark.parametrize("role", ["intake", "finance", "auditor", "administrator"])
    def test_it_is_for_reviewers(self, role: str) -> None:
        claim = case_in(State.REVIEWING)

        with pytest.raises(NotPermitted):
            accept(claim, by=staff(role))

        accept(claim, by=staff("supervisor"))

    def test_sending_back_takes_a_fault_and_another_reason_takes_a_note(self) -> None:
        claim = case_in(State.REVIEWING)
        for said in ({"fault": None}, {"fault": PaperFault.OTHER, "note": "  "}):
            with pytest.raises(InvalidInput):
                send_back(claim, **said)
        assert paper(claim).finding == ""

    def test_a_page_that_is_too_old_is_refused(self) -> None:
        claim = case_in(State.REVIEWING)
        accept(claim)

        with pytest.raises(Stale):
            accept(claim, "bank_card", version=claim.version)

    def test_a_case_with_a_paper_sent_back_is_not_put_before_the_members(self) -> None:
        claim = case_in(State.DECIDING)
        send_back(claim, at=at("2025-04-21 12:00"))

        response = signed_in("reviewer").post(move(claim, "publish"), {"version": fresh(claim).version, "reason": "x"})

        assert response.status_code == 409
        assert 'data-code="NOT_ACCEPTED"' in response.content.decode()


class TestTheOneLetter:
    def collecting_with_two_faults(self) -> Claim:
        """Six of seven papers are there, two of them no good; the last letter asked for all."""
        claim = case_in(State.COLLECTING)
        papers = [one for one in PAPERS if one["kind"] != "bank_card"]
        collecting.submit(claim.pk, materials=papers, by=staff("intake"), at=SUBMITTED)
        send_back(claim, fault=PaperFault.UNREADABLE)
        send_back(claim, "id_card_back", fault=PaperFault.WRONG_PERSON, note="是他哥哥的")
        return claim

    def letters(self, claim: Claim) -> list[dict[str, Any]]:
        found = Letter.objects.filter(claim=claim, kind=LetterKind.SUPPLEMENT).order_by("id")
        return [{name: letter.facts[name] for name in ("codes", "faults") if name in letter.facts} for letter in found]

    def test_it_names_every_gap_and_the_faults(self) -> None:
        claim = self.collecting_with_two_faults()
        before = len(self.letters(claim))

        collecting.ask_for_papers(claim.pk, by=staff("reviewer"), at=LOOKED)

        assert self.letters(claim)[before:] == [
            {
                "codes": ["IMAGING", "ID_CARD_BACK", "BANK_CARD"],
                "faults": {"IMAGING": "unreadable", "ID_CARD_BACK": "wrong_person"},
            }
        ]
        message = Message.objects.filter(about=claim.number).latest("id")
        _subject, body = render(message, "en")
        assert "imaging: it cannot be read" in body
        assert "ID card, back: it is another person's" in body
        assert "bank card" in body
        assert "哥哥" not in str(message.facts)

    def test_another_reason_reaches_the_applicant_in_letter_and_message(self) -> None:
        claim = self.collecting_with_two_faults()
        send_back(claim, fault=PaperFault.OTHER, note=" 只有复印件 ")

        letter = collecting.ask_for_papers(claim.pk, by=staff("reviewer"), at=LOOKED)

        assert letter.facts["faults"] == {"IMAGING": "other", "ID_CARD_BACK": "wrong_person"}
        assert letter.facts["notes"] == {"IMAGING": "只有复印件"}
        _subject, body = render(Message.objects.filter(about=claim.number).latest("id"), "en")
        with override("en"):
            text = "\n".join(compose(letter).lines())
        assert "imaging: 只有复印件" in body
        assert "because 只有复印件" in text
        assert "哥哥" not in body + text
        with pytest.raises(AskedAlready):
            collecting.ask_for_papers(claim.pk, by=staff("reviewer"), at=LOOKED)
        send_back(claim, fault=PaperFault.OTHER, note="缺少报告医生签名")
        assert collecting.ask_for_papers(claim.pk, by=staff("reviewer"), at=LOOKED) != letter

    def test_a_paper_that_no_rule_asks_for_is_named_when_it_was_sent_back(self) -> None:
        claim = case_in(State.REVIEWING)
        collecting.submit(claim.pk, materials=[{"kind": "guardianship"}], by=staff("intake"), at=SUBMITTED)
        send_back(claim, "guardianship", fault=PaperFault.INCOMPLETE)
        reviewing.return_to(claim.pk, to=State.COLLECTING, reason="监护证明", by=staff("reviewer"), at=LOOKED)

        asked = {"codes": ["GUARDIANSHIP"], "faults": {"GUARDIANSHIP": "incomplete"}}
        assert self.letters(claim)[-1] == asked
        letter, message = Letter.objects.latest("id"), Message.objects.filter(about=claim.number, member__isnull=False)
        with override("en"):
            lines = compose(letter).lines()
        assert "1. proof of guardianship: what you sent could not be accepted, because pages are missing" in lines
        assert "proof of guardianship: pages are missing" in render(message.latest("id"), "en")[1]
        with pytest.raises(AskedAlready):
            collecting.ask_for_papers(claim.pk, by=staff("intake"), at=LOOKED)
        form = signed_in("intake").get(move(claim, "submit")).context["form"]
        assert [line.initial.get("kind") for line in form.lines] == ["guardianship", None, None]

        collecting.submit(claim.pk, materials=[], by=staff("intake"), at=LOOKED)  # it holds nothing up

        assert fresh(claim).state == State.REVIEWING

    def test_the_same_is_not_asked_twice(self) -> None:
        claim = self.collecting_with_two_faults()
        collecting.ask_for_papers(claim.pk, by=staff("intake"), at=LOOKED)

        with pytest.raises(AskedAlready) as no:
            collecting.ask_for_papers(claim.pk, by=staff("intake"), at=LOOKED)

        assert no.value.data == {"day": "2025-04-08"}
        send_back(claim, fault=PaperFault.INCOMPLETE)
        collecting.ask_for_papers(claim.pk, by=staff("intake"), at=LOOKED)
        assert self.letters(claim)[-1]["faults"]["IMAGING"] == "incomplete"

    def test_nothing_is_asked_where_nothing_is_missing(self) -> None:
        claim = case_in(State.REVIEWING)
        reviewing.return_to(claim.pk, to=State.COLLECTING, reason="look again", by=staff("reviewer"), at=LOOKED)

        with pytest.raises(NothingMissing):
            collecting.ask_for_papers(claim.pk, by=staff("reviewer"), at=LOOKED)

    def test_it_is_asked_in_the_collection_by_who_takes_in_or_judges(self) -> None:
        claim, elsewhere = self.collecting_with_two_faults(), case_in(State.DECIDING)
        send_back(elsewhere, at=at("2025-04-21 12:00"))

        def outcome(of: Claim, by: User) -> str:
            try:
                collecting.ask_for_papers(of.pk, by=by, at=at("2025-04-21 13:00"))
            except Refusal as no:
                return no.code
            return "done"

        assert outcome(elsewhere, staff("reviewer")) == "WRONG_STATE"
        assert [outcome(claim, staff(role)) for role in ("auditor", "finance")] == ["NOT_PERMITTED"] * 2
        assert outcome(claim, staff("supervisor")) == "done"

    def test_the_return_to_the_collection_writes_it_and_starts_the_clock_with_two_reminders(self) -> None:
        claim = case_in(State.REVIEWING)
        send_back(claim)
        send_back(claim, "bank_card", fault=PaperFault.WRONG_KIND)
        before = len(self.letters(claim))

        reviewing.return_to(claim.pk, to=State.COLLECTING, reason="两份材料", by=staff("reviewer"), at=LOOKED)

        faults = {"IMAGING": "unreadable", "BANK_CARD": "wrong_kind"}
        assert self.letters(claim)[before:] == [{"codes": ["IMAGING", "BANK_CARD"], "faults": faults}]
        clock = claim.deadlines.get(kind="supplement", status="open")
        assert clock.opened_at == LOOKED
        assert sorted(clock.reminders.values_list("days_before", flat=True)) == [3, 10]

    def test_only_a_person_lets_a_case_lapse(self) -> None:
        claim = self.collecting_with_two_faults()

        sweeping.ring(at=at("2026-04-05"), only=claim.pk)

        assert fresh(claim).state == State.COLLECTING
        with pytest.raises(NotPermitted):
            collecting.lapse(claim.pk, reason="x", by=User.objects.system(), at=at("2026-04-05"))

    def test_the_page_asks_and_refuses_with_its_reason(self) -> None:
        claim, client = self.collecting_with_two_faults(), signed_in("intake")

        said = {"version": fresh(claim).version}
        letter = client.post(move(claim, "ask-for-papers"), said).context["preview"][0]
        confirmed = client.post(move(claim, "ask-for-papers"), {**said, "previewed": letter, "confirm": "1"})
        again = client.post(move(claim, "ask-for-papers"), {"version": fresh(claim).version})

        assert (confirmed.status_code, again.status_code) == (302, 409)
        assert 'data-code="ASKED_ALREADY"' in again.content.decode()


@pytest.fixture
def reviewed() -> Claim:
    """A case in the first review: one paper with files in two versions, one sent back, one accepted."""
    claim = case_in(State.REVIEWING)
    with_file(claim, name="旧.pdf")
    with_file(claim, png(), name="新.png")
    enclosed = [Enclosed(record_number="ZY20250417")]
    collecting.submit(
        claim.pk, materials=[{"kind": "surgery_record"}], enclosed=enclosed, by=staff("intake"), at=SUBMITTED
    )
    send_back(claim, "bank_card", note="反光")
    accept(claim, "pathology_report")
    return fresh(claim)


class TestTheChecklist:
    def page(self, claim: Claim, client: Client) -> str:
        return client.get(reverse("admin:claims_claim_change", args=[claim.pk])).content.decode()

    def line(self, text: str, kind: str) -> str:
        found = re.search(rf'<li data-kind="{kind}".*?(?=<li data-kind=|id="paper-viewer")', text, re.DOTALL)
        assert found, kind
        return found[0]

    def test_it_has_every_required_paper_the_missing_ones_too(self) -> None:
        claim = case_in(State.COLLECTING)
        with_file(claim)

        text = self.page(claim, signed_in("reviewer"))

        kinds = re.findall(r'<li data-kind="(\w+)"', text)
        assert kinds == [
            "diagnosis_certificate",
            "id_card_front",
            "id_card_back",
            "bank_card",
            "prior_exam_reports",
            "pathology_report",
            "imaging",
        ]
        assert "desk-warning" in self.line(text, "bank_card")
        assert "desk-warning" not in self.line(text, "imaging")

    def test_it_shows_findings_files_and_older_versions(self, reviewed: Claim) -> None:
        text = self.page(reviewed, signed_in("reviewer"))

        returned, imaging = self.line(text, "bank_card"), self.line(text, "imaging")
        assert "desk-danger" in returned
        assert "反光" in returned
        assert "desk-success" in self.line(text, "pathology_report")
        new, old = imaging.split("desk-older")
        assert "新.png" in new
        assert "旧.pdf" not in new
        assert "旧.pdf" in old
        assert "****417" in self.line(text, "surgery_record")
        report = text[text.index('id="report"') :]
        report = report[: report.index("</section>")]
        assert "****417" in report
        assert "****0417" not in text
        assert "ZY20250417" not in text
        assert "未要求" in self.line(text, "surgery_record") or "not asked for" in self.line(text, "surgery_record")

    def test_each_line_can_be_accepted_or_sent_back_in_place(self, reviewed: Claim) -> None:
        client = signed_in("reviewer")
        text = self.page(reviewed, client)
        line = self.line(text, "imaging")
        assert line.count('data-act="accept"') == 1
        assert line.count('data-act="return"') == 1
        assert 'data-act="accept"' not in self.line(text, "pathology_report")

        done = client.post(move(reviewed, "accept-paper", paper(reviewed)), {"version": reviewed.version})

        assert done.headers["location"] == f"/admin/claims/claim/{reviewed.pk}/change/#paper-imaging"
        assert paper(reviewed).finding == "accepted"

    def test_what_was_typed_survives_a_refusal(self, reviewed: Claim) -> None:
        client, url = signed_in("reviewer"), move(reviewed, "return-paper", paper(reviewed))

        stale = client.post(url, {"version": reviewed.version - 1, "fault": "incomplete", "note": "缺第三页"})
        empty = client.post(url, {"version": reviewed.version, "fault": "other", "note": ""})
        none = client.post(url, {"version": reviewed.version, "note": "缺第三页"})

        assert [stale.status_code, empty.status_code, none.status_code] == [409, 409, 200]
        for response in (stale, none):
            assert "缺第三页" in response.content.decode()
        assert '<option value="incomplete" selected>' in stale.content.decode()
        assert paper(reviewed).finding == ""

    def test_who_may_not_judge_reads_who_does(self, reviewed: Claim) -> None:
        text = self.page(reviewed, signed_in("intake"))

        assert 'data-act="accept"' not in text
        assert 'data-act="return"' not in text
        assert "审核员/主管" in text[text.index('id="papers"') : text.index("desk-checklist")]

    def test_the_moves_are_on_the_lines_and_not_in_the_list(self, reviewed: Claim) -> None:
        text = self.page(reviewed, signed_in("reviewer"))

        moves = text[text.index('id="moves"') : text.index("desk-panels")]
        assert "accept-paper" not in moves
        assert "return-paper" not in moves

    def test_nothing_on_it_runs_from_the_page_itself(self, reviewed: Claim) -> None:
        text = self.page(reviewed, signed_in("reviewer"))

        section = text[text.index('<section class="desk-panel" id="papers"') :]
        section = section[: section.index("</section>")]
        assert re.findall(r"<script[^>]*>", section) == ['<script src="/static/desk/papers.js" defer>']
        assert not re.search(r"\son\w+=", section)

    def test_more_papers_and_files_ask_no_more_of_the_database(self, reviewed: Claim) -> None:
        client = signed_in("reviewer")
        self.page(reviewed, client)
        with CaptureQueriesContext(connection) as few:
            self.page(reviewed, client)
        for kind in ("bank_card", "id_card_front", "discharge_summary"):
            with_file(reviewed, kind=kind)
        with CaptureQueriesContext(connection) as more:
            self.page(reviewed, client)

        assert len(more) == len(few)
