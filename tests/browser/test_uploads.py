"""A telephone in a corridor: several files at once, a line that is cut, and a page that was closed."""

import hashlib
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings as site
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from claims.enums import State
from investigations.models import Commission, Exhibit
from tests.browser.driving import PHONE, Desk, wider_than_the_window
from tests.browser.sending import LONG, choose, cut, file, reaches
from tests.factories import case_in, investigator_of
from tests.investigations.recordings import EICAR, film
from tests.investigations.uploading import begin, browser_of, examine
from tests.papers import pdf, png


@pytest.fixture
def sent(desk: Desk, settings, tmp_path: Path) -> Iterator[Commission]:
    """A commission that is out; what is uploaded to it is thrown away at the end."""
    settings.MEDIA_ROOT = tmp_path / "media"
    yield Commission.objects.get(claim=case_in(State.INVESTIGATING))
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


@pytest.fixture
def page(desk: Desk, sent: Commission) -> Page:
    """The commission's page on the telephone of its investigator, whom a second factor vouches for."""
    page, browser = desk.stranger(width=PHONE, language="en"), browser_of(investigator_of(sent))
    session = browser.cookies[site.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": site.SESSION_COOKIE_NAME, "value": session, "url": desk.address}])
    page.goto(reverse("field:commission", args=[sent.pk]))
    return page


def test_several_at_once_and_each_is_told_what_became_of_it(page: Page, tmp_path: Path) -> None:
    page.get_by_label("Where?").fill("records office")
    page.get_by_label("When was it taken?").fill("2025-04-10T14:30")

    files = {"a.png": png(), "b.pdf": pdf(), "c.jpg": EICAR}
    rows = choose(page, *(file(tmp_path, name, data) for name, data in files.items()))
    for number in range(3):
        expect(rows.nth(number)).to_contain_text("being checked")
    examine()

    expect(rows.nth(0)).to_contain_text("kept")
    expect(rows.nth(1)).to_contain_text("kept")
    expect(rows.nth(2)).to_contain_text("none of the kinds")
    expect(rows.get_by_role("button")).to_have_count(0)
    assert set(Exhibit.objects.values_list("name", "state")) == {
        ("a.png", "clean"),
        ("b.pdf", "clean"),
        ("c.jpg", "refused"),
    }
    assert {exhibit.claimed_place for exhibit in Exhibit.objects.all()} == {"records office"}
    assert wider_than_the_window(page) == 0


def test_two_hundred_megabytes_arrive_though_the_line_is_cut_three_times_and_the_page_closed_once(
    desk: Desk, page: Page, tmp_path: Path
) -> None:
    path = file(tmp_path, "interview.mp4", film())
    with path.open("r+b") as film_file:
        film_file.truncate(200 * 1024 * 1024)
    rows = choose(page, path)

    for share in (0.2, 0.4):
        cut(page, share)
    reaches(page, 0.6)
    assert "interview" not in page.evaluate("JSON.stringify(window.localStorage)")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    choose(page, path)
    cut(page, 0.8)
    expect(rows).to_contain_text("being checked", timeout=LONG)
    examine()

    expect(rows).to_contain_text("kept", timeout=LONG)
    exhibit = Exhibit.objects.get()
    with path.open("rb") as film_file:
        assert exhibit.sha256 == hashlib.file_digest(film_file, "sha256").hexdigest()
    assert (exhibit.size, exhibit.state) == (200 * 1024 * 1024, "clean")
    desk.expected("ERR_INTERNET_DISCONNECTED")


def test_a_byte_that_is_changed_on_the_way_is_sent_again(desk: Desk, page: Page, tmp_path: Path) -> None:
    data, changed = pdf(3), []

    def change(route: Route) -> None:
        if route.request.method != "PATCH" or changed:
            return route.continue_()
        changed.append(route.request.headers["upload-checksum"])
        return route.continue_(post_data=data[:100] + bytes([data[100] ^ 1]) + data[101:])

    page.route("**/field/uploads/*/", change)
    rows = choose(page, file(tmp_path, "a.pdf", data))

    expect(rows).to_contain_text("being checked")
    assert len(changed) == 1
    assert Exhibit.objects.get().sha256 == hashlib.sha256(data).hexdigest()
    desk.expected("460")


def test_an_upload_is_cancelled(desk: Desk, page: Page, tmp_path: Path) -> None:
    page.route(
        "**/field/uploads/*/", lambda route: route.abort() if route.request.method == "PATCH" else route.continue_()
    )
    with page.expect_event("requestfailed", lambda request: request.method == "PATCH"):
        rows = choose(page, file(tmp_path, "a.png", png()))

    with page.expect_response(lambda response: response.request.method == "DELETE"):
        page.get_by_role("button", name="Cancel").click()

    expect(rows).to_contain_text("cancelled")
    assert not Exhibit.objects.exists()
    desk.expected("ERR_FAILED")


def test_chunks_are_as_large_as_the_line_takes_them(desk: Desk, page: Page, tmp_path: Path) -> None:
    offsets: list[int] = []

    def note(route: Route) -> None:
        if route.request.method != "PATCH":
            return route.continue_()
        offsets.append(int(route.request.headers["upload-offset"]))
        return route.abort() if len(offsets) == 1 else route.continue_()

    page.route("**/field/uploads/*/", note)
    rows = choose(page, file(tmp_path, "a.mp4", film() + bytes(5 * 1024 * 1024)))

    expect(rows).to_contain_text("being checked")
    kilobytes = [(after - before) // 1024 for before, after in pairwise(offsets)]
    assert kilobytes[:2] == [0, 256]
    assert max(kilobytes) > 256
    desk.expected("ERR_FAILED")


def test_what_is_said_of_a_file_anew_makes_another_upload(desk: Desk, page: Page, tmp_path: Path) -> None:
    page.route(
        "**/field/uploads/*/", lambda route: route.abort() if route.request.method == "PATCH" else route.continue_()
    )
    path = file(tmp_path, "a.png", png())
    for place in ("ward", "records office"):
        page.get_by_label("Where?").fill(place)
        with page.expect_response(lambda response: response.request.method == "POST"):
            choose(page, path)

    assert {exhibit.claimed_place for exhibit in Exhibit.objects.all()} == {"ward", "records office"}
    desk.expected("ERR_FAILED")


def test_half_an_upload_of_another_day_is_gone_on_with_or_given_up(
    desk: Desk, page: Page, sent: Commission, tmp_path: Path
) -> None:
    begin(browser_of(investigator_of(sent)), sent, 10, filename="half.pdf")
    page.reload()
    row = page.locator(".field-exhibits li", has_text="half.pdf")
    expect(row).to_contain_text("choose the same file again")

    row.get_by_role("button", name="Give it up: half.pdf").click()

    expect(row).to_have_count(0)
    assert not Exhibit.objects.exists()
