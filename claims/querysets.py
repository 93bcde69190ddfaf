"""Questions asked of the cases, as sentences."""

from typing import TYPE_CHECKING, Self

from django.db import models

from claims.enums import State

if TYPE_CHECKING:
    from claims.models import Claim  # noqa: F401


class ClaimQuerySet(models.QuerySet["Claim"]):
    def live(self) -> Self:
        """Cases somebody still works on; a refused one waits for its applicant only."""
        return self.exclude(state__in=(State.PAID, State.REJECTED, State.APPEALING, State.WITHDRAWN, State.CLOSED))
