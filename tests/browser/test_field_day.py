"""A day of an investigator, with a telephone in a hospital's corridor and a bad line."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from claims.enums import State
from config.kernel.civil import SHANGHAI
from config.kernel.clock import database_now
from config.kernel.models import User
from investigations import services
from investigations.models import Commission, Report
from investigations.rules.visits import Point
from tests.browser.driving import (
    PASSWORD,
    PHONE,
    Desk,
    Theme,
    barriers,
    click,
    small_targets,
    type_in,
    wider_than_the_window,
)
from tests.factories import FILED, case_in, code_of, colleague_of, investigator_of, reported, staff

LIST = reverse("field:commissions")
FINGER = 44
"""Pixels that a target under a finger needs."""


def person(sent: Commission) -> User:
    user = investigator_of(sent)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def sent(desk: Desk) -> Commission:
    return Commission.objects.select_related("agency", "claim").get(claim=case_in(State.INVESTIGATING))


def give_password(page: Page, user: User) -> None:
    type_in(page, username=user.username, password=PASSWORD)
    click(page, page.locator("main button"))


def give_code(page: Page, code: str) -> None:
    type_in(page, code=code)
    click(page, page.locator("main button"))


def come_in(page: Page, user: User, *, ahead: int = 0) -> None:
    """By password and the code of a factor that is set up."""
    TOTPDevice.objects.get_or_create(user=user, confirmed=True)
    page.goto(LIST)
    give_password(page, user)
    give_code(page, code_of(user, ahead=ahead))
    expect(page).to_have_url(re.compile(f"{LIST}$"))


def address(sent: Commission, name: str = "commission") -> str:
    return reverse(f"field:{name}", args=[sent.pk])


def tell_of(page: Page, method: str, **said: str) -> None:
    """Unfold the part of a visit, and type into it."""
    part = page.locator("details[data-visit]", has=page.locator(f"[name={method}-result]"))
    if part.get_attribute("open") is None:
        part.locator("summary").click()
    part.locator(f"[name={method}-visited_at]").fill(yesterday())
    for name, value in {"result": "agrees", "place": "病案室", "met": "王主任", "found": "原件一致", **said}.items():
        field = part.locator(f"[name={method}-{name}]")
        field.select_option(value) if field.evaluate("one => one.tagName") == "SELECT" else field.fill(value)


def tell_of_all(page: Page) -> None:
    for method in ("hospital_records", "work_or_contributions", "prior_exams"):
        tell_of(page, method)
    tell_of(page, "doctor_interview", why_unrecorded="医生不同意录音")


def yesterday() -> str:
    return (database_now() - timedelta(days=1)).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def flaws(page: Page) -> list[str]:
    found = barriers(page) + [f"small at {page.url}: {one}" for one in small_targets(page, least=FINGER)]
    return found + [f"{page.url} is too wide"] * bool(wider_than_the_window(page))


def test_accept_write_lose_the_line_and_file(desk: Desk, sent: Commission) -> None:
    user, page = person(sent), desk.stranger(width=PHONE)
    page.goto(LIST)
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    give_password(page, user)
    expect(page.get_by_role("img", name="含下方密钥的二维码")).to_be_visible()
    give_code(page, code_of(user))
    expect(page.locator(".codes li")).to_have_count(10)
    click(page, page.get_by_role("link", name="我已抄好"))

    click(page, page.get_by_role("link", name=sent.claim.number))
    expect(page.get_by_text(sent.claim.membership.member.name)).to_be_visible()
    click(page, page.get_by_role("button", name="接受", exact=True))
    expect(page.get_by_text("已接受")).to_be_visible()
    click(page, page.get_by_role("link", name="撰写报告"))
    tell_of_all(page)
    expect(page.locator("details[data-visit] [data-said]").first).to_have_text("与案卷一致")
    type_in(page, conclusion="consistent", text="病案室:原件一致。")
    page.locator("#id_signed").check()
    page.context.set_offline(True)
    expect(page.locator("[data-offline]")).to_contain_text("网络已断开")
    page.locator("#id_text").press_sequentially("医生当面确认。")
    page.get_by_role("button", name="提交报告").click()
    expect(page.locator("[data-draft-said]")).to_contain_text("恢复连接后自动提交")
    assert not Report.objects.exists()

    with page.expect_navigation(url=f"**{address(sent)}"):
        page.context.set_offline(False)

    expect(page.get_by_text("报告已提交")).to_be_visible()
    filed = Report.objects.get()
    assert filed.findings == "病案室:原件一致。医生当面确认。"
    assert [one.method for one in filed.said.visits] == sent.methods
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_what_was_typed_survives_the_end_of_the_session_and_somebody_elses_report(desk: Desk, sent: Commission) -> None:
    user, page = person(sent), desk.stranger(width=PHONE, language="en")
    come_in(page, user)
    page.goto(address(sent, "report"))
    tell_of_all(page)
    page.get_by_role("button", name="Add another visit").click()
    tell_of(page, "others-0", place="The employer")
    type_in(page, conclusion="inconsistent", text="The doctor remembers another date.")
    page.locator("#id_signed").check()
    page.context.clear_cookies(name="sessionid")

    click(page, page.get_by_role("button", name="File the report"))
    expect(page.locator("[data-typed-kept]")).to_be_visible()
    give_password(page, user)
    give_code(page, code_of(user, ahead=1))
    expect(page.locator("#id_text")).to_have_value("The doctor remembers another date.")
    expect(page.locator("[data-draft-said]")).to_contain_text("is back")
    expect(page.locator("[name=others-0-place]")).to_have_value("The employer")
    expect(page.locator("#id_signed")).to_be_checked()

    reported(sent)
    page.get_by_role("button", name="File the report").click()
    expect(page.locator("[data-code=WRONG_STATE]")).to_be_focused()
    desk.expected("409")
    expect(page.locator("#id_text")).to_have_value("The doctor remembers another date.")
    expect(page.locator("#id_conclusion")).to_have_value("inconsistent")

    points = [Point("No stamp on the first page.", 0)]
    services.return_report(sent.pk, reason="Which ward?", points=points, by=staff("reviewer"), at=FILED)
    page.goto(address(sent, "report"))
    expect(page.get_by_text("Which ward?")).to_be_visible()
    page.get_by_role("button", name="File the report").click()
    expect(page.locator("#id_answer-0")).to_have_attribute("aria-invalid", "true")
    desk.expected("409")
    page.locator("#id_answer-0").fill("Stamped, and photographed again.")
    expect(page.locator("#id_text")).to_have_value("The doctor remembers another date.")
    click(page, page.get_by_role("button", name="File the report"))
    filed = Report.objects.filter(returned_at=None).get()
    assert filed.findings == "The doctor remembers another date."
    assert (filed.said.visits[-1].place, filed.said.answers) == ("The employer", ["Stamped, and photographed again."])


def test_signing_out_asks_before_it_forgets_and_nobody_else_finds_a_draft(desk: Desk, sent: Commission) -> None:
    user, colleague, page = person(sent), colleague_of(sent).user, desk.stranger(width=PHONE)
    colleague.set_password(PASSWORD)
    colleague.save()
    come_in(page, user)
    page.goto(address(sent, "report"))
    page.locator("#id_text").fill("胸痛三月")
    kept = "Object.values(localStorage).join()"
    assert "胸痛三月" in page.evaluate(kept)

    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator("#id_text")).to_have_value("胸痛三月")
    page.context.clear_cookies(name="sessionid")
    come_in(page, colleague)
    assert page.evaluate(kept) == ""

    page.goto(address(sent, "report"))
    page.locator("#id_text").fill("胸痛三月")
    page.once("dialog", lambda dialog: dialog.accept())
    click(page, page.get_by_role("button", name="退出登录"))
    expect(page.get_by_text("您已退出登录")).to_be_visible()
    assert page.evaluate(kept) == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_stands_in_anybodys_way(desk: Desk, sent: Commission, theme: Theme, language: str) -> None:
    reported(sent)
    services.return_report(sent.pk, reason="缺少病案室盖章", by=staff("reviewer"), at=FILED)
    user, page = person(sent), desk.stranger(width=PHONE, theme=theme, language=language)
    page.goto(LIST)
    found = flaws(page)
    give_password(page, user)
    found += flaws(page)
    give_code(page, code_of(user))
    found += flaws(page)
    for url in (LIST, address(sent), address(sent, "assign"), address(sent, "decline"), address(sent, "report")):
        page.goto(url)
        expect(page.locator("html")).to_have_attribute("lang", language)
        for details in page.locator("details").all():
            details.evaluate("one => { one.open = true }")
        found += flaws(page)
    for url in (reverse("field:notices"), reverse("field:offline"), f"{LIST}nowhere/"):
        page.goto(url)
        found += flaws(page)
    desk.expected("404")
    page.goto(LIST)
    page.locator("#id_investigator").select_option(index=1)
    click(page, page.locator("#content form button").last)
    expect(page.get_by_role("alert")).to_be_visible()
    desk.expected("409")
    found += flaws(page)
    page.evaluate("localStorage.clear()")
    page.context.clear_cookies(name="sessionid")
    page.goto(LIST)
    give_password(page, user)
    found += flaws(page)
    assert not found, "\n".join(found)


def test_a_language_is_switched_on_the_page(desk: Desk, sent: Commission) -> None:
    page = desk.stranger(width=PHONE)
    come_in(page, person(sent))
    page.goto(address(sent, "report"))
    page.locator("#id_text").fill("原件一致。")

    click(page, page.get_by_role("button", name="English"))

    expect(page.get_by_role("heading", level=1)).to_have_text("Investigation report")
    expect(page.locator("#id_text")).to_have_value("原件一致。")


def test_a_reload_without_a_line_shows_words_and_a_way_back(desk: Desk, sent: Commission) -> None:
    user, page = person(sent), desk.stranger(width=PHONE)
    come_in(page, user)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(address(sent))
    page.context.set_offline(True)

    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("网络已断开")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    assert sent.claim.number not in page.content()
    assert flaws(page) == []
    colour = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(colour) == "rgb(243, 244, 246)"  # its style is kept, too

    page.context.set_offline(False)
    click(page, page.get_by_role("link", name="重试"))
    expect(page.get_by_role("heading", name=sent.claim.number)).to_be_visible()
    kept = "caches.keys().then(names => Promise.all(names.map(name => caches.open(name).then(kept => kept.keys()))))"
    paths = page.evaluate(f"{kept}.then(all => all.flat().map(one => new URL(one.url).pathname))")
    assert [one for one in paths if one.startswith(LIST)] == [reverse("field:offline")]
    assert len(paths) == 3
