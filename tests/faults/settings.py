"""Settings of the processes under fire: as in every test, but the beat comes each second, so that no test waits long.

A worker that a test stops in the middle of its work waits to be killed and does not give up.
"""

from datetime import timedelta

from config.settings.base import env
from config.settings.test import *  # noqa: F403 (one file of settings goes on from another)

CELERY_BEAT_SCHEDULE = {
    "ring": {"task": "kernel.ring", "schedule": timedelta(seconds=1), "options": {"expires": 30}},
}
CELERY_BEAT_SCHEDULE_FILENAME = env.str("BEAT_FILE", default="")
MEDIA_ROOT = env.path("MEDIA_FOLDER", default=MEDIA_ROOT)()  # noqa: F405 (of the line above)
DATABASES["default"]["OPTIONS"]["options"] += " -c lock_timeout=60s"  # noqa: F405 (of the line above)
UPLOAD_SECONDS = 3
