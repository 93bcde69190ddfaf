"""Who asks for an upload or an exhibit: somebody of the desk, or an investigator whose second factor was seen."""

from django.apps import apps
from django.http import Http404, HttpRequest

from config.kernel.models import User
from investigations.policies import VIEW_EXHIBIT


def person(request: HttpRequest) -> User:
    """Who is signed in; for anybody else there is nothing here (404)."""
    user = request.user
    if not isinstance(user, User) or not (user.has_perm(VIEW_EXHIBIT) or _is_verified(user)):
        raise Http404
    return user


def _is_verified(user: User) -> bool:
    """By the second factor, wherever that is installed."""
    return not apps.is_installed("django_otp") or bool(user.is_verified())  # type: ignore[attr-defined]  # its middleware's
