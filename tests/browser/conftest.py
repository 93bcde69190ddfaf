"""The desk in a real Chromium, against a live server on real PostgreSQL.

A page fails its test by whatever it says to the console, by an exception, by a refused script or by a request without
an answer, unless the test expected it. Screenshots of failed tests lie in `.local/browser/`.
"""

import os
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from pytest_django.live_server_helper import LiveServer

from config.embedded.addresses import LOCAL
from tests.browser.driving import Desk

SHOTS = LOCAL / "browser"
FLAGS = [
    "--no-sandbox",  # as root, in a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Playwright's loop counts as running while it lives, which Django would take for async code."""
    path = shutil.which("chromium", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/bin")
    if path is None:
        pytest.fail("There is no chromium: `make setup` installs it, or says what to install.")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            yield browser
            browser.close()


failed: pytest.StashKey[bool] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Leave word of a failure for those who clear up."""
    report = yield
    item.stash[failed] = item.stash.get(failed, False) or report.failed
    return report


@pytest.fixture
def desk(
    chromium: Browser, transactional_db: None, live_server: LiveServer, request: pytest.FixtureRequest
) -> Iterator[Desk]:
    """People at the desk, each in a browser of their own; what went wrong in any of them is said at the end."""
    desk = Desk(chromium, live_server.url)
    yield desk
    has_failed = request.node.stash.get(failed, False)
    if has_failed or desk.faults:
        desk.photograph(SHOTS, re.sub(r"\W+", "-", request.node.name))
    desk.close()
    assert has_failed or desk.faults == []
