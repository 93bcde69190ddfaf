"""Pages of a file as images, counted and drawn in a child process (`config.kernel.drawing`).

What people send may be broken or made to break what opens it: here it is never opened. The child has no secrets, few
seconds and little memory, and whatever becomes of it is a refusal. A large file is handed over piece by piece.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Timer
from typing import BinaryIO, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.kernel.children import Data, child, fed
from config.kernel.faults import Fault
from config.kernel.refusals import Refusal

DRAWING = "config.kernel.drawing"

PATIENCE = 20
"""Seconds by the clock; of the processor's the child allows itself half."""

LARGEST_ANSWER = 32 * 1024 * 1024
"""Bytes that the child may say: it may be no longer ours."""
SIP = 64 * 1024

IMAGE = "image/jpeg"
"""What a drawn page is."""

WHY: dict[int, Promise] = {
    Fault.UNREADABLE: _("it is damaged and cannot be opened."),
    Fault.LOCKED: _("it is locked with a password."),
    Fault.TOO_BIG: _("it has too many pages, or is too large as an image."),
    Fault.NO_SUCH_PAGE: _("it has no such page."),
}


class Origin(NamedTuple):
    """What a photo or a recording says of itself: a time with its zone if that is there, and degrees north and east.

    As in `2025-04-05 10:11:12+08:00` and `30.592800,114.305500`. Empty where it says nothing, None where it was not
    or could not be read. `is_zone_assumed`: the zone is that of the format, and need not be that of the clock.
    """

    time: str | None = None
    place: str | None = None
    is_zone_assumed: bool = False


TIME = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d) (\d\d:\d\d:\d\d)")
ZONE = re.compile(r"[+-]\d\d:\d\d")
PLACE = re.compile(r"-?\d{1,2}\.\d{6},-?\d{1,3}\.\d{6}")


class Unshowable(Refusal):
    """A file that cannot be opened, or would cost too much; `fault` is the child's exit code, 0 where it had none."""

    code = "UNSHOWABLE_FILE"
    sentence = _("This file cannot be shown: %(why)s")


def count_pages(data: Data, content_type: str) -> int:
    """How many pages the file has, one for an image; `Unshowable` for what cannot be opened."""
    answer = _ask("count", data, content_type)
    if not answer.isdigit():
        raise Unshowable(why=WHY[Fault.UNREADABLE], fault=Fault.UNREADABLE.value)
    return int(answer)


def draw_page(data: Data, content_type: str, page: int) -> bytes:
    """Page `page`, counted from one, as an `IMAGE` of bounded size; `Unshowable` for what cannot be drawn."""
    return _ask("draw", data, content_type, page)


def read_origin(data: Data, content_type: str) -> Origin:
    """When and where a JPEG or one of `boxes.TYPES` says that it was taken; it is told here, not believed."""
    try:
        told = json.loads(_ask("origin", data, content_type))
    except (Unshowable, ValueError):
        return Origin()
    time, zone = TIME.fullmatch(told["time"]), ZONE.fullmatch(told["zone"])
    place = PLACE.fullmatch(told["place"])
    said = f"{time[1]}-{time[2]}-{time[3]} {time[4]}{zone[0] if zone else ''}" if time else ""
    return Origin(said, place[0] if place else "", bool(said) and bool(told.get("assumed")))


def _ask(task: str, data: Data, content_type: str, page: int = 1) -> bytes:
    with fed(data) as source:
        code, answer = _answered([task, content_type, str(page)], source)
    if code:
        why = WHY.get(code, _("it takes too much to open."))
        raise Unshowable(why=why, fault=code if code in WHY else 0)
    return answer


def _answered(task: list[str], source: BinaryIO) -> tuple[int, bytes]:
    """How the child ended, and what it said; one that is slow or says too much is ended."""
    late = Event()
    with child(DRAWING, task, source) as drawing, _watched(drawing, late):
        assert drawing.stdout is not None  # it is a pipe
        said = bytearray()
        while len(said) <= LARGEST_ANSWER and (more := drawing.stdout.read(SIP)):
            said += more
        if len(said) > LARGEST_ANSWER:
            raise Unshowable(why=_("it takes too much to open."), fault=0)
        code = drawing.wait()
    if late.is_set():
        raise Unshowable(why=_("it takes too long to open."), fault=0)
    return code, bytes(said)


@contextmanager
def _watched(process: "subprocess.Popen[bytes]", late: Event) -> Iterator[None]:
    """The child is gone when this ends, and `late` is set if its time was up."""

    def end() -> None:
        late.set()
        process.kill()

    timer = Timer(PATIENCE, end)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        process.kill()
