"""People at the desk, as a browser sees them: signed in, in one language, at one width, light or dark."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from claims.enums import State
from claims.models import Claim
from claims.services import collecting
from config.kernel import files
from config.kernel.models import User
from tests import papers
from tests.factories import PAPERS, SUBMITTED, case_in, staff

PASSWORD = "a long password of the test"
WIDE, PHONE, PHONE_HEIGHT = 1440, 390, 844
PATIENCE = 60_000
"""Milliseconds that a page or a control may take on a busy machine."""

expect.set_options(timeout=PATIENCE)

Theme = Literal["light", "dark"]


class Desk:
    """The browsers of one test, and what went wrong in them."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.faults: list[str] = []
        self.contexts: list[BrowserContext] = []

    def stranger(self, *, language: str = "zh-hans", width: int = WIDE, theme: Theme = "light") -> Page:
        """Somebody who has not signed in."""
        context = self.browser.new_context(
            base_url=self.address,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        if language != "zh-hans":
            self._cookie(context, settings.LANGUAGE_COOKIE_NAME, language)
        page = context.new_page()
        self._watch(page)
        return page

    def person(self, *roles: str, **how: Any) -> Page:
        """Somebody new with these roles, already signed in; `how` as for a stranger."""
        return self.page_of(account(*roles), **how)

    def page_of(self, user: User, **how: Any) -> Page:
        """An account that exists, let in to the desk and signed in."""
        User.objects.filter(pk=user.pk).update(is_staff=True)
        client, page = Client(), self.stranger(**how)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        self._cookie(page.context, settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
        return page

    def expected(self, *patterns: str) -> None:
        """Forget faults that the test brought about; AssertionError for one that did not happen."""
        for pattern in patterns:
            found = [fault for fault in self.faults if re.search(pattern, fault)]
            assert found, f"nothing like {pattern!r} among {self.faults}"
            self.faults = [fault for fault in self.faults if fault not in found]

    def photograph(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        pages = [page for context in self.contexts for page in context.pages]
        for number, page in enumerate(pages, start=1):
            page.screenshot(path=folder / f"{name}-{number}.png", full_page=True)

    def close(self) -> None:
        for context in self.contexts:
            context.close()

    def _cookie(self, context: BrowserContext, name: str, value: str) -> None:
        context.add_cookies([{"name": name, "value": value, "url": self.address}])

    def _watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        page.on("requestfailed", self._failed)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left before its answer came
            self.faults.append(f"no answer: {request.url} {request.failure}")


def account(*roles: str) -> User:
    """Somebody new who may sign in to the desk with these roles."""
    user = staff(*roles)
    user.is_staff = True
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(page: Page, user: User) -> None:
    """By the form, as people do."""
    page.goto(reverse("admin:login"))
    page.locator("#id_username").fill(user.username)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#login-form button[type=submit]").click()
    page.wait_for_url("**/admin/")


def with_files(*, colours: Sequence[str] = ("navy", "olive")) -> Claim:
    """A case in the first review whose diagnosis certificate is images, a page each, and whose imaging is a PDF."""
    claim = case_in(State.COLLECTING)
    pages = [(f"诊断书-{colour}.png", files.keep(papers.png(colour=colour), at=SUBMITTED)) for colour in colours]
    enclosed = {
        "diagnosis_certificate": collecting.Enclosed(files=pages),
        "imaging": collecting.Enclosed(files=[("CT.pdf", files.keep(papers.pdf(2), at=SUBMITTED))]),
    }
    with_them = [enclosed.get(paper["kind"], collecting.Enclosed()) for paper in PAPERS]
    return collecting.submit(claim.pk, materials=PAPERS, enclosed=with_them, by=staff("intake"), at=SUBMITTED)


def open_case(page: Page, claim: Claim) -> None:
    page.goto(reverse("admin:claims_claim_change", args=[claim.pk]))


def take_next(page: Page) -> None:
    """From one's own desk to the case that is most urgent."""
    page.goto(reverse("admin:index"))
    click(page, page.locator(f'form[action="{reverse("admin:claims_claim_take_next")}"] button'))
    expect(page.locator("#moves")).to_be_visible()


def at_desk(page: Page, section: str, claim: Claim) -> None:
    """Open the case, or the commission about it, from this part of one's own desk."""
    page.goto(reverse("admin:index"))
    click(page, page.locator(f"#desk-{section} tbody").get_by_role("link", name=claim.number))


def is_shown(page: Page, where: str) -> None:
    """The viewer says that it shows this page, and the image is there."""
    expect(page.locator("#paper-viewer [data-where]")).to_have_text(where)
    expect(page.locator("#paper-viewer[aria-busy]")).to_have_count(0)
    assert page.locator("#paper-viewer img").evaluate("image => image.naturalWidth") > 0


def begin(page: Page, move: str) -> None:
    """From a row's page to the form of one of its moves."""
    page.locator(f'#moves a[href*="/do/{move}/"]').first.click()
    expect(page.locator("main form.desk-form")).to_be_visible()


def type_in(page: Page, **said: str) -> None:
    """Fields of the form by their names; a choice by its value."""
    for name, text in said.items():
        field = page.locator(f"#id_{name}")
        kind = field.evaluate("field => field.tagName")
        if kind == "SELECT":
            field.select_option(text)
        elif kind == "DIV":
            field.locator(f"[value={text}]").check()
        else:
            field.fill(text)


def click(page: Page, control: Locator) -> None:
    """What leads to another page, which is then there."""
    with page.expect_navigation():
        control.click()


def send(page: Page) -> None:
    """By the form's first button, whatever comes of it."""
    click(page, page.locator("main form.desk-form button[type=submit]").first)


def done(page: Page) -> None:
    """Send it, and it is done: the row's page says so."""
    send(page)
    assert "/do/" not in page.url, page.locator("main form.desk-form").inner_text()


def foreseen(page: Page) -> str:
    """Send a form whose move is shown before it is confirmed; what it will do, which is read out at once."""
    send(page)
    expect(page.locator("#preview-title")).to_be_focused()
    return page.locator(".desk-preview").inner_text()


def press(page: Page, *keys: str) -> None:
    """One key after another, as fast as fingers."""
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, wanted: str, *, limit: int = 120) -> None:
    """Tab until the focus is on what matches the selector; AssertionError where Tab never gets there."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def wider_than_the_window(page: Page) -> int:
    """Pixels by which the page has to be scrolled sideways."""
    return max(0, page.evaluate("document.scrollingElement.scrollWidth - innerWidth"))


def small_targets(page: Page, *, least: int = 24) -> list[str]:
    """Buttons, fields and links of their own that are smaller than a finger needs (WCAG 2.5.8).

    Links amid a text may be as small as it, and a target may be small that has room around it.
    """
    found: list[str] = page.evaluate(_SMALL, least)
    return found


def barriers(page: Page, *rules: str) -> list[str]:
    """What axe-core calls serious or critical, by these rules or by all that it has."""
    only: dict[str, Any] = {"runOnly": list(rules)} if rules else {}
    page.evaluate(AXE_SCRIPT)
    said = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **only})
    return [
        f"{one['impact']} {one['id']} at {page.url}: {node['html'][:160]} {node['failureSummary']}"
        for one in said["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


_SMALL = """least => {
    const shown = one => one.checkVisibility({visibilityProperty: true});
    const boxOf = one => one.getBoundingClientRect();
    const isLarge = box => box.width >= least - .5 && box.height >= least - .5;
    const isInText = one => one.matches('a') && getComputedStyle(one).display === 'inline';
    const isRoomy = (box, other) => {
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        const left = Math.max(other.left, Math.min(x, other.right));
        const top = Math.max(other.top, Math.min(y, other.bottom));
        return Math.hypot(x - left, y - top) >= least / 2;
    };
    const targets = ['button', 'a[href]', 'input:not([type=hidden])', 'select', 'textarea', 'summary']
        .flatMap(kind => [...document.querySelectorAll(`:is(main, header) ${kind}`)]).filter(shown);
    const isSmall = one => !isInText(one) && !isLarge(boxOf(one)) && !isLarge(boxOf(one.closest('label') ?? one));
    return targets
        .filter(one => isSmall(one) && targets.some(other => other !== one && !isRoomy(boxOf(one), boxOf(other))))
        .map(one => one.outerHTML.slice(0, 120));
}"""
