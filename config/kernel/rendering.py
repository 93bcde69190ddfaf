"""Pages of a file as images, counted and drawn in a child process (`config.kernel.drawing`).

What people send may be broken or made to break what opens it: here it is never opened. The child has no secrets, few
seconds and little memory, and whatever becomes of it is a refusal.
"""

import os
import subprocess
import sys

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.embedded.addresses import ROOT
from config.kernel.faults import Fault
from config.kernel.refusals import Refusal

PATIENCE = 20
"""Seconds by the clock; of the processor's the child allows itself half."""

IMAGE = "image/jpeg"
"""What a drawn page is."""

WHY: dict[int, Promise] = {
    Fault.UNREADABLE: _("it is damaged and cannot be opened."),
    Fault.LOCKED: _("it is locked with a password."),
    Fault.TOO_BIG: _("it has too many pages, or is too large as an image."),
    Fault.NO_SUCH_PAGE: _("it has no such page."),
}


class Unshowable(Refusal):
    """A file that cannot be opened, or would cost too much."""

    code = "UNSHOWABLE_FILE"
    sentence = _("This file cannot be shown: %(why)s")


def count_pages(data: bytes, content_type: str) -> int:
    """How many pages the file has, one for an image; `Unshowable` for what cannot be opened."""
    answer = _ask("count", data, content_type)
    if not answer.isdigit():
        raise Unshowable(why=WHY[Fault.UNREADABLE])
    return int(answer)


def draw_page(data: bytes, content_type: str, page: int) -> bytes:
    """Page `page`, counted from one, as an `IMAGE` of bounded size; `Unshowable` for what cannot be drawn."""
    return _ask("draw", data, content_type, page)


def _ask(task: str, data: bytes, content_type: str, page: int = 1) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-m", "config.kernel.drawing", task, content_type, str(page)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            cwd=ROOT,
            env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise Unshowable(why=_("it takes too long to open.")) from error
    if done.returncode:
        raise Unshowable(why=WHY.get(done.returncode, _("it takes too much to open.")))
    return done.stdout
