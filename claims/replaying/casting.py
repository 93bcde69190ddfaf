"""Who does what in a script: each event is done by somebody who may do it, and whom no earlier event involved."""

from collections import Counter

from django.contrib.auth.models import Group

from config.kernel.models import User


class Cast:
    """People of each role, `reviewer-1`, `reviewer-2` …: made when wanted first, found again in a later script."""

    def __init__(self) -> None:
        self._called: Counter[str] = Counter()
        self._groups: dict[str, int] = {}

    def next(self, role: str) -> User:
        """Somebody of the role who has not been on this stage yet."""
        self._called[role] += 1
        username = f"{role}-{self._called[role]}"
        return User.objects.filter(username=username).first() or self._hired(username, role)

    def _hired(self, username: str, role: str) -> User:
        user = User.objects.create(username=username, display_name=username, password="!", is_staff=True)
        if role not in self._groups:
            self._groups[role] = Group.objects.get(name=role).pk
        User.groups.through.objects.create(user=user, group_id=self._groups[role])
        return user
