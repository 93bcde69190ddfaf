"""Hundreds of cases with something due, written set by set: copies of a case that was really played to its step."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from claims.enums import DeadlineKind, DeadlineStatus, State
from claims.models import Claim, ClaimEvent, Deadline, Letter, Publicity, Reminder
from config.kernel.clock import database_now
from members.enums import Recipient
from members.models import Message
from tests.factories import case_in

WAY_TO = {
    State.COLLECTING: (State.COLLECTING,),
    State.PUBLICISED: (State.COLLECTING, State.REVIEWING, State.DECIDING, State.PUBLICISED),
}
"""Steps that the database lets a copy walk, beginning as reported."""


@dataclass(frozen=True)
class Due:
    """What is due, by case number: a reminder, a missed deadline, a publicity that is over."""

    reminded: list[str]
    late: list[str]
    publicised: list[str]

    def is_done(self) -> bool:
        now = database_now()
        return not (
            Reminder.objects.filter(sent_at__isnull=True, cancelled_at__isnull=True, due_at__lte=now).exists()
            or Deadline.objects.filter(status=DeadlineStatus.OPEN, due_at__lte=now).exists()
        )

    def approved(self) -> int:
        return Claim.objects.filter(number__in=self.publicised, state=State.APPROVED).count()

    def effects(self) -> dict[str, Counter[int]]:
        """For each kind of effect, how many cases had it how often."""
        said = Counter(Message.objects.values_list("about", "template"))
        approvals = Counter(ClaimEvent.objects.filter(verb="approve").values_list("claim__number", flat=True))
        letters = Counter(Letter.objects.filter(kind="approval").values_list("claim__number", flat=True))
        clocks = Counter(Deadline.objects.filter(kind=DeadlineKind.PAYMENT).values_list("claim__number", flat=True))
        return {
            "reminder": Counter(said[number, "reminder"] for number in self.reminded),
            "deadline_missed": Counter(said[number, "deadline_missed"] for number in self.late),
            "approve": Counter(approvals[number] for number in self.publicised),
            "letter": Counter(letters[number] for number in self.publicised),
            "payment_due": Counter(said[number, "payment_due"] for number in self.publicised),
            "payment": Counter(clocks[number] for number in self.publicised),
        }

    def once(self) -> dict[str, Counter[int]]:
        """What `effects` must be: every effect once."""
        cases = {"reminder": self.reminded, "deadline_missed": self.late}
        return {kind: Counter({1: len(cases.get(kind, self.publicised))}) for kind in self.effects()}


def due(*, reminders: int, missed: int, publicities: int) -> Due:
    """Cases of which each has one thing due now."""
    now = database_now()
    collecting, publicised = case_in(State.COLLECTING), case_in(State.PUBLICISED)
    reminded, late = copies_of(collecting, reminders), copies_of(collecting, missed)
    in_time = _deadlines(reminded, DeadlineKind.SUPPLEMENT, now + timedelta(days=3))
    Reminder.objects.bulk_create(
        Reminder(deadline=deadline, days_before=3, due_at=now - timedelta(hours=1), to=Recipient.MEMBER)
        for deadline in in_time
    )
    _deadlines(late, DeadlineKind.SUPPLEMENT, now - timedelta(hours=1))
    return Due(numbers(reminded), numbers(late), numbers(over(publicised, publicities)))


def over(publicised: Claim, number: int) -> list[int]:
    """Copies of a case in publicity, which ended when that of the case did."""
    ids = copies_of(publicised, number)
    shown = publicised.publicities.get()
    assert shown.ends_at is not None
    Publicity.objects.bulk_create(
        Publicity(claim_id=pk, starts_on=shown.starts_on, days=shown.days, card=shown.card) for pk in ids
    )
    _deadlines(ids, DeadlineKind.PUBLICITY, shown.ends_at)
    return ids


def copies_of(case: Claim, number: int) -> list[int]:
    """The ids of `number` cases like this one; their events begin with what happens to them from now on."""
    own = ("id", "number", "disease", "state")
    same = ", ".join(f'"{field.column}"' for field in Claim._meta.concrete_fields if field.name not in own)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO claims_claim (number, disease, state, {same}) "
            "SELECT 'C' || nextval('claims_claim_number'), 'copy-' || currval('claims_claim_number'), 'reported', "
            f"{same} FROM claims_claim, generate_series(1, %s) WHERE id = %s RETURNING id",
            [number, case.pk],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
        for step in WAY_TO[State(case.state)]:
            cursor.execute("UPDATE claims_claim SET state = %s WHERE id = ANY(%s)", [step, ids])
    return ids


def numbers(ids: list[int]) -> list[str]:
    return list(Claim.objects.filter(pk__in=ids).values_list("number", flat=True))


def _deadlines(ids: list[int], kind: DeadlineKind, due_at: datetime) -> list[Deadline]:
    return Deadline.objects.bulk_create(
        Deadline(claim_id=pk, kind=kind, generation=1, opened_at=due_at - timedelta(days=7), due_at=due_at)
        for pk in ids
    )
