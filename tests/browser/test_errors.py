"""Where the desk cannot go on it says so, in both languages, and what to do."""

import pytest
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.urls import path, reverse
from playwright.sync_api import expect

from claims.enums import State
from config.urls import urlpatterns as of_the_desk
from tests.browser.driving import (
    PHONE,
    Desk,
    account,
    barriers,
    begin,
    open_case,
    send,
    sign_in,
    type_in,
    wider_than_the_window,
)
from tests.factories import case_in, membership


def stumble(request: object) -> None:
    raise ZeroDivisionError


urlpatterns = [path("stumble/", stumble), *of_the_desk]

HEADINGS = {
    "/admin/nowhere/": ("这里什么都没有", "Nothing is here"),
    "/admin/kernel/user/": ("您无权查看或办理", "Not yours to see or do"),
    "/stumble/": ("工作台出错了", "The desk stumbled"),
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_error_pages_name_the_way_on_and_shut_nobody_out(desk: Desk, settings: LazySettings, language: str) -> None:
    settings.ROOT_URLCONF = __name__
    page = desk.person("reviewer", language=language, theme="dark", width=PHONE)
    for address, headings in HEADINGS.items():
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_have_text(headings[language == "en"])
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("main a[href='/']").is_visible()
        assert barriers(page) == []
        assert wider_than_the_window(page) == 0
    desk.expected("404", "403", "500")


def test_the_page_of_a_fault_asks_the_database_nothing(db: None, settings: LazySettings) -> None:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)

    with connection.execute_wrapper(lambda *args: pytest.fail("the database was asked")):
        response = client.get("/stumble/")

    assert response.status_code == 500
    assert "工作台出错了" in response.content.decode()


def test_a_form_that_was_open_while_somebody_signed_in_again_keeps_what_was_typed(desk: Desk) -> None:
    claim, user = case_in(State.REVIEWING), account("reviewer")
    page = desk.stranger()
    sign_in(page, user)
    open_case(page, claim)
    begin(page, "return")
    type_in(page, to="collecting", code="other", reason="病理报告缺第二页。")
    page.context.clear_cookies(name="csrftoken")

    with page.expect_navigation():
        page.locator("main form.desk-form button[type=submit]").click()
    expect(page.get_by_role("heading", name="这个页面放得太久")).to_be_visible()
    desk.expected("403")
    page.get_by_role("link", name="重新打开表单").click()

    expect(page.locator("#id_reason")).to_have_value("病理报告缺第二页。")


def test_who_somebody_is_and_what_ails_them_is_never_kept_in_the_browser(desk: Desk) -> None:
    membership_page = reverse("admin:members_membership_change", args=[membership().pk])
    page = desk.person("intake")
    page.goto(membership_page)
    begin(page, "report")
    said = {"notes": "胸痛三月", "tnm": "T1aN0M0", "reporter_phone": "13600136000", "reporter_agency": "某机构"}
    type_in(page, disease="malignant_tumor", site="thyroid", diagnosed_on="2025-04-01", cause="illness", **said)
    page.context.clear_cookies(name="sessionid")
    send(page)

    expect(page.locator("[data-typed-kept]")).to_be_visible()
    kept = page.evaluate("sessionStorage.getItem('desk-typed')")
    assert [word for word in ("胸痛", "T1a", "malignant", "thyroid", "13600136000", "csrf") if word in kept] == []
    assert "某机构" in kept


def test_a_locked_account_is_told_for_how_long(db: None) -> None:
    user, client = account("reviewer"), Client()
    said = {"username": user.username, "password": "guessed"}
    answers = [client.post(reverse("admin:login"), said) for _ in range(5)]
    assert answers[-1].status_code == 429
    assert "15 分钟" in answers[-1].content.decode()
    assert AccessAttempt.objects.get().failures_since_start == 5
