"""What each person of staff is told of the deadlines by e-mail, once on every working day: a row first, then the mail.

Case numbers and kinds, never a member's name, never a reason. Who is away is told when he is back.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from claims.enums import DESK_KINDS, DeadlineKind, Rungs
from claims.models import Digest, Rung
from claims.services.assigning import holders_of
from claims.services.watching import SOON, Asked, parts
from config.kernel import outbox
from config.kernel.civil import SHANGHAI, civil_date, end_of, last_day
from config.kernel.display import day as shown_day
from config.kernel.models import Absence, Outbox, Team, User
from config.kernel.permissions import holders
from config.kernel.working_days import work_calendar
from members.services.messages import stable_id
from members.services.templates import FOOTER

TOPIC = "deadline_digest"

HOUR = time(8, 30)
"""From when on a working day the digest is written, Shanghai."""

FORGOTTEN = timedelta(days=31)
"""Rungs that were told longer ago come into nobody's digest any more; the board shows them."""

LISTED = 40
"""Cases that are named under a heading; the others are counted."""

HEADINGS = {
    "overdue": gettext_lazy("Overdue"),
    "today": gettext_lazy("Due today"),
    "soon": gettext_lazy("Due within 2 working days"),
    "still": gettext_lazy("Standing still"),
}
RUNGS, TEAM, FLOOR = "rungs", "team", "floor"

Entry = tuple[str, str, str]
"""Case number, kind, last day as ISO text or nothing."""

Sorted = dict[str, list[Entry]]


def write(*, at: datetime) -> int:
    """Write the digests of this day that are not there yet, once its hour has come; how many e-mails were left."""
    today, calendar = civil_date(at), work_calendar()
    if not calendar.is_working(today) or at < datetime.combine(today, HOUR, SHANGHAI):
        return 0
    people = list(_people(today))
    if not people:
        return 0
    facts = _facts(today, end_of(calendar.add(today, SOON)), _since(people, today, calendar.add(today, -1)), at=at)
    return sum(_leave(user, today, facts.get(user.pk, {}), at=at) for user in people)


def _since(people: Iterable[User], today: date, before: date) -> dict[int, datetime]:
    """Up to when each was told by a digest; whoever never had one, by that of the working day before.

    Whoever had none for longer than rungs are remembered is told all that are.
    """
    oldest = today - FORGOTTEN
    lately = Digest.objects.filter(user__in=people, day__gte=oldest).order_by()
    last = dict(lately.values_list("user").annotate(Max("day")))
    others = User.objects.filter(pk__in=[user.pk for user in people if user.pk not in last])
    had_one = others.filter(Exists(Digest.objects.filter(user=OuterRef("pk")))).values_list("pk", flat=True)
    last |= dict.fromkeys(had_one, oldest)
    return {user.pk: _morning(last.get(user.pk, before)) for user in people}


def _morning(day: date) -> datetime:
    return datetime.combine(day, HOUR, SHANGHAI)


def _people(today: date) -> Iterator[User]:
    """Staff with an address, here today, who have no digest of this day."""
    told = Digest.objects.filter(day=today).values("user")
    here = holders("claims.view_deadline").exclude(email="").exclude(pk__in=Absence.objects.on(today).values("user"))
    yield from here.exclude(pk__in=told).order_by("pk")


@transaction.atomic
def _leave(user: User, today: date, facts: dict[str, Any], *, at: datetime) -> int:
    """The row, unique for its person and day, and the e-mail with it; none where there is nothing to say."""
    defaults = {"facts": facts, "created_at": at}
    digest, is_new = Digest.objects.get_or_create(user=user, day=today, defaults=defaults)
    if not (is_new and facts):
        return 0
    outbox.put(TOPIC, digest.pk, at=at)
    return 1


def _facts(today: date, soon: datetime, since: dict[int, datetime], *, at: datetime) -> dict[int, dict[str, Any]]:
    """What there is to say, by person: own cases, those of the team, counts of the floor, and rungs told `since`."""
    own: dict[int, Sorted] = defaultdict(lambda: defaultdict(list))
    teams: dict[int, Sorted] = defaultdict(lambda: defaultdict(list))
    floor: Sorted = defaultdict(list)
    for heading, entry, holder in _entries(today, soon, at=at):
        floor[heading].append(entry)
        if holder is not None:
            own[holder.pk][heading].append(entry)
            if holder.team_id is not None:
                teams[holder.team_id][heading].append(entry)
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for user, entries in own.items():
        found[user] |= _cut(entries)
    for team in Team.objects.order_by("pk"):
        if team.pk in teams:
            found[team.lead_id].setdefault(TEAM, {})[team.name] = _cut(teams[team.pk])
    supervisors = set(holders("claims.extend_deadline").values_list("pk", flat=True))
    if floor:
        for user in supervisors:
            found[user][FLOOR] = {heading: len(entries) for heading, entries in floor.items()}
    for user, told in _rungs(supervisors, since, _morning(today)):
        found[user].setdefault(RUNGS, []).append(told)
    return found


def _entries(today: date, soon: datetime, *, at: datetime) -> Iterator[tuple[str, Entry, User | None]]:
    """Everything to be said, under its heading, the earliest end first: two queries, and one for who has the cases."""
    near = Q(due_at__lte=soon) | Q(due_at__isnull=True)
    rows = [
        row
        for part in parts(Asked(), at=at)
        for row in part.filter(near, kind__in=DESK_KINDS).order_by("due_at", "pk").select_related("claim")
    ]
    people = holders_of({row.claim_id for row in rows})
    for row in sorted(rows, key=lambda row: (row.due_at is None, row.due_at)):
        last = last_day(row.due_at) if row.due_at else None
        if row.due_at is None:
            heading = "still"
        elif row.due_at <= at:
            heading = "overdue"
        else:
            heading = "today" if last == today else "soon"
        entry = (row.claim.number, row.kind, last.isoformat() if last else "")
        yield heading, entry, people.get(row.claim_id)


def _rungs(supervisors: set[int], since: dict[int, datetime], until: datetime) -> Iterator[tuple[int, Entry]]:
    """Rungs that were told before this morning and have been in no digest of whom they were told to."""
    oldest = max(min(since.values()), until - FORGOTTEN)
    rows = Rung.objects.filter(told_at__gte=oldest, told_at__lt=until).select_related("deadline__claim")
    for row in rows.order_by("told_at", "pk"):
        for user in supervisors if row.user_id is None else (row.user_id,):
            if user in since and since[user] <= row.told_at:
                yield user, (row.deadline.claim.number, row.deadline.kind, row.rung)


def _cut(entries: Sorted) -> dict[str, Any]:
    """The first of each heading, with how many there are."""
    return {name: {"count": len(listed), "first": listed[:LISTED]} for name, listed in entries.items()}


@outbox.delivers(TOPIC)
def send(item: Outbox) -> None:
    """E-mail one digest. Its Message-ID is the digest's own, so that a second copy can be told from a second digest."""
    digest = Digest.objects.select_related("user").get(pk=item.ref)
    if not (digest.user.email and digest.user.is_active):
        return
    with override(settings.LANGUAGE_CODE):
        subject, body = compose(digest)
    headers = stable_id(f"{TOPIC}-{digest.pk}")
    EmailMessage(subject, f"{body}\n\n{FOOTER}\n", to=[digest.user.email], headers=headers).send()


def compose(digest: Digest) -> tuple[str, str]:
    """Subject and body in the active language."""
    subject = _("Deadlines of %(day)s") % {"day": shown_day(digest.day)}
    facts, lines = digest.facts, [_("%(name)s,") % {"name": digest.user}, ""]
    lines += _listed(_("Your cases"), facts)
    for name, entries in facts.get(TEAM, {}).items():
        lines += _listed(_("Team %(name)s") % {"name": name}, entries)
    if floor := facts.get(FLOOR):
        said = [
            _("%(what)s: %(number)s") % {"what": HEADINGS[name], "number": floor[name]}
            for name in HEADINGS
            if name in floor
        ]
        lines += [_("The whole floor"), *said, ""]
    if rungs := facts.get(RUNGS):
        told = [
            f"- {number} · {DeadlineKind(kind).label} · {Rungs(rung).label}" for number, kind, rung in rungs[:LISTED]
        ]
        lines += [_("Told since your last digest"), *told, *_more(len(rungs)), ""]
    return subject, "\n".join(lines).strip()


def _listed(title: str, entries: dict[str, Any]) -> list[str]:
    """The headings that have something, each with its cases; nothing at all where none has."""
    lines = []
    for name, heading in HEADINGS.items():
        if (listed := entries.get(name)) is not None:
            lines.append(_("%(what)s: %(number)s") % {"what": heading, "number": listed["count"]})
            lines += [_entry(*entry) for entry in listed["first"]]
            lines += _more(listed["count"])
    return [title, *lines, ""] if lines else []


def _entry(number: str, kind: str, last: str) -> str:
    until = f" · {shown_day(date.fromisoformat(last))}" if last else ""
    return f"- {number} · {DeadlineKind(kind).label}{until}"


def _more(count: int) -> list[str]:
    return [_("and %(number)s more") % {"number": count - LISTED}] if count > LISTED else []
