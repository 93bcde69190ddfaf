"""What members' rows wait for, done when the bell rings."""

from datetime import datetime

from config.kernel import outbox
from config.kernel.sweeping import register
from members.services import messages  # noqa: F401  (its handler delivers)


@register
class DeliverMessages:
    """E-mail is no step of any case: a sweep of one case sends none, and so no replay ever writes to anybody."""

    name = "members.deliver_messages"

    def next_due(self, *, only: int | None) -> datetime | None:
        return outbox.next_due() if only is None else None

    def run(self, *, at: datetime, only: int | None = None) -> int:
        return outbox.deliver(at=at) if only is None else 0
