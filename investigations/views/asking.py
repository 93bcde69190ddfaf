"""Who asks for an upload or an exhibit: somebody of the desk, or an investigator whose second factor was seen."""

from django.http import Http404, HttpRequest

from config.kernel.models import User
from investigations.policies import VIEW_EXHIBIT


def reader(request: HttpRequest) -> User:
    """Who is signed in and may read what is kept; for anybody else there is nothing here (404)."""
    user = request.user
    if isinstance(user, User) and user.has_perm(VIEW_EXHIBIT):
        return user
    return sender(request)


def sender(request: HttpRequest) -> User:
    """Whose second factor vouches for this session, whatever the desk allows; for anybody else nothing (404)."""
    user = request.user
    if not isinstance(user, User) or not user.is_verified():  # type: ignore[attr-defined]  # its middleware's
        raise Http404
    return user
