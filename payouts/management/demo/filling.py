"""Playing the demo's cases through the services, each in a transaction that is committed."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from claims.enums import State
from claims.models import Claim
from claims.replaying.play import Play
from claims.replaying.script import parse
from config.kernel.civil import civil_date
from payouts.management.demo.people import Team, membership_of, objector_to
from payouts.management.demo.stories import Told


class WentOtherwise(Exception):
    """A story that did not end where it should; nothing of it is kept."""


def play(told: Told, *, now: datetime) -> bool:
    """Play one case up to now, unless its member has a case already; whether it was played. Raises WentOtherwise."""
    membership = membership_of(told.number)
    if Claim.objects.filter(membership=membership).exists():
        return False
    script = parse(
        {
            "plan": membership.plan.code,
            "member": {"name": membership.member.name, "birth_date": membership.member.birth_date.isoformat()},
            "membership": {"joined_at": membership.joined_at.isoformat(), "tier_yuan": membership.tier_fen // 100},
            "events": told.diary(civil_date(now)).events,
            "until": now.isoformat(),
        },
        name=told.story.__name__,
    )
    with transaction.atomic():
        played = Play(script, cast=Team(told.number), membership=membership, other=objector_to(told.number))
        for event in played.run():
            _event, refusal, _state = played.outcomes[-1]
            if refusal is not None:
                raise WentOtherwise(f"{script.name}: {event.do} on {event.at:%Y-%m-%d} was refused: {refusal.code}")
        if played.state != told.ends:
            raise WentOtherwise(f"{script.name}: ended in {played.state}, not {told.ends}")
    return True


def cases_by_state() -> Iterator[tuple[str, int]]:
    """How many cases stand in each step, in the order of the steps."""
    counted = Counter(Claim.objects.values_list("state", flat=True))
    return ((state.value, counted[state.value]) for state in State if counted[state.value])
