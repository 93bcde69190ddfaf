"""What waits for third parties, done whenever somebody rings. Candidates are found without locks."""

from datetime import datetime

from django.db.models import Min, QuerySet

from claims.models import Deadline, Procedure, Reminder
from config.kernel import sweeping
from investigations.enums import ExhibitState
from investigations.models import Commission, Exhibit
from investigations.services import evidence, examining, opening, reminding

BATCH, SECONDS = 20, 30
"""Files that are opened in one run, and how long another is begun: the other sweeps wait for it."""


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


@sweeping.register
class RemindAgencies:
    """Steps of an agency's deadline, each told once to the people in whose hands the commission is."""

    name = "investigations.remind_agencies"

    def due(self, *, only: int | None) -> "QuerySet[Reminder]":
        return reminding.steps(only)

    def next_due(self, *, only: int | None) -> datetime | None:
        if not reminding.awaited(only).exists():  # asked often, and mostly so
            return None
        return self.due(only=only).aggregate(earliest=Min("sent_at"))["earliest"]

    def run(self, *, at: datetime, only: int | None = None) -> int:
        ids = self.due(only=only).filter(sent_at__lte=at).order_by("sent_at", "pk").values_list("pk", flat=True)
        return sweeping.each_in_turn(lambda pk: reminding.tell_of_step(pk, at=at), list(ids))


@sweeping.register
class EscalateOverdue:
    """Ends that went by without a report: told to whose work it is and to the coordinators. Supervisors know."""

    name = "investigations.escalate_overdue"

    def due(self, *, only: int | None) -> "QuerySet[Deadline]":
        return reminding.missed(only)

    def next_due(self, *, only: int | None) -> datetime | None:
        if not reminding.awaited(only).exists():
            return None
        return self.due(only=only).aggregate(earliest=Min("closed_at"))["earliest"]

    def run(self, *, at: datetime, only: int | None = None) -> int:
        ids = self.due(only=only).filter(closed_at__lte=at).order_by("closed_at", "pk").values_list("pk", flat=True)
        return sweeping.each_in_turn(lambda pk: reminding.tell_of_end(pk, at=at), list(ids))


@sweeping.register
class ExamineExhibits:
    """What investigators uploaded is checked, and kept or refused; no transaction is open while that takes its time."""

    name = "investigations.examine_exhibits"

    def due(self, *, only: int | None) -> "QuerySet[Exhibit]":
        exhibits = Exhibit.objects.filter(check_at__isnull=False)
        return exhibits if only is None else exhibits.filter(commission__claim=only)

    def next_due(self, *, only: int | None) -> datetime | None:
        return self.due(only=only).aggregate(earliest=Min("check_at"))["earliest"]

    def run(self, *, at: datetime, only: int | None = None) -> int:
        ids = self.due(only=only).filter(check_at__lte=at).order_by("check_at", "pk").values_list("pk", flat=True)
        return sweeping.in_turn(lambda pk: examining.examine(pk, at=at), list(ids[:BATCH]), seconds=SECONDS)


@sweeping.register
class DropUploads:
    """An upload that nobody goes on with is forgotten after a week; what had arrived of it was never in custody."""

    name = "investigations.drop_uploads"

    def due(self, *, only: int | None) -> "QuerySet[Exhibit]":
        exhibits = Exhibit.objects.filter(state=ExhibitState.RECEIVING, check_at__isnull=True)
        return exhibits if only is None else exhibits.filter(commission__claim=only)

    def next_due(self, *, only: int | None) -> datetime | None:
        touched = self.due(only=only).aggregate(earliest=Min("touched_at"))["earliest"]
        return touched and touched + evidence.FORGOTTEN_AFTER

    def run(self, *, at: datetime, only: int | None = None) -> int:
        old = self.due(only=only).filter(touched_at__lte=at - evidence.FORGOTTEN_AFTER)
        return sweeping.each_in_turn(evidence.forget, list(old.values_list("pk", flat=True)))
