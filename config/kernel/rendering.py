"""Pages of a file as images, counted and drawn in a child process (`config.kernel.drawing`).

What people send may be broken or made to break what opens it: here it is never opened. The child has no secrets, few
seconds and little memory, and whatever becomes of it is a refusal. A large file is handed over piece by piece.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Thread, Timer
from typing import BinaryIO, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.embedded.addresses import ROOT
from config.kernel.faults import Fault
from config.kernel.refusals import Refusal

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


Data = bytes | Iterable[bytes]
"""A file, whole or in pieces."""


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
    with _fed(data) as source:
        code, answer = _answered([task, content_type, str(page)], source)
    if code:
        why = WHY.get(code, _("it takes too much to open."))
        raise Unshowable(why=why, fault=code if code in WHY else 0)
    return answer


def _answered(task: list[str], source: BinaryIO) -> tuple[int, bytes]:
    """How the child ended, and what it said; one that is slow or says too much is ended."""
    late = Event()
    with _child(task, source) as child, _watched(child, late):
        assert child.stdout is not None  # it is a pipe
        said = bytearray()
        while len(said) <= LARGEST_ANSWER and (more := child.stdout.read(SIP)):
            said += more
        if len(said) > LARGEST_ANSWER:
            raise Unshowable(why=_("it takes too much to open."), fault=0)
        code = child.wait()
    if late.is_set():
        raise Unshowable(why=_("it takes too long to open."), fault=0)
    return code, bytes(said)


def _child(task: list[str], source: BinaryIO) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-B", "-m", "config.kernel.drawing", *task],
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd=ROOT,
        env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
        start_new_session=True,
    )


@contextmanager
def _watched(child: "subprocess.Popen[bytes]", late: Event) -> Iterator[None]:
    """The child is gone when this ends, and `late` is set if its time was up."""

    def end() -> None:
        late.set()
        child.kill()

    timer = Timer(PATIENCE, end)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        child.kill()


@contextmanager
def _fed(data: Data) -> Iterator[BinaryIO]:
    """The reading end of a pipe that the file comes through; what goes wrong at the other end is raised here."""
    pieces = (data,) if isinstance(data, bytes) else data
    receiving, sending = os.pipe()
    failures: list[Exception] = []
    feeder = Thread(target=_feed, args=(sending, pieces, failures), daemon=True)
    with open(receiving, "rb") as source:
        feeder.start()
        yield source
    feeder.join()
    if failures:
        raise failures[0]


def _feed(sending: int, pieces: Iterable[bytes], failures: list[Exception]) -> None:
    try:
        with open(sending, "wb", buffering=0) as pipe:
            for piece in pieces:
                rest = memoryview(piece)
                while rest:
                    rest = rest[pipe.write(rest) :]
    except BrokenPipeError:
        return  # the child has seen enough
    except Exception as error:
        failures.append(error)
