"""Files that attack: whatever they are called and whatever they are, nothing breaks and nothing of them stays."""

import random
import tracemalloc
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from config.kernel.clock import database_now
from investigations.enums import ExhibitState
from investigations.models import Commission, CustodyEntry, Exhibit
from investigations.services import evidence, examining, playing
from tests.investigations.recordings import EICAR, HEIC, HOSTILE, NAMES, WELCOME
from tests.investigations.uploading import examine, kept, phone_of, upload
from tests.papers import jpeg, pdf, png

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


@pytest.fixture
def phone(sent: Commission) -> Client:
    return phone_of(sent)


def files_in(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file()]


def examine_all() -> None:
    while examine():
        pass


def test_hostile_files_are_refused_with_their_code_and_their_content_is_gone(
    phone: Client, sent: Commission, store: Path
) -> None:
    sent_in = {what: upload(phone, sent, data, filename="photo.jpg").pk for what, (data, _code) in HOSTILE.items()}
    examine_all()

    found = {what: Exhibit.objects.get(pk=pk) for what, pk in sent_in.items()}
    assert {what: one.refused_because for what, one in found.items()} == {
        what: code for what, (_, code) in HOSTILE.items()
    }
    assert files_in(store) == []
    for exhibit in found.values():
        acts = CustodyEntry.objects.filter(exhibit=exhibit).order_by("number").values_list("act", "details__sha256")
        assert list(acts) == [("received", exhibit.sha256), ("refused", exhibit.sha256)]
        assert phone.get(reverse("field:exhibit", args=[exhibit.pk])).status_code == 404


def test_there_are_enough_of_them() -> None:
    assert len({data for data, _code in HOSTILE.values()}) == len(HOSTILE) >= 60


def test_what_is_taken_is_of_a_kind_by_its_content(phone: Client, sent: Commission) -> None:
    sent_in = {what: upload(phone, sent, data, filename="evil.exe").pk for what, (data, _kind) in WELCOME.items()}
    examine_all()

    found = {what: Exhibit.objects.get(pk=pk) for what, pk in sent_in.items()}
    assert {what: one.kind for what, one in found.items()} == {what: kind for what, (_, kind) in WELCOME.items()}
    for what, exhibit in found.items():
        answer = phone.get(reverse("field:exhibit", args=[exhibit.pk]))
        assert b"".join(answer) == WELCOME[what][0]
        assert answer["Content-Type"] in examining.WELCOME
        assert is_locked_up(answer), what


def is_locked_up(answer: HttpResponseBase) -> bool:
    """Nothing in it runs, whatever it is: no other type is guessed, it is saved and not shown, and has no origin."""
    return (
        answer["X-Content-Type-Options"] == "nosniff"
        and answer["Content-Disposition"].startswith("attachment")
        and answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    )


def test_what_only_looks_like_a_recording_is_streamed_to_players_alone(phone: Client, sent: Commission) -> None:
    looking = {what: data for what, (data, _kind) in WELCOME.items() if "HTML" in what or "boxes" in what}
    recordings = {what: upload(phone, sent, data).pk for what, data in looking.items() if "image" not in what}
    examine_all()

    assert len(recordings) == 5
    for what, pk in recordings.items():
        exhibit = Exhibit.objects.get(pk=pk)
        assert (exhibit.file_time or "", exhibit.file_place or "") == ("", ""), what
        key = playing.open_player(pk, by=exhibit.received_by, at=database_now()).key
        address = f"{reverse('field:stream', args=[pk])}?{urlencode({'key': key})}"
        for wanted in ("bytes=0-", "bytes=4294967296-", "bytes=-99999999999", "bytes=0-0,1-1"):
            answer = phone.get(address, headers={"Range": wanted})
            assert answer.status_code in (200, 206, 416), (what, wanted)
            assert answer.status_code == 416 or is_locked_up(answer), (what, wanted)
        assert phone.get(address, headers={"Sec-Fetch-Dest": "document"}).status_code == 404


def test_the_worker_holds_little_of_what_attacks_it(phone: Client, sent: Commission) -> None:
    """MB of Python's memory; what unfolds does so in the child, which is allowed one GB and ten seconds."""
    worst = ("a bomb of zeros", "a PNG that unfolds to gigabytes", "a PDF of a thousand pages")
    for data, _code in (HOSTILE[what] for what in worst):
        upload(phone, sent, data)
    for what in ("a film whose boxes lie about their size", "a film of boxes without end"):
        upload(phone, sent, WELCOME[what][0])
    tracemalloc.start()
    try:
        examine_all()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert not Exhibit.objects.filter(state="quarantined").exists()
    assert peak < 8 << 20


def test_a_name_is_data(phone: Client, sent: Commission, store: Path) -> None:
    for name in NAMES:
        exhibit = kept(phone, sent, png(), filename=name)
        answer = phone.get(reverse("field:exhibit", args=[exhibit.pk]))

        places = [path.relative_to(store).as_posix() for path in files_in(store)]
        assert f"pieces/exhibit/{exhibit.pk}/000001" in places
        assert answer.status_code == 200, name
        assert answer["Content-Disposition"].startswith("attachment")
        assert not any(sign in exhibit.name for sign in "/\\\r\n\x00\u202e")
        assert len(exhibit.name) <= 120
    assert len(files_in(store)) == len(NAMES)


def test_a_refused_file_holds_up_no_other(phone: Client, sent: Commission) -> None:
    uploaded = [upload(phone, sent, data) for data in (EICAR, png(), HEIC, pdf(), b"")]
    examine()

    states = [Exhibit.objects.get(pk=exhibit.pk).state for exhibit in uploaded]
    assert states == ["refused", "clean", "refused", "clean", "refused"]


def test_a_heic_photo_gets_advice(phone: Client, sent: Commission) -> None:
    exhibit = kept(phone, sent, HEIC)

    with override("en"):
        answer = phone.get(reverse("field:upload", args=[exhibit.pk]), headers={"Accept-Language": "en"})
    assert "JPEG" in answer.json()["because"]


def test_a_photo_that_is_too_large_is_not_opened(phone: Client, sent: Commission, monkeypatch) -> None:
    """The limit is lowered, so that no 50 MB have to be sent."""
    monkeypatch.setattr(examining, "LARGEST_DRAWN", 100)

    assert kept(phone, sent, png()).refused_because == "too_large"


def broken(seed: int) -> bytes:
    """Something that would be taken, with some bytes changed, and sometimes cut."""
    chance = random.Random(seed)
    data = bytearray(chance.choice([jpeg(), png(), pdf(), *[one for one, _kind in WELCOME.values()]]))
    for _time in range(chance.choice([1, 5, 50])):
        data[chance.randrange(min(len(data), chance.choice([40, len(data)])))] = chance.randrange(256)
    return bytes(data[: chance.choice([None, 30, 300])])


def test_a_file_with_broken_bytes_is_kept_or_refused_and_never_a_fault(phone: Client, sent: Commission) -> None:
    for seed in range(60):
        upload(phone, sent, broken(seed))
    examine_all()

    assert set(Exhibit.objects.values_list("state", flat=True)) == {"clean", "refused"}


def test_what_is_not_checked_yet_is_opened_by_nobody(phone: Client, sent: Commission) -> None:
    exhibit = upload(phone, sent, png())

    assert exhibit.state == ExhibitState.QUARANTINED
    assert phone.get(reverse("field:exhibit", args=[exhibit.pk])).status_code == 404
    assert phone.get(reverse("field:exhibit-page", args=[exhibit.pk, 1])).status_code == 404


def test_content_that_was_left_behind_is_thrown_away_by_the_next_sweep(
    phone: Client, sent: Commission, store: Path, monkeypatch
) -> None:
    def dying(self: object) -> None:
        raise KeyboardInterrupt

    exhibit = upload(phone, sent, EICAR)
    with monkeypatch.context() as kill:
        kill.setattr(evidence.Pieces, "drop", dying)
        with pytest.raises(KeyboardInterrupt):
            examine()
    assert files_in(store)

    assert examine() == 1
    assert files_in(store) == []
    assert Exhibit.objects.get(pk=exhibit.pk).check_at is None
