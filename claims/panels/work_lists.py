"""Lists of cases that somebody on the desk asks for, by name: what a tile counts is what its list shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from claims.enums import State
from claims.forms import words
from claims.models import Assignment, Claim, Presence
from claims.querysets import UNTOUCHED_FOR, ClaimQuerySet, wanted
from claims.services import assigning
from config.kernel import masks
from config.kernel.civil import civil_date, days_between, last_day
from config.kernel.desks import MOST, Listing, Row
from config.kernel.display import day, left
from config.kernel.models import User
from config.kernel.pages import Text

PARAMETER = "work"
"""What a list is asked for by in the address of the case list."""

SEEN_LATELY = timedelta(minutes=3)

COLOURS = {
    State.PUBLICISED: "info",
    State.SUSPENDED: "warning",
    State.APPROVED: "success",
    State.PAYING: "success",
    State.PAID: "success",
    State.REJECTED: "danger",
    State.APPEALING: "warning",
}
"""The colour beside a step's name."""


LABELS: dict[str, Text] = {
    "send_out": _("send it out for investigation"),
    "pass_review": _("make the first review"),
    "decide": _("make the final decision"),
    "resolve": _("resolve the objection"),
    "decide_appeal": _("decide the appeal"),
}
"""What a case wants (`querysets.wanted`), as its row says it. Upper apps add theirs."""


@dataclass(frozen=True, slots=True)
class WorkList:
    """Cases that are asked for together, by those who hold `permission`."""

    label: Text
    rows: Callable[[User, datetime], ClaimQuerySet]
    permission: str = "claims.view_deadline"


def mine(by: User, at: datetime) -> ClaimQuerySet:
    """What wants work of this person now."""
    rows: ClaimQuerySet = Claim.objects.wanting_work().held_by(by).awake(at=at)
    return rows


def my_resting(by: User, at: datetime) -> ClaimQuerySet:
    """What this person has laid aside, or cannot go on with before a day."""
    own: ClaimQuerySet = Claim.objects.wanting_work().held_by(by)
    return own.exclude(pk__in=mine(by, at).values("pk"))


def new_reports(by: User, at: datetime) -> ClaimQuerySet:
    return Claim.objects.filter(state=State.COLLECTING, materials__isnull=True)


def papers_to_come(by: User, at: datetime) -> ClaimQuerySet:
    return Claim.objects.filter(state=State.COLLECTING).exclude(pk__in=new_reports(by, at).values("pk"))


LISTS = {
    "mine": WorkList(_("my cases"), mine, "claims.take_claim"),
    "my-resting": WorkList(_("my cases at rest"), my_resting, "claims.take_claim"),
    "anybody": WorkList(_("for anybody"), lambda by, at: assigning.offered(by, at=at), "claims.take_claim"),
    "overdue": WorkList(_("overdue"), lambda by, at: Claim.objects.overdue(at=at), "claims.view_claim"),
    "untouched": WorkList(_("untouched for 7 days"), lambda by, at: Claim.objects.untouched(since=at - UNTOUCHED_FOR)),
    "papers": WorkList(_("waiting for papers"), lambda by, at: Claim.objects.filter(state=State.COLLECTING)),
    "new": WorkList(_("new reports"), new_reports),
    "some-papers": WorkList(_("further papers to come"), papers_to_come),
    "unassigned": WorkList(_("unassigned"), lambda by, at: Claim.objects.unassigned()),
    "objections": WorkList(_("open objections"), lambda by, at: Claim.objects.with_open_objection()),
    "bounced": WorkList(_("payments that came back"), lambda by, at: Claim.objects.bounced()),
    "resting": WorkList(_("at rest"), lambda by, at: Claim.objects.at_rest(at=at)),
    "above-limit": WorkList(_("above a reviewer's limit"), lambda by, at: Claim.objects.above_limit()),
    "absent": WorkList(_("with people who are away"), lambda by, at: Claim.objects.of_the_absent(civil_date(at))),
}


def add_list(name: str, listed: WorkList) -> None:
    """Let an upper app name a list of work; ValueError for a name that is taken."""
    if name in LISTS:
        raise ValueError(f"There is a list {name} already.")
    LISTS[name] = listed


def listing(name: str, by: User, at: datetime, *, empty: Text = "", most: int = MOST) -> Listing:
    """A named list as a section of the desk."""
    cases = LISTS[name].rows(by, at)
    return Listing(rows=rows_of(cases, by, at=at, most=most), count=cases.count(), url=address(name), empty=empty)


def address(name: str) -> str:
    """The case list that shows this list of work."""
    return f"{reverse('admin:claims_claim_changelist')}?{urlencode({PARAMETER: name})}"


def rows_of(claims: ClaimQuerySet, by: User, *, at: datetime, most: int) -> list[Row]:
    """The most urgent of these cases as rows of the desk, in as many queries for one as for fifty."""
    urgent = claims.by_due()
    return [_row(claim, by, at=at) for claim in with_people(urgent, by, at=at)[:most]]


def with_people(claims: ClaimQuerySet, by: User, *, at: datetime) -> ClaimQuerySet:
    """With what a row says of them: who has it, who looks at it, what is wanted, why it came back."""
    seen = Presence.objects.filter(seen_at__gte=at - SEEN_LATELY).exclude(user=by).select_related("user")
    held = Assignment.objects.select_related("user", "given_by")
    claims = claims.with_wants().with_rest().with_return().select_related("membership__member")
    return claims.prefetch_related(
        Prefetch("presences", seen, to_attr="seen_by"), Prefetch("assignments", held, to_attr="given")
    )


def given_in_step(claim: Any) -> Assignment | None:
    """The assignment of the case's present step, of a case that came `with_people`."""
    return next((one for one in claim.given if one.step == claim.state), None)


def sent_back(claim: Any) -> str:
    """Why the case came back into this step, until its person has moved it; of a case that came `with_people`."""
    passed_since = claim.passed_at is not None and claim.passed_at > claim.state_since
    if claim.return_code is None or passed_since:
        return ""
    return " · ".join(part for part in (words.reason_code(claim.return_code), claim.return_reason) if part)


def due_words(due: datetime | None, *, at: datetime) -> tuple[str, bool]:
    """The last day and what is left of it, and whether that is over."""
    if due is None:
        return "", False
    last, is_late = last_day(due), due <= at
    return f"{day(last)} · {left(last, is_late=is_late, at=at)}", is_late


def wants_of(claim: Any) -> str:
    """What is wanted next, in words; of a case that came `with_wants`."""
    found = [str(LABELS[name]) for name in wanted if getattr(claim, f"wants_{name}")]
    if claim.state == State.REVIEWING and claim.wants_pass_review and claim.unread_papers:
        number = claim.unread_papers
        found.insert(0, ngettext("look at %(number)s paper", "look at %(number)s papers", number) % {"number": number})
    if claim.state == State.COLLECTING:
        found.append(gettext("take in the papers that are still missing"))
    return " · ".join(found)


def _row(claim: Any, by: User, *, at: datetime) -> Row:
    given, (due, is_late) = given_in_step(claim), due_words(claim.due, at=at)
    return Row(
        url=reverse("admin:claims_claim_change", args=[claim.pk]),
        name=claim.number,
        about=masks.name(claim.membership.member.name),
        step=claim.get_state_display(),
        colour=COLOURS.get(claim.state, ""),
        wanted=wants_of(claim),
        due=due,
        is_late=is_late,
        waits=days_between(civil_date(claim.state_since), civil_date(at)),
        holder=str(given.user) if given and given.user_id != by.pk else "",
        here=", ".join(names(claim.seen_by)),
        note=_rest(claim, given, at=at) or _note(given, by),
    )


def rests_until(claim: Any, given: Assignment | None, *, at: datetime) -> date | None:
    """The day to come until which its person laid it aside; of a case that came `with_people`."""
    until = given.held_until if given is not None and claim.was_laid_aside else None
    return until if until is not None and until > civil_date(at) else None


def _rest(claim: Any, given: Assignment | None, *, at: datetime) -> str:
    """Until when it rests, and why."""
    if given is not None and (until := rests_until(claim, given, at=at)) is not None:
        return gettext("Rests until %(day)s: %(why)s") % {
            "day": day(until),
            "why": given.held_because,
        }
    if claim.condition_due is not None and claim.condition_due > at and claim.state == State.REVIEWING:
        return gettext("Waits for its condition until %(day)s") % {"day": day(last_day(claim.condition_due))}
    return ""


def _note(given: Assignment | None, by: User) -> str:
    """What whoever gave it left to be read."""
    if given is not None and given.note and given.given_by_id != by.pk:
        return f"{given.given_by}: {given.note}"
    return ""


def names(seen: Iterable[Presence]) -> list[str]:
    return sorted({str(one.user) for one in seen})
