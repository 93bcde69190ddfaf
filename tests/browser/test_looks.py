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

OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules of axe-core that the theme makes a difference to."""


def case_page(claim: Claim) -> str:
    return reverse("admin:claims_claim_change", args=[claim.pk])


def move_page(claim: Claim, move: str) -> str:
    return reverse("admin:claims_claim_move", args=[claim.pk, move, claim.pk])


def lists(*names: str) -> list[str]:
    return [reverse(f"admin:{name}_changelist") for name in names]


def flaws(page: Page) -> list[str]:
    """What is wrong with the page that is open, in both themes, wide and narrow."""
    found = barriers(page)
    page.evaluate("document.documentElement.classList.add('dark')")
    found += [f"dark: {one}" for one in barriers(page, *OF_COLOURS)]
    page.evaluate("document.documentElement.classList.remove('dark')")
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
    found = flaws_at(page, [reverse("admin:login")])
    page.locator("#id_username").fill(user.username)
    page.locator("#id_password").fill("guessed")
    with page.expect_navigation():
        page.locator("#login-form button[type=submit]").click()
    expect(page.locator(".errornote").first).to_be_visible()
    found += flaws(page)
    assert not found, "\n".join(found)


def test_the_pages_of_a_reviewer(desk: Desk) -> None:
    reviewing, publicised = case_in(State.REVIEWING), case_in(State.PUBLICISED)
    membership, sent = reviewing.membership, Commission.objects.get(claim=publicised)
    addresses = [
        reverse("admin:index"),
        reverse("admin:app_list", args=["claims"]),
        *lists("claims_claim", "claims_objection", "investigations_commission"),
        *(case_page(one) for one in (reviewing, publicised, case_in(State.COLLECTING))),
        reverse("admin:investigations_commission_change", args=[sent.pk]),
        reverse("admin:members_membership_change", args=[membership.pk]),
        reverse("admin:members_covenant_change", args=[membership.covenant_id]),
        move_page(reviewing, "reject"),
        move_page(reviewing, "return"),
    ]
    page = desk.person("reviewer")
    found = flaws_at(page, addresses)
    page.locator("#id_reason").fill("   ")
    send(page)
    expect(page.locator("[aria-invalid=true]")).to_be_visible()
    found += flaws(page)
    assert not found, "\n".join(found)


def test_the_pages_of_intake_in_english(desk: Desk) -> None:
    addresses = [
        *lists("members_membership"),
        reverse("admin:members_membership_admit"),
        move_page(case_in(State.COLLECTING), "submit"),
        reverse("admin:members_membership_admit_to", args=["qingsong"]),
    ]
    page = desk.person("intake", language="en")
    found = flaws_at(page, addresses)
    page.locator("main form.desk-form").evaluate("form => { form.noValidate = true }")
    send(page)
    expect(page.locator("[role=alert]").first).to_be_focused()
    found += flaws(page)
    assert not found, "\n".join(found)


def test_the_pages_of_an_agency(desk: Desk) -> None:
    commission = Commission.objects.get(claim=case_in(State.INVESTIGATING))
    addresses = [
        *lists("investigations_commission"),
        reverse("admin:investigations_commission_change", args=[commission.pk]),
        reverse("admin:investigations_commission_move", args=[commission.pk, "file-report", commission.pk]),
    ]
    found = flaws_at(desk.page_of(investigator_of(commission)), addresses)
    assert not found, "\n".join(found)


def test_the_pages_of_an_administrator(desk: Desk) -> None:
    somebody = reverse("admin:kernel_user_change", args=[account("reviewer").pk])
    found = flaws_at(desk.person("administrator"), [*lists("kernel_user", "kernel_calendarday"), somebody])
    assert not found, "\n".join(found)
