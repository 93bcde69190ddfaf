"""Taking in what investigators collect, in pieces, and opening what is kept.

Only an investigator of the commissioned agency, and only while the commission is at work; for anybody else it does not
exist. Lock order: commission, exhibit.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from django.db import transaction
from django.db.models import Sum

from config.kernel.bell import ring_bell
from config.kernel.files import plain_name
from config.kernel.gate import busy_when_locked
from config.kernel.models import User
from config.kernel.pieces import Pieces, all_stored, free_bytes
from investigations.enums import AT_WORK, Act, ExhibitState
from investigations.models import Commission, Exhibit
from investigations.models.evidence import LARGEST
from investigations.policies import FILE_REPORT, VIEW_EXHIBIT
from investigations.querysets import ExhibitQuerySet
from investigations.refusals import (
    AlreadyReceived,
    CommissionFull,
    FileTooLarge,
    NoRoom,
    TooManyFiles,
    TooManyPieces,
    TooMuch,
    WrongOffset,
)
from investigations.services import custody
from investigations.verify import hash_of_words

KIND = "exhibit"
"""Whose pieces these are, in the store."""
MEGABYTE = 1024 * 1024
GIGABYTE = 1024 * MEGABYTE
MOST = 300
"""Files of one commission."""
MOST_BYTES = 20 * GIGABYTE
"""Of all files of one commission that are not refused, announced ones too."""
FLOOR = 2 * GIGABYTE
"""Bytes that the store keeps free: the desk's own papers lie there too."""
MOST_PIECES = 10_000
"""Of one file, however small they come."""
COUNTED = ("commission", "size", "received", "pieces", "touched_at", "state")
"""What is read of a file while it comes."""
FORGOTTEN_AFTER = timedelta(days=7)
GOES_ON_FOR = timedelta(hours=1)
"""How long a download that broke off may go on as the same opening."""
STRAY_AFTER = timedelta(days=1)
"""How old content is that no row knows before it is thrown away."""
LEASE = timedelta(minutes=5)
"""After which another sweep goes on with what one left behind."""


@dataclass(frozen=True)
class Said:
    """What an investigator says of a file."""

    name: str = ""
    claimed_at: datetime | None = None
    place: str = ""
    note: str = ""


def begin(commission_id: int, *, size: int, said: Said, by: User, at: datetime) -> Exhibit:
    """Announce a file of `size` bytes; an empty one has arrived with that.

    Refused: `FileTooLarge`, `TooManyFiles`, `CommissionFull`, `NoRoom`.
    Commission.DoesNotExist for one that is not the agency's, or not at work.
    """
    with busy_when_locked(), transaction.atomic():
        commission = _own_commission(commission_id, by=by)
        _check_room(commission, size)
        exhibit = Exhibit.objects.create(
            commission=commission,
            name=plain_name(said.name),
            size=size,
            received_by=by,
            begun_at=at,
            touched_at=at,
            claimed_at=said.claimed_at,
            claimed_place=said.place,
            note=said.note,
        )
    return exhibit if size else finish(exhibit.pk, at=at)


def take(exhibit_id: int, *, offset: int, coming: int, portions: Iterable[bytes], by: User, at: datetime) -> Exhibit:
    """Add what comes to the file, portion by portion: each is stored before the next is waited for.

    `coming` is how many bytes are announced. Whatever breaks off leaves what was stored until then.
    Refused: `WrongOffset`, `TooMuch`, `TooManyPieces`.
    Exhibit.DoesNotExist for another agency's, or where the commission has ended meanwhile.
    """
    rows = own(by).only(*COUNTED).filter(pk=exhibit_id)
    exhibit = rows.get()
    if exhibit.received != offset:
        raise WrongOffset
    if offset + coming > exhibit.size:
        raise TooMuch
    for data in portions:
        exhibit = _add(rows, data, offset=offset, at=at)
        offset = exhibit.received
    is_there = exhibit.received == exhibit.size and exhibit.state == ExhibitState.RECEIVING
    return finish(exhibit_id, at=at) if is_there else exhibit


def finish(exhibit_id: int, *, at: datetime) -> Exhibit:
    """All bytes are there: work out the hashes, put the file into quarantine, and into custody; once."""
    known = Exhibit.objects.get(pk=exhibit_id)
    sha256, sm3 = digests(pieces_of(known).stream(known.pieces))
    with busy_when_locked(), transaction.atomic():
        custody.hold(known.commission_id)
        exhibit = Exhibit.objects.select_for_update(of=("self",)).select_related("received_by").get(pk=exhibit_id)
        if exhibit.state != ExhibitState.RECEIVING:
            return exhibit
        exhibit.sha256, exhibit.sm3 = sha256, sm3
        exhibit.state, exhibit.received_at, exhibit.check_at = ExhibitState.QUARANTINED, at, at
        exhibit.attempts = 0
        exhibit.save(update_fields=["sha256", "sm3", "state", "received_at", "check_at", "attempts"])
        custody.append(
            exhibit.commission_id,
            Act.RECEIVED,
            exhibit=exhibit,
            details=_arrived(exhibit),
            by=exhibit.received_by,
            at=at,
        )
        ring_bell()
    return exhibit


def _arrived(exhibit: Exhibit) -> dict[str, Any]:
    """What the log says of it; `commission`: the state of one that had ended before."""
    said = {"size": exhibit.size, "sha256": exhibit.sha256, "sm3": exhibit.sm3, "name": exhibit.name}
    said["claimed"] = hash_of_words(exhibit.salt, exhibit.claimed())
    state = Commission.objects.values_list("state", flat=True).get(pk=exhibit.commission_id)
    return said if state in AT_WORK else said | {"commission": state}


def cancel(exhibit_id: int, *, by: User) -> None:
    """Give up an upload that has not arrived. Refused: `AlreadyReceived`. Exhibit.DoesNotExist as `take`."""
    with busy_when_locked(), transaction.atomic():
        exhibit = own(by).select_for_update(of=("self",)).get(pk=exhibit_id)
        if exhibit.state != ExhibitState.RECEIVING:
            raise AlreadyReceived
        exhibit.delete()
    Pieces(KIND, exhibit_id).drop()


def forget(exhibit_id: int) -> int:
    """Throw away an upload that nobody went on with; 1 if it was still there and not complete."""
    uploads = Exhibit.objects.select_for_update(of=("self",), skip_locked=True)
    exhibit = uploads.filter(pk=exhibit_id, state=ExhibitState.RECEIVING, check_at__isnull=True).first()
    if exhibit is None:
        return 0
    exhibit.delete()
    transaction.on_commit(Pieces(KIND, exhibit_id).drop)
    return 1


def drop_strays(*, at: datetime) -> int:
    """Throw away content that no row knows: whoever deleted its row was killed before the pieces; how many."""
    ages = {stored.pk: stored.touched_at() for stored in all_stored() if stored.kind == KIND}
    old = [pk for pk, touched in ages.items() if touched is not None and touched <= at - STRAY_AFTER]
    known = set(Exhibit.objects.filter(pk__in=old).values_list("pk", flat=True))
    strays = [pk for pk in old if pk not in known]
    for pk in strays:
        Pieces(KIND, pk).drop()
    return len(strays)


def open_exhibit(exhibit_id: int, *, shown: str, goes_on: bool = False, by: User, at: datetime) -> Exhibit:
    """A file that is kept, and the line in the log that `by` opened it; Exhibit.DoesNotExist for everybody else.

    What only `goes_on` with an opening of the last hour is no other.
    """
    with busy_when_locked(), transaction.atomic():
        exhibit = readable(by).kept().get(pk=exhibit_id)
        before = exhibit.custody.filter(act=Act.OPENED, by=by, details__as=shown, at__gt=at - GOES_ON_FOR)
        if goes_on and before.exists():
            return exhibit
        custody.append(exhibit.commission_id, Act.OPENED, exhibit=exhibit, details={"as": shown}, by=by, at=at)
    return exhibit


def own(by: User) -> ExhibitQuerySet:
    """What an investigator may see now."""
    rows = Exhibit.objects.all()
    return rows.for_investigator(by) if by.has_perm(FILE_REPORT) else rows.none()


def readable(by: User) -> ExhibitQuerySet:
    """All for the desk, for an investigator the own ones while at work, nothing for others."""
    return Exhibit.objects.all() if by.has_perm(VIEW_EXHIBIT) else own(by)


def pieces_of(exhibit: Exhibit) -> Pieces:
    """Where its bytes lie."""
    return Pieces(KIND, exhibit.pk)


def digests(stream: Iterable[bytes]) -> tuple[str, str]:
    """SHA-256 and SM3 of a file that comes in pieces."""
    sha256, sm3 = hashlib.sha256(), hashes.Hash(hashes.SM3())
    for data in stream:
        sha256.update(data)
        sm3.update(data)
    return sha256.hexdigest(), sm3.finalize().hex()


def _add(rows: ExhibitQuerySet, data: bytes, *, offset: int, at: datetime) -> Exhibit:
    """The piece is on the disk before the row counts it: one that no row counts is written over."""
    with busy_when_locked(), transaction.atomic():
        exhibit = rows.select_for_update(of=("self",)).get()
        if exhibit.received != offset:
            raise WrongOffset
        if offset + len(data) > exhibit.size:
            raise TooMuch
        if exhibit.pieces >= MOST_PIECES:
            raise TooManyPieces
        pieces_of(exhibit).write(exhibit.pieces + 1, data)
        exhibit.pieces, exhibit.received = exhibit.pieces + 1, offset + len(data)
        exhibit.check_at = at + LEASE if exhibit.received == exhibit.size else None
        exhibit.touched_at = max(at, exhibit.touched_at)
        exhibit.save(update_fields=["pieces", "received", "touched_at", "check_at"])
    return exhibit


def _check_room(commission: Commission, size: int) -> None:
    """What is refused gives its room back; what is announced has it already."""
    if size > LARGEST:
        raise FileTooLarge(most=LARGEST // MEGABYTE)
    if commission.exhibits.count() >= MOST:
        raise TooManyFiles(most=MOST)
    taken = commission.exhibits.exclude(state=ExhibitState.REFUSED).aggregate(sum=Sum("size"))["sum"] or 0
    if taken + size > MOST_BYTES:
        raise CommissionFull(most=MOST_BYTES // GIGABYTE)
    if size and free_bytes() - size < FLOOR:
        raise NoRoom


def _own_commission(commission_id: int, *, by: User) -> Commission:
    """Locked by the same question that asks whether it is at work: it does not end meanwhile."""
    rows: Any = Commission.objects.at_work().for_investigator(by).select_for_update(of=("self",), no_key=True)
    commission: Commission = (rows if by.has_perm(FILE_REPORT) else rows.none()).get(pk=commission_id)
    return commission
