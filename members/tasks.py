"""Celery tasks are shells over the sweeps."""

from celery import shared_task

from config.kernel import sweeping
from config.kernel.clock import database_now


@shared_task(name="members.deliver_messages")
def deliver_messages() -> int:
    return sweeping.run("members.deliver_messages", at=database_now())


@shared_task(name="members.tell_of_exports")
def tell_of_exports() -> int:
    return sweeping.run("members.tell_of_exports", at=database_now())
