"""Files on their way from a telephone, and a line that is cut."""

from pathlib import Path

from playwright.sync_api import Locator, Page

from tests.browser.driving import PATIENCE

LONG = 5 * PATIENCE
"""Milliseconds that 200 MB may take on a busy machine."""


def choose(page: Page, *files: Path) -> Locator:
    """Give these files to the page; the rows that tell of them."""
    page.locator("#upload-files").set_input_files(files)
    return page.locator(".field-uploads li")


def file(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def reaches(page: Page, share: float) -> None:
    """Wait until so much of the only file has arrived."""
    reached = "share => document.querySelector('.field-uploads progress').value >= share"
    page.wait_for_function(reached, arg=share, timeout=LONG)


def cut(page: Page, share: float) -> None:
    """The line is gone amid a request, and back after the page has noticed."""
    reaches(page, share)
    with page.expect_event("requestfailed", lambda request: request.method == "PATCH", timeout=LONG):
        page.context.set_offline(True)
    page.context.set_offline(False)
