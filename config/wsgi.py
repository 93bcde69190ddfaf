"""The web application. A server without DJANGO_SETTINGS_MODULE is in production, and refuses without its secrets."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = get_wsgi_application()
