"""A million cases as a floor has them: five to eight events each, clocks met and missed, papers, money, disputes.

On top of `loading.load`. Foreign keys are not asked while it loads: the benchmark of figures reads only.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models

from claims.enums import State
from claims.models import Appeal, Assignment, Claim, ClaimEvent, Deadline, Material, Objection, PaperFile
from config.kernel import files
from config.kernel.models import Team, User
from investigations.models import Agency, Commission
from payouts import services
from payouts.models import Payout, Posting
from tests import papers
from tests.benchmarks.copies import columns_of, tidy, unguarded
from tests.benchmarks.loading import _without_indexes, load
from tests.factories import ACCEPTED, APPROVED, SUBMITTED, at, case_in, staff

TEAMS, PEOPLE, AGENCIES = 6, 36, 12
NOW = at("2026-10-01 12:00")
"""Cases are reported from November 2023 until the middle of October 2026; what would come later has not happened."""

TABLES: tuple[type[models.Model], ...] = (
    *(ClaimEvent, Deadline, Material, PaperFile, Assignment, Objection, Appeal, Payout, Posting, Commission),
)

STEPS = """
CREATE TEMP TABLE step AS
SELECT c.id AS claim_id, s.version, s.verb, s.was, s.becomes, s.kind,
       c.reported_at + sum(s.least + s.spread * (abs(hashint8(c.id * 10 + s.version)) %% 1000) / 1000)
           OVER (PARTITION BY c.id ORDER BY s.version) AS at
FROM claims_claim c
JOIN (VALUES
    (2, 'submit', 'collecting', 'reviewing', 'supplement', interval '2 hours', interval '6 days'),
    (3, 'pass_review', 'reviewing', 'deciding', 'review', interval '20 minutes', interval '3 days'),
    (4, 'publish', 'deciding', 'publicised', 'decision', interval '30 minutes', interval '2 days'),
    (5, 'close_publicity', 'publicised', 'approved', 'publicity', interval '7 days', interval '1 day'),
    (6, 'start_payment', 'approved', 'paying', 'payment', interval '1 hour', interval '2 days'),
    (7, 'confirm_payment', 'paying', 'paid', '', interval '3 hours', interval '1 day'),
    (8, 'close', 'paid', 'closed', '', interval '1 day', interval '9 days')
) s (version, verb, was, becomes, kind, least, spread)
    ON s.version <= CASE c.state WHEN 'closed' THEN 8 WHEN 'paid' THEN 7 WHEN 'publicised' THEN 4 WHEN 'deciding' THEN 3
                    WHEN 'reviewing' THEN 2 WHEN 'rejected' THEN 2 WHEN 'withdrawn' THEN 1 ELSE 1 END
WHERE c.id > %(first)s
"""
REFUSED = """
INSERT INTO step (claim_id, version, verb, was, becomes, kind, at)
SELECT claim_id, 3, 'reject', 'reviewing', 'rejected', 'review', step.at + interval '1 day'
FROM step JOIN claims_claim c ON c.id = claim_id WHERE c.state = 'rejected' AND step.version = 2
"""
EVENTS = """
INSERT INTO claims_claimevent (claim_id, version, verb, from_state, to_state, by_id, at, {columns})
SELECT step.claim_id, step.version, step.verb, step.was, step.becomes,
       (%(people)s::bigint[])[1 + abs(hashint8(step.claim_id + step.version)) %% cardinality(%(people)s::bigint[])],
       step.at, {columns}
FROM step, (SELECT {columns} FROM claims_claimevent WHERE claim_id = %(claim)s ORDER BY id LIMIT 1) one
WHERE step.at <= %(now)s ORDER BY step.at
"""
DEADLINES = """
INSERT INTO claims_deadline (claim_id, kind, generation, opened_at, due_at, status, closed_at, attempts)
SELECT claim_id, kind, 2, began, CASE WHEN is_late THEN at - interval '1 hour' ELSE at + interval '1 day' END,
       CASE WHEN is_late THEN 'missed' ELSE 'met' END, CASE WHEN is_late THEN at - interval '1 hour' ELSE at END, 0
FROM (
    SELECT claim_id, kind, at, abs(hashint8(claim_id * 7 + version)) %% 100 < 8 AND kind <> 'publicity' AS is_late,
           coalesce(lag(at) OVER (PARTITION BY claim_id ORDER BY version), at - interval '3 days') AS began
    FROM step
) each
WHERE kind <> '' AND at <= %(now)s ORDER BY at
"""
AWAITED = """
INSERT INTO claims_deadline (claim_id, kind, generation, opened_at, due_at, status, attempts)
SELECT id, CASE state WHEN 'reviewing' THEN 'review' WHEN 'collecting' THEN 'supplement' WHEN 'deciding' THEN 'decision'
           ELSE 'publicity' END, 3, %(now)s - interval '3 days',
       date_trunc('day', %(now)s AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai'
           + (id %% 30) * interval '1 day', 'open', 0
FROM claims_claim WHERE id > %(first)s AND state IN ('reviewing', 'collecting', 'deciding', 'publicised')
"""
PAPERS = """
INSERT INTO claims_material (claim_id, kind, received_at, {columns})
SELECT step.claim_id, paper, step.at, {columns}
FROM step, unnest(ARRAY['diagnosis_certificate', 'imaging', 'id_card_front']) paper,
     (SELECT {columns} FROM claims_material WHERE claim_id = %(claim)s ORDER BY id LIMIT 1) one
WHERE step.version = 2 AND step.at <= %(now)s ORDER BY step.at
"""
FILES = """
INSERT INTO claims_paperfile (material_id, stored_id, name, place)
SELECT id, %(stored)s, 'scan.png', 1 FROM claims_material WHERE claim_id > %(first)s AND claim_id %% 13 <> 0 ORDER BY id
"""
ASSIGNMENTS = """
INSERT INTO claims_assignment (claim_id, step, user_id, since, {columns})
SELECT claim_id, 'reviewing', (%(people)s::bigint[])[1 + claim_id %% cardinality(%(people)s::bigint[])], at, {columns}
FROM step, (SELECT {columns} FROM claims_assignment WHERE claim_id = %(claim)s LIMIT 1) one WHERE version = 2
"""
OBJECTIONS = """
INSERT INTO claims_objection (claim_id, publicity_id, objector_id, kind, received_at, text, finding,
                              resolved_by_id, resolved_at, recorded_by_id)
SELECT claim_id, 1, 1, (ARRAY['non_disclosure', 'definition', 'forgery'])[1 + claim_id %% 3], at, '',
       CASE WHEN claim_id %% 7 = 0 THEN 'upheld' ELSE 'dismissed' END, (%(people)s::bigint[])[1], at,
       (%(people)s::bigint[])[1]
FROM step WHERE version = 4 AND claim_id %% 40 = 0
"""
APPEALS = """
INSERT INTO claims_appeal (claim_id, channel, deposit_fen, text, filed_at, filed_by_id, finding, decided_by_id,
                           decided_at)
SELECT claim_id, (ARRAY['online', 'arbitration'])[1 + claim_id %% 2], 0, '', at, (%(people)s::bigint[])[1],
       CASE WHEN claim_id %% 5 = 0 THEN 'overturned' ELSE 'upheld' END, (%(people)s::bigint[])[1],
       at + interval '9 days'
FROM step WHERE verb = 'reject' AND claim_id %% 6 = 0
"""
PAYOUTS = """
INSERT INTO payouts_payout (id, claim_id, reference, settled_at, {columns})
SELECT step.claim_id, step.claim_id, 'copy-' || step.claim_id, step.at, {columns}
FROM step, (SELECT {columns} FROM payouts_payout ORDER BY id LIMIT 1) one
WHERE step.verb = 'confirm_payment' ORDER BY at
"""
POSTINGS = """
INSERT INTO payouts_posting (payout_id, kind, fen, by_id, at)
SELECT id, kind, net_fen, prepared_by_id, settled_at
FROM payouts_payout, unnest(ARRAY['release', 'settlement']) kind
WHERE claim_id > %(first)s AND settled_at <= %(now)s
"""
COMMISSIONS = """
WITH asked AS (
    INSERT INTO claims_deadline (
        claim_id, kind, procedure_id, generation, opened_at, due_at, status, closed_at, attempts
    )
    SELECT claim_id, 'investigation', claim_id, 1, at, at + interval '20 days',
           CASE WHEN claim_id %% 11 = 0 THEN 'missed' ELSE 'met' END, at + interval '10 days', 0
    FROM step WHERE version = 3 AND claim_id %% 4 = 0 AND at <= %(now)s - interval '10 days' ORDER BY at
    RETURNING id, claim_id, opened_at
)
INSERT INTO investigations_commission (claim_id, deadline_id, agency_id, procedure_id, sent_at, {columns})
SELECT asked.claim_id, asked.id, (%(agencies)s::bigint[])[1 + asked.claim_id %% cardinality(%(agencies)s::bigint[])],
       asked.claim_id, asked.opened_at, {columns}
FROM asked, (SELECT {columns} FROM investigations_commission WHERE state = 'accepted' ORDER BY id LIMIT 1) one
"""


def load_floor(rows: int) -> None:
    """`rows` cases, with all that figures are made of; about twelve million rows for a million."""
    claim = case_in(State.REVIEWING)
    case_in(State.DECIDING)  # its commission is the one that is copied
    _paid_for()
    user = _people()
    Assignment.objects.create(claim=claim, step=claim.state, user=user, since=SUBMITTED)
    first = Claim.objects.order_by("-pk").values_list("pk", flat=True)[0]
    load(claim, rows)
    values = {
        "claim": claim.pk,
        "first": first,
        "now": NOW,
        "people": list(User.objects.filter(username__startswith="floor-").values_list("pk", flat=True)),
        "agencies": list(Agency.objects.values_list("pk", flat=True)),
        "stored": files.keep(papers.png(), at=ACCEPTED).pk,
    }
    _fill(values)


def _fill(values: dict[str, object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'; SET work_mem = '128MB'")
        _forget_foreign_keys()
        for statement, model, own in _STATEMENTS:
            columns = "" if model is None else columns_of(model, "id", *own)
            with _quick(model):
                cursor.execute(statement.format(columns=columns), values)
        cursor.execute("RESET work_mem; DROP TABLE step")
    tidy(*TABLES)


_STATEMENTS: tuple[tuple[str, type[models.Model] | None, tuple[str, ...]], ...] = (
    (STEPS, None, ()),
    (REFUSED, None, ()),
    (EVENTS, ClaimEvent, ("claim_id", "version", "verb", "from_state", "to_state", "by_id", "at")),
    (DEADLINES, Deadline, ()),
    (AWAITED, Deadline, ()),
    (PAPERS, Material, ("claim_id", "kind", "received_at")),
    (FILES, PaperFile, ()),
    (ASSIGNMENTS, Assignment, ("claim_id", "step", "user_id", "since")),
    (OBJECTIONS, Objection, ()),
    (APPEALS, Appeal, ()),
    (PAYOUTS, Payout, ("claim_id", "reference", "settled_at")),
    (POSTINGS, Posting, ()),
    (COMMISSIONS, Commission, ("claim_id", "deadline_id", "agency_id", "procedure_id", "sent_at")),
)


@contextmanager
def _quick(model: type[models.Model] | None) -> Iterator[None]:
    if model is None:
        yield
        return
    with unguarded(model), _without_indexes(model):
        yield


def _forget_foreign_keys() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])",
            [[model._meta.db_table for model in TABLES]],
        )
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


def _people() -> User:
    """The people of the floor in teams, every seventh in none; the last of them."""
    teams = [Team.objects.create(name=f"{number}", lead=staff("supervisor")) for number in range(TEAMS)]
    for number in range(PEOPLE):
        user = staff("reviewer")
        user.username, user.team = f"floor-{number}", teams[number % TEAMS] if number % 7 else None
        user.save(update_fields=["username", "team"])
    return user


def _paid_for() -> None:
    """One payout that went all the way: the others are made of it."""
    one, two, three = (staff("finance") for _ in range(3))
    payout = services.prepare(case_in(State.APPROVED).pk, by=one, at=APPROVED)
    services.approve(payout.pk, by=two, at=APPROVED)
    services.release(payout.pk, by=three, at=APPROVED)
    services.settle(payout.pk, by=one, at=APPROVED)
