"""The tests: real servers; a Redis database of their own, so that no running worker takes their messages."""

import atexit
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from config import embedded
from config.settings.base import broker, env
from config.settings.development import *

DEBUG = False
REDIS_URL = env.str("REDIS_URL", default="") or embedded.redis_url(db=1)
CELERY_BROKER_URL = broker(REDIS_URL)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 takes 0.2 s for each account
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_USE_FINDERS = False  # looking for every static file takes 0.1 s for each client

MEDIA_ROOT = Path(mkdtemp(prefix="mutual-aid-media-"))
atexit.register(rmtree, MEDIA_ROOT, ignore_errors=True)
