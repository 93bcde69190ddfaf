"""The desk without a mouse."""

import re

import pytest
from django.conf import LazySettings
from django.urls import reverse
from playwright.sync_api import Page, expect

from claims.enums import State
from claims.models import Claim
from claims.services import assigning
from config.kernel.clock import database_now
from tests.browser.driving import PASSWORD, Desk, account, is_shown, press, tab_to, with_files
from tests.factories import case_in


@pytest.fixture
def rows(settings: LazySettings, desk: Desk) -> Page:
    """A page with three rows of papers, and no case behind them."""
    settings.ROOT_URLCONF = "tests.browser.rows_page"
    page = desk.person("reviewer")
    page.goto("/rows/")
    return page


def is_accepted(page: Page, number: int) -> bool:
    return page.get_by_role("button", name=f"accept {number}").get_attribute("aria-pressed") == "true"


def typed_by_an_input_method(page: Page, key: str, code: str) -> None:
    said = {"key": key, "code": code, "bubbles": True, "cancelable": True}
    page.evaluate("said => document.body.dispatchEvent(new KeyboardEvent('keydown', said))", said)


def at(page: Page) -> str:
    """The part of the address that the last link led to."""
    part: str = page.evaluate("location.hash.slice(1)")
    return part


def goes_to(page: Page, part: str) -> None:
    """The link of that part was followed."""
    expect(page).to_have_url(re.compile(f"#{part}$"))


def test_single_keys_work_on_rows_and_are_silent_where_they_must_be(rows: Page) -> None:
    press(rows, "a")
    assert [is_accepted(rows, number) for number in (1, 2, 3)] == [True, False, False]
    press(rows, "j", "j", "ArrowDown", "k", "j", "a")
    expect(rows.locator("#row-3")).to_be_focused()
    assert [is_accepted(rows, number) for number in (1, 2, 3)] == [True, False, True]
    press(rows, "ArrowUp", "r")
    goes_to(rows, "return-2")
    press(rows, "Enter")
    goes_to(rows, "paper-2")
    press(rows, "n")
    goes_to(rows, "next-case")
    press(rows, "g", "d")
    goes_to(rows, "my-desk")
    press(rows, "d", "Control+n", "Alt+n")
    assert at(rows) == "my-desk"

    typed_by_an_input_method(rows, "Process", "KeyN")
    goes_to(rows, "next-case")
    typed_by_an_input_method(rows, "、", "Slash")
    expect(rows.locator("#find")).to_be_focused()
    press(rows, "n", "?")
    expect(rows.locator("#find")).to_have_value("n?")
    rows.locator("#note").focus()
    press(rows, "a", "j", "n")
    expect(rows.locator("#note")).to_have_value("ajn")
    assert at(rows) == "next-case"


def test_the_keys_are_listed_and_can_be_switched_off(rows: Page) -> None:
    listed = rows.locator("#desk-keys")
    press(rows, "?")
    expect(listed).to_be_visible()
    expect(listed.get_by_text("本列表")).to_be_visible()
    press(rows, "n")
    assert at(rows) == ""
    press(rows, "Escape")
    expect(listed).to_be_hidden()

    rows.get_by_role("button", name="快捷键").click()
    listed.get_by_role("checkbox").uncheck()
    listed.get_by_role("button", name="关闭").click()
    rows.reload()
    press(rows, "n", "a", "?", "/")
    assert at(rows) == ""
    assert not is_accepted(rows, 1)
    expect(listed).to_be_hidden()
    expect(rows.locator("#find")).not_to_be_focused()

    rows.get_by_role("button", name="快捷键").click()
    listed.get_by_role("checkbox").check()
    press(rows, "Escape", "n")
    goes_to(rows, "next-case")


def enter(page: Page) -> None:
    """Enter leads to another page, which is then there."""
    with page.expect_navigation():
        press(page, "Enter")


def row_to(page: Page, wanted: str, *, limit: int = 20) -> None:
    """Row by row down to the one that matches; AssertionError where it never comes."""
    for _ in range(limit):
        press(page, "j")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"no row {wanted}")


def test_a_reviewer_takes_judges_and_passes_a_case_without_a_mouse(desk: Desk) -> None:
    claim, other, user = with_files(colours=["navy"]), case_in(State.REVIEWING), account("reviewer")
    assigning.take(other.pk, by=user, at=database_now())
    addresses = {one: reverse("admin:claims_claim_change", args=[one.pk]) for one in (claim, other)}
    page = desk.stranger()
    page.goto(reverse("admin:index"))
    expect(page.locator("#id_username")).to_be_focused()
    page.keyboard.type(user.username)
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    enter(page)

    press(page, "Tab")
    expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()
    press(page, "j")
    enter(page)
    assert page.url.endswith(addresses[other])
    with page.expect_navigation():
        press(page, "g", "d")
    tab_to(page, 'form[action$="/claims/claim/next/"] button')
    enter(page)
    assert page.url.endswith(addresses[claim])
    with page.expect_navigation():
        press(page, "n")
    assert page.url.endswith(addresses[other])
    with page.expect_navigation():
        press(page, "n")
    assert page.url.endswith(reverse("admin:index"))  # after the last one

    press(page, "j")
    enter(page)
    row_to(page, "#paper-imaging")
    press(page, "Enter")
    is_shown(page, "1 / 2")
    press(page, "r", "ArrowDown", "ArrowDown", "Tab")
    page.keyboard.type("CT 只有封面。")
    press(page, "Tab")
    enter(page)
    returned = claim.materials.get(kind="imaging")
    assert (returned.finding, returned.fault, returned.finding_note) == ("returned", "incomplete", "CT 只有封面。")
    row_to(page, "#paper-pathology_report")
    with page.expect_navigation():
        press(page, "a")
    row_to(page, "#paper-pathology_report")
    press(page, "a")
    row_to(page, "#paper-imaging")
    with page.expect_navigation():
        press(page, "a")
    accepted = claim.materials.filter(finding="accepted").values_list("kind", flat=True)
    assert sorted(accepted) == ["imaging", "pathology_report"]  # no key judges another row's paper

    tab_to(page, 'a[href*="/do/pass-review/"]')
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    enter(page)
    tab_to(page, "main form.desk-form button[type=submit]")
    enter(page)
    assert Claim.objects.get(pk=claim.pk).passed_by == user


def test_what_the_skin_gives_to_the_mouse_is_in_reach_of_tab(desk: Desk) -> None:
    """The navigation's switch, the theme and the way out."""
    page = desk.person("reviewer")
    page.goto(reverse("admin:index"))
    navigation = page.locator("#nav-sidebar")
    tab_to(page, "header [aria-controls=nav-sidebar]")
    press(page, "Enter")
    expect(navigation).to_be_hidden()
    press(page, "Enter")
    expect(navigation).to_be_visible()

    tab_to(page, "#nav-sidebar [aria-haspopup]")
    press(page, "Enter")
    tab_to(page, "#nav-sidebar [data-theme=dark]")
    press(page, "Enter")
    expect(page.locator("html")).to_have_class("dark")
    tab_to(page, "#logout-form button")
    with page.expect_navigation():
        press(page, "Enter")
    page.goto(reverse("admin:index"))
    expect(page.locator("#id_username")).to_be_visible()
