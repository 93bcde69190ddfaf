"""The custody log: one chain a commission, written under the commission's lock."""

from datetime import datetime
from typing import Any

from config.kernel.gate import busy_when_locked
from config.kernel.models import User
from investigations.enums import Act, ExhibitState
from investigations.models import Commission, CustodyEntry, CustodyHead, Exhibit
from investigations.verify import NOTHING_BEFORE, faults_of_chain, hash_of


def hold(commission_id: int) -> None:
    """Lock the commission until the transaction ends: whoever writes to its log comes one after the other."""
    with busy_when_locked():
        Commission.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=commission_id)


def append(
    commission_id: int,
    act: Act,
    *,
    exhibit: Exhibit | None = None,
    details: dict[str, Any] | None = None,
    by: User,
    at: datetime,
) -> CustodyEntry:
    """The next line of the log, inside the transaction of what it tells of.

    It follows the last that was ever written, whatever lies in the table now: what was cut off stays missing. `at` was
    read before the lock was waited for; the entry's is never earlier than that of the one before.
    """
    hold(commission_id)
    head = CustodyHead.objects.filter(commission=commission_id).first()
    entry = CustodyEntry(
        commission_id=commission_id,
        number=head.number + 1 if head else 1,
        act=act,
        exhibit=exhibit,
        by=by,
        who=by.get_username(),
        at=max(at, head.at) if head else at,
        details=details or {},
        previous=head.hash if head else NOTHING_BEFORE,
    )
    entry.hash = hash_of(entry.told())
    entry.save(force_insert=True)
    _move_on(entry, is_first=head is None)
    return entry


def log_of(commission_id: int) -> list[CustodyEntry]:
    """All entries in their order."""
    return list(CustodyEntry.objects.filter(commission=commission_id).select_related("exhibit").order_by("number"))


def is_whole(commission_id: int) -> bool:
    """Whether nothing is wrong with what is stored of a log."""
    return not faults_of(commission_id)


def faults_of(commission_id: int) -> list[str]:
    """What is wrong: entries changed or removed, the last ones too, and files that no entry says were received."""
    log = log_of(commission_id)
    faults = faults_of_chain([entry.told() for entry in log], commission=commission_id)
    head = CustodyHead.objects.filter(commission=commission_id).first()
    last = (log[-1].number, log[-1].hash) if log else None
    if last != (head and (head.number, head.hash)):
        faults.append(f"custody entry {head.number if head else 0}: is not the last one, as it was written")
    told = {entry.exhibit_id for entry in log if entry.act == Act.RECEIVED}
    there = Exhibit.objects.filter(commission=commission_id).exclude(state=ExhibitState.RECEIVING)
    missing = sorted(set(there.values_list("pk", flat=True)) - told)
    return faults + [f"exhibit {pk}: there is no entry that it was received" for pk in missing]


def _move_on(entry: CustodyEntry, *, is_first: bool) -> None:
    head = CustodyHead(commission_id=entry.commission_id, number=entry.number, hash=entry.hash, at=entry.at)
    head.save(force_insert=is_first, force_update=not is_first)
