"""The worker that takes an upload is killed amid a chunk: the telephone asks how far it came, and goes on there."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse

from claims.enums import State
from config.kernel.clock import database_now
from config.kernel.pieces import PIECE
from investigations.models import Commission, CustodyEntry, Exhibit
from investigations.services import custody, evidence, examining
from tests.concurrency.racing import wait_for
from tests.factories import case_in, investigator_of
from tests.faults.processes import hang_up
from tests.faults.serving import Phone, Site
from tests.investigations.recordings import film


@pytest.fixture
def site(transactional_db: None, settings) -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="desk-", dir="/var/tmp"))  # a socket's path must be short
    settings.MEDIA_ROOT = folder / "media"
    site = Site(folder)
    yield site
    site.stop()
    hang_up()
    print((folder / "web.log").read_text(errors="replace"))  # pytest shows it where a test failed
    shutil.rmtree(folder)


def test_a_worker_killed_amid_chunks_costs_nothing_that_had_arrived(site: Site) -> None:
    sent = Commission.objects.get(claim=case_in(State.INVESTIGATING))
    phone, data = Phone(site, investigator_of(sent)), film() + os.urandom(9 * PIECE)
    address = phone.begin(sent.pk, len(data))

    for so_far in (2 * PIECE, 5 * PIECE):
        offset = phone.reached(address)
        some = data[offset : so_far + PIECE + 4321]
        line = phone.break_off(address, some, offset=offset, size=len(data) - offset)
        wait_for(lambda: Exhibit.objects.get().received >= so_far)  # noqa: B023 (asked now)
        killed = site.workers()
        site.kill_worker()
        line.close()
        wait_for(lambda: site.workers() not in ([], killed) and site.answers())  # noqa: B023 (asked now)
        assert so_far <= phone.reached(address) <= offset + len(some)

    offset = phone.reached(address)
    assert phone.send(address, data[offset:], offset=offset) == len(data)
    exhibit = Exhibit.objects.get()
    assert (exhibit.state, exhibit.sha256) == ("quarantined", hashlib.sha256(data).hexdigest())
    examining.examine(exhibit.pk, at=database_now())
    exhibit.refresh_from_db()
    assert exhibit.state == "clean"
    assert b"".join(evidence.pieces_of(exhibit).stream(exhibit.pieces)) == data
    assert list(CustodyEntry.objects.order_by("number").values_list("act", flat=True)) == ["received", "scanned"]
    assert custody.is_whole(sent.pk)
    assert phone.ask("GET", reverse("field:exhibit", args=[exhibit.pk])).status == 200
