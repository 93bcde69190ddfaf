"""Every kind of page: nothing in anybody's way, light and dark, and nothing too wide or too small on a telephone."""

from collections.abc import Iterable

from django.urls import reverse
from playwright.sync_api import Page, expect

from claims.enums import State
from claims.models import Claim
from investigations.models import Commission
from tests.browser.driving import (
    PHONE,
    PHONE_HEIGHT,
    Desk,
    account,
    barriers,
    send,
    small_targets,
    wider_than_the_window,
)
from tests.factories import case_in, investigator_of


def case_page(claim: Claim) -> str:
    return reverse("admin:claims_claim_change", args=[claim.pk])


def move_page(claim: Claim, move: str) -> str:
    return reverse("admin:claims_claim_move", args=[claim.pk, move, claim.pk])


def lists(*names: str) -> list[str]:
    return [reverse(f"admin:{name}_changelist") for name in names]


def flaws(page: Page) -> list[str]:
    """What is wrong with the page that is open, in both themes, wide and narrow."""
    found = []
    for dark in (True, False):
        page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
        found += [f"{'dark' if dark else 'light'}: {one}" for one in barriers(page)]
    wide = page.viewport_size
    assert wide is not None
    page.set_viewport_size({"width": PHONE, "height": PHONE_HEIGHT})
    if too_wide := wider_than_the_window(page):
        found.append(f"{page.url} is {too_wide} pixels too wide for a telephone")
    found += [f"{page.url}: too small: {one}" for one in small_targets(page)]
    page.set_viewport_size(wide)
    return found


def flaws_at(page: Page, addresses: Iterable[str]) -> list[str]:
    found = []
    for address in addresses:
        page.goto(address)
        found += flaws(page)
    return found


def test_the_door(desk: Desk) -> None:
    page, user = desk.stranger(language="en"), account("reviewer")
    assert flaws_at(page, [reverse("admin:login")]) == []
    page.locator("#id_username").fill(user.username)
    page.locator("#id_password").fill("guessed")
    with page.expect_navigation():
        page.locator("#login-form button[type=submit]").click()
    expect(page.locator(".errornote").first).to_be_visible()
    assert flaws(page) == []


def test_the_pages_of_a_reviewer(desk: Desk) -> None:
    reviewing, publicised = case_in(State.REVIEWING), case_in(State.PUBLICISED)
    sent = Commission.objects.get(claim=publicised)
    page = desk.person("reviewer")

    assert flaws_at(page, [reverse("admin:index"), reverse("admin:app_list", args=["claims"])]) == []
    assert flaws_at(page, lists("claims_claim", "claims_objection", "investigations_commission")) == []
    assert flaws_at(page, [case_page(one) for one in (reviewing, publicised, case_in(State.COLLECTING))]) == []
    assert flaws_at(page, [reverse("admin:investigations_commission_change", args=[sent.pk])]) == []
    membership = reviewing.membership
    assert flaws_at(page, [reverse("admin:members_membership_change", args=[membership.pk])]) == []
    assert flaws_at(page, [reverse("admin:members_covenant_change", args=[membership.covenant_id])]) == []

    assert flaws_at(page, [move_page(reviewing, "reject"), move_page(reviewing, "return")]) == []
    page.locator("#id_reason").fill("   ")
    send(page)
    expect(page.locator("[aria-invalid=true]")).to_be_visible()
    assert flaws(page) == []


def test_the_pages_of_intake_in_english(desk: Desk) -> None:
    collecting = case_in(State.COLLECTING)
    page = desk.person("intake", language="en")

    assert flaws_at(page, [*lists("members_membership"), reverse("admin:members_membership_admit")]) == []
    assert flaws_at(page, [move_page(collecting, "submit")]) == []
    assert flaws_at(page, [reverse("admin:members_membership_admit_to", args=["qingsong"])]) == []
    page.locator("main form.desk-form").evaluate("form => { form.noValidate = true }")
    send(page)
    expect(page.locator("[role=alert]").first).to_be_focused()
    assert flaws(page) == []


def test_the_pages_of_an_agency(desk: Desk) -> None:
    commission = Commission.objects.get(claim=case_in(State.INVESTIGATING))
    page = desk.page_of(investigator_of(commission))
    own = [commission.pk, "file-report", commission.pk]

    assert flaws_at(page, lists("investigations_commission")) == []
    assert flaws_at(page, [reverse("admin:investigations_commission_change", args=[commission.pk])]) == []
    assert flaws_at(page, [reverse("admin:investigations_commission_move", args=own)]) == []


def test_the_pages_of_an_administrator(desk: Desk) -> None:
    page, somebody = desk.person("administrator"), account("reviewer")

    assert flaws_at(page, lists("kernel_user", "kernel_calendarday")) == []
    assert flaws_at(page, [reverse("admin:kernel_user_change", args=[somebody.pk])]) == []
