"""Questions asked of the members' tables, as sentences."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from members.models import Covenant, Hospital, Membership  # noqa: F401  (named in strings alone)


@models.CharField.register_lookup
class HoldsBigrams(models.Lookup):
    """`filter(name__bigrams="小漫")`: every pair of neighbouring characters of the text is one of the name's.

    Answered by the index on `bigrams(name)`: pairs serve Chinese names, where indexes of three characters find nothing.
    A text of one character has no pair and would fit every name: whoever asks must not ask it.
    """

    lookup_name = "bigrams"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        name, name_params = self.process_lhs(compiler, connection)
        text, text_params = self.process_rhs(compiler, connection)
        return f"bigrams({name}) @> bigrams({text})", (*name_params, *text_params)


class CovenantQuerySet(models.QuerySet["Covenant"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def in_force_on(self, day: date) -> Self:
        """Published versions that had begun by `day`, the newest first; none that only tries out."""
        begun = self.published().filter(derived_from__isnull=True, in_force_from__lte=day)
        return begun.order_by("-in_force_from", "-id")


class HospitalQuerySet(models.QuerySet["Hospital"]):
    def valid_on(self, day: date) -> Self:
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def running_on(self, day: date) -> Self:
        """Members on `day`, those in their waiting period included (AMB-28)."""
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=day), joined_on__lte=day)
