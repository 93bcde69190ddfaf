"""G5: sweeps that move no case, 10,000 due of 1,000,000, against one SQL statement that does the same.

And, without a goal, the sweep that does move cases: cases per second, beside the rate of the gate alone.
"""

from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction

from claims.enums import State
from claims.models import Claim, Deadline, Publicity, Reminder, Rung
from config.kernel import sweeping
from config.kernel.bell import one_bell
from config.kernel.models import Outbox
from members.models import Message
from tests.benchmarks import g4
from tests.benchmarks.copies import copies, tidy
from tests.benchmarks.measuring import Times, ratio, say, timed, verdict
from tests.factories import at, case_in, staff

CASES, EACH, DUE = 1_000, 1_000, 10_000
ROUNDS = 7
GOAL = 1.4

NOW = at("2025-06-01 12:00")
EARLIER = at("2025-05-01 12:00")
NEVER = at("2999-01-01")
MOVES = 400
MOVING_ROUNDS = 3

ONE_STATEMENT_REMINDS = """
WITH sent AS (
    UPDATE claims_reminder r SET sent_at = %(at)s FROM claims_deadline d
    WHERE r.sent_at IS NULL AND r.cancelled_at IS NULL AND r.due_at <= %(at)s
      AND d.id = r.deadline_id AND d.status = 'open' AND d.due_at > %(at)s
    RETURNING r.days_before, r."to", d.claim_id, d.kind, d.due_at
), said AS (
    INSERT INTO members_message ("to", member_id, about, template, facts, created_at)
    SELECT sent."to", CASE WHEN sent."to" = 'member' THEN m.member_id END, c.number, 'reminder',
           jsonb_build_object('kind', sent.kind, 'due_at', sent.due_at, 'days', sent.days_before), %(at)s
    FROM sent
    JOIN claims_claim c ON c.id = sent.claim_id
    JOIN members_membership m ON m.id = c.membership_id
    RETURNING id, member_id
)
INSERT INTO kernel_outbox (topic, ref, created_at, retry_at, attempts, state, last_error)
SELECT 'message', said.id, %(at)s, %(at)s, 0, 'pending', ''
FROM said JOIN members_member m ON m.id = said.member_id WHERE m.email <> ''
"""
ONE_STATEMENT_NOTES = """
WITH missed AS (
    UPDATE claims_deadline SET status = 'missed', closed_at = %(at)s
    WHERE status = 'open' AND due_at <= %(ended)s AND kind NOT IN ('publicity', 'appeal_window')
    RETURNING id, claim_id, kind, due_at
), called_off AS (
    UPDATE claims_reminder r SET cancelled_at = %(at)s FROM missed
    WHERE r.deadline_id = missed.id AND r.sent_at IS NULL AND r.cancelled_at IS NULL AND r.due_at > %(at)s
), rungs AS (
    INSERT INTO claims_rung (deadline_id, rung, told_at) SELECT id, 'supervisors', %(at)s FROM missed
)
INSERT INTO members_message ("to", about, template, facts, created_at)
SELECT 'supervisor', c.number, 'deadline_missed',
       jsonb_build_object('kind', missed.kind, 'due_at', missed.due_at), %(at)s
FROM missed JOIN claims_claim c ON c.id = missed.claim_id
"""


def run() -> None:
    """Load a million, sweep them both ways in turn, then the sweep that moves cases."""
    source = case_in(State.REVIEWING)
    _load(copies(source, CASES))
    _compare("claims.send_reminders", ONE_STATEMENT_REMINDS, _unsend)
    _compare("claims.note_missed_deadlines", ONE_STATEMENT_NOTES, _reopen)
    _moving()


def _load(claims: list[int]) -> None:
    """A million open deadlines, a reminder each; by NOW 10,000 deadlines are due, and reminders of 10,000 others."""
    Reminder.objects.filter(sent_at__isnull=True).update(cancelled_at=EARLIER)
    Deadline.objects.filter(status="open").update(status="cancelled", closed_at=EARLIER)
    numbers = {"claims": claims, "each": EACH, "due": DUE, "now": NOW, "opened": EARLIER - timedelta(days=90)}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO claims_deadline (claim_id, kind, generation, opened_at, due_at, status, attempts)"
            " SELECT claim, 'review', 100 + n, %(opened)s, CASE"
            "   WHEN (place * %(each)s + n) %% (cardinality(%(claims)s) * %(each)s / %(due)s) = 0"
            "   THEN %(now)s - interval '1 day' - n * interval '1 minute'"
            "   ELSE %(now)s + interval '1 day' + n * interval '1 minute' END, 'open', 0"
            " FROM unnest(%(claims)s) WITH ORDINALITY AS c(claim, place), generate_series(1, %(each)s) n",
            numbers,
        )
        cursor.execute(
            'INSERT INTO claims_reminder (deadline_id, days_before, due_at, "to")'
            " SELECT id, 1, CASE WHEN mod(generation, %(cases)s * %(each)s / %(due)s) = 1"
            "   THEN due_at - interval '3 days' ELSE due_at + interval '3 days' END,"
            "   CASE WHEN mod(id, 2) = 0 THEN 'member' ELSE 'reviewer' END"
            " FROM claims_deadline WHERE generation > 100",
            {"cases": CASES, "each": EACH, "due": DUE},
        )
    tidy(Deadline, Reminder)


def _compare(name: str, statement: str, undo: Callable[[], None]) -> None:
    """One sweep against one statement; undone, and tidied up after, between the rounds."""
    values = {"at": NOW, "ended": NOW - timedelta(minutes=1)}
    by_hand, by_sweep, empty = Times(), Times(), Times()

    def one_statement() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL random_page_cost = 1.1")  # or it reads a whole table to find 10,000 rows
            cursor.execute(statement, values)

    for number in range(ROUNDS + 1):
        hand = timed(one_statement)
        undo()
        sweep = timed(_swept, name, DUE)
        tidy(Reminder, Deadline)
        nothing = timed(_swept, name, 0)
        undo()
        if number:  # the first only warms up
            by_hand.seconds.append(hand)
            by_sweep.seconds.append(sweep)
            empty.seconds.append(nothing)
    say(
        f"G5  {name}: {DUE:,} due of {CASES * EACH:,}, {ROUNDS} rounds in turn",
        [
            ("one SQL statement", by_hand.in_ms()),
            ("the sweep", by_sweep.in_ms()),
            ("time of the sweep / the statement", verdict(ratio(by_sweep, by_hand), at_most=GOAL)),
            ("the sweep when nothing is due", empty.in_ms()),
        ],
    )


def _swept(name: str, due: int) -> None:
    done = sweeping.run(name, at=NOW)
    if done != due:
        raise AssertionError(f"{name} did {done:,}, not {due:,}.")


def _unsend() -> None:
    Reminder.objects.filter(sent_at__isnull=False).update(sent_at=None)
    _forget()
    tidy(Reminder)


def _reopen() -> None:
    Rung.objects.all().delete()
    Deadline.objects.filter(status="missed").update(status="open", closed_at=None)
    Reminder.objects.filter(cancelled_at__isnull=False, deadline__generation__gt=100).update(cancelled_at=None)
    _forget()
    tidy(Deadline, Reminder)


def _forget() -> None:
    Outbox.objects.all().delete()
    Message.objects.all().delete()
    tidy(Message, Outbox)


def _moving() -> None:
    """`claims.close_publicity` approves cases, a transaction and a commit each; the gate alone beside it."""
    publicised, appealed, by = case_in(State.PUBLICISED), g4.appealed(), staff("supervisor")
    by_sweep, by_gate = Times(), Times()
    Deadline.objects.filter(claim=publicised).update(retry_at=NEVER)  # itself it stays as it is
    for number in range(MOVING_ROUNDS + 1):
        over = copies(publicised, MOVES, with_rows_of=(Publicity, Deadline))
        Deadline.objects.filter(claim__in=over).update(retry_at=None)
        others = copies(appealed, MOVES)
        sweep = timed(_swept, "claims.close_publicity", MOVES)
        if Claim.objects.filter(pk__in=over, state=State.APPROVED).count() != MOVES:
            raise AssertionError("Not every case was approved.")
        with one_bell():
            gate = timed(g4.move, others, by, g4.DECIDED)
        if number:  # the first only warms up
            by_sweep.seconds.append(sweep)
            by_gate.seconds.append(gate)
    say(
        f"    claims.close_publicity, which moves cases: {MOVING_ROUNDS} rounds of {MOVES} in turn",
        [
            ("approved, told, next deadline opened", by_sweep.per_second(MOVES)),
            ("the gate alone", by_gate.per_second(MOVES)),
            ("rate of the sweep / the gate", f"{ratio(by_gate, by_sweep):.2f}"),
        ],
    )
