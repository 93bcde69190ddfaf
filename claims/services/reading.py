"""Who read what of a case: written beside it, without the gate, for nothing of the case changes."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from claims.enums import MaterialKind, Number
from claims.models import Claim, Reading
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput

PAGE, PAPER, LETTER, NUMBER = "page", "paper", "letter", "number"

ONCE_IN = timedelta(minutes=15)
"""Whoever opens the same part of a case again within this time is still reading it."""


def note_reading(claim: Claim, *, by: User, at: datetime, what: str, about: str = "", reason: str = "") -> Reading:
    """Somebody read a part of the case."""
    return Reading.objects.create(claim=claim, by=by, at=at, what=what, about=about, reason=reason)


def note_opening(claim_id: int, what: str, *, by: User, at: datetime, about: str = "") -> None:
    """Somebody opened the page of the case, one of its papers or one of its letters: noted once in fifteen minutes."""
    opened = Reading.objects.filter(claim_id=claim_id, by=by, what=what, about=about)
    if not opened.filter(at__gt=at - ONCE_IN, at__lte=at).exists():
        Reading.objects.create(claim_id=claim_id, by=by, at=at, what=what, about=about)


def numbers_of(claim: Claim) -> dict[str, str]:
    """The numbers on file, in full, by their key; that of a hospital record by its paper (`record_number:imaging`)."""
    member = claim.membership.member
    known = {
        Number.ID_NUMBER.value: member.id_number,
        Number.PHONE.value: member.phone,
        Number.BANK_CARD.value: member.bank_card,
        Number.REPORTER_PHONE.value: claim.reporter_phone,
    }
    papers = claim.materials.filter(replaced_at__isnull=True).filter(record_number_index__isnull=False).order_by("kind")
    known |= {f"{Number.RECORD_NUMBER.value}:{paper.kind}": paper.record_number for paper in papers}
    return {key: number for key, number in known.items() if number}


def number_label(key: str) -> str:
    """How a number is called, with its paper where it has one."""
    kind, _colon, paper = key.partition(":")
    label = str(Number(kind).label)
    return f"{label} ({MaterialKind(paper).label})" if paper else label


def reveal(claim: Claim, *, number: str, reason: str, by: User, at: datetime) -> str:
    """One number in full, after it was written down who asked for it and why.

    `NotPermitted`; `InvalidInput` without a reason, and for a number that is not on file.
    """
    check_permission("claims.reveal_number", by)
    if not reason.strip():
        raise InvalidInput(field=_("Reason"), why=_("is needed: it stays with the case."))
    known: Mapping[str, str] = numbers_of(claim)
    if number not in known:
        raise InvalidInput(field=_("Number"), why=_("is not on file."))
    note_reading(claim, by=by, at=at, what=NUMBER, about=number, reason=reason.strip())
    return known[number]
