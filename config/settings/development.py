"""A developer's machine and the demo: embedded servers, keys that everybody knows. Never with real people's data."""

from config import embedded
from config.embedded.addresses import LOCAL
from config.settings.base import *
from config.settings.base import broker, database, env

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = "development-only"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

DATABASES = {"default": database(env.str("DATABASE_URL", default="") or embedded.database_url())}
REDIS_URL = env.str("REDIS_URL", default="") or embedded.redis_url()
CELERY_BROKER_URL = broker(REDIS_URL)

FIELD_KEYS = "development:ZGV2ZWxvcG1lbnQtb25seS1rZXktb2YtMzItYnl0ZXM="
BLIND_INDEX_KEY = "ZGV2ZWxvcG1lbnQtb25seS1ibGluZC1pbmRleC1rZXk="

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = LOCAL / "mail"
WHITENOISE_USE_FINDERS = True
