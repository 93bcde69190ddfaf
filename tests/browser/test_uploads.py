"""A telephone in a corridor: several files at once, a line that is cut, and a page that was closed."""

import hashlib
import os
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, Route, expect

from claims.enums import State
from config.kernel.models import User
from investigations.models import Commission, Exhibit
from tests.browser.driving import PHONE, Desk
from tests.factories import case_in, in_the_field, investigator_of
from tests.investigations.recordings import EICAR
from tests.investigations.uploading import examine
from tests.papers import pdf, png


@pytest.fixture
def sent(desk: Desk, settings, tmp_path: Path) -> Commission:
    settings.MEDIA_ROOT, settings.ROOT_URLCONF = tmp_path / "media", "tests.browser.upload_page"
    return Commission.objects.get(claim=case_in(State.INVESTIGATING))


def phone_of(desk: Desk, user: User) -> Page:
    """Signed in with the second factor."""
    page, name = desk.stranger(width=PHONE, language="en"), settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": in_the_field(user).cookies[name].value, "url": desk.address}
    page.context.add_cookies([cookie])
    return page


def files(tmp_path: Path, **content: bytes) -> list[Path]:
    paths = []
    for name, data in content.items():
        paths.append(tmp_path / name.replace("_", "."))
        paths[-1].write_bytes(data)
    return paths


def test_several_at_once_and_each_is_told_what_became_of_it(desk: Desk, sent: Commission, tmp_path: Path) -> None:
    page = phone_of(desk, investigator_of(sent))
    page.goto(f"/upload-page/{sent.pk}/")
    page.get_by_label("Where?").fill("records office")
    page.get_by_label("When was it taken?").fill("2025-04-10T14:30")

    page.get_by_label("Choose files").set_input_files(files(tmp_path, a_png=png(), b_pdf=pdf(), c_jpg=EICAR))
    rows = page.locator(".field-uploads li")
    for number in range(3):
        expect(rows.nth(number)).to_contain_text("being checked")
    examine()

    expect(rows.nth(0)).to_contain_text("kept")
    expect(rows.nth(1)).to_contain_text("kept")
    expect(rows.nth(2)).to_contain_text("none of the kinds")
    assert set(Exhibit.objects.values_list("name", "state")) == {
        ("a.png", "clean"),
        ("b.pdf", "clean"),
        ("c.jpg", "refused"),
    }
    assert {exhibit.claimed_place for exhibit in Exhibit.objects.all()} == {"records office"}
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_a_line_that_is_cut_three_times_and_a_page_that_is_closed(desk: Desk, sent: Commission, tmp_path: Path) -> None:
    data, cuts = png() + os.urandom(30 << 20), []

    def cut(route: Route) -> None:
        offset = int(route.request.headers.get("upload-offset", 0))
        if route.request.method == "PATCH" and len(cuts) < 3 and offset >= (len(cuts) + 1) << 22:
            cuts.append(route.request.url)
            return route.abort("connectionreset")
        return route.continue_()

    page = phone_of(desk, investigator_of(sent))
    page.goto(f"/upload-page/{sent.pk}/")
    page.route("**/field/uploads/**", cut)
    (path,) = files(tmp_path, film_png=data)
    page.get_by_label("Choose files").set_input_files(path)
    expect(page.locator(".field-uploads li")).to_contain_text("on its way 3")
    assert "film" not in page.evaluate("JSON.stringify(window.localStorage)")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.get_by_label("Choose files").set_input_files(path)

    expect(page.locator(".field-uploads li")).to_contain_text("being checked")
    exhibit = Exhibit.objects.get()
    assert (exhibit.size, exhibit.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert len(cuts) == 3
    desk.expected("PATCH|ERR_CONNECTION_RESET|uploads")


def test_an_upload_is_cancelled(desk: Desk, sent: Commission, tmp_path: Path) -> None:
    page = phone_of(desk, investigator_of(sent))
    page.goto(f"/upload-page/{sent.pk}/")
    page.route(
        "**/field/uploads/*/", lambda route: route.abort() if route.request.method == "PATCH" else route.continue_()
    )
    page.get_by_label("Choose files").set_input_files(files(tmp_path, a_png=png()))
    page.wait_for_function("() => performance.getEntriesByType('resource').some((one) => one.name.includes('uploads'))")

    page.get_by_role("button", name="Cancel").click()

    expect(page.locator(".field-uploads li")).to_contain_text("cancelled")
    page.wait_for_load_state("networkidle")
    assert not Exhibit.objects.exists()
    desk.faults.clear()
