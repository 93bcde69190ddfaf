"""Questions asked of the payouts, as sentences."""

from typing import TYPE_CHECKING, Self

from django.db import models

from payouts.enums import BEFORE_THE_BANK, VOID

if TYPE_CHECKING:
    from payouts.models import Payout  # noqa: F401


class PayoutQuerySet(models.QuerySet["Payout"]):
    def live(self) -> Self:
        """All that are, or were, paid: at most one a case."""
        return self.exclude(state__in=VOID)

    def before_the_bank(self) -> Self:
        return self.filter(state__in=BEFORE_THE_BANK)
