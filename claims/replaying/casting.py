"""Who does what in a script: each event is done by somebody who may do it, and whom no earlier event involved."""

from collections import Counter

from django.contrib.auth.models import Group

from config.kernel.models import User


class Cast:
    """People of each role, `reviewer-1`, `reviewer-2` …: made when wanted first, found again in a later script."""

    def __init__(self) -> None:
        self._called: Counter[str] = Counter()

    def next(self, role: str) -> User:
        """Somebody of the role who has not been on this stage yet."""
        self._called[role] += 1
        username = f"{role}-{self._called[role]}"
        user, created = User.objects.get_or_create(
            username=username, defaults={"display_name": username, "password": "!", "is_staff": True}
        )
        if created:
            user.groups.add(Group.objects.get(name=role))
        return user
