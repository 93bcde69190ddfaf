"""The upload protocol: what arrives stays, wherever the line breaks, and nobody else finds it."""

import hashlib
import io
import os
import tracemalloc
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.http import HttpRequest, UnreadablePostError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.kernel import sweeping
from config.kernel.clock import database_now
from config.kernel.pieces import PIECE, Pieces
from investigations.enums import CommissionState
from investigations.models import Commission, CustodyEntry, Exhibit, Investigator
from investigations.models.evidence import LARGEST
from investigations.refusals import SignInAgain, TooMuch
from investigations.services import accept_report, evidence
from investigations.views import uploads
from tests.factories import ACCEPTED, at, investigator_of, reported, signed_in, staff
from tests.investigations.uploading import (
    BYTES,
    TUS,
    Line,
    begin,
    browser_of,
    examine,
    phone_of,
    pk_of,
    send,
    send_line,
    upload,
)
from tests.papers import pdf, png

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


@pytest.fixture
def phone(sent: Commission) -> Client:
    return phone_of(sent)


def exhibit_of(begun) -> Exhibit:
    return Exhibit.objects.get(pk=pk_of(begun))


def content_of(exhibit: Exhibit) -> bytes:
    return b"".join(evidence.pieces_of(exhibit).stream(exhibit.pieces))


def test_a_file_arrives_in_chunks_and_is_in_custody(phone: Client, sent: Commission) -> None:
    data = png() + os.urandom(3 * PIECE)

    exhibit = upload(phone, sent, data, chunk=PIECE + 77, filename="现场.png")

    assert content_of(exhibit) == data
    assert (exhibit.state, exhibit.sha256) == ("quarantined", hashlib.sha256(data).hexdigest())
    entry = CustodyEntry.objects.get()
    assert (entry.act, entry.exhibit, entry.by) == ("received", exhibit, exhibit.received_by)
    assert (entry.details["sha256"], entry.details["sm3"]) == (exhibit.sha256, exhibit.sm3)


def test_sm3_is_that_of_the_standard() -> None:
    known = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905-2016, A.1: "abc"

    assert evidence.digests([b"a", b"bc"])[1] == known


def test_what_was_said_is_kept_apart_from_what_the_file_says(phone: Client, sent: Commission) -> None:
    exhibit = upload(phone, sent, png(), filename="a.png", claimed_at="2025-04-10T14:30", place="病案室", note="原件")
    examine()
    exhibit.refresh_from_db()

    assert (exhibit.claimed_at, exhibit.claimed_place, exhibit.note) == (at("2025-04-10 14:30"), "病案室", "原件")
    assert (exhibit.file_time, exhibit.file_place) == (None, None)  # of PNG nothing is read


def test_nothing_lies_in_the_clear(phone: Client, sent: Commission, store: Path) -> None:
    upload(phone, sent, b"%PDF-1.7 CANARY" * 50, note="CANARY")

    assert not any(b"CANARY" in path.read_bytes() for path in store.rglob("*") if path.is_file())


def test_the_answers_are_those_of_the_protocol(phone: Client, sent: Commission) -> None:
    begun = begin(phone, sent, 10)
    half = send(phone, begun["Location"], b"12345")
    head = phone.head(begun["Location"], headers=TUS)

    assert (begun.status_code, half.status_code, head.status_code) == (201, 204, 200)
    assert (half["Upload-Offset"], head["Upload-Offset"], head["Upload-Length"]) == ("5", "5", "10")
    assert {answer["Tus-Resumable"] for answer in (begun, half, head)} == {"1.0.0"}
    assert head["Cache-Control"] == "no-store"
    assert {type(value) for answer in (begun, half, head) for value in answer.headers.values()} == {str}


def test_options_tell_what_it_can_do(phone: Client, sent: Commission) -> None:
    answer = phone.options(reverse("field:uploads", args=[sent.pk]))

    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,termination,checksum"
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert answer["Tus-Max-Size"] == "524288000"


@pytest.mark.parametrize("offset", [0, 4, 6, 10])
def test_a_wrong_offset_is_a_conflict_and_adds_nothing(phone: Client, sent: Commission, offset: int) -> None:
    begun = begin(phone, sent, 10)
    send(phone, begun["Location"], b"12345")

    assert send(phone, begun["Location"], b"67890"[: max(1, 10 - offset)], offset=offset).status_code == 409
    assert exhibit_of(begun).received == 5


def test_more_than_was_announced_is_not_taken(phone: Client, sent: Commission) -> None:
    begun = begin(phone, sent, 10)

    answer = send(phone, begun["Location"], b"x" * 11)

    assert (answer.status_code, answer.content.decode()) == (413, str(TooMuch()))
    assert exhibit_of(begun).received == 0


def test_a_file_in_too_many_pieces_is_told_so(phone: Client, sent: Commission, monkeypatch) -> None:
    """The limit is lowered, so that no 10,000 pieces have to be sent."""
    monkeypatch.setattr(evidence, "MOST_PIECES", 1)
    begun = begin(phone, sent, 10)
    send(phone, begun["Location"], b"12345")

    answer = send(phone, begun["Location"], b"67890", offset=5)

    assert (answer.status_code, "500 MB" in answer.content.decode()) == (413, False)
    assert exhibit_of(begun).received == 5


def test_a_refusal_that_the_protocol_has_no_number_for_is_said_all_the_same(
    phone: Client, sent: Commission, monkeypatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise SignInAgain

    monkeypatch.setattr(evidence, "begin", refuse)

    assert begin(phone, sent, 10).status_code == 400


@pytest.mark.parametrize(("size", "status"), [(LARGEST, 201), (LARGEST + 1, 413), ("", 400), ("-1", 400), ("²", 400)])
def test_the_size_is_a_number_up_to_the_largest(phone: Client, sent: Commission, size: object, status: int) -> None:
    answer = (
        begin(phone, sent, size)
        if size != "²"
        else phone.post(
            reverse("field:uploads", args=[sent.pk]), headers={**TUS, "Upload-Length": "\u00b2"}, content_type=BYTES
        )
    )

    assert answer.status_code == status


def test_a_commission_takes_so_many_files_and_no_more(phone: Client, sent: Commission, monkeypatch) -> None:
    monkeypatch.setattr(evidence, "MOST", 2)

    assert [begin(phone, sent, 5).status_code for _number in range(3)] == [201, 201, 413]


@pytest.mark.parametrize(
    ("algorithm", "made_of", "status", "received"),
    [
        ("sha1", b"12345", 204, 5),
        ("sha256", b"12345", 204, 5),
        ("sha1", b"12346", 460, 0),
        ("md5", b"12345", 400, 0),
    ],
)
def test_a_chunk_whose_checksum_does_not_fit_is_thrown_away(
    phone: Client, sent: Commission, algorithm: str, made_of: bytes, status: int, received: int
) -> None:
    begun = begin(phone, sent, 10)
    digest = b64encode(hashlib.new(algorithm, made_of).digest()).decode()

    answer = send(phone, begun["Location"], b"12345", **{"Upload-Checksum": f"{algorithm} {digest}"})

    assert (answer.status_code, exhibit_of(begun).received) == (status, received)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Tus-Resumable": ""}, 412),
        ({"Upload-Length": "5", "Upload-Metadata": "filename !!!"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "claimed_at " + b64encode(b"yesterday").decode()}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "claimed_at " + b64encode(b"2025-02-30T10:00").decode()}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "claimed_at " + b64encode(b"9999-12-31T23:59-23:59").decode()}, 400),
        ({"Upload-Length": "9" * 30}, 400),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "filename,,note , unknown eA=="}, 201),
        ({"Upload-Length": "5", "Upload-Metadata": "note " + b64encode(b"a\x00b\xff\n" * 400).decode()}, 201),
    ],
)
def test_what_is_malformed_is_said_and_breaks_nothing(
    phone: Client, sent: Commission, headers: dict[str, str], status: int
) -> None:
    url = reverse("field:uploads", args=[sent.pk])

    assert phone.post(url, headers={**TUS, **headers}, content_type=BYTES).status_code == status


def test_a_chunk_is_bytes_and_nothing_else(phone: Client, sent: Commission) -> None:
    begun = begin(phone, sent, 5)

    answer = phone.patch(
        begun["Location"], data=b"12345", content_type="text/plain", headers={**TUS, "Upload-Offset": "0"}
    )

    assert answer.status_code == 415


def test_where_only_post_gets_through_the_method_stands_in_a_header(phone: Client, sent: Commission) -> None:
    begun = begin(phone, sent, 5)
    headers = {**TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}

    answer = phone.post(begun["Location"], data=b"12345", content_type=BYTES, headers=headers)

    assert (answer.status_code, exhibit_of(begun).received) == (204, 5)


def test_other_methods_are_not_allowed(phone: Client, sent: Commission) -> None:
    begun = begin(phone, sent, 5)

    assert phone.put(begun["Location"], headers=TUS).status_code == 405
    assert phone.get(reverse("field:uploads", args=[sent.pk]), headers=TUS).status_code == 405


def test_without_the_token_nothing_is_taken(sent: Commission) -> None:
    phone = phone_of(sent)
    begun = begin(phone, sent, 5)
    phone.handler.enforce_csrf_checks = True

    assert begin(phone, sent, 5).status_code == 403
    assert send(phone, begun["Location"], b"12345").status_code == 403


def test_what_has_not_arrived_can_be_given_up(phone: Client, sent: Commission, store: Path) -> None:
    begun = begin(phone, sent, 10)
    send(phone, begun["Location"], b"12345")

    assert phone.delete(begun["Location"], headers=TUS).status_code == 204
    assert phone.head(begun["Location"], headers=TUS).status_code == 404
    assert not Exhibit.objects.exists()
    assert not [path for path in store.rglob("*") if path.is_file()]


def test_what_has_arrived_cannot(phone: Client, sent: Commission) -> None:
    exhibit = upload(phone, sent, png())

    assert phone.delete(reverse("field:upload", args=[exhibit.pk]), headers=TUS).status_code == 403
    assert content_of(exhibit) == png()


# Broken lines and killed workers


def test_a_line_that_breaks_leaves_what_came_before(phone: Client, sent: Commission, monkeypatch) -> None:
    data, taken = os.urandom(2 * PIECE + 500), io.BytesIO()

    def broken(request: HttpRequest, size: int) -> bytes:
        if taken.tell() >= PIECE + uploads.SIP:
            raise UnreadablePostError("gone")
        taken.write(read := data[taken.tell() :][:size])
        return read

    begun = begin(phone, sent, len(data))
    with monkeypatch.context() as line:
        line.setattr(HttpRequest, "read", broken)
        assert send(phone, begun["Location"], data).status_code == 204
    reached = int(phone.head(begun["Location"], headers=TUS)["Upload-Offset"])
    assert reached == PIECE + uploads.SIP

    assert send(phone, begun["Location"], data[reached:], offset=reached).status_code == 204
    assert content_of(exhibit_of(begun)) == data


def test_of_a_chunk_that_breaks_off_its_checksum_says_nothing(phone: Client, sent: Commission, monkeypatch) -> None:
    data = os.urandom(3 * uploads.SIP)
    checksum = f"sha256 {b64encode(hashlib.sha256(data).digest()).decode()}"
    begun, sips = begin(phone, sent, len(data)), iter([data[: uploads.SIP], b""])
    with monkeypatch.context() as line:
        line.setattr(HttpRequest, "read", lambda request, size: next(sips))
        cut = send(phone, begun["Location"], data, **{"Upload-Checksum": checksum})

    assert (cut.status_code, cut["Upload-Offset"]) == (204, str(uploads.SIP))


def test_a_line_that_crawls_is_cut_and_goes_on(phone: Client, sent: Commission, monkeypatch) -> None:
    data = os.urandom(5 * uploads.SIP)
    ticks = iter(range(0, 1000, 8))
    begun = begin(phone, sent, len(data))
    with monkeypatch.context() as clock:
        clock.setattr(uploads.time, "monotonic", lambda: next(ticks))
        cut = send(phone, begun["Location"], data)
    reached = int(cut["Upload-Offset"])

    assert 0 < reached < len(data)
    assert send(phone, begun["Location"], data[reached:], offset=reached).status_code == 204
    assert content_of(exhibit_of(begun)) == data


@pytest.mark.parametrize("dies_at", ["before the file", "between file and row"])
def test_a_worker_that_dies_leaves_a_consistent_offset(
    phone: Client, sent: Commission, monkeypatch, dies_at: str
) -> None:
    data = os.urandom(2 * PIECE + 9)
    begun = begin(phone, sent, len(data))
    send(phone, begun["Location"], data[:PIECE])
    real = evidence.Pieces.write

    def dying(self, number: int, piece: bytes) -> None:
        if dies_at == "between file and row":
            real(self, number, piece[:100] + b"?" * (len(piece) - 100))
        raise KeyboardInterrupt

    with monkeypatch.context() as kill:
        kill.setattr(evidence.Pieces, "write", dying)
        with pytest.raises(KeyboardInterrupt):
            send(phone, begun["Location"], data[PIECE:], offset=PIECE)

    assert phone.head(begun["Location"], headers=TUS)["Upload-Offset"] == str(PIECE)
    assert send(phone, begun["Location"], data[PIECE:], offset=PIECE).status_code == 204
    assert content_of(exhibit_of(begun)) == data


def test_a_worker_that_dies_after_the_last_byte_is_made_up_for_by_the_sweep(
    phone: Client, sent: Commission, monkeypatch
) -> None:
    def dying(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    begun = begin(phone, sent, 5)
    with monkeypatch.context() as kill:
        kill.setattr(evidence, "finish", dying)
        with pytest.raises(KeyboardInterrupt):
            send(phone, begun["Location"], b"12345")
    assert exhibit_of(begun).state == "receiving"

    later = database_now() + evidence.LEASE
    assert sweeping.run("investigations.examine_exhibits", at=later) == 1
    assert exhibit_of(begun).state == "quarantined"


def test_an_upload_that_nobody_goes_on_with_is_forgotten(phone: Client, sent: Commission) -> None:
    begun, arrived = begin(phone, sent, 10), upload(phone, sent, png())
    send(phone, begun["Location"], b"12345")

    in_a_week = timezone.now() + timedelta(days=7, minutes=1)
    assert sweeping.run("investigations.drop_uploads", at=in_a_week - timedelta(minutes=10)) == 0
    assert sweeping.run("investigations.drop_uploads", at=in_a_week) == 1
    assert list(Exhibit.objects.all()) == [arrived]


def test_an_upload_that_goes_on_is_not_forgotten_however_long_ago_it_was_begun(phone: Client, sent: Commission) -> None:
    begun = begin(phone, sent, 10)
    later = database_now() + timedelta(days=6)
    evidence.take(pk_of(begun), offset=0, coming=5, portions=[b"12345"], by=investigator_of(sent), at=later)

    assert sweeping.run("investigations.drop_uploads", at=later + timedelta(days=6)) == 0
    assert sweeping.run("investigations.drop_uploads", at=later + timedelta(days=7, minutes=1)) == 1


def test_the_files_of_a_commission_have_a_limit_together(phone: Client, sent: Commission, monkeypatch) -> None:
    monkeypatch.setattr(evidence, "MOST_BYTES", 12)

    assert [begin(phone, sent, size).status_code for size in (5, 5, 3, 2)] == [201, 201, 413, 201]
    assert "GB" in begin(phone, sent, 1).content.decode()


def test_what_was_not_taken_leaves_its_room_to_others(phone: Client, sent: Commission, monkeypatch) -> None:
    monkeypatch.setattr(evidence, "MOST_BYTES", 110)
    upload(phone, sent, b"MZ" + bytes(98))
    assert begin(phone, sent, 50).status_code == 413
    examine()

    assert begin(phone, sent, 50).status_code == 201


def test_a_store_that_is_nearly_full_takes_nothing_and_says_so(phone: Client, sent: Commission, monkeypatch) -> None:
    monkeypatch.setattr(evidence, "free_bytes", lambda: evidence.FLOOR + 5)

    assert [begin(phone, sent, size).status_code for size in (6, 5)] == [507, 201]


def test_content_that_no_row_knows_is_thrown_away_after_a_day(phone: Client, sent: Commission, store: Path) -> None:
    arrived = upload(phone, sent, png())
    stray = Pieces("exhibit", arrived.pk + 1)
    stray.write(1, b"left behind")
    other = Pieces("somebody-elses", arrived.pk + 1)
    other.write(1, b"x")

    now = timezone.now()
    assert evidence.drop_strays(at=now + timedelta(hours=23)) == 0
    assert stray.folder.exists()
    assert evidence.drop_strays(at=now + timedelta(hours=25)) == 1

    assert not stray.folder.exists()
    assert other.folder.exists()
    assert content_of(arrived) == png()


# Whose it is


def strangers(sent: Commission) -> dict[str, Client]:
    other = Investigator.objects.exclude(agency=sent.agency).first()
    assert other is not None
    without_agency = staff("investigator")
    return {
        "another agency": browser_of(other.user),
        "no agency": browser_of(without_agency),
        "nobody": Client(),
        **{
            role: signed_in(role)
            for role in ("intake", "reviewer", "supervisor", "finance", "auditor", "administrator")
        },
    }


def test_for_everybody_else_there_is_nothing(phone: Client, sent: Commission) -> None:
    begun = begin(phone, sent, 10)
    for who, client in strangers(sent).items():
        url = begun["Location"]
        answers = [
            begin(client, sent, 10),
            send(client, url, b"12345"),
            client.head(url, headers=TUS),
            client.get(url),
            client.delete(url, headers=TUS),
        ]
        assert [answer.status_code for answer in answers] == [404] * 5, who
    assert exhibit_of(begun).received == 0
    assert Exhibit.objects.count() == 1


def test_an_investigator_without_a_second_factor_sends_nothing_whatever_the_desk_allows(sent: Commission) -> None:
    user = investigator_of(sent)
    begun = begin(browser_of(user), sent, 10)
    user.groups.add(Group.objects.get(name="reviewer"))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    url = begun["Location"]

    answers = [begin(client, sent, 5), send(client, url, b"12345"), client.get(url), client.delete(url, headers=TUS)]

    assert [answer.status_code for answer in answers] == [404] * 4


def test_access_ends_with_the_commission(phone: Client, sent: Commission) -> None:
    begun = begin(phone, sent, 10)
    reported(sent)
    assert send(phone, begun["Location"], b"12345").status_code == 204
    accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)
    assert Commission.objects.get().state == CommissionState.ACCEPTED

    assert send(phone, begun["Location"], b"67890", offset=5).status_code == 404
    assert begin(phone, sent, 5).status_code == 404
    assert phone.head(begun["Location"], headers=TUS).status_code == 404


def test_an_investigator_who_left_has_no_way_in(phone: Client, sent: Commission) -> None:
    begun = begin(phone, sent, 10)
    user = Investigator.objects.filter(agency=sent.agency)[0].user
    user.groups.clear()

    assert send(phone, begun["Location"], b"12345").status_code == 404


def test_what_became_of_it_is_told(phone: Client, sent: Commission) -> None:
    good, bad = upload(phone, sent, pdf()), upload(phone, sent, b"MZ" + bytes(100))
    examine()
    told = [phone.get(reverse("field:upload", args=[one.pk])).json() for one in (good, bad)]

    assert told[0]["state"] == "clean"
    assert told[1]["state"] == "refused"
    assert told[1]["because"]


def test_memory_stays_flat_however_large_the_file(phone: Client, sent: Commission) -> None:
    """Bytes of Python's memory at the most, from the first byte to the end of the checks."""
    small, large = (peak_of(phone, sent, size=pieces * PIECE) for pieces in (12, 72))

    assert {exhibit.state for exhibit in Exhibit.objects.all()} == {"clean"}
    assert large - small < 2 * PIECE
    assert large < 16 * PIECE


def peak_of(phone: Client, sent: Commission, *, size: int) -> int:
    begun, line = begin(phone, sent, size), Line(size)
    tracemalloc.start()
    try:
        assert send_line(phone, begun["Location"], line).status_code == 204
        examine()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
