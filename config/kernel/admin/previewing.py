"""What a move would do, shown before it is confirmed: the service itself is called, and everything is taken back.

Nothing of it outlives the transaction: no row, no message, no ring of the bell; only sequences go on. What is confirmed
is what was shown: a keyed digest of the form, the case's version and the day goes with the page.
"""

import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare, salted_hmac

from config.kernel import pages
from config.kernel.civil import civil_date
from config.kernel.models import User

NOT_TYPED = ("csrfmiddlewaretoken", "previewed", "confirm")
"""What a form carries beside what somebody typed, and the version it was opened at."""


def try_out(
    request: HttpRequest, move: pages.Move, row: Any, said: Any, *, by: User, at: datetime, version: int | None
) -> str:
    """The fragment that shows what the move does now; raises the refusal that the move would raise."""
    assert move.preview is not None
    with transaction.atomic():
        move.perform(row, said, by=by, at=at, version=version)
        shown = move.preview(row, at=at)
        html = render_to_string(shown.template, dict(shown.facts), request)
        transaction.set_rollback(True)
    return html


def digest(request: HttpRequest, *, at: datetime) -> str:
    """What this person typed for this move, on this day."""
    typed = sorted((name, said) for name, said in request.POST.lists() if name not in NOT_TYPED)
    whole = json.dumps([request.user.pk, request.path, civil_date(at).isoformat(), typed])
    return salted_hmac("desk.preview", whole, algorithm="sha256").hexdigest()


def is_confirmed(request: HttpRequest, seen: str) -> bool:
    """Whether just this was shown before, and is now wanted."""
    return "confirm" in request.POST and constant_time_compare(request.POST.get("previewed", ""), seen)
