"""The Celery application. A server without DJANGO_SETTINGS_MODULE is in production, and refuses without its secrets."""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import after_setup_task_logger
from kombu.transport import TRANSPORT_ALIASES

from config.kernel.logs import WithoutTexts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
TRANSPORT_ALIASES |= dict.fromkeys(("redis", "rediss"), "config.kernel.broker:Transport")

app = Celery("mutual_aid_desk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@after_setup_task_logger.connect
def print_no_texts(**_: Any) -> None:
    """The last that Celery sets up; what goes to the root's handler, as nearly all does, has our formatter already."""
    for name in ("celery.task", "multiprocessing"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(WithoutTexts("{asctime} {levelname} {name}: {message}", style="{"))
