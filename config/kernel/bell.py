"""The doorbell: wakes the sweeps after a commit. Nobody hearing it costs seconds, nothing else."""

import logging
import time

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

REST = 30.0
"""Seconds without ringing after an unheard bell, so that requests do not wait for a broker that is down."""

_resting_until = 0.0


def ring_bell() -> None:
    """Wake the sweeps once this transaction has committed; called by whoever left work as a row."""
    connection = transaction.get_connection()
    if any(function is _send for _, function, _ in connection.run_on_commit):
        return
    transaction.on_commit(_send, robust=True)


def _send() -> None:
    global _resting_until
    if time.monotonic() < _resting_until:
        return
    try:
        current_app.send_task("kernel.ring", retry=False, ignore_result=True)
    except OperationalError:
        _resting_until = time.monotonic() + REST
        log.warning("The bell was not heard: the broker does not answer. The beat will do the work.")
