"""The page of figures in a browser: charts are drawn and saved, tables are saved, and nothing is in anybody's way."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, Route, expect

from claims.enums import State
from config.kernel.civil import civil_date
from tests.browser.driving import PHONE, Desk, Theme, barriers, click, small_targets, wider_than_the_window
from tests.factories import APPROVED, REPORTED, case_in

FIRST, LAST = civil_date(REPORTED), civil_date(APPROVED + timedelta(days=1))


def open_figures(page: Page) -> None:
    page.goto(f"{reverse('admin:claims_claim_figures')}?period=own&from={FIRST}&to={LAST}")
    expect(page.locator("#figure-stays[data-drawn]")).to_be_visible()


def colours_of(canvas: str, page: Page) -> int:
    """How many colours the chart has: a blank one has one, or none."""
    return int(
        page.locator(canvas).evaluate(
            """canvas => {
                const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                const found = new Set();
                for (let at = 0; at < data.length; at += 4) found.add(data.slice(at, at + 4).join());
                return found.size;
            }"""
        )
    )


def test_charts_are_drawn_and_saved_and_a_number_leads_to_its_cases(desk: Desk, tmp_path: Path) -> None:
    case_in(State.APPROVED)
    case_in(State.REVIEWING)
    page = desk.person("supervisor")
    page.goto(reverse("admin:index"))
    click(page, page.locator("#nav-sidebar .desk-pages a").first)
    open_figures(page)
    charts = page.locator("[data-figure]")
    assert charts.count() >= 5
    for name in charts.evaluate_all("all => all.map(one => one.dataset.figure)"):
        assert colours_of(f"#figure-{name} canvas", page) > 2, name

    with page.expect_download() as told:
        page.locator("#figure-stays [data-png]").click()
    told.value.save_as(tmp_path / "chart.png")
    assert told.value.suggested_filename == f"figures-stays-{FIRST}-{LAST}.png"
    with Image.open(tmp_path / "chart.png") as image:
        colours = image.convert("RGB").getcolors(maxcolors=1_000_000)
        assert image.format == "PNG"
        assert len(colours) > 2

    with page.expect_download() as told:
        page.locator("#figure-stays a.desk-button").click()
    told.value.save_as(tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes().startswith(b"\xef\xbb\xbf")

    count = page.locator("#figure-stays tbody td a").first
    number = int(count.inner_text())
    click(page, count)
    expect(page.locator("#result_list tbody tr")).to_have_count(number)


def test_what_the_page_did_not_wait_for_comes_by_itself_and_says_when_it_cannot(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page waits for nothing here: what really takes long needs a million cases."""
    monkeypatch.setattr("claims.admin.figures.PATIENCE", -1.0)
    case_in(State.APPROVED)
    page = desk.person("supervisor", language="en")
    page.route("**/figures/?*only=money*", lambda route: route.abort())
    open_figures(page)
    expect(page.locator("#figure-forecast")).not_to_have_attribute("data-later", "")
    expect(page.locator("[data-later]")).to_have_count(1)
    expect(page.locator("#figure-money [role=alert]")).to_be_visible()
    assert colours_of("#figure-stays canvas", page) > 2
    desk.expected("only=money")
    page.unroute("**/figures/?*only=money*")
    click(page, page.locator("#figure-money a"))
    expect(page.locator("#figure-money tbody tr").first).to_be_visible()
    click(page, page.get_by_role("link", name="All figures of this period"))
    expect(page.locator("#figure-stays[data-drawn]")).to_be_visible()
    expect(page.locator("[data-later]")).to_have_count(0)


def test_whoever_had_come_to_what_is_fetched_stays_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page waits for nothing here, either."""
    monkeypatch.setattr("claims.admin.figures.PATIENCE", -1.0)
    page = desk.person("supervisor")
    held: list[Route] = []
    page.route("**/figures/?*only=*", lambda route: held.append(route), times=1)
    with page.expect_request("**/figures/?*only=*"):
        page.goto(f"{reverse('admin:claims_claim_figures')}?period=own&from={FIRST}&to={LAST}")
    name = page.locator("[data-later]").last.get_attribute("id")
    page.locator(f"#{name} a").focus()
    held[0].continue_()
    expect(page.locator("[data-later]")).to_have_count(0)
    expect(page.locator(f"#{name} h2")).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_in_anybodys_way(desk: Desk, theme: Theme) -> None:
    case_in(State.APPROVED)
    page = desk.person("auditor", theme=theme, language="en" if theme == "dark" else "zh-hans")
    open_figures(page)
    assert barriers(page) == []
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )  # charts follow
    assert wider_than_the_window(page) == 0
    assert small_targets(page) == []
