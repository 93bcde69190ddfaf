"""A second look from the desk to its answer, and the page of quality, as a browser sees them."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from claims.models import SecondLook
from tests.browser.driving import PHONE, Desk, account, barriers, click, type_in, wider_than_the_window
from tests.claims.looks import drawn, paid


def test_the_decision_appears_when_the_own_one_is_stated(desk: Desk) -> None:
    reviewer, claim = account("reviewer"), paid()
    look = drawn(claim, by=reviewer)
    page = desk.page_of(reviewer, language="en")
    page.goto(reverse("admin:index"))
    click(page, page.locator("#desk-second-looks").get_by_role("link", name=claim.number))
    expect(page.locator("#decision")).to_contain_text("It is shown to you when you have stated your own.")
    assert str(claim.published_by) not in page.content()

    click(page, page.get_by_role("link", name="State your own decision"))
    page.get_by_label("aid", exact=True).check()
    type_in(page, amount="28000", reason="30 percent, less what was paid before")
    click(page, page.locator("main form.desk-form button[type=submit]"))

    expect(page.locator("#decision")).to_contain_text(str(claim.published_by))
    expect(page.locator("#own")).to_contain_text("another amount")
    assert SecondLook.objects.get(pk=look.pk).own_fen == 2_800_000
    assert barriers(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_of_quality_holds_on_a_phone(desk: Desk, theme: str) -> None:
    drawn(paid(), own_outcome="aid", own_fen=1, agreement="other_amount", stated_at="2025-06-02T01:00Z", was_blind=True)
    page = desk.person("supervisor", language="en", width=PHONE, theme=theme)
    page.goto(f"{reverse('admin:claims_quality')}?month=2025-05")
    expect(page.locator("#agreement tbody tr")).to_have_count(1)
    expect(page.locator("#year tbody tr")).to_have_count(12)
    assert wider_than_the_window(page) <= 0
    assert barriers(page) == []
