"""What quality puts on the landing page: second looks for whoever has them, what waits for supervisors and auditors."""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.enums import LookAnswer
from claims.models import SecondLook
from claims.panels.second_looks import status
from claims.services import quality
from config.kernel.civil import civil_date, days_between
from config.kernel.desks import MOST, Listing, Row, Section, add_to_desk
from config.kernel.display import day
from config.kernel.models import User


def mine(by: User, at: datetime) -> Listing | None:
    """The second looks that this person has to do, and those that he may answer; nothing where there is none."""
    rows = SecondLook.objects.filter(quality.waiting_for(by))
    count = rows.count()
    if not count:
        return None
    shown = rows.select_related("claim").order_by("due_on", "id")[:MOST]
    url = f"{reverse('admin:claims_secondlook_changelist')}?standing=mine"
    return Listing(rows=[_row(look, by, at) for look in shown], count=count, empty="", url=url)


def _row(look: SecondLook, by: User, at: datetime) -> Row:
    page = reverse("admin:claims_secondlook_change", args=[look.pk])
    if look.given_to_id != by.pk:
        return Row(url=page, name=look.claim.number, wanted=_("accept or contest what a second look found"))
    is_late = look.due_on is not None and look.due_on < civil_date(at)
    return Row(
        url=page,
        name=look.claim.number,
        wanted=_("say what you found") if look.stated_at else _("state your own decision"),
        due=day(look.due_on) + (f" · {gettext('overdue')}" if is_late else "") if look.due_on else "",
        is_late=is_late,
        waits=days_between(civil_date(look.given_at), civil_date(at)) if look.given_at else None,
    )


def watched(by: User, at: datetime) -> Listing | None:
    """Second looks that are late, that nobody may take, or that are disputed; nothing where there is none."""
    late = Q(looked_at__isnull=True, due_on__lt=civil_date(at))
    disputed = Q(answer=LookAnswer.CONTESTED, settled_at__isnull=True)
    rows = SecondLook.objects.filter(late | disputed | Q(given_to__isnull=True))
    if not (count := rows.count()):
        return None
    shown = rows.select_related("claim", "given_to").order_by("due_on", "id")[:MOST]
    return Listing(
        rows=[_watched(look, at) for look in shown],
        count=count,
        empty="",
        url=f"{reverse('admin:claims_secondlook_changelist')}?standing=watched",
    )


def _watched(look: SecondLook, at: datetime) -> Row:
    is_late = look.looked_at is None and look.due_on is not None and look.due_on < civil_date(at)
    return Row(
        url=reverse("admin:claims_secondlook_change", args=[look.pk]),
        name=look.claim.number,
        wanted=status(look)[1],
        due=day(look.due_on) if look.due_on and look.looked_at is None else "",
        is_late=is_late,
        holder=str(look.given_to or ""),
    )


add_to_desk(
    Section(
        name="second-looks", title=_("Second looks for me"), permission="claims.take_second_look", read=mine, place=35
    ),
    Section(
        name="quality",
        title=_("Second looks that are late or disputed"),
        permission="claims.view_quality",
        read=watched,
        place=47,
    ),
)
