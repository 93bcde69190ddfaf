"""The Celery application. A server without DJANGO_SETTINGS_MODULE is in production, and refuses without its secrets."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
TRANSPORT_ALIASES |= dict.fromkeys(("redis", "rediss"), "config.kernel.broker:Transport")

app = Celery("mutual_aid_desk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
