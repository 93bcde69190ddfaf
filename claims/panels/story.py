"""What happened to a case and who read it, in one line of time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from claims.enums import LetterKind, MaterialKind
from claims.forms import words
from claims.models import Claim, ClaimEvent
from claims.panels.stepping import events_of
from claims.services.reading import NUMBER, number_label
from config.kernel.pages import Look, once, verb_label

LATEST = 50
"""Events shown on a page; the list has all."""

LATEST_READINGS = 200

READ = {
    "page": _("Page opened"),
    "paper": _("Paper opened"),
    "letter": _("Letter opened"),
    "number": _("Number shown"),
}
"""What a reading is called; what nobody named is called by its own name."""


@dataclass(frozen=True, slots=True)
class Run:
    """The same thing read by the same person, with nothing in between; `at` is the last time, `since` the first."""

    last: Any
    times: int
    since: datetime

    @property
    def at(self) -> datetime:
        return self.last.at


def merged(events: Iterable[Any], readings: Iterable[Any]) -> list[Any]:
    """Events, and runs of readings, the newest first. What was shown for a reason stands by itself."""
    found: list[Any] = []
    everything = [*((event.at, 0, event) for event in events), *((read.at, 1, read) for read in readings)]
    for _at, is_reading, row in sorted(everything, key=lambda one: one[:2]):
        before = found[-1] if found else None
        if not is_reading:
            found.append(row)
        elif isinstance(before, Run) and _alike(before.last, row):
            found[-1] = Run(row, before.times + 1, before.since)
        else:
            found.append(Run(row, 1, row.at))
    return found[::-1]


def _alike(one: Any, other: Any) -> bool:
    return not other.reason and (one.by_id, one.what, one.about) == (other.by_id, other.what, other.about)


def timeline(claim: Claim, look: Look) -> dict[str, Any]:
    """The latest events, and who read the case in between, for those who may see that."""
    events, readings = once(claim, events_of)[-LATEST:], claim.readings.none()
    if look.by.has_perm("claims.view_reading"):
        readings = claim.readings.select_related("by").order_by("-id")
        if len(events) == LATEST:
            readings = readings.filter(at__gte=events[0].at)
    return {"lines": [_row(one) for one in merged(events, readings[:LATEST_READINGS])]}


def _row(one: Any) -> dict[str, Any]:
    return reading_row(one) if isinstance(one, Run) else event_row(one)


def reading_row(run: Run) -> dict[str, Any]:
    """One line about readings."""
    read = run.last
    return {
        "is_reading": True,
        "at": run.at,
        "since": run.since if run.times > 1 else None,
        "times": run.times,
        "by": read.by,
        "verb": READ.get(read.what, read.what),
        "about": _about(read),
        "reason": read.reason,
    }


def _about(read: Any) -> str:
    if read.what == NUMBER:
        return number_label(read.about)
    for kinds in (MaterialKind, LetterKind):
        if read.about in kinds.values:
            return str(kinds(read.about).label)
    return str(read.about)


def event_row(event: ClaimEvent) -> dict[str, Any]:
    """One line about a move."""
    moved = event.from_state != event.to_state
    return {
        "at": event.at,
        "by": event.by,
        "verb": verb_label(event.verb),
        "from": words.state(event.from_state) if moved else "",
        "to": words.state(event.to_state) if moved else "",
        "code": words.reason_code(event.reason_code) if event.reason_code else "",
        "reason": event.reason,
        "looked_for": event.data.get("contrary", ""),
    }
