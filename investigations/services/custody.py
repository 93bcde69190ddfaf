"""The custody log: one chain a commission, written under the commission's lock."""

from datetime import datetime
from typing import Any

from config.kernel.gate import busy_when_locked
from config.kernel.models import User
from investigations.enums import Act
from investigations.models import Commission, CustodyEntry, Exhibit
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
    """The next line of the log, inside the transaction of what it tells of."""
    hold(commission_id)
    last = CustodyEntry.objects.filter(commission=commission_id).order_by("number").last()
    entry = CustodyEntry(
        commission_id=commission_id,
        number=last.number + 1 if last else 1,
        act=act,
        exhibit=exhibit,
        by=by,
        who=by.get_username(),
        at=at,
        details=details or {},
        previous=last.hash if last else NOTHING_BEFORE,
    )
    entry.hash = hash_of(entry.told())
    entry.save(force_insert=True)
    return entry


def log_of(commission_id: int) -> list[CustodyEntry]:
    """All entries in their order."""
    return list(CustodyEntry.objects.filter(commission=commission_id).select_related("exhibit").order_by("number"))


def is_whole(commission_id: int) -> bool:
    """Whether every stored entry still carries its hash and that of the one before."""
    return not faults_of_chain([entry.told() for entry in log_of(commission_id)], commission=commission_id)
