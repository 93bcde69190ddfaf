"""The page of a covenant while its draft is tried on past cases."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from claims.enums import State
from claims.services import trying
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from members.models import Covenant
from members.services import drafting, plans
from tests.browser.driving import Desk
from tests.factories import case_in, plan, staff

FIVE_MINUTES = 300_000


@pytest.fixture
def page(desk: Desk) -> Page:
    """Somebody at a draft whose trial no worker carries on; the clock of the page is ours."""
    case_in(State.REPORTED)
    by, at = staff("supervisor"), database_now()
    source = plans.covenant_on(plan(), civil_date(at))
    draft: Covenant = drafting.copy(source.pk, "2099.1", in_force_from=civil_date(at) + timedelta(9), by=by, at=at)
    trying.ask(draft.pk, by=by, at=at)
    page = desk.person("supervisor")
    page.clock.install()
    page.goto(reverse("admin:members_covenant_change", args=[draft.pk]))
    expect(page.locator("[data-running]")).to_be_visible()
    return page


def look(page: Page) -> None:
    """It asks again by itself."""
    with page.expect_response(lambda answer: "/covenant/" in answer.url):
        page.clock.run_for(10_000)


def rests(page: Page) -> bool:
    """Whether it asks nothing for a minute. What we ask ourselves takes as long, so its own answer would be there."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for _step in range(6):
        page.evaluate("fetch('?ours').then((answer) => answer.text())")
        page.clock.run_for(10_000)
    return all(url.endswith("?ours") or "/login/" in url for url in asked)


def test_a_running_trial_is_looked_at_as_long_as_somebody_is_there(page: Page) -> None:
    look(page)
    look(page)
    page.clock.fast_forward(FIVE_MINUTES)
    assert rests(page)
    page.mouse.move(40, 40)
    page.mouse.move(80, 80)
    look(page)


def test_it_asks_no_more_once_the_session_has_ended(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")
    look(page)
    assert rests(page)


@pytest.mark.parametrize(("language", "label"), [("zh-hans", "可滚动区域"), ("en", "Part of the page that scrolls")])
def test_what_scrolls_is_named_in_the_language_of_the_page(desk: Desk, language: str, label: str) -> None:
    page = desk.person("supervisor", language=language)
    page.goto(reverse("admin:claims_claim_changelist"))
    for region in page.locator(".simplebar-content-wrapper").all():
        expect(region).to_have_attribute("aria-label", label)
    assert page.locator(".simplebar-content-wrapper").count()
