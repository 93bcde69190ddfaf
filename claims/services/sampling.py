"""Samples of closed cases for a second look: drawn once a month by the calendar, and when a supervisor asks.

A drawing leaves out what earlier ones drew. Which cases it has follows from its seed and the rows alone.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from claims.enums import SampleReason, Verdict
from claims.models import Claim, ClaimEvent, Drawing, SecondLook
from claims.querysets import decided_end
from claims.rules import sampling as rules
from claims.rules.sampling import Apart, Ended
from config.kernel.bell import ring_bell
from config.kernel.civil import add_months, civil_date, days_between, start_of
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput

LOCK = 0x5A3F
"""The class of the advisory locks; the other half is the month's first day."""

_COLUMNS = ("pk", "membership__plan", "decided_fen", "reported_at", "published_at", "rejected_at")


def draw_due(*, at: datetime) -> int:
    """Draw each month that is over and was not drawn yet, the oldest first; how many were drawn now.

    The first one ever is the last month; after an outage the months that were missed follow each other.
    """
    this_month = civil_date(at).replace(day=1)
    last = Drawing.objects.filter(is_monthly=True).order_by("-month").values_list("month", flat=True).first()
    month = add_months(this_month if last is None else last, -1 if last is None else 1)
    done = 0
    while month < this_month:
        done += _draw_by_the_calendar(month, at=at) is not None
        month = add_months(month, 1)
    return done


def _draw_by_the_calendar(month: date, *, at: datetime) -> Drawing | None:
    """The drawing of a month; None where another sweep was quicker, and has it."""
    try:
        with transaction.atomic():
            return _draw(month, is_monthly=True, by=User.objects.system(), at=at)
    except IntegrityError:
        if not Drawing.objects.filter(month=month, is_monthly=True).exists():
            raise
        return None


def draw(month: date, *, by: User, at: datetime) -> Drawing:
    """A further random part of the cases that came to their end in a month, which may still be running."""
    check_permission("claims.draw_sample", by)
    first = month.replace(day=1)
    if start_of(first) > at:
        raise InvalidInput(field=_("Month"), why=_("has not come yet."))
    with transaction.atomic():
        drawing = _draw(first, is_monthly=False, by=by, at=at)
        if not drawing.looks.exists():
            raise InvalidInput(field=_("Month"), why=_("has no case left that was not drawn already."))
    ring_bell()
    return drawing


def _draw(month: date, *, is_monthly: bool, by: User, at: datetime) -> Drawing:
    """Drawings of one month follow each other: the next waits, to see what was drawn before it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, month.toordinal()])
    drawing = Drawing(month=month, is_monthly=is_monthly, seed=secrets.token_hex(16), drawn_by=by, drawn_at=at)
    cases = _cases_of(drawing)
    drawing.cases = len(cases)
    drawing.save(force_insert=True)
    reasons = _chosen(drawing, cases)
    claims = Claim.objects.filter(pk__in=reasons)
    SecondLook.objects.bulk_create(_look(drawing, claim, *reasons[claim.pk]) for claim in claims.order_by("pk"))
    return drawing


def drawn_again(drawing: Drawing) -> dict[int, list[str]]:
    """The cases that this drawing has, and why, worked out from its seed once more: to be held against its rows."""
    chosen = _chosen(drawing, _cases_of(drawing))
    return {claim: reasons for claim, (reasons, _figures) in chosen.items()}


def _chosen(drawing: Drawing, cases: Sequence[Ended]) -> dict[int, tuple[list[str], dict[str, Any]]]:
    """Each case of the sample with its reasons and, by reason, the figures that put it there."""
    apart = rules.standing_apart(cases) if drawing.is_monthly else {}
    random = rules.random_part((case.claim for case in cases), seed=drawing.seed, size=rules.size_of(len(cases)))
    return {claim: _why(claim in random, apart.get(claim, [])) for claim in sorted({*random, *apart})}


def _why(is_random: bool, apart: Iterable[Apart]) -> tuple[list[str], dict[str, Any]]:
    figures: dict[str, Any] = {why.reason: asdict(why) for why in apart}
    return [*([SampleReason.RANDOM.value] if is_random else []), *figures], figures


def _cases_of(drawing: Drawing) -> list[Ended]:
    """The cases that came to their end in the month, as far as it had run, and that no earlier drawing has."""
    until = min(start_of(add_months(drawing.month, 1)), drawing.drawn_at)
    ends = ClaimEvent.objects.filter(decided_end(), at__gte=start_of(drawing.month), at__lt=until).order_by()
    earlier = SecondLook.objects.filter(drawing__month=drawing.month).order_by()
    if drawing.pk is not None:
        earlier = earlier.filter(drawing__lt=drawing.pk)
    rows = Claim.objects.filter(pk__in=ends.values("claim")).order_by().values_list(*_COLUMNS)
    drawn = set(earlier.values_list("claim", flat=True))
    return [_ended(*row) for row in rows.iterator(chunk_size=5000) if row[0] not in drawn]


def _ended(
    claim: int, plan: int, fen: int | None, reported: datetime, published: datetime | None, rejected: datetime | None
) -> Ended:
    decided = rejected or published or reported
    return Ended(claim, plan, fen, days_between(civil_date(reported), civil_date(decided)))


def _look(drawing: Drawing, claim: Claim, reasons: list[str], figures: Mapping[str, Any]) -> SecondLook:
    """A case of the sample with its decision as it stands."""
    is_refused = claim.rejected_at is not None
    return SecondLook(
        drawing=drawing,
        claim=claim,
        reasons=reasons,
        figures=dict(figures),
        outcome=Verdict.REFUSAL if is_refused else Verdict.AID,
        amount_fen=None if is_refused else claim.decided_fen,
        ground=claim.ground if is_refused else "",
        decided_by_id=claim.rejected_by_id if is_refused else claim.published_by_id,
        decided_at=claim.rejected_at if is_refused else claim.published_at,
    )
