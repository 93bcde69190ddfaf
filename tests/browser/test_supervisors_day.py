"""What a supervisor watches and gives out, played through the pages."""

from django.urls import reverse
from playwright.sync_api import expect

from claims.enums import State
from claims.models import Assignment
from claims.services import assigning
from config.kernel.clock import database_now
from tests.browser.driving import Desk, account, click, type_in
from tests.factories import case_in


def test_tiles_count_what_their_lists_show_and_cases_are_given_out(desk: Desk) -> None:
    cases = [case_in(State.REVIEWING), case_in(State.REVIEWING), case_in(State.DECIDING)]
    case_in(State.COLLECTING)
    reviewer = account("reviewer")
    page = desk.person("supervisor")
    page.goto(reverse("admin:index"))
    tiles = page.locator(".desk-tiles").first.locator("a")
    counts = [(tile.get_attribute("href"), int(tile.locator("b").inner_text())) for tile in tiles.all()]
    assert sum(count > 0 for _href, count in counts) >= 4
    for href, count in counts:
        if "/deadline/" in str(href):  # the board has a test of its own
            continue
        page.goto(href)
        expect(page.locator("#result_list tbody tr")).to_have_count(count)

    page.goto(reverse("admin:claims_claim_changelist"))
    for case in cases:
        page.locator("#result_list tr").filter(has_text=case.number).get_by_role("checkbox").check()
    page.locator("[name=action]").select_option("give_out")
    click(page, page.locator("button[name=index]"))
    expect(page.locator("#id_which")).to_have_value("chosen")
    type_in(page, to=str(reviewer.pk), note="请今天看。")
    click(page, page.get_by_role("button", name="预览分派"))
    rows = page.locator(".desk-table tbody tr")
    expect(rows).to_have_count(len(cases))
    assert not Assignment.objects.exists()
    assigning.take(cases[0].pk, by=account("reviewer"), at=database_now())
    click(page, page.locator("main form.desk-form button[type=submit]").first)

    expect(page.get_by_text("已分派 2 件,未成功 1 件")).to_be_visible()
    expect(rows.filter(has_text="已分派")).to_have_count(2)
    expect(rows.filter(has_text=cases[0].number).locator(".desk-overdue")).to_be_visible()
    given = Assignment.objects.filter(user=reviewer).values_list("claim", flat=True)
    assert sorted(given) == [cases[1].pk, cases[2].pk]
