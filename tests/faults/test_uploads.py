"""The worker that takes an upload is killed amid a chunk: the telephone asks how far it came, and goes on there."""

import hashlib
import os
import select
import shutil
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.urls import reverse

from claims.enums import State
from config.kernel.clock import database_now
from config.kernel.pieces import PIECE
from investigations.models import Commission, CustodyEntry, Exhibit
from investigations.services import custody, evidence, examining
from investigations.views.uploads import AT_ONCE
from tests.concurrency.racing import wait_for
from tests.factories import case_in, investigator_of
from tests.faults.processes import hang_up
from tests.faults.serving import Line, Phone, Site
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
    assert list(CustodyEntry.objects.order_by("number").values_list("act", flat=True)) == ["received", "checked"]
    assert custody.is_whole(sent.pk)
    assert phone.ask("GET", reverse("field:exhibit", args=[exhibit.pk])).status == 200


CHECKED = {"Upload-Checksum": f"sha256 {b64encode(bytes(32)).decode()}"}
"""As the browser sends it; of a chunk that does not come to its end it is not looked at."""


@pytest.mark.parametrize("checked", [{}, CHECKED])
def test_a_line_that_drips_or_is_silent_is_cut_keeps_what_came_and_holds_nobody_up(site: Site, checked) -> None:
    sent = Commission.objects.get(claim=case_in(State.INVESTIGATING))
    phone, workers, chunk = Phone(site, investigator_of(sent)), site.workers(), 300_000
    silent, dripping = (phone.begin(sent.pk, chunk) for _line in range(2))
    lines = {url: phone.break_off(url, b"x" * 5001, offset=0, size=chunk, **checked) for url in (silent, dripping)}

    dripped = 5001
    while not answered(lines[dripping]):
        assert site.answers()
        with suppress(BrokenPipeError):  # what nobody reads any more is not sent
            lines[dripping].send(b"y" * 10)
            dripped += 10

    cut = {url: line.getresponse() for url, line in lines.items()}
    assert [answer.status for answer in cut.values()] == [204, 204]
    assert int(cut[silent].headers["Upload-Offset"]) == phone.reached(silent) == 5001
    assert 5001 < phone.reached(dripping) <= dripped
    assert site.workers() == workers
    for line in lines.values():
        line.close()


def test_many_slow_lines_leave_the_desk_its_threads(site: Site) -> None:
    sent = Commission.objects.get(claim=case_in(State.INVESTIGATING))
    phone = Phone(site, investigator_of(sent))
    addresses = [phone.begin(sent.pk, 9000) for _line in range(AT_ONCE + 1)]
    lines = [phone.break_off(address, b"x" * 99, offset=0, size=9000) for address in addresses]
    wait_for(lambda: any(map(answered, lines)))

    assert site.answers()
    answers = [line.getresponse() for line in lines]
    assert sorted(answer.status for answer in answers) == [204] * AT_ONCE + [503]
    for line in lines:
        line.close()


def answered(line: Line) -> bool:
    """Whether an answer has come, a tenth of a second later."""
    return bool(select.select([line.sock], [], [], 0.1)[0])
