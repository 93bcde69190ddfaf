"""Questions asked of the payouts, as sentences."""

from typing import TYPE_CHECKING, Self

from django.db import models

from payouts.enums import VOID

if TYPE_CHECKING:
    from payouts.models import Payout  # noqa: F401  (named in strings alone)


class PayoutQuerySet(models.QuerySet["Payout"]):
    def live(self) -> Self:
        """All that are, or were, paid: at most one a case."""
        return self.exclude(state__in=VOID)
