"""The Celery application. A server without DJANGO_SETTINGS_MODULE is in production, and refuses without its secrets."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("mutual_aid_desk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
