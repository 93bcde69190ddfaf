"""What a third party finds out (SR-23, SR-25). Commissions are the upper app's; here is what they do to the case.

All of it takes a case that is open in the gate.
"""

from datetime import datetime

from claims.enums import DeadlineKind, ProcedureKind
from claims.models import Appeal, Claim, Deadline, Objection, Procedure
from claims.services import clocks
from config.kernel.models import User


def begin(claim: Claim, *, by: User, at: datetime) -> Procedure:
    """A field investigation begins; the refusals are those of the case's guards."""
    claim.commission(by=by, at=at)
    clocks.stop(claim, DeadlineKind.REVIEW, at=at)  # open again after a return that kept the passed review
    return open_procedure(claim, ProcedureKind.FIELD, at=at)


def conclude(claim: Claim, *, by: User, at: datetime) -> None:
    """The field report is accepted: the final review begins."""
    claim.conclude_investigation(by=by, at=at)
    for procedure in claim.procedures.filter(kind=ProcedureKind.FIELD, closed_at__isnull=True):
        close_procedure(procedure, at=at)
    clocks.start(claim, DeadlineKind.DECISION, at=at)


def open_procedure(
    claim: Claim, kind: ProcedureKind, *, at: datetime, objection: Objection | None = None, appeal: Appeal | None = None
) -> Procedure:
    """Leave a task for a third party, to be sent out by the investigations' own sweep."""
    return Procedure.objects.create(claim=claim, kind=kind, objection=objection, appeal=appeal, opened_at=at)


def start_clock(claim: Claim, procedure: Procedure, *, at: datetime) -> Deadline:
    """The task has gone out: from now on the agency's time runs."""
    procedure.sent_at = at
    procedure.save(update_fields=["sent_at"])
    return clocks.start(claim, DeadlineKind.INVESTIGATION, procedure=procedure, at=at)


def close_procedure(procedure: Procedure, *, at: datetime) -> None:
    procedure.closed_at = at
    procedure.save(update_fields=["closed_at"])


def close_procedures(claim: Claim, *, at: datetime) -> None:
    """Nobody is to look any further."""
    claim.procedures.filter(closed_at__isnull=True).update(closed_at=at)
