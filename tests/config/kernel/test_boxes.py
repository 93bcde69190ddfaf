"""What recordings say of their time and place; and lengths that lie."""

import io
import random
import struct

import pytest

from config.kernel import boxes
from config.kernel.rendering import Origin, read_origin
from tests.investigations.recordings import TAKEN, apple, box, film, header, placed, recorded, sound

MP4 = "video/mp4"
TIME, PLACE = "2025-04-10 06:31:02+00:00", "30.587500,114.304200"
NOTHING = {"time": "", "zone": "", "place": "", "assumed": ""}
LIE = b"\x7f\xff\xff\xff"


def place_of(text: str) -> str:
    return boxes.origin(io.BytesIO(recorded(placed(text))))["place"]


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("wide", [True, False])
def test_time_and_place_of_a_film(wide: bool, last: bool) -> None:
    data = recorded(header(wide=wide), placed("+30.5875+114.3042/"), last=last)

    assert read_origin(data, MP4) == Origin(TIME, PLACE, is_zone_assumed=True)


@pytest.mark.parametrize("version", [b"", bytes(4)])
def test_what_a_telephone_says_with_its_zone_goes_before_the_count_of_seconds(version: bytes) -> None:
    told = apple(
        version, make="Apple", location_ISO6709="+30.5875+114.3042+012.500/", creationdate="2025-04-10T14:31:02+0800"
    )

    assert read_origin(recorded(header(), told, brand=b"qt  "), "video/quicktime") == Origin(
        "2025-04-10 14:31:02+08:00", PLACE
    )


def test_a_sound_recording_has_a_time_too() -> None:
    assert read_origin(recorded(header(), brand=b"M4A "), "audio/mp4") == Origin(TIME, "", is_zone_assumed=True)


@pytest.mark.parametrize("seconds", [0, 1, 3600 * 24 * 300, 2_082_844_800, 2**63])
def test_a_time_that_nobody_knew_is_none(seconds: int) -> None:
    assert read_origin(recorded(header(seconds, wide=True)), MP4).time == ""


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("+30.5875+114.3042/", PLACE),
        ("+30.5875+114.3042+012.5/", PLACE),
        ("+30.5875+114.3042+012.5CRSWGS_84/", PLACE),
        ("+3035.25+11418.25/", "30.587500,114.304167"),
        ("+303515+1141815.0/", "30.587500,114.304167"),
        ("-30.5875-114.3042/", "-30.587500,-114.304200"),
        ("+90-180/", "90.000000,-180.000000"),
        ("+91.0+114.3042/", ""),
        ("+30.5875+180.1/", ""),
        ("30.5875,114.3042", ""),
        ("+30.5875/", ""),
        ("+1e9+114/", ""),
        ("+٣٠+114/", ""),
        ("", ""),
        ("/" * 10_000, ""),
    ],
)
def test_a_place_is_told_in_degrees(text: str, place: str) -> None:
    assert place_of(text) == place


@pytest.mark.parametrize(
    "data",
    [
        b"",
        film()[:30],
        film(),
        sound(),
        box(b"ftyp") + box(b"moov"),
        box(b"ftyp") + box(b"moov", box(b"mvhd")),
        box(b"ftyp") + struct.pack(">I4s", 7, b"moov") + header(),
        box(b"ftyp") + struct.pack(">I4s", 0, b"mdat") + header() + recorded(header()),
        box(b"ftyp") + struct.pack(">I4sQ", 1, b"mdat", 3) + recorded(header()),
        box(b"ftyp") + struct.pack(">I4sQ", 1, b"mdat", 2**63) + recorded(header()),
        box(b"ftyp") + LIE + b"mdat" + recorded(header()),
        box(b"ftyp") + LIE + b"moov" + header(),
        box(b"ftyp") + box(b"moov", LIE + b"mvhd" + bytes(100)),
        box(b"ftyp") + box(b"moov", bytes(4) + b"mvhd" + bytes(100)),
        box(b"free") * (boxes.MOST_BOXES + 1) + recorded(header()),
        recorded(placed("+" * 60_000)),
        recorded(box(b"meta", box(b"keys", bytes(8)) + box(b"ilst", box(b"\xff\xff\xff\xff", box(b"data"))))),
        recorded(apple(creationdate="yesterday", location_ISO6709="here")),
    ],
    ids=range(18),
)
def test_whoever_says_nothing_or_lies_about_a_length_is_not_believed(data: bytes) -> None:
    assert boxes.origin(io.BytesIO(data)) == NOTHING
    assert read_origin(data, MP4) == Origin("", "")


def test_a_last_box_may_go_to_the_end_of_the_file() -> None:
    data = box(b"ftyp") + struct.pack(">I4s", 0, b"moov") + header()

    assert boxes.origin(io.BytesIO(data))["time"] == TIME[:19]


def test_only_the_description_is_held() -> None:
    class Watched(io.BytesIO):
        most = 0

        def read(self, size: int | None = -1) -> bytes:
            self.most = max(self.most, size or 0)
            return super().read(size)

    stream = Watched(box(b"ftyp") + box(b"mdat", bytes(3 * boxes.SIP)) + box(b"moov", header()))

    assert boxes.origin(stream)["time"] == TIME[:19]
    assert stream.most == boxes.SIP


def test_whatever_the_bytes_it_ends() -> None:
    good = recorded(header(TAKEN), placed("+30.5875+114.3042/"), apple(creationdate="2025-04-10T14:31:02+0800"))
    start = good.index(b"moov") - 4
    for seed in range(3000):
        chance, data = random.Random(seed), bytearray(good)
        for _time in range(chance.choice([1, 3, 20])):
            data[chance.randrange(start, len(data))] = chance.randrange(256)
        assert set(boxes.origin(io.BytesIO(data[: chance.choice([None, start + 100])]))) == set(NOTHING)


def test_what_cannot_be_read_is_not_said_to_say_nothing() -> None:
    assert read_origin(b"no photo", "image/jpeg") == Origin(None, None)
