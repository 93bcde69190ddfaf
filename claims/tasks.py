"""Celery tasks are shells over the sweeps, one a sweep, named for its work."""

from celery import shared_task

from config.kernel import sweeping
from config.kernel.clock import database_now


@shared_task(name="claims.extend_for_objections")
def extend_for_objections() -> None:
    sweeping.run("claims.extend_for_objections", at=database_now())


@shared_task(name="claims.close_publicity")
def close_publicity() -> None:
    sweeping.run("claims.close_publicity", at=database_now())


@shared_task(name="claims.close_rejected")
def close_rejected() -> None:
    sweeping.run("claims.close_rejected", at=database_now())


@shared_task(name="claims.send_reminders")
def send_reminders() -> None:
    sweeping.run("claims.send_reminders", at=database_now())


@shared_task(name="claims.note_missed_deadlines")
def note_missed_deadlines() -> None:
    sweeping.run("claims.note_missed_deadlines", at=database_now())


@shared_task(name="claims.print_letters")
def print_letters() -> None:
    sweeping.run("claims.print_letters", at=database_now())


@shared_task(name="claims.run_trials")
def run_trials() -> None:
    sweeping.run("claims.run_trials", at=database_now())


@shared_task(name="claims.climb_ladder")
def climb_ladder() -> None:
    sweeping.run("claims.climb_ladder", at=database_now())


@shared_task(name="claims.send_digests")
def send_digests() -> None:
    sweeping.run("claims.send_digests", at=database_now())


@shared_task(name="claims.draw_samples")
def draw_samples() -> None:
    sweeping.run("claims.draw_samples", at=database_now())


@shared_task(name="claims.print_reports")
def print_reports() -> None:
    sweeping.run("claims.print_reports", at=database_now())
