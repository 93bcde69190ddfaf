"""What members' rows wait for, done when the bell rings."""

from datetime import datetime

from config.kernel import outbox
from config.kernel.sweeping import in_turn, register
from members.services import (
    exports,
    messages,  # noqa: F401  (its handler delivers)
)


@register
class DeliverMessages:
    """E-mail is no step of any case: a sweep of one case sends none, and so no replay ever writes to anybody."""

    name = "members.deliver_messages"

    def next_due(self, *, only: int | None) -> datetime | None:
        return outbox.next_due() if only is None else None

    def run(self, *, at: datetime, only: int | None = None) -> int:
        return outbox.deliver(at=at) if only is None else 0


@register
class TellOfExports:
    """Exports that are ready, failed, or wait for a second person: each is told once."""

    name = "members.tell_of_exports"

    def next_due(self, *, only: int | None) -> datetime | None:
        rows = exports.untold().order_by("asked_at").values_list("asked_at", flat=True)
        return rows.first() if only is None else None

    def run(self, *, at: datetime, only: int | None = None) -> int:
        if only is not None:
            return 0
        return in_turn(lambda pk: exports.tell(pk, at=at), list(exports.untold().values_list("pk", flat=True)))
