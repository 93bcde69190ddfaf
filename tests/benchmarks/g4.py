"""G4: moves through the gate against the same work by hand: lock, then one prepared statement, in one transaction.

The move is the decision of an appeal that upholds the refusal: a right and a two-person rule, five columns, one event.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.json import Jsonb

from claims.enums import Channel, State
from claims.gate import moving
from claims.models import Claim, ClaimEvent
from claims.services import appealing, reviewing
from config.kernel.bell import one_bell
from config.kernel.models import User
from tests.benchmarks.copies import copies
from tests.benchmarks.measuring import Times, ratio, say, timed, verdict
from tests.factories import at, case_in, staff

ROUNDS = 60
MOVES = 50
GOAL = 0.7

REFUSED, APPEALED, DECIDED = at("2025-04-08 10:00"), at("2025-04-09 10:00"), at("2025-04-20 10:00")
CODE, REASON = "upheld", "原始病历一致"

LOCK = """
SELECT state, version, rejected_by_id, assessment_id, EXISTS (
    SELECT FROM claims_claimevent WHERE claim_id = claims_claim.id AND by_id = %s
    AND (verb IN ('pass_review', 'accept_report', 'reject') OR verb = 'decide_appeal' AND reason_code = 'upheld')
)
FROM claims_claim WHERE id = %s FOR UPDATE
"""
MOVE = """
WITH moved AS (
    UPDATE claims_claim SET state = %s, version = %s, state_since = %s, rejected_by_id = %s, rejected_at = %s
    WHERE id = %s
)
INSERT INTO claims_claimevent
    (verb, version, from_state, to_state, by_id, at, reason_code, reason, data, claim_id, assessment_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def run() -> None:
    """Move as many cases by hand as through the gate, round by round; see that both did the same."""
    by = staff("supervisor")
    claims = iter(copies(appealed(), 2 * (ROUNDS + 1) * MOVES))
    by_hand, by_gate = Times(), Times()
    with _connection_of_its_own() as raw, one_bell():
        for number in range(ROUNDS + 1):
            mine, theirs = ([next(claims) for _ in range(MOVES)] for _ in range(2))
            hand, gate = timed(move_by_hand, raw, mine, by, DECIDED), timed(move, theirs, by, DECIDED)
            if number:  # the first only warms up
                by_hand.seconds.append(hand)
                by_gate.seconds.append(gate)
    _check_same(2 * (ROUNDS + 1) * MOVES)
    say(
        f"G4  a move with right, two-person rule and event, a commit each: {ROUNDS} rounds of {MOVES} in turn",
        [
            ("by hand: lock, one prepared statement", by_hand.per_second(MOVES)),
            ("through the gate", by_gate.per_second(MOVES)),
            ("rate of the gate / by hand", verdict(ratio(by_hand, by_gate), at_least=GOAL)),
        ],
    )


def appealed() -> Claim:
    """A case whose refusal is appealed against."""
    claim = case_in(State.REVIEWING)
    reviewing.refuse_in_review(
        claim.pk, contrary="nothing found", ground="NON_DISCLOSURE", reason="x", by=staff("reviewer"), at=REFUSED
    )
    appealing.appeal(claim.pk, channel=Channel.ONLINE, by=staff("intake"), at=APPEALED)
    return Claim.objects.get(pk=claim.pk)


def move(claims: Sequence[int], by: User, at: datetime) -> None:
    """Through the gate, as a service does it."""
    for pk in claims:
        with moving(pk, "decide_appeal", by=by, at=at) as claim:
            claim.uphold(by=by, at=at)
            claim.because(code=CODE, reason=REASON)


def move_by_hand(raw: psycopg.Connection[Any], claims: Sequence[int], by: User, at: datetime) -> None:
    """What one would write for this move alone."""
    for pk in claims:
        with raw.transaction():
            row = raw.execute(LOCK, (by.pk, pk)).fetchone()
            assert row is not None
            state, version, refused_by, assessment, had_a_part = row
            if state != "appealing" or by.pk == refused_by or had_a_part or not by.has_perm("claims.decide_appeal"):
                raise AssertionError(f"Case {pk} cannot be moved.")
            moved = ("rejected", version + 1, at, by.pk, at, pk)
            event = (
                "decide_appeal",
                version + 1,
                state,
                "rejected",
                by.pk,
                at,
                CODE,
                REASON,
                Jsonb({}),
                pk,
                assessment,
            )
            raw.execute(MOVE, (*moved, *event))


@contextmanager
def _connection_of_its_own() -> Iterator[psycopg.Connection[Any]]:
    """As the application's, but with prepared statements for everything."""
    params = connection.get_connection_params()
    with psycopg.connect(
        **{name: value for name, value in params.items() if name not in ("cursor_factory", "context")}, autocommit=True
    ) as raw:
        yield raw


def _check_same(number: int) -> None:
    ours = {"number__startswith": "copy"}
    rows = (
        Claim.objects.filter(**ours).order_by().values("state", "version", "state_since", "rejected_by", "rejected_at")
    )
    events = ClaimEvent.objects.filter(claim__number__startswith="copy").order_by()
    fields = [field.attname for field in ClaimEvent._meta.concrete_fields if field.attname not in ("id", "claim_id")]
    if (rows.distinct().count(), events.values(*fields).distinct().count(), events.count()) != (1, 1, number):
        raise AssertionError("The gate and the hand did not do the same.")
