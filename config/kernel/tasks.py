"""Celery tasks are shells: a message says "look", the rows say what to do."""

from celery import current_app, shared_task

from config.kernel import sweeping
from config.kernel.clock import database_now


@shared_task(name="kernel.ring")
def ring() -> None:
    """Ring every sweep, each as a task of its own, so that a slow one holds up no other."""
    for name in sweeping.names():
        current_app.send_task(name)


@shared_task(name="kernel.make_exports")
def make_exports() -> None:
    sweeping.run("kernel.make_exports", at=database_now())


@shared_task(name="kernel.expire_exports")
def expire_exports() -> None:
    sweeping.run("kernel.expire_exports", at=database_now())


@shared_task(name="kernel.ask_scheduled")
def ask_scheduled() -> None:
    sweeping.run("kernel.ask_scheduled", at=database_now())


@shared_task(name="kernel.read_imports")
def read_imports() -> None:
    sweeping.run("kernel.read_imports", at=database_now())


@shared_task(name="kernel.apply_imports")
def apply_imports() -> None:
    sweeping.run("kernel.apply_imports", at=database_now())


@shared_task(name="kernel.lapse_imports")
def lapse_imports() -> None:
    sweeping.run("kernel.lapse_imports", at=database_now())


@shared_task(name="kernel.drop_imports")
def drop_imports() -> None:
    sweeping.run("kernel.drop_imports", at=database_now())


@shared_task(name="kernel.drop_lines_of_imports")
def drop_lines_of_imports() -> None:
    sweeping.run("kernel.drop_lines_of_imports", at=database_now())
