"""Celery tasks are shells over sweeps, and over one look into the store."""

from celery import shared_task

from config.kernel import sweeping
from config.kernel.clock import database_now
from investigations.services import evidence
from investigations.sweeps import (
    CloseCommissions,
    DropUploads,
    EscalateOverdue,
    ExamineExhibits,
    OpenCommissions,
    RemindAgencies,
)


@shared_task(name=OpenCommissions.name)
def open_commissions() -> int:
    return sweeping.run(OpenCommissions.name, at=database_now())


@shared_task(name=CloseCommissions.name)
def close_commissions() -> int:
    return sweeping.run(CloseCommissions.name, at=database_now())


@shared_task(name=ExamineExhibits.name)
def examine_exhibits() -> int:
    return sweeping.run(ExamineExhibits.name, at=database_now())


@shared_task(name=DropUploads.name)
def drop_uploads() -> int:
    return sweeping.run(DropUploads.name, at=database_now())


@shared_task(name=RemindAgencies.name)
def remind_agencies() -> int:
    return sweeping.run(RemindAgencies.name, at=database_now())


@shared_task(name=EscalateOverdue.name)
def escalate_overdue() -> int:
    return sweeping.run(EscalateOverdue.name, at=database_now())


@shared_task(name="investigations.drop_strays")
def drop_strays() -> int:
    return evidence.drop_strays(at=database_now())
