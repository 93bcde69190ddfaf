"""Quarantine until clean: what the scanner says, when there is none, and when it is silent."""

import pytest

from claims.models import Claim
from config.kernel import sweeping
from config.kernel.clock import database_now
from investigations.models import Commission, CustodyEntry, Exhibit
from investigations.services.evidence import LEASE
from investigations.verify import hash_of_words
from members.models import Message
from members.services.messages import render
from tests.config.kernel.test_scanning import clamd
from tests.investigations.recordings import film
from tests.investigations.uploading import examine, phone_of, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


@pytest.fixture
def uploaded(sent: Commission) -> Exhibit:
    return upload(phone_of(sent), sent, film())


def last_entry() -> CustodyEntry:
    return CustodyEntry.objects.latest("number")


def test_a_clean_file_is_kept_as_scanned(uploaded: Exhibit, settings) -> None:
    with clamd(b"stream: OK\0") as server:
        settings.FIELD_SCANNER = server.address
        assert examine() == 1
    uploaded.refresh_from_db()

    assert server.received == film()
    assert (uploaded.state, uploaded.is_scanned) == ("clean", True)
    assert (last_entry().act, last_entry().details["scanner"]) == ("scanned", "clean")


def test_what_the_scanner_found_is_refused_and_named(uploaded: Exhibit, settings) -> None:
    with clamd(b"stream: Eicar-Test-Signature FOUND\0") as server:
        settings.FIELD_SCANNER = server.address
        assert examine() == 1
    uploaded.refresh_from_db()

    assert (uploaded.state, uploaded.refused_because, uploaded.is_scanned) == ("refused", "infected", True)
    assert [entry.act for entry in CustodyEntry.objects.order_by("number")] == ["received", "scanned", "refused"]
    assert CustodyEntry.objects.get(act="scanned").details["found"] == "Eicar-Test-Signature"


def test_without_a_scanner_the_log_says_so(uploaded: Exhibit) -> None:
    examine()
    uploaded.refresh_from_db()

    assert (uploaded.state, uploaded.is_scanned) == ("clean", False)
    assert (last_entry().act, last_entry().details["scanner"]) == ("checked", "off")


def test_the_log_holds_what_the_file_says_of_itself(uploaded: Exhibit) -> None:
    examine()
    uploaded.refresh_from_db()

    assert last_entry().details["type"] == "video/mp4"
    assert last_entry().details["recorded"] == hash_of_words(uploaded.salt, uploaded.recorded())


def test_of_what_is_refused_too(sent: Commission) -> None:
    refused = upload(phone_of(sent), sent, b"MZ" + bytes(100))
    examine()
    refused.refresh_from_db()

    assert (last_entry().act, last_entry().details["type"]) == ("refused", "")
    assert last_entry().details["recorded"] == hash_of_words(refused.salt, refused.recorded())


def test_while_the_scanner_is_silent_it_stays_in_quarantine_and_is_tried_again(uploaded: Exhibit, settings) -> None:
    settings.FIELD_SCANNER = "127.0.0.1:1"
    assert examine() == 0
    uploaded.refresh_from_db()
    assert uploaded.state == "quarantined"
    assert examine() == 0

    with clamd(b"stream: OK\0") as server:
        settings.FIELD_SCANNER = server.address
        assert sweeping.run("investigations.examine_exhibits", at=database_now() + LEASE) == 1
    assert Exhibit.objects.get().state == "clean"


def test_a_sweep_of_one_case_leaves_the_others_alone(uploaded: Exhibit) -> None:
    now, case = database_now(), Claim.objects.get()

    assert sweeping.run("investigations.examine_exhibits", at=now, only=case.pk + 1) == 0
    assert sweeping.run("investigations.examine_exhibits", at=now, only=case.pk) == 1


def test_a_check_that_never_succeeds_is_tried_less_and_less_and_told_once(uploaded: Exhibit, settings) -> None:
    settings.FIELD_SCANNER, waits = "127.0.0.1:1", []
    for _attempt in range(8):
        due = Exhibit.objects.get().check_at
        assert sweeping.run("investigations.examine_exhibits", at=due) == 0
        waits.append((Exhibit.objects.get().check_at - due) / LEASE)

    assert waits == [1, 2, 4, 8, 16, 32, 64, 64]
    message = Message.objects.get(template="check_stuck")
    assert (message.to, message.about) == ("supervisor", Claim.objects.get().number)
    assert "病毒" in render(message, "zh-hans")[1] or "virus" in render(message, "en")[1]
    assert Exhibit.objects.get().state == "quarantined"
