"""What waits for third parties, done whenever somebody rings. Candidates are found without locks."""

from datetime import datetime

from django.db.models import Min, QuerySet

from claims.models import Procedure
from config.kernel import sweeping
from investigations.models import Commission
from investigations.services import opening


@sweeping.register
class OpenCommissions:
    """Objections and appeals leave procedures behind; each is sent out to an agency, with its own deadline."""

    name = "investigations.open_commissions"

    def due(self, *, only: int | None) -> "QuerySet[Procedure]":
        return opening.waiting(only)

    def next_due(self, *, only: int | None) -> datetime | None:
        if not opening.left_open(only).exists():  # asked often, and mostly so
            return None
        return self.due(only=only).aggregate(earliest=Min("opened_at"))["earliest"]

    def run(self, *, at: datetime, only: int | None = None) -> int:
        ids = self.due(only=only).filter(opened_at__lte=at).order_by("opened_at", "pk").values_list("pk", flat=True)
        return sweeping.each_in_turn(lambda pk: opening.open_commission(pk, at=at), list(ids))


@sweeping.register
class CloseCommissions:
    """A case may go on without the answer it asked for: the agency need not work on."""

    name = "investigations.close_commissions"

    def due(self, *, only: int | None) -> "QuerySet[Commission]":
        commissions = Commission.objects.left_over()
        return commissions if only is None else commissions.filter(claim=only)

    def next_due(self, *, only: int | None) -> datetime | None:
        return self.due(only=only).aggregate(earliest=Min("procedure__closed_at"))["earliest"]

    def run(self, *, at: datetime, only: int | None = None) -> int:
        left = self.due(only=only).filter(procedure__closed_at__lte=at)
        ids = left.order_by("claim_id").values_list("claim_id", flat=True).distinct()
        return sweeping.each_in_turn(lambda pk: opening.close_commissions(pk, at=at), list(ids))
