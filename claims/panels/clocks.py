"""The clocks of a case on its page, as bars with words: those that run in the head, all of them in their panel."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.enums import DeadlineKind, DeadlineStatus
from claims.models import Claim, Deadline, Objection, Publicity
from claims.panels.bars import Bar, Part, Piece, Still, Stretch, bar, laid_out
from claims.panels.clock_moves import clock_moves
from claims.services.ladder import LONGEST_STANDSTILL
from config.kernel.civil import civil_date, last_day, start_of
from config.kernel.display import day, left, moment
from config.kernel.pages import Look, Text, once
from members.rules.sections import Effect
from members.services.plans import terms_of

TAKEN_UP_AGAIN = (DeadlineKind.SUPPLEMENT, DeadlineKind.REVIEW, DeadlineKind.DECISION, DeadlineKind.PAYMENT)
"""Of these a case has one at a time: a later generation goes on where the case came back to the step."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One bar and its words. `last_day` is None while it stands still; `notes` say what the bar cannot."""

    kind: DeadlineKind
    last_day: date | None
    is_late: bool
    runs: bool
    status: str
    bar: Bar | None
    started_on: date
    left: str = ""
    notes: list[str] = field(default_factory=list)
    deadline_id: int | None = None
    moves: list[tuple[Text, str]] = field(default_factory=list)
    """What may be done with it here: words and address."""

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def aloud(self) -> str:
        """The same facts for somebody who does not see the bar."""
        until = _("last day %(day)s") % {"day": day(self.last_day)} if self.last_day else _("stands still")
        began = _("began on %(day)s") % {"day": day(self.started_on)}
        return "; ".join([self.label, began, until, *filter(None, [self.left or self.status]), *self.notes])


def clocks(claim: Claim, look: Look) -> dict[str, Any]:
    """All clocks, those that run first, then the newest."""
    drawn = sorted(
        once(claim, all_clocks, at=look.at), key=lambda clock: (not clock.runs, -clock.started_on.toordinal())
    )
    for clock in drawn:
        clock.moves.extend(clock_moves(claim, clock.deadline_id, look))
    return {"clocks": drawn}


def running(claim: Claim, *, at: datetime) -> list[Clock]:
    """What runs, stands still or was missed and is still to be done; the earliest end first, what stands still last."""
    found = [clock for clock in once(claim, all_clocks, at=at) if clock.runs]
    return sorted(found, key=lambda clock: clock.last_day or date.max)


def all_clocks(claim: Claim, *, at: datetime) -> list[Clock]:
    """Every deadline and publicity of a case, in four queries however many there are."""
    of_the_step = Q(pk__in=Claim.objects.filter(pk=claim.pk).its_clocks())
    rows = claim.deadlines.annotate(is_of_the_step=of_the_step).prefetch_related("reminders")
    deadlines = list(rows.order_by("opened_at", "id"))
    shown = [one for one in deadlines if one.kind == DeadlineKind.PUBLICITY]
    others = [one for one in deadlines if one.kind != DeadlineKind.PUBLICITY]
    plain = [_plain(chain, others, at) for chain in _chains(others)]
    return plain + _publicities(claim, shown, at)


def _chains(deadlines: Iterable[Deadline]) -> list[list[Deadline]]:
    """Generations that follow each other, as one; others each alone, unless one took over where the other ended."""
    chains: dict[Any, list[Deadline]] = defaultdict(list)
    ended: dict[tuple[str, datetime | None], Any] = {}
    for deadline in deadlines:
        alone = ended.get((deadline.kind, deadline.opened_at), deadline.pk)
        name = deadline.kind if deadline.kind in TAKEN_UP_AGAIN else alone
        chains[name].append(deadline)
        ended[deadline.kind, deadline.closed_at] = name
    return list(chains.values())


def _plain(chain: Sequence[Deadline], all_of_them: Sequence[Deadline], at: datetime) -> Clock:
    last = chain[-1]
    kind, ends, runs = DeadlineKind(last.kind), last.due_at and last_day(last.due_at), _runs(last)
    stretches = [stretch for one, after in pairwise(chain) for stretch in _gone(one, after, all_of_them)]
    if last.due_at:
        stretches.append(Stretch(Part.BASE, last.opened_at, last.due_at))
    elif last.paused_at:
        stretches += _paused(last, last.paused_at, max(at, last.paused_at))
    reminders, why = list(last.reminders.all()), [stretch.why for stretch in stretches if stretch.why]
    until = at if runs or last.closed_at is None else last.closed_at
    is_late = runs and last.due_at is not None and last.due_at <= at
    return Clock(
        kind=kind,
        last_day=ends,
        is_late=is_late or _is_still_too_long(last, at),
        runs=runs,
        status=_("overdue") if is_late else last.get_status_display(),
        bar=bar(stretches, now=until, ticks=[one.due_at for one in reminders if not one.cancelled_at], is_open=runs),
        started_on=civil_date(chain[0].opened_at),
        left=_left(last, ends, is_late, at) if runs else "",
        notes=why + [_reminded(one) for one in reminders],
        deadline_id=last.pk if runs else None,
    )


def _left(last: Deadline, ends: date | None, is_late: bool, at: datetime) -> str:
    return left(ends, is_late=is_late, at=at) if ends else _stands_still(last.days_left or 0)


def _stands_still(days: int) -> str:
    return ngettext("stands still, %(days)s day left", "stands still, %(days)s days left", days) % {"days": days}


def _is_still_too_long(last: Deadline, at: datetime) -> bool:
    return (
        last.status == DeadlineStatus.OPEN and last.paused_at is not None and last.paused_at <= at - LONGEST_STANDSTILL
    )


def _paused(one: Deadline, since: datetime, until: datetime) -> Iterator[Stretch]:
    """A generation that was stopped, and then stood still."""
    span = {"start": day(since), "end": day(until)}
    why = f"{one.get_pause_code_display()}, {one.pause_reason}"
    if one.closed_at is None:
        said = _("stands still since %(start)s: %(why)s") % {**span, "why": why}
    else:
        said = _("stood still from %(start)s to %(end)s: %(why)s") % {**span, "why": why}
    yield Stretch(Part.BASE, one.opened_at, since)
    yield Stretch(Part.STILL, since, until, said)


def _runs(last: Any) -> bool:
    """Open, or missed while the case still waits in the step for what was to be done."""
    return last.status == DeadlineStatus.OPEN or bool(last.is_of_the_step)


def _gone(one: Deadline, after: Deadline, all_of_them: Iterable[Deadline]) -> Iterator[Stretch]:
    """A generation that was closed, and the time until the next was opened, with what ran meanwhile."""
    closed = min(one.closed_at or after.opened_at, after.opened_at)
    due = one.due_at or closed
    if one.paused_at is not None and one.paused_at <= closed:
        yield from _paused(one, one.paused_at, closed)
    else:
        yield Stretch(Part.BASE, one.opened_at, min(closed, due))
    if due < closed:
        yield Stretch(Part.LATE, due, closed)
    if closed < after.opened_at:
        yield Stretch(Part.STILL, closed, after.opened_at, _stood_still(one.kind, closed, after.opened_at, all_of_them))


def _stood_still(kind: str, start: datetime, end: datetime, all_of_them: Iterable[Deadline]) -> str:
    ran = [
        one.get_kind_display()
        for one in all_of_them
        if one.kind != kind and one.opened_at < end and (one.closed_at is None or one.closed_at > start)
    ]
    span = {"start": day(start), "end": day(end), "kinds": ", ".join(dict.fromkeys(ran))}
    if not ran:
        return _("stood still from %(start)s to %(end)s") % span
    return _("stood still from %(start)s to %(end)s, while this ran: %(kinds)s") % span


def _reminded(reminder: Any) -> str:
    said = {"to": reminder.get_to_display(), "day": day(reminder.due_at)}
    if reminder.sent_at:
        return _("reminder to %(to)s sent on %(day)s") % {**said, "day": day(reminder.sent_at)}
    if reminder.cancelled_at:
        return _("reminder to %(to)s of %(day)s called off") % said
    return _("reminder to %(to)s on %(day)s") % said


def _publicities(claim: Claim, deadlines: Sequence[Deadline], at: datetime) -> list[Clock]:
    objections = defaultdict(list)
    for objection in claim.objections.filter(merged_into__isnull=True).order_by("effect_at", "received_at", "id"):
        objections[objection.publicity_id].append(objection)
    found, rest = [], list(deadlines)
    for publicity in claim.publicities.order_by("id"):
        own = [one for one in rest if publicity.ended_at is None or one.opened_at < publicity.ended_at]
        rest = [one for one in rest if one not in own]
        found.append(_publicity(claim, publicity, own, objections[publicity.pk], at))
    return found


def _publicity(
    claim: Claim, publicity: Publicity, deadlines: Sequence[Deadline], objections: Sequence[Objection], at: datetime
) -> Clock:
    runs, until = publicity.ended_at is None, publicity.ended_at or at
    why = next((_because(one) for one in objections if _stops(claim, one)), "")
    stills = [_still(one, until, why) for one in deadlines if one.paused_at]
    pieces = [Piece(timedelta(days=publicity.days + 1)), *_added(claim, publicity, objections)]
    stretches = laid_out(start_of(publicity.starts_on), pieces, stills)
    is_late = runs and publicity.ends_at is not None and publicity.ends_at <= at
    notes = [stretch.why for stretch in stretches if stretch.part is not Part.BASE]
    held = [one for one in objections if runs and one.resolved_at is None]
    notes += [_("held by an open objection: %(kind)s") % {"kind": one.get_kind_display()} for one in held]
    return Clock(
        kind=DeadlineKind.PUBLICITY,
        last_day=publicity.ends_on,
        is_late=is_late and not held,
        runs=runs,
        status=_("open") if runs else _("ended on %(day)s") % {"day": moment(until)},
        bar=bar(stretches, now=until, is_open=runs),
        started_on=publicity.starts_on,
        left=_shown_for(publicity, is_late, at) if runs else "",
        notes=list(dict.fromkeys(notes)),
    )


def _shown_for(publicity: Publicity, is_late: bool, at: datetime) -> str:
    if publicity.ends_on is None:
        return _stands_still(publicity.days_left)
    return left(publicity.ends_on, is_late=is_late, at=at)


def _still(deadline: Deadline, until: datetime, why: str) -> Still:
    """In civil days, as a publicity is counted; one that lasts, until this moment."""
    first = start_of(civil_date(deadline.paused_at)) if deadline.paused_at else until
    span = {"start": day(first), "end": day(deadline.closed_at or until), "why": why}
    if deadline.closed_at is None:
        return Still(first, until, _("stands still since %(start)s: %(why)s") % span)
    return Still(
        first, start_of(civil_date(deadline.closed_at)), _("stood still from %(start)s to %(end)s: %(why)s") % span
    )


def _stops(claim: Claim, objection: Objection) -> bool:
    rule = getattr(terms_of(claim.covenant).objection, objection.kind)
    return bool(rule.effect is Effect.SUSPEND)


def _added(claim: Claim, publicity: Publicity, objections: Iterable[Objection]) -> Iterator[Piece]:
    """The days that objections added, each with the one that did; the longest counts, and so do they in turn."""
    so_far = 0
    for objection in objections:
        if objection.effect_at is None or _stops(claim, objection):
            continue
        days = min(getattr(terms_of(claim.covenant).objection, objection.kind).days, publicity.extension_days)
        if days > so_far:
            why = _("%(days)s days added: %(why)s") % {"days": days - so_far, "why": _because(objection)}
            yield Piece(timedelta(days=days - so_far), Part.ADDED, why)
            so_far = days


def _because(objection: Objection) -> str:
    said = {"kind": objection.get_kind_display(), "day": day(objection.received_at)}
    return _("objection of %(day)s, %(kind)s") % said
