"""Who works on a case: taken, handed over, given by a supervisor, laid aside until a day.

An assignment counts only in the step it was made in (`querysets.standing`), so that nothing here is undone when a case
moves on, and whoever had a step gets it back with the case.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Max
from django.utils.translation import gettext as _

from claims import policies
from claims.gate import moving
from claims.models import Assignment, Claim
from claims.querysets import ClaimQuerySet, standing
from claims.refusals import AlreadyTaken, CannotWork, NothingWaits, NotYours
from claims.services.reasons import required
from config.kernel.civil import civil_date
from config.kernel.models import Absence, User
from config.kernel.permissions import check_permission, holders
from config.kernel.refusals import InvalidInput, NotPermitted, OverAuthority, Refusal, SamePerson

LONGEST_REST = timedelta(days=60)
NEVER = datetime.min.replace(tzinfo=UTC)


def take(claim_id: int, *, by: User, at: datetime, version: int | None = None) -> Assignment:
    """Somebody takes a case that nobody has: `AlreadyTaken`, and whatever bars him from the step."""
    with moving(claim_id, "take", by=by, at=at, version=version) as claim:
        policies.check_may_work(claim, by=by, at=at)
        if (held := holding(claim)) is not None:
            raise AlreadyTaken(who=str(held.user))
        return _give(claim, by, note="", by=by, at=at)


def take_next(*, by: User, at: datetime) -> Claim:
    """Take the most urgent case that nobody has; two who ask at once get different ones. `NothingWaits`."""
    check_permission("claims.take_claim", by)
    tried: list[int] = []
    while True:
        with transaction.atomic():
            free = offered(by, at=at).exclude(pk__in=tried).select_for_update(of=("self",), skip_locked=True)
            if (claim := free.first()) is None:
                raise NothingWaits
            tried.append(claim.pk)
            with suppress(Refusal):  # somebody was first, or the case has moved on since it was found
                take(claim.pk, by=by, at=at)
                return claim


def hand_over(claim_id: int, *, to: User, note: str, by: User, at: datetime, version: int | None = None) -> Assignment:
    """Whoever works on the case gives it to a colleague, and says what he has to know."""
    with moving(claim_id, "hand_over", by=by, at=at, version=version) as claim:
        work_of(claim, by)
        check_can_work(claim, to, at=at)
        return _give(claim, to, note=required(note), by=by, at=at)


def assign(
    claim_id: int, *, to: User, note: str = "", by: User, at: datetime, version: int | None = None
) -> Assignment:
    """A supervisor gives the case to somebody, whoever had it: `CannotWork`."""
    with moving(claim_id, "assign", by=by, at=at, version=version) as claim:
        check_permission("claims.assign_claim", by)
        check_can_work(claim, to, at=at)
        return _give(claim, to, note=note, by=by, at=at)


def give_back(claim_id: int, *, note: str = "", by: User, at: datetime, version: int | None = None) -> Claim:
    """The case is anybody's again."""
    with moving(claim_id, "give_back", by=by, at=at, version=version) as claim:
        work_of(claim, by)
        claim.because(reason=note)
        release(claim, claim.state)
    return claim


def hold(claim_id: int, *, until: date, because: str, by: User, at: datetime, version: int | None = None) -> Assignment:
    """Lay the case aside: on the day `until`, at most sixty days from now, it is on the desk again by itself."""
    with moving(claim_id, "hold", by=by, at=at, version=version) as claim:
        held = work_of(claim, by)
        if not civil_date(at) < until <= civil_date(at) + LONGEST_REST:
            raise InvalidInput(field=_("Until"), why=_("choose a day after today, within sixty days."))
        held.held_until, held.held_because = until, required(because)
        held.save(update_fields=["held_until", "held_because"])
        claim.because(reason=because, until=until.isoformat())
    return held


def wake(claim_id: int, *, by: User, at: datetime, version: int | None = None) -> Assignment:
    """Put a case that rests on the desk again before its day."""
    with moving(claim_id, "wake", by=by, at=at, version=version) as claim:
        held = work_of(claim, by)
        held.held_until, held.held_because = None, ""
        held.save(update_fields=["held_until", "held_because"])
    return held


def holders_of(claims: Iterable[int]) -> dict[int, User]:
    """Who was given the present step of these cases and has an account, with team and lead, by case: one query."""
    given = Assignment.objects.filter(claim__in=claims, step=F("claim__state"), user__is_active=True)
    return {one.claim_id: one.user for one in given.select_related("user__team__lead")}


def release(claim: Claim, step: str) -> None:
    """Nobody has this step of an open case any more."""
    claim.assignments.filter(step=step).delete()


def holding(claim: Claim) -> Assignment | None:
    """Who works on the case in its present step, if anybody may."""
    return standing().filter(claim=claim).select_related("user", "given_by").first()


def with_holders(claims: ClaimQuerySet) -> list[tuple[Claim, Assignment | None]]:
    """Each case with whom its present step was given to, in their order, and with what `check_can_work` reads."""
    listed = list(claims.select_related("covenant", "assessment", "membership__member"))
    given = Assignment.objects.filter(claim__in=listed, step=F("claim__state")).select_related("user")
    held = {one.claim_id: one for one in given}
    return [(claim, held.get(claim.pk)) for claim in listed]


def work_of(claim: Claim, by: User) -> Assignment:
    """The assignment of `by`; `NotYours` where somebody else works on the case, or nobody."""
    held = holding(claim)
    check_holder(held, by=by)
    assert held is not None
    return held


def check_holder(held: Assignment | None, *, by: User) -> None:
    check_permission("claims.take_claim", by)
    if held is None or held.user_id != by.pk:
        raise NotYours(who=str(held.user) if held else _("a supervisor"))


def check_can_work(claim: Claim, person: User, *, at: datetime) -> None:
    """`CannotWork`, saying why, when this person is away, has left, or may not work on the case in its step."""
    if not person.is_active:
        raise CannotWork(who=str(person), why=_("the account is closed."))
    if is_away(person, civil_date(at)):
        raise CannotWork(who=str(person), why=_("away on this day."))
    if (why := bar(claim, person, at=at)) is not None:
        raise CannotWork(who=str(person), why=why)


def bar(claim: Claim, person: User, *, at: datetime) -> str | None:
    """What bars this person from the case in its step, said of him."""
    try:
        policies.check_may_work(claim, by=person, at=at)
    except SamePerson as no:
        return _("did “%(did)s” before.") % {"did": no.data["did"]}
    except OverAuthority as no:
        return _("the amount of %(amount)s is above the limit of %(limit)s.") % no.data
    except NotPermitted:
        return _("does not have the right.")
    except Refusal as no:
        return str(no)
    return None


def is_away(person: User, day: date) -> bool:
    return Absence.objects.on(day).filter(user=person).exists()


@dataclass(slots=True)
class Colleague:
    """Somebody who may be given cases: how many want work of him, and when he got the last one."""

    user: User
    load: int = 0
    last: datetime = field(default=NEVER)

    @property
    def turn(self) -> tuple[int, datetime, int]:
        """Whoever comes first is given the next case: the least to do, then the longest without a new one."""
        return self.load, self.last, self.user.pk


def crew(*, at: datetime) -> list[Colleague]:
    """Everybody who may work on cases and is not away today."""
    away = Absence.objects.on(civil_date(at)).values("user")
    given = dict(Assignment.objects.order_by().values_list("user").annotate(Max("since")))
    people = holders("claims.take_claim").exclude(pk__in=away).order_by("pk")
    loads = load_of_all()
    return [Colleague(user, loads.get(user.pk, 0), given.get(user.pk, NEVER)) for user in people]


def load_of_all() -> dict[int, int]:
    """How many cases want work of each person."""
    waiting = standing().filter(claim__in=Claim.objects.wanting_work())
    return dict(waiting.values_list("user").annotate(Count("pk")))


def fairest(claim: Claim, among: list[Colleague], *, at: datetime) -> Colleague | None:
    """Whose turn this case is, of those whom nothing bars from it; None where nobody is left."""
    fit = [one for one in among if bar(claim, one.user, at=at) is None]
    return min(fit, key=lambda one: one.turn, default=None)


def in_turn(claims: Sequence[Claim], among: list[Colleague], *, at: datetime) -> list[Colleague | None]:
    """Whose turn each of the cases is, those given first counting for those that follow: a few queries a person."""
    asked = Claim.objects.filter(pk__in=[claim.pk for claim in claims])
    may = {one.user.pk: set(asked.open_to(one.user).values_list("pk", flat=True)) for one in among}
    turns = []
    for claim in claims:
        fit = [one for one in among if claim.pk in may[one.user.pk]]
        turn = min(fit, key=lambda one: one.turn, default=None)
        if turn is not None:
            turn.load, turn.last = turn.load + 1, at
        turns.append(turn)
    return turns


def offered(user: User, *, at: datetime) -> ClaimQuerySet:
    """The cases that nobody has and this person may take, the most urgent first."""
    rows: ClaimQuerySet = Claim.objects.unassigned().open_to(user).awake(at=at).by_due()
    return rows


def _give(claim: Claim, to: User, *, note: str, by: User, at: datetime) -> Assignment:
    claim.because(reason=note, to=to.pk)
    given = {"user": to, "since": at, "given_by": by, "note": note, "held_until": None, "held_because": ""}
    held, _created = Assignment.objects.update_or_create(claim=claim, step=claim.state, defaults=given)
    return held
