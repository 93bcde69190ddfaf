"""Celery tasks are shells: a message says "look", the rows say what to do."""

from celery import current_app, shared_task

from config.kernel import sweeping


@shared_task(name="kernel.ring")
def ring() -> None:
    """Ring every sweep, each as a task of its own, so that a slow one holds up no other."""
    for name in sweeping.names():
        current_app.send_task(name)
