"""When and where an MP4, MOV or M4A says that it was recorded; read in the child process of `config.kernel.drawing`.

Such a file is boxes in boxes, each with a length that may lie: no box reaches beyond the one around it. The file comes
as a stream; of it only `moov` is held.
"""

import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

TYPES = ("video/mp4", "video/quicktime", "audio/mp4")
LARGEST_MOOV = 64 * 1024 * 1024
MOST_BOXES = 10_000
SIP = 1024 * 1024

EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
FIRST = 1991
"""The year of the first such file: an earlier one, as 1904 or 1970, is what is written where no time is known."""

APPLE_TIME, APPLE_PLACE = b"com.apple.quicktime.creationdate", b"com.apple.quicktime.location.ISO6709"
ISO_8601 = re.compile(rb"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:([+-]\d\d):?(\d\d)|Z)")
ISO_6709 = re.compile(
    rb"([+-])(\d\d)(\d\d)?(\d\d)?(\.\d+)?([+-])(\d{3})(\d\d)?(\d\d)?(\.\d+)?(?:[+-][\d.]+)?(?:CRS.*)?/?"
)


def origin(stream: BinaryIO) -> dict[str, str]:
    """`time`, `zone` and `place` as `config.kernel.rendering` reads them; empty where the file says nothing.

    `assumed` is not empty where the zone is that of the format: many recorders count their local time as UTC.
    """
    moov = _moov(stream)
    apple = _apple(_find(moov, b"meta"))
    local = _local(apple.get(APPLE_TIME, b""))
    time, zone = local or _counted(_find(moov, b"mvhd"))
    place = _place(apple.get(APPLE_PLACE, b"")) or _place(_find(moov, b"udta", b"\xa9xyz")[4:])
    return {"time": time, "zone": zone, "place": place, "assumed": "" if local or not time else "yes"}


def _moov(stream: BinaryIO) -> bytes:
    """The box that describes the recording, which may stand behind it; empty where the lengths do not lead to it."""
    for _box in range(MOST_BOXES):
        head = stream.read(8)
        if len(head) < 8:
            return b""
        size, kind = struct.unpack(">I4s", head)
        if size == 1:
            size = int.from_bytes(stream.read(8)) - 8
        elif size == 0 and kind == b"moov":  # as far as the file goes
            size = LARGEST_MOOV
        if size < 8 or (kind == b"moov" and size > LARGEST_MOOV):
            return b""
        if kind == b"moov":
            return stream.read(size - 8)
        if not _skipped(stream, size - 8):
            return b""
    return b""


def _skipped(stream: BinaryIO, rest: int) -> bool:
    while rest:
        passed = len(stream.read(min(rest, SIP)))
        if not passed:
            return False
        rest -= passed
    return True


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes in one, until a length is wrong."""
    start = 0
    while len(data) - start >= 8:
        size, kind = struct.unpack_from(">I4s", data, start)
        if not 8 <= size <= len(data) - start:
            return
        yield kind, data[start + 8 : start + size]
        start += size


def _find(data: bytes, *way: bytes) -> bytes:
    """What is in the first box of this name, in the first of the name before it; empty where there is none."""
    for name in way:
        data = next((content for kind, content in _boxes(data) if kind == name), b"")
    return data


def _counted(mvhd: bytes) -> tuple[str, str]:
    """From the seconds since 1904, in UTC."""
    since = int.from_bytes(mvhd[4:12] if mvhd[:1] == b"\1" else mvhd[4:8])
    try:
        at = EPOCH + timedelta(seconds=since)
    except OverflowError:
        return "", ""
    return (at.strftime("%Y-%m-%d %H:%M:%S"), "+00:00") if at.year >= FIRST else ("", "")


def _local(text: bytes) -> tuple[str, str] | None:
    found = ISO_8601.fullmatch(text)
    if found is None:
        return None
    day, time, hours, minutes = (part.decode() if part else "" for part in found.groups())
    return f"{day} {time}", f"{hours}:{minutes}" if hours else "+00:00"


def _place(text: bytes) -> str:
    """Degrees, north and east positive, of an ISO 6709 text in degrees, minutes or seconds."""
    found = ISO_6709.fullmatch(text)
    if found is None:
        return ""
    north, east = _degrees(*found.groups()[:5]), _degrees(*found.groups()[5:])
    return f"{north:.6f},{east:.6f}" if abs(north) <= 90 and abs(east) <= 180 else ""


def _degrees(sign: bytes, degrees: bytes, minutes: bytes, seconds: bytes, fraction: bytes) -> float:
    parts = [part for part in (degrees, minutes, seconds) if part]
    parts[-1] += fraction or b""
    value = sum(float(part) / 60**place for place, part in enumerate(parts))
    return -value if sign == b"-" else value


def _apple(meta: bytes) -> dict[bytes, bytes]:
    """What telephones of Apple write: names in `keys`, and their values by number in `ilst`."""
    boxes = meta[4:] if meta[:4] == bytes(4) else meta  # a version and flags stand before them, or do not
    names = {number: name for number, (_space, name) in enumerate(_boxes(_find(boxes, b"keys")[8:]), start=1)}
    values = {int.from_bytes(kind): _find(said, b"data")[8:] for kind, said in _boxes(_find(boxes, b"ilst"))}
    return {name: values[number] for number, name in names.items() if number in values}
