"""What deadlines put on the landing page: the board for those who watch, a lead's team, and notices to oneself."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from claims.models import Claim, SecondLook
from claims.panels.work_lists import due_words
from claims.services import watching
from claims.services.watching import OVERDUE, Asked
from config.kernel import masks
from config.kernel.desks import Listing, Notice, Row, Section, Tile, Tiles, add_to_desk
from config.kernel.models import Export, Team, User
from members.models import Message
from members.services.messages import shown

SHOWN = 10
NOTICED_FOR = timedelta(days=7)


def board() -> str:
    return reverse("admin:claims_deadline_board")


def tiles(by: User, at: datetime) -> Iterator[Tile]:
    tally = watching.tally(Asked(), at=at)
    yield Tile(
        label=_("deadlines overdue"),
        count=tally.overdue,
        url=f"{board()}?only={OVERDUE}",
        is_late=tally.overdue > 0,
    )
    yield Tile(label=_("deadlines of the next days"), count=tally.today + tally.soon, url=f"{board()}?view=calendar")


def of_the_team(by: User, at: datetime) -> Listing | None:
    """What is overdue with the people of a lead; nothing for who leads nobody, or watches the whole floor."""
    teams = tuple(Team.objects.filter(lead=by).values_list("pk", flat=True))
    if not teams or by.has_perm("claims.watch_deadline"):
        return None
    asked = Asked(teams=teams)
    lines, _after = watching.page(asked, at=at, most=SHOWN)
    count = sum(part.count() for part in watching.parts(asked, at=at))
    return Listing(rows=[_row(line, at=at) for line in lines], count=count, url=board(), empty=_("Nothing is due."))


def notices(by: User, at: datetime) -> Listing | None:
    """What was told to this person himself in the last days, the latest first."""
    said = list(Message.objects.filter(user=by, created_at__gt=at - NOTICED_FOR).order_by("-id")[:SHOWN])
    if not said:
        return None
    about = {one.about for one in said}
    keys = dict(Claim.objects.filter(number__in=about).values_list("number", "pk"))
    looks = _looks(by, about)
    found = [_notice(one, keys, looks) for one in said]
    return Listing(rows=[], count=len(said), empty="", notices=found)


def _notice(said: Message, keys: dict[str, int], looks: dict[tuple[str, str], int]) -> Notice:
    """With the page that it is about: of a second look its own, for that of the case shows what was decided."""
    page, key = "admin:claims_claim_change", keys.get(said.about)
    if said.template.startswith("second_look_"):
        page, key = "admin:claims_secondlook_change", looks.get((said.template, said.about))
    elif said.template.startswith("export_"):
        page, key = "admin:kernel_export_change", Export.key_of(said.about)
    return Notice(
        text=shown(said)[0],
        about=said.about if said.about in keys or key is not None else "",
        url="" if key is None else reverse(page, args=[key]),
    )


def _looks(by: User, about: set[str]) -> dict[tuple[str, str], int]:
    """The second looks that this person is told of, the latest of each: those he has, those at what he decided."""
    rows = SecondLook.objects.filter(claim__number__in=about).order_by("pk")
    has, decided = rows.filter(given_to=by), rows.filter(decided_by=by, looked_at__isnull=False)
    told = (("second_look_given", has), ("second_look_finding", decided))
    return {(template, number): pk for template, mine in told for number, pk in mine.values_list("claim__number", "pk")}


def _row(line: watching.Line, *, at: datetime) -> Row:
    claim = line.deadline.claim
    due, is_late = due_words(line.deadline.due_at, at=at)
    return Row(
        url=reverse("admin:claims_claim_change", args=[claim.pk]),
        name=claim.number,
        about=masks.name(claim.membership.member.name),
        step=claim.get_state_display(),
        wanted=line.deadline.get_kind_display(),
        due=due,
        is_late=is_late,
        holder=str(line.holder or ""),
    )


add_to_desk(
    Tiles(name="deadlines", permission="claims.watch_deadline", read=tiles, place=60),
    Section(name="notices", title=_("Told to you"), permission="claims.view_deadline", read=notices, place=8),
    Section(
        name="team", title=_("Deadlines of your team"), permission="claims.view_deadline", read=of_the_team, place=42
    ),
)
