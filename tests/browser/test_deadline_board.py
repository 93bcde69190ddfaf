"""The deadline board in a browser: calendar, day, ticks, what would be done, confirmation; by keyboard, on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from claims.enums import State
from claims.models import Claim, Deadline
from claims.services import collecting, reviewing
from config.kernel import sweeping
from config.kernel.clock import database_now
from tests.browser.driving import PHONE, Desk, barriers, click, small_targets, tab_to, type_in, wider_than_the_window
from tests.factories import PAPERS, case_in, staff

BOARD = "admin:claims_deadline_board"


def in_review() -> Claim:
    """Its papers came today: its clock runs."""
    claim = case_in(State.COLLECTING)
    return collecting.submit(claim.pk, materials=PAPERS, by=staff("intake"), at=database_now())


def test_clocks_are_prolonged_after_seeing_what_would_become_of_them(desk: Desk) -> None:
    late, runs, moved_on = case_in(State.REVIEWING), in_review(), in_review()
    sweeping.run("claims.note_missed_deadlines", at=database_now())
    page = desk.person("supervisor", language="en")

    page.goto(f"{reverse(BOARD)}?view=calendar")
    expect(page.locator("[aria-current=date]")).to_have_count(1)
    page.goto(f"{reverse(BOARD)}?view=calendar&month=2025-04")
    tab_to(page, ".desk-day a")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text(late.number)

    page.goto(reverse(BOARD))
    assert page.locator("[data-row] th a").all_inner_texts()[0] == late.number
    for case in (late, runs, moved_on):
        page.locator("[data-row]").filter(has_text=case.number).get_by_role("checkbox").check()
    click(page, page.locator(".desk-many button").first)
    type_in(page, what="extend", days="4", reason="系统停机")
    click(page, page.locator("main form.desk-form button").last)
    rows = page.locator(".desk-board tbody tr")
    expect(rows).to_have_count(3)
    assert not Deadline.objects.filter(kind="review", generation=2).exists()
    reviewing.pass_review(moved_on.pk, by=staff("reviewer"), at=database_now())
    click(page, page.locator("main form.desk-form button").first)

    expect(page.get_by_text("2 changed, 1 refused.")).to_be_visible()
    expect(rows.filter(has_text=moved_on.number).locator(".desk-overdue")).to_be_visible()
    prolonged = Deadline.objects.filter(kind="review", generation=2).values_list("claim", flat=True)
    assert set(prolonged) == {late.pk, runs.pk}


@pytest.mark.parametrize("view", ["list", "calendar"])
def test_it_is_read_on_a_phone_in_the_dark(desk: Desk, view: str) -> None:
    case_in(State.REVIEWING)
    in_review()
    page = desk.person("supervisor", width=PHONE, theme="dark")

    page.goto(f"{reverse(BOARD)}?view={view}")

    assert wider_than_the_window(page) == 0
    assert small_targets(page) == []
    assert barriers(page) == []
