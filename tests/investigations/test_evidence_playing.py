"""Recordings are played in the browser: range by range, by whoever may; each player that is opened is in the log."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from investigations.models import Commission, CustodyEntry, Exhibit, Investigator
from investigations.services import accept_report, custody, evidence, playing
from investigations.views import playing as views
from investigations.views.exhibits import span_of
from investigations.views.playing import PORTION
from tests.factories import ACCEPTED, at, investigator_of, reported, signed_in, staff
from tests.investigations.recordings import film, wav
from tests.investigations.uploading import browser_of, examine, kept, phone_of, upload
from tests.papers import png

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]

SOUND = wav(5000)
NOW = at("2025-04-10 14:30")


@pytest.fixture
def phone(sent: Commission) -> Client:
    return phone_of(sent)


@pytest.fixture
def sound(phone: Client, sent: Commission) -> Exhibit:
    """In pieces of different lengths, as a bad line leaves them."""
    exhibit = upload(phone, sent, SOUND, chunk=777, filename="interview.wav")
    examine()
    exhibit.refresh_from_db()
    return exhibit


def player(exhibit: Exhibit) -> str:
    return reverse("field:play", args=[exhibit.pk])


def desk_player(exhibit: Exhibit) -> str:
    return reverse("admin:investigations_commission_play", args=[exhibit.commission_id, exhibit.pk])


def stream_on(page: str) -> str:
    """The address that a page plays."""
    found = re.search(r'<(?:audio|video)[^>]* src="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def opened(client: Client, exhibit: Exhibit) -> str:
    answer = client.get(player(exhibit))
    assert answer.status_code == 200
    return stream_on(answer.content.decode())


def part(client: Client, address: str, wanted: str, **headers: str):
    return client.get(address, headers={"Range": wanted, **headers})


def content(answer) -> bytes:
    return b"".join(answer)


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("Bytes=10-19", (10, 20)),
        ("bytes=90-", (90, 100)),
        ("bytes=90-1000", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("bytes=99-99", (99, 100)),
        ("", None),
        ("bytes=20-10", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("bytes=a-b", None),
        ("bytes=١-٢", None),
        ("bytes=0-1000000000000000", None),
        ("lines=0-1", None),
    ],
)
def test_what_a_range_asks_for(header: str, span: tuple[int, int] | None) -> None:
    assert span_of(header, 100) == span


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999999999999-"])
def test_a_range_behind_the_end_is_empty(header: str) -> None:
    start, stop = span_of(header, 100) or (0, 1)

    assert start >= stop


def test_a_range_without_an_end_is_answered_with_a_portion() -> None:
    assert span_of("bytes=5-", 10 * PORTION, at_most=PORTION) == (5, 5 + PORTION)


@pytest.mark.parametrize(
    ("header", "start"), [("bytes=0-99999999", 0), ("bytes=7-99999999", 7), ("bytes=-5000000", 10 * PORTION - 5000000)]
)
def test_no_range_is_answered_with_more_than_a_portion(header: str, start: int) -> None:
    """A player that was told less than it asked for asks for the rest (RFC 9110, 15.3.7)."""
    assert span_of(header, 10 * PORTION, at_most=PORTION) == (start, start + PORTION)


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (0, 777), (776, 778), (770, 2400), (5043, 5044), (0, 5044)])
def test_a_range_is_exactly_that_across_pieces(phone: Client, sound: Exhibit, start: int, stop: int) -> None:
    answer = part(phone, opened(phone, sound), f"bytes={start}-{stop - 1}")

    assert (answer.status_code, content(answer)) == (206, SOUND[start:stop])
    assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/{len(SOUND)}"
    assert answer["Content-Length"] == str(stop - start)


def test_the_end_is_asked_for_by_its_length(phone: Client, sound: Exhibit) -> None:
    answer = part(phone, opened(phone, sound), "bytes=-100")

    assert (answer.status_code, content(answer)) == (206, SOUND[-100:])


def test_only_the_pieces_that_are_asked_for_are_opened(phone: Client, sound: Exhibit) -> None:
    address, folder = opened(phone, sound), evidence.pieces_of(sound).folder
    (folder / "000001").write_bytes((folder / "000001").read_bytes()[:-1] + b"?")

    assert content(part(phone, address, "bytes=777-1553")) == SOUND[777:1554]
    assert part(phone, address, "bytes=0-10").status_code == 410


def test_what_is_behind_the_end_is_said_to_be(phone: Client, sound: Exhibit) -> None:
    answer = part(phone, opened(phone, sound), f"bytes={len(SOUND)}-")

    assert (answer.status_code, answer["Content-Range"], answer.content) == (416, f"bytes */{len(SOUND)}", b"")


def test_several_ranges_and_none_are_answered_with_the_whole(phone: Client, sound: Exhibit) -> None:
    address = opened(phone, sound)
    for answer in (phone.get(address), part(phone, address, "bytes=0-1,5-6")):
        assert (answer.status_code, content(answer)) == (200, SOUND)
        assert (answer["Accept-Ranges"], answer["Content-Length"]) == ("bytes", str(len(SOUND)))
        assert "Content-Range" not in answer


def test_of_a_long_recording_a_part_has_to_be_asked_for(phone: Client, sound: Exhibit, monkeypatch) -> None:
    """The limit is lowered, so that five kilobytes are long."""
    monkeypatch.setattr(views, "PORTION", 1000)
    address = opened(phone, sound)

    for answer in (phone.get(address), part(phone, address, "bytes=0-1,5-6")):
        assert (answer.status_code, answer.content) == (416, b"")
        assert answer["Content-Range"] == f"bytes */{len(SOUND)}"
    assert content(part(phone, address, "bytes=10-")) == SOUND[10:1010]


def test_a_range_of_another_version_is_not_mixed_with_this_one(phone: Client, sound: Exhibit) -> None:
    address = opened(phone, sound)
    tag = phone.head(address)["ETag"]

    assert tag == f'"{sound.sha256}"'
    assert part(phone, address, "bytes=0-9", **{"If-Range": tag}).status_code == 206
    for other in ('"x"', f"W/{tag}", "Wed, 21 Oct 2015 07:28:00 GMT"):
        assert part(phone, address, "bytes=0-9", **{"If-Range": other}).status_code == 200


def test_head_says_the_same_without_a_byte(phone: Client, sound: Exhibit) -> None:
    address = opened(phone, sound)
    whole, some = phone.head(address), phone.head(address, headers={"Range": "bytes=0-9"})

    assert (whole.status_code, whole["Content-Length"], content(whole)) == (200, str(len(SOUND)), b"")
    assert (some.status_code, some["Content-Range"], content(some)) == (206, f"bytes 0-9/{len(SOUND)}", b"")


def test_the_stream_is_locked_up_as_every_file(phone: Client, sound: Exhibit) -> None:
    for answer in (part(phone, opened(phone, sound), "bytes=0-9"), part(phone, opened(phone, sound), "bytes=9999-")):
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "no-store")
    answer = part(phone, opened(phone, sound), "bytes=0-9")
    assert answer["Content-Type"] == "audio/x-wav"
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_stream_is_for_players_and_no_page(phone: Client, sound: Exhibit) -> None:
    address = opened(phone, sound)

    assert phone.get(address, headers={"Sec-Fetch-Dest": "audio"}).status_code == 200
    for purpose in ("document", "iframe", "empty", "script", "object"):
        assert phone.get(address, headers={"Sec-Fetch-Dest": purpose}).status_code == 404, purpose


# The log


def test_each_player_is_one_line_in_the_log_however_often_it_asks(phone: Client, sound: Exhibit) -> None:
    address = opened(phone, sound)
    assert signed_in("reviewer").get(desk_player(sound)).status_code == 200
    for start in range(0, 5000, 500):
        assert part(phone, address, f"bytes={start}-").status_code == 206

    field, desk = CustodyEntry.objects.filter(act="played").order_by("number")
    assert (field.by, field.exhibit) == (sound.received_by, sound)
    assert (desk.by.groups.get().name, desk.exhibit) == ("reviewer", sound)


def test_no_stream_without_a_player(phone: Client, sent: Commission, sound: Exhibit) -> None:
    bare = reverse("field:stream", args=[sound.pk])
    address = opened(phone, sound)
    other = kept(phone, sent, film())

    for key in ("", "x", "a:b", parse_qs(urlsplit(address).query)["key"][0][:-1]):
        assert phone.get(bare, {"key": key}).status_code == 404, key
    assert phone.get(address.replace(bare, reverse("field:stream", args=[other.pk]))).status_code == 404
    assert browser_of(staff("reviewer")).get(address).status_code == 404


def test_a_player_is_open_for_some_hours(sound: Exhibit) -> None:
    by = sound.received_by
    key = playing.open_player(sound.pk, by=by, at=NOW).key

    def streamed(later: timedelta) -> Exhibit:
        return playing.streamed(sound.pk, key=key, by=by, at=NOW + later)

    assert streamed(playing.OPEN_FOR - timedelta(seconds=1)) == sound
    with pytest.raises(Exhibit.DoesNotExist):
        streamed(playing.OPEN_FOR)


# Who may


def test_who_may_play_at_the_desk(sound: Exhibit) -> None:
    may = {role: signed_in(role) for role in ("reviewer", "supervisor", "auditor")}
    for who, client in may.items():
        page = client.get(desk_player(sound))
        assert page.status_code == 200, who
        assert content(part(client, stream_on(page.content.decode()), "bytes=0-9")) == SOUND[:10], who
    for who in ("intake", "finance", "administrator"):
        assert signed_in(who).get(desk_player(sound)).status_code in (403, 404), who
    assert Client().get(desk_player(sound)).status_code == 302
    assert CustodyEntry.objects.filter(act="played").count() == len(may)


def test_who_may_play_in_the_field(sent: Commission, phone: Client, sound: Exhibit) -> None:
    other = Investigator.objects.exclude(agency=sent.agency).first()
    assert other is not None

    assert browser_of(other.user).get(player(sound)).status_code == 404
    assert signed_in("reviewer").get(player(sound)).status_code == 403
    assert Client().get(player(sound)).status_code == 302
    assert not CustodyEntry.objects.filter(act="played").exists()


def test_a_stream_ends_with_the_commission(sent: Commission, phone: Client, sound: Exhibit) -> None:
    address = opened(phone, sound)
    assert part(phone, address, "bytes=0-9").status_code == 206
    reported(sent)
    accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)

    assert part(phone, address, "bytes=0-9").status_code == 404
    assert phone.get(player(sound)).status_code == 404


def test_a_stream_ends_with_the_session_and_with_the_right(sent: Commission, phone: Client, sound: Exhibit) -> None:
    address = opened(phone, sound)

    assert part(Client(), address, "bytes=0-9").status_code == 404
    investigator_of(sent).groups.clear()
    assert part(phone, address, "bytes=0-9").status_code == 404


def test_only_recordings_that_are_kept_are_played(phone: Client, sent: Commission, sound: Exhibit) -> None:
    reviewer = signed_in("reviewer")
    unchecked, photo = upload(phone, sent, wav()), kept(phone, sent, png())
    waiting = upload(phone, sent, wav(900))

    for exhibit in (photo, waiting):
        assert phone.get(player(exhibit)).status_code == 404
        assert reviewer.get(desk_player(exhibit)).status_code == 404
    assert phone.get(player(unchecked)).status_code == 200  # checked together with the photo
    elsewhere = reverse("admin:investigations_commission_play", args=[sent.pk + 1, sound.pk])
    assert reviewer.get(elsewhere).status_code == 404


def test_nothing_is_posted_here(phone: Client, sound: Exhibit) -> None:
    address = opened(phone, sound)

    assert phone.post(player(sound)).status_code == 405
    assert phone.post(address).status_code == 405
    assert signed_in("reviewer").post(desk_player(sound)).status_code == 405


def test_the_pages_lead_to_the_player(sent: Commission, phone: Client, sound: Exhibit) -> None:
    photo = kept(phone, sent, png())
    field = phone.get(reverse("field:commission", args=[sent.pk])).content.decode()
    desk = signed_in("reviewer").get(reverse("admin:investigations_commission_change", args=[sent.pk]))

    assert player(sound) in field
    assert player(photo) not in field
    assert desk_player(sound) in desk.content.decode()
    assert desk_player(photo) not in desk.content.decode()


def test_a_film_is_shown_and_a_sound_is_heard(phone: Client, sent: Commission, sound: Exhibit) -> None:
    moving = kept(phone, sent, film())

    assert "<video" in phone.get(player(moving)).content.decode()
    assert "<audio" in phone.get(player(sound)).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_log_that_somebody_else_writes_to_is_said_to_be_busy(sent: Commission, phone: Client, sound: Exhibit) -> None:
    reviewer = signed_in("reviewer")
    with ThreadPoolExecutor(2) as pool, transaction.atomic():
        custody.hold(sent.pk)
        field = pool.submit(on_a_line_of_its_own, phone, player(sound))
        desk = pool.submit(on_a_line_of_its_own, reviewer, desk_player(sound))

        assert (field.result(), desk.result()) == (409, 302)
    assert not CustodyEntry.objects.filter(act="played").exists()


def on_a_line_of_its_own(client: Client, address: str) -> int:
    """The status of the answer, asked in another thread."""
    try:
        return int(client.get(address).status_code)
    finally:
        connection.close()
