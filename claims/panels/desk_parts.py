"""What cases put on the landing page: the work of reviewers and intake, and what supervisors watch."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.panels.work_lists import LISTS, address, listing, mine, rows_of, sent_back, with_people
from claims.querysets import ClaimQuerySet
from config.kernel.civil import civil_date
from config.kernel.desks import MOST, Listing, Notice, Section, Tile, Tiles, add_to_desk
from config.kernel.display import day
from config.kernel.models import Absence, User

OFFERED = 10

WATCHED = ("overdue", "untouched", "papers", "unassigned", "objections", "bounced", "resting", "above-limit", "absent")
"""What a supervisor sees as tiles."""


def my_cases(by: User, at: datetime) -> Listing:
    cases = mine(by, at)
    count = cases.count()
    return Listing(
        rows=rows_of(cases, by, at=at, most=MOST),
        count=count,
        url=address("mine"),
        empty=_("Nothing waits for you. Take the next case."),
        notices=[*_away_with_work(by, count, at), *_sent_back(cases, by, at)],
    )


def resting(by: User, at: datetime) -> Listing:
    return listing("my-resting", by, at, empty=_("None of your cases is laid aside."))


def for_anybody(by: User, at: datetime) -> Listing:
    listed = listing("anybody", by, at, empty=_("Every case has somebody who works on it."), most=OFFERED)
    if not listed.count:
        return listed
    button = (_("Take the next case"), reverse("admin:claims_claim_take_next"))
    return Listing(rows=listed.rows, count=listed.count, url=listed.url, empty=listed.empty, button=button)


def _if_any(name: str, by: User, at: datetime) -> Listing | None:
    """A list that is shown only when there is something in it."""
    listed = listing(name, by, at)
    return listed if listed.count else None


def _away_with_work(by: User, count: int, at: datetime) -> Iterator[Notice]:
    absence = Absence.objects.on(civil_date(at)).filter(user=by).first()
    if count and absence is not None:
        yield Notice(
            title=_("You are away"),
            text=gettext("until %(day)s, and cases wait for you. Hand them over, or ask a supervisor.")
            % {"day": day(absence.last_day)},
        )


def _sent_back(cases: ClaimQuerySet, by: User, at: datetime) -> Iterator[Notice]:
    """Why cases came back, the latest first."""
    returned = cases.returned()
    for claim in with_people(returned, by, at=at)[:MOST]:
        if why := sent_back(claim):
            url = reverse("admin:claims_claim_change", args=[claim.pk])
            yield Notice(title=_("Sent back"), about=claim.number, url=url, text=why)


def tiles(by: User, at: datetime) -> Iterator[Tile]:
    for name in WATCHED:
        yield tile(name, by, at)


def tile(name: str, by: User, at: datetime) -> Tile:
    """How many cases a named list has; red where it is those that are late."""
    listed = LISTS[name]
    count = listed.rows(by, at).count()
    return Tile(label=listed.label, count=count, url=address(name), is_late=name == "overdue" and count > 0)


add_to_desk(
    Section(name="mine", title=_("My cases"), permission="claims.take_claim", read=my_cases, place=10),
    Section(name="resting", title=_("Resting"), permission="claims.take_claim", read=resting, place=20),
    Section(name="anybody", title=_("For anybody"), permission="claims.take_claim", read=for_anybody, place=30),
    Section(
        name="above-limit",
        title=_("Above a reviewer's limit"),
        permission="claims.decide_any_amount",
        read=partial(_if_any, "above-limit"),
        place=40,
    ),
    Section(
        name="absent",
        title=_("Cases of people who are away"),
        permission="claims.assign_claim",
        read=partial(_if_any, "absent"),
        place=45,
    ),
    Section(
        name="new",
        title=_("New reports"),
        permission="claims.submit_material",
        read=partial(listing, "new", empty=_("No new report.")),
        place=10,
    ),
    Section(
        name="papers",
        title=_("Waiting for further papers"),
        permission="claims.submit_material",
        read=partial(listing, "some-papers", empty=_("No case waits for papers.")),
        place=20,
    ),
    Tiles(name="watched", permission="claims.assign_claim", read=tiles),
)
