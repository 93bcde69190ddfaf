"""What is the same everywhere. The environment decides the rest: development.py, test.py, production.py."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import environ
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from config.embedded.addresses import LOCAL, ROOT

env = environ.Env()

# Applications

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "import_export",
    "django_fsm",
    "pgtrigger",
    "axes",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "config.kernel",
    "members",
    "claims",
    "investigations",
    "payouts",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.kernel.language.ChineseFirst",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

UNFOLD = {
    "SITE_TITLE": _("Mutual aid desk"),
    "SITE_HEADER": _("Mutual aid desk"),
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("desk/icon.svg")}],
    "STYLES": [lambda request: static("desk/desk.css")],
    "DASHBOARD_CALLBACK": "claims.admin.dashboard.dashboard",
}
AXES_ENABLE_ADMIN = False  # plain pages amid the desk's, for a table that nobody has to read

# Language and time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Files

STATIC_URL = "static/"
MEDIA_ROOT = LOCAL / "media"
FIELD_SCANNER = env.str("FIELD_SCANNER", default="off")  # `host:port` of clamd, see the README

UPLOAD_SECONDS = 20  # of one request: what came until then is kept, and the sender goes on from there with the next

# Accounts: who signs in, and how long a screen left alone stays open

AUTH_USER_MODEL = "kernel.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "desk/locked.html"

OTP_TOTP_ISSUER = "互助调查"  # what an authenticator app calls us

SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True  # the half hour counts from the last request
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.kernel.error_pages.too_old"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],  # the admin's skin evaluates its attributes (Alpine)
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "frame-ancestors": ["'none'"],
        "form-action": [SELF],
        "base-uri": [SELF],
        "object-src": ["'none'"],
        "worker-src": [SELF],
    }
}


# PostgreSQL


def database(url: str) -> dict[str, Any]:
    """Django's settings of a database URL; a socket folder (`?host=`) becomes HOST, so that OPTIONS are ours."""
    settings: dict[str, Any] = dict(env.db_url_config(url))
    options = settings.pop("OPTIONS", {})
    settings["HOST"] = options.pop("host", settings["HOST"])
    limits = {"lock_timeout": "3s", "idle_in_transaction_session_timeout": "60s"}
    options["options"] = " ".join(
        [options.get("options", ""), *(f"-c {name}={value}" for name, value in limits.items())]
    ).strip()
    options["prepare_threshold"] = 0  # for config/kernel/rows.py alone: Django's own cursors never prepare
    return settings | {"OPTIONS": options, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


# Celery: a doorbell. Losing every message costs seconds, for the work to be done is a row in PostgreSQL.


def broker(url: str) -> str:
    """Celery's word for a Redis URL: it names sockets in a way of its own."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    return f"redis+socket://{parts.path}?virtual_host={parse_qs(parts.query).get('db', ['0'])[0]}"


CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # every task may run twice
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # an outage may be long: never give up
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 12 * 60 * 60,
    "socket_connect_timeout": 0.5,
    "socket_timeout": 10,
    "socket_keepalive": True,
    "max_retries": 0,  # of whoever rings: nobody's page waits for a broker that is down
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(LOCAL / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # A bell that nobody heard, an outage, a restart: within half a minute all sweeps look again.
    "ring": {"task": "kernel.ring", "schedule": timedelta(seconds=30), "options": {"expires": 30}},
    # Reads the folders of the whole store, and is in no hurry.
    "drop-strays": {"task": "investigations.drop_strays", "schedule": timedelta(hours=6)},
}

# Logs: no personal data. Requests are logged by path, whose names are numbers; nothing logs bodies, queries or SQL, and
# of an exception the type and the frames are printed, not what it says.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "config.kernel.logs.WithoutTexts",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.db.backends": {"level": "WARNING"},
        "fontTools": {"level": "ERROR"},  # it lists the characters of a letter, and fpdf those that the font lacks
        "fpdf": {"level": "ERROR"},
        "axes": {"level": "ERROR"},  # its warnings name the account and the address; both are in its tables
    },
}
