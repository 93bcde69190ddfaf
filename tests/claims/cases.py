"""A case in every step, each brought there by the services, and what can be asked of it there.

Only `reported` is written as a row: a report opens the collection in its own transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models, transaction

from claims import models as claims_models
from claims.enums import AppealFinding, Channel, ObjectionKind, State
from claims.gate import moving
from claims.models import Claim
from claims.services import appealing, approving, collecting, objecting, paying, reviewing
from config.kernel.models import Outbox, User
from config.kernel.refusals import Refusal
from config.kernel.roles import ROLES
from members.models import Member, Membership, Message
from tests.factories import APPROVED, REPORTED, REVIEWED, SUBMITTED, at, case_in, membership, staff

OBJECTED = at("2025-04-25 14:00")
APPEALED = at("2025-05-02 10:00")
TABLES: tuple[type[models.Model], ...] = (
    *(getattr(claims_models, name) for name in claims_models.__all__),
    Message,
    Outbox,
    Membership,
    Member,
)


def fresh(claim: Claim) -> Claim:
    """The case as it is in the database now."""
    return Claim.objects.get(pk=claim.pk)


def everybody() -> User:
    """Somebody new with every right there is: what stops him is not a missing permission."""
    return staff(*ROLES)


def superuser() -> User:
    return User.objects.create(username="root", password="!", is_superuser=True, is_staff=True)


def reported() -> Claim:
    member = membership()
    return Claim.objects.create(
        number=f"MA-{member.pk}",
        membership=member,
        covenant=member.covenant,
        state_since=REPORTED,
        disease="malignant_tumor",
        diagnosed_on=date(2025, 4, 1),
        reported_by=staff("intake"),
        reported_at=REPORTED,
    )


def collecting_() -> Claim:
    return case_in(State.COLLECTING)


def complete() -> Claim:
    """Back in the collection, though no paper is wanted."""
    claim = case_in(State.REVIEWING)
    return reviewing.return_to(
        claim.pk, to=State.COLLECTING, reason="look again", by=staff("reviewer"), at=SUBMITTED + timedelta(hours=1)
    )


def reviewing_() -> Claim:
    return case_in(State.REVIEWING)


def passed() -> Claim:
    """The first review is passed; it is not commissioned yet."""
    claim = case_in(State.REVIEWING)
    return reviewing.pass_review(claim.pk, by=staff("reviewer"), at=REVIEWED)


def publicised(of: Membership | None = None) -> Claim:
    return case_in(State.PUBLICISED, of=of)


def objected(kind: ObjectionKind = ObjectionKind.NON_DISCLOSURE, *, at: datetime = OBJECTED) -> Claim:
    """Before the members, with an open objection that the sweep has not seen yet."""
    claim = publicised()
    objecting.object_to(claim.pk, kind=kind, objector=membership(), by=staff("intake"), at=at)
    return fresh(claim)


def suspended() -> Claim:
    claim = objected(ObjectionKind.FORGERY)
    approving.extend_for_objections(claim.pk, by=User.objects.system(), at=OBJECTED)
    return fresh(claim)


def paying_() -> Claim:
    claim, finance = case_in(State.APPROVED), staff("finance")
    with moving(claim.pk, "start_payment", by=finance, at=APPROVED) as row:
        paying.start(row, by=finance, at=APPROVED)
    return fresh(claim)


def paid() -> Claim:
    claim, finance = paying_(), staff("finance")
    with moving(claim.pk, "confirm_payment", by=finance, at=APPROVED) as row:
        paying.confirm(row, by=finance, at=APPROVED)
    return fresh(claim)


def rejected() -> Claim:
    claim = case_in(State.REVIEWING)
    return reviewing.refuse_in_review(
        claim.pk,
        contrary="nothing found",
        ground="DEFINITION_NOT_MET",
        reason="benign after all",
        by=staff("reviewer"),
        at=REVIEWED,
    )


def appealing_() -> Claim:
    claim = rejected()
    appealing.appeal(claim.pk, channel=Channel.ONLINE, by=staff("intake"), at=APPEALED)
    return fresh(claim)


def overturned() -> Claim:
    """In the final review after an appeal, though nobody has passed a first one."""
    claim, judge = appealing_(), staff("reviewer")
    with moving(claim.pk, "decide_appeal", by=judge, at=APPEALED) as row:
        appealing.decide(row, AppealFinding.OVERTURNED, by=judge, at=APPEALED)
    return fresh(claim)


def withdrawn() -> Claim:
    return collecting.withdraw(case_in(State.COLLECTING).pk, by=staff("intake"), at=SUBMITTED)


def closed() -> Claim:
    claim = case_in(State.COLLECTING)
    return collecting.lapse(claim.pk, reason="no paper ever came", by=staff("supervisor"), at=APPROVED)


BUILDERS: dict[str, Callable[[], Claim]] = {
    State.REPORTED: reported,
    State.COLLECTING: collecting_,
    State.REVIEWING: reviewing_,
    State.INVESTIGATING: lambda: case_in(State.INVESTIGATING),
    State.DECIDING: lambda: case_in(State.DECIDING),
    State.PUBLICISED: publicised,
    State.SUSPENDED: suspended,
    State.APPROVED: lambda: case_in(State.APPROVED),
    State.PAYING: paying_,
    State.PAID: paid,
    State.REJECTED: rejected,
    State.APPEALING: appealing_,
    State.WITHDRAWN: withdrawn,
    State.CLOSED: closed,
    "complete": complete,
    "passed": passed,
    "objected": objected,
}


def assessed(claim: Claim, **said: Any) -> Claim:
    """The case as if the rules had said this of it in the end; what they said before is kept."""
    again = claims_models.Assessment.objects.get(pk=claim.assessment_id)
    again.pk = None
    for name, value in said.items():
        setattr(again, name, value)
    again.save(force_insert=True)
    Claim.objects.filter(pk=claim.pk).update(assessment=again)
    return fresh(claim)


class World(dict[str, Claim]):
    """One case for each step, by its name, and a few between two steps; another member who may object."""

    def __init__(self) -> None:
        super().__init__({str(name): build() for name, build in BUILDERS.items()})
        self.other = membership()
        self.everybody = everybody()
        self.roles = {role: staff(role) for role in ROLES if role != "system"} | {"system": User.objects.system()}
        self.superuser = superuser()
        self.judge = staff("reviewer")


ARGUMENTS: dict[str, dict[str, Any]] = {
    "pass_review": {"investigate": True},
    "return_to": {"to": State.COLLECTING, "redo": True},
    "reject": {"ground": "DEFINITION_NOT_MET"},
    "publish": {"amount_fen": 3_000_000},
}


def move(claim: Claim, verb: str, *, by: User, at: datetime, **arguments: Any) -> Claim:
    """A bare move through the gate, without what its service does around it."""
    with moving(claim.pk, verb, by=by, at=at) as row:
        getattr(row, verb)(**(ARGUMENTS.get(verb, {}) | arguments), by=by, at=at)
    return fresh(claim)


def later(claim: Claim, verb: str = "") -> datetime:
    """An hour after the case came into its step; for `approve` and `close`, when their time has run out."""
    return claim.state_since + timedelta(days={"approve": 8, "close": 40}.get(verb, 0), hours=1)


def rows() -> dict[str, Any]:
    """How many rows there are of everything that a move could write, and every case as it stands."""
    counted: dict[str, Any] = {table.__name__: table._base_manager.count() for table in TABLES}
    return counted | {"cases": list(Claim.objects.order_by("pk").values())}


@contextmanager
def undone() -> Iterator[None]:
    """What happens in here is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome_of(attempt: Callable[[], Any]) -> str:
    """The code of the refusal, or "done"; in either case nothing of it stays."""
    with undone():
        try:
            attempt()
        except Refusal as no:
            return no.code
    return "done"
