"""The desk without a mouse."""

import re

import pytest
from django.conf import LazySettings
from django.urls import reverse
from playwright.sync_api import Page, expect

from claims.enums import State
from claims.models import Claim
from tests.browser.driving import PASSWORD, Desk, account, press, tab_to
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


def test_a_reviewer_passes_a_review_without_a_mouse(desk: Desk) -> None:
    claim, user = case_in(State.REVIEWING), account("reviewer")
    page = desk.stranger()
    page.goto(reverse("admin:index"))
    expect(page.locator("#id_username")).to_be_focused()
    page.keyboard.type(user.username)
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        press(page, "Enter")

    press(page, "Tab")
    expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()
    tab_to(page, '#nav-sidebar a[href$="/claims/claim/"]')
    with page.expect_navigation():
        press(page, "Enter")
    press(page, "/")
    page.keyboard.type(claim.number)
    with page.expect_navigation():
        press(page, "Enter")
    press(page, "j")
    with page.expect_navigation():
        press(page, "Enter")
    assert reverse("admin:claims_claim_change", args=[claim.pk]) in page.url

    tab_to(page, 'a[href*="/do/pass-review/"]')
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    with page.expect_navigation():
        press(page, "Enter")
    tab_to(page, "main form.desk-form button[type=submit]")
    with page.expect_navigation():
        press(page, "Enter")
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
