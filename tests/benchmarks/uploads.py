"""UPLOADS: a file that comes through the pages against one that is written and on the disk, and the worker's memory.

Chunks of 2 MB as the browser sends them, over a socket to a real gunicorn of one worker; each piece is encrypted, on
the disk and counted by a row before the next, and the hashes (SHA-256, SM3) are worked out at the end. By hand: the
same bytes, written to one file in the same folder, with one fsync.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.test import override_settings

from claims.enums import State
from config.kernel.pieces import PIECE
from investigations.models import Commission, Exhibit
from tests.benchmarks.measuring import Times, ratio, say, timed, verdict
from tests.factories import case_in, investigator_of
from tests.faults.serving import Phone, Site

ROUNDS = 5
CHUNK = 2 * PIECE
FILE = 64 * PIECE
GOAL = 25
"""Times the bare write: who asks is looked up for each chunk, each piece is synced by itself, SM3 takes its time."""
SMALL, LARGE = 16 * PIECE, 400 * PIECE
FLAT = 8
"""MB by which the worker may grow from the small file to the large one."""


def run() -> None:
    """Write and upload in turn; then one small file and one large, with the worker's peak of each."""
    data = os.urandom(CHUNK)
    with _site() as (site, phone, commission):
        by_hand, by_pages = Times(), Times()
        for number in range(ROUNDS + 1):
            bare = timed(write, site.folder / "bare", data, FILE)
            pages = timed(upload, phone, commission, data, FILE)
            if number:  # the first only warms up
                by_hand.seconds.append(bare)
                by_pages.seconds.append(pages)
        peaks = [peak_of(site, phone, commission, data, size) for size in (SMALL, LARGE)]
    if Exhibit.objects.exclude(state="quarantined").exists():
        raise AssertionError("Not every file has arrived.")
    megabytes = FILE // PIECE
    say(
        f"UPLOADS  {megabytes} MB through the pages against a bare write and fsync: {ROUNDS} rounds in turn",
        [
            ("bare write, MB", by_hand.per_second(megabytes)),
            ("through gunicorn, MB", by_pages.per_second(megabytes)),
            ("time of the pages / bare", verdict(ratio(by_pages, by_hand), at_most=GOAL)),
            ("worker's peak, 16 MB and 400 MB", " and ".join(f"{peak:.0f} MB" for peak in peaks)),
            ("growth in MB", verdict(peaks[1] - peaks[0], at_most=FLAT)),
        ],
    )


def write(path: Path, data: bytes, size: int) -> None:
    """What no upload can beat."""
    with path.open("wb") as file:
        for _ in range(0, size, len(data)):
            file.write(data)
        file.flush()
        os.fsync(file.fileno())


def upload(phone: Phone, commission: int, data: bytes, size: int) -> None:
    """In chunks, one after the other, until it is in quarantine."""
    address, offset = phone.begin(commission, size), 0
    while offset < size:
        offset = phone.send(address, data, offset=offset)


def peak_of(site: Site, phone: Phone, commission: int, data: bytes, size: int) -> float:
    """MB that the worker held at most while this file came."""
    (worker,) = site.workers()
    Path(f"/proc/{worker}/clear_refs").write_text("5")  # the peak is counted anew
    upload(phone, commission, data, size)
    said = Path(f"/proc/{worker}/status").read_text()
    return next(int(line.split()[1]) for line in said.splitlines() if line.startswith("VmHWM")) / 1024


@contextmanager
def _site() -> Iterator[tuple[Site, Phone, int]]:
    folder = Path(tempfile.mkdtemp(prefix="desk-", dir="/var/tmp"))  # a socket's path must be short
    with override_settings(MEDIA_ROOT=folder / "media"):
        site = Site(folder)
        try:
            sent = Commission.objects.select_related("agency").get(claim=case_in(State.INVESTIGATING))
            yield site, Phone(site, investigator_of(sent)), sent.pk
        finally:
            site.stop()
            shutil.rmtree(folder)
