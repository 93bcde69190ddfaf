"""What the clock demands of cases. Candidates are found without locks; each case is then locked and looked at again.

An end that is refused or fails is tried again later, at the longest in an hour, with an alarm from the try `ALARMING`
on. An objection that cannot take effect waits for the next ring; its case stays held meanwhile.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from claims.enums import DESK_KINDS, DeadlineKind, DeadlineStatus, State
from claims.gate import is_free
from claims.models import Deadline, MonthlyReport, Objection, Reminder, Trial
from claims.services import approving, digests, ladder, letters, looking, monthly, sampling, trying
from config.kernel import outbox, sweeping
from config.kernel.bell import ring_bell
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.models import Outbox, User
from config.kernel.refusals import Busy, Refusal

log = logging.getLogger(__name__)


@outbox.delivers(letters.TOPIC, apart=True)
def print_letter(item: Outbox) -> None:
    """Make the PDF of a letter; that it is made once is the letter's own affair."""
    letters.print_letter(item.ref, at=database_now())


BATCH = 500
BATCH_OF_ROWS = 2500
PORTION = 500
PORTIONS = 10
"""Of a trial: cases in a transaction, and transactions in a ring."""

ALARMING = 8
LETTERS_AT_ONCE = 5
"""Letters that one sweep prints, at a second each or more: other sweeps wait no longer. The rest is rung for again."""
LONGEST_WAIT = timedelta(hours=1)
GRACE = timedelta(minutes=1)
"""How long an end goes by before it counts; longer than any request waits for its turn at the case."""

MOVED_BY_A_SWEEP = (DeadlineKind.PUBLICITY, DeadlineKind.APPEAL_WINDOW)
"""Kinds whose end moves the case; the end of the others is only noted and told."""


@sweeping.register
class ExtendForObjections:
    """Objections that wait to take effect on the publicity (SR-25)."""

    name = "claims.extend_for_objections"

    def rows(self, only: int | None) -> QuerySet[Objection]:
        rows = Objection.objects.filter(effect_at__isnull=True, merged_into__isnull=True)
        return rows if only is None else rows.filter(claim=only)

    def next_due(self, *, only: int | None) -> datetime | None:
        return self.rows(only).order_by("received_at").values_list("received_at", flat=True).first()

    def run(self, *, at: datetime, only: int | None = None) -> int:
        due = self.rows(only).filter(received_at__lte=at).order_by("claim_id").values_list("claim_id", flat=True)
        system = User.objects.system()

        def extend(claim_id: int) -> int:
            if not (is_free(claim_id) and self.rows(claim_id).exists()):
                return 0
            try:
                return approving.extend_for_objections(claim_id, by=system, at=at)
            except Refusal as no:
                log.warning("Case %s: objections wait on: %s", claim_id, no.code)
                return 0

        return sweeping.each_in_turn(extend, list(due.distinct()[:BATCH]))


def _ended_by(at: datetime, only: int | None) -> datetime:
    """What ended by this instant is over at `at`.

    Among people, whoever came in the last second may still be waiting for the case: his own time counts, so the end is
    looked at a little later. A single case that is played has nobody waiting.
    """
    return at - GRACE if only is None else at


class _MovingSweep:
    """Deadlines of one kind whose end moves their case."""

    name: str
    kind: DeadlineKind
    state: State
    move: Callable[..., None]

    def rows(self, only: int | None) -> QuerySet[Deadline]:
        rows = Deadline.objects.filter(kind=self.kind, status=DeadlineStatus.OPEN, due_at__isnull=False)
        rows = rows.filter(claim__state=self.state)
        return rows if only is None else rows.filter(claim=only)

    def next_due(self, *, only: int | None) -> datetime | None:
        return self.rows(only).aggregate(earliest=Min(Coalesce("retry_at", "due_at")))["earliest"]

    def run(self, *, at: datetime, only: int | None = None) -> int:
        due = (
            self.rows(only)
            .filter(due_at__lte=_ended_by(at, only))
            .filter(Q(retry_at__isnull=True) | Q(retry_at__lte=at))
        )
        system = User.objects.system()
        return sum(self._try(deadline, by=system, at=at) for deadline in list(due.order_by("due_at", "claim")[:BATCH]))

    def _try(self, deadline: Deadline, *, by: User, at: datetime) -> int:
        """One case, in a transaction of its own: 1 if it was tried, 0 where another is at it or was first.

        A failure moves the row on and holds up no other.
        """
        try:
            with transaction.atomic():
                if not (is_free(deadline.claim_id) and self.rows(deadline.claim_id).filter(pk=deadline.pk).exists()):
                    return 0
                type(self).move(deadline.claim_id, by=by, at=at)
        except Busy:
            self._rest(deadline, deadline.attempts, at + timedelta(minutes=1))
        except Refusal as no:
            self._put_off(deadline, no.code, at)
        except Exception:
            log.exception("%s: case %s", self.name, deadline.claim_id)
            self._put_off(deadline, "error", at)
        return 1

    def _put_off(self, deadline: Deadline, why: str, at: datetime) -> None:
        attempts = deadline.attempts + 1
        self._rest(deadline, attempts, at + min(timedelta(minutes=2 ** min(attempts, 6)), LONGEST_WAIT))
        level = logging.ERROR if attempts >= ALARMING else logging.WARNING
        log.log(level, "%s: case %s put off for the %s. time: %s", self.name, deadline.claim_id, attempts, why)

    def _rest(self, deadline: Deadline, attempts: int, until: datetime) -> None:
        Deadline.objects.filter(pk=deadline.pk, status=DeadlineStatus.OPEN).update(attempts=attempts, retry_at=until)


@sweeping.register
class ClosePublicity(_MovingSweep):
    """Publicities that are over; an open objection holds the case, and its row does not come due."""

    name = "claims.close_publicity"
    kind = DeadlineKind.PUBLICITY
    state = State.PUBLICISED
    move = staticmethod(approving.close_publicity)

    def rows(self, only: int | None) -> QuerySet[Deadline]:
        held = Objection.objects.filter(claim=OuterRef("claim"), resolved_at__isnull=True)
        return super().rows(only).exclude(Exists(held))


@sweeping.register
class CloseRejected(_MovingSweep):
    """Refused cases whose appeal window went by."""

    name = "claims.close_rejected"
    kind = DeadlineKind.APPEAL_WINDOW
    state = State.REJECTED
    move = staticmethod(approving.close_rejected)


@sweeping.register
class SendReminders:
    """Reminder steps whose hour has come: each becomes one message, once; after the end it reminds of, none."""

    name = "claims.send_reminders"

    def next_due(self, *, only: int | None) -> datetime | None:
        rows = Reminder.objects.filter(sent_at__isnull=True, cancelled_at__isnull=True)
        rows = rows if only is None else rows.filter(deadline__claim=only)
        return rows.order_by("due_at").values_list("due_at", flat=True).first()

    def run(self, *, at: datetime, only: int | None = None) -> int:
        return _in_batches(SEND_REMINDERS, at=at, only=only)


@sweeping.register
class NoteMissedDeadlines:
    """Deadlines of the desk that ran out: noted, and told to whoever has the case, the first rung of the ladder.

    Where nobody has it, or who has it is away, the next rung that is there is told at once: lead, or supervisors. A day
    that is none of the desk's, a condition's, climbs no ladder: the supervisors are told of it at once.
    """

    name = "claims.note_missed_deadlines"

    def next_due(self, *, only: int | None) -> datetime | None:
        rows = Deadline.objects.filter(status=DeadlineStatus.OPEN, due_at__isnull=False)
        rows = rows.exclude(kind__in=MOVED_BY_A_SWEEP)
        rows = rows if only is None else rows.filter(claim=only)
        return rows.order_by("due_at").values_list("due_at", flat=True).first()

    def run(self, *, at: datetime, only: int | None = None) -> int:
        desk = list(DESK_KINDS)
        return _in_batches(NOTE_MISSED, at=at, today=civil_date(at), ended=_ended_by(at, only), only=only, desk=desk)


@sweeping.register
class ClimbLadder:
    """Overdue deadlines whose next rung has come, and clocks that stand still too long. No part of a case's story."""

    name = "claims.climb_ladder"

    def next_due(self, *, only: int | None) -> datetime | None:
        return ladder.next_due() if only is None else None

    def run(self, *, at: datetime, only: int | None = None) -> int:
        return ladder.climb(at=at) + ladder.tell_of_standstills(at=at) if only is None else 0


@sweeping.register
class SendDigests:
    """The morning's digest of deadlines for everybody of staff whom they concern. No part of any case."""

    name = "claims.send_digests"

    def next_due(self, *, only: int | None) -> datetime | None:
        return None

    def run(self, *, at: datetime, only: int | None = None) -> int:
        return digests.write(at=at) if only is None else 0


@sweeping.register
class PrintLetters:
    """Letters that have no PDF yet. Printing is no step of any case: a sweep of one case prints none."""

    name = "claims.print_letters"

    def next_due(self, *, only: int | None) -> datetime | None:
        return outbox.next_due(letters.TOPIC) if only is None else None

    def run(self, *, at: datetime, only: int | None = None) -> int:
        return outbox.deliver(letters.TOPIC, at=at, limit=LETTERS_AT_ONCE) if only is None else 0


@sweeping.register
class RunTrials:
    """Trials of drafts, a few portions a ring, so that nothing else waits for them. They are no part of any case."""

    name = "claims.run_trials"

    def rows(self) -> QuerySet[Trial]:
        return Trial.objects.filter(finished_at__isnull=True).order_by("asked_at")

    def next_due(self, *, only: int | None) -> datetime | None:
        return self.rows().values_list("asked_at", flat=True).first() if only is None else None

    def run(self, *, at: datetime, only: int | None = None) -> int:
        if only is not None:
            return 0
        done = sum(self._carry_on(pk, at=at) for pk in list(self.rows().values_list("pk", flat=True)))
        if done and self.rows().exists():
            ring_bell()
        return done

    def _carry_on(self, pk: int, *, at: datetime) -> int:
        """Cases done of one trial. Any error but a database out of reach ends it: the next try would meet it too."""
        done = 0
        try:
            for _ in range(PORTIONS):
                done += (taken := trying.carry_on(pk, at=at, portion=PORTION))
                if not taken:
                    break
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("%s: trial %s", self.name, pk)
            trying.give_up(pk, at=at)
        return done


@sweeping.register
class DrawSamples:
    """Closed cases for a second look: a month is drawn once, and each case given to somebody. No part of any case."""

    name = "claims.draw_samples"

    def next_due(self, *, only: int | None) -> datetime | None:
        return None

    def run(self, *, at: datetime, only: int | None = None) -> int:
        return sampling.draw_due(at=at) + looking.give_out(at=at) if only is None else 0


@sweeping.register
class PrintReports:
    """Monthly reports that were asked for, one after the other. They are no part of any case."""

    name = "claims.print_reports"

    def rows(self) -> QuerySet[MonthlyReport]:
        return MonthlyReport.objects.filter(finished_at__isnull=True).order_by("asked_at", "id")

    def next_due(self, *, only: int | None) -> datetime | None:
        return self.rows().values_list("asked_at", flat=True).first() if only is None else None

    def run(self, *, at: datetime, only: int | None = None) -> int:
        if only is not None:
            return 0
        pks = list(self.rows().values_list("pk", flat=True))
        return sweeping.in_turn(lambda pk: monthly.carry_on(pk, at=at), pks)


def _in_batches(statement: str, **values: Any) -> int:
    """Run a set-based statement until it finds nothing; each batch is a transaction of its own."""
    done = 0
    while count := _run(statement, values | {"batch": BATCH_OF_ROWS}):
        done += count
    return done


def _run(statement: str, values: dict[str, Any]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])


SEND_REMINDERS = """
WITH due AS (
    SELECT r.id, r.deadline_id FROM claims_reminder r
    WHERE r.sent_at IS NULL AND r.cancelled_at IS NULL AND r.due_at <= %(at)s
      AND (%(only)s::bigint IS NULL OR r.deadline_id IN (SELECT id FROM claims_deadline WHERE claim_id = %(only)s))
    ORDER BY r.due_at LIMIT %(batch)s FOR UPDATE OF r SKIP LOCKED
), come AS (
    UPDATE claims_reminder r
    SET sent_at = CASE WHEN d.status = 'open' AND d.due_at > %(at)s THEN %(at)s END,
        cancelled_at = CASE WHEN d.status = 'open' AND d.due_at > %(at)s THEN NULL ELSE %(at)s END
    FROM due JOIN claims_deadline d ON d.id = due.deadline_id WHERE r.id = due.id
    RETURNING r.sent_at, r.days_before, r."to", d.claim_id, d.kind, d.due_at
), said AS (
    INSERT INTO members_message ("to", member_id, user_id, about, template, facts, created_at)
    SELECT come."to", CASE WHEN come."to" = 'member' THEN m.member_id END, NULL, c.number, 'reminder',
           jsonb_build_object('kind', come.kind, 'due_at', come.due_at, 'days', come.days_before), %(at)s
    FROM come
    JOIN claims_claim c ON c.id = come.claim_id
    JOIN members_membership m ON m.id = c.membership_id
    WHERE come.sent_at IS NOT NULL
    RETURNING id, member_id
), posted AS (
    INSERT INTO kernel_outbox (topic, ref, created_at, retry_at, attempts, state, last_error)
    SELECT 'message', said.id, %(at)s, %(at)s, 0, 'pending', ''
    FROM said JOIN members_member m ON m.id = said.member_id WHERE m.email <> ''
)
SELECT count(*) FROM come
"""

NOTE_MISSED = """
WITH due AS (
    SELECT d.id FROM claims_deadline d
    WHERE d.status = 'open' AND d.due_at <= %(ended)s AND d.kind NOT IN ('publicity', 'appeal_window')
      AND (%(only)s::bigint IS NULL OR d.claim_id = %(only)s)
    ORDER BY d.due_at LIMIT %(batch)s FOR UPDATE OF d SKIP LOCKED
), missed AS (
    UPDATE claims_deadline d SET status = 'missed', closed_at = %(at)s FROM due WHERE d.id = due.id
    RETURNING d.id, d.claim_id, d.kind, d.due_at
), called_off AS (
    UPDATE claims_reminder r SET cancelled_at = %(at)s FROM missed
    WHERE r.deadline_id = missed.id AND r.sent_at IS NULL AND r.cancelled_at IS NULL
), whom AS (
    SELECT missed.*, c.number, u.id AS holder, w.away, CASE WHEN l.id <> u.id AND NOT l.away THEN l.id END AS lead
    FROM missed
    JOIN claims_claim c ON c.id = missed.claim_id
    LEFT JOIN claims_assignment a ON a.claim_id = c.id AND a.step = c.state AND missed.kind = ANY(%(desk)s)
    LEFT JOIN kernel_user u ON u.id = a.user_id AND u.is_active
    LEFT JOIN LATERAL (SELECT EXISTS (
        SELECT FROM kernel_absence WHERE user_id = u.id AND %(today)s BETWEEN first_day AND last_day
    ) AS away) w ON true
    LEFT JOIN kernel_team t ON t.id = u.team_id
    LEFT JOIN LATERAL (SELECT p.id, EXISTS (
        SELECT FROM kernel_absence WHERE user_id = p.id AND %(today)s BETWEEN first_day AND last_day
    ) AS away FROM kernel_user p WHERE p.id = t.lead_id AND p.is_active) l ON true
), first AS (
    SELECT whom.*,
           CASE WHEN holder IS NULL THEN 'supervisors' WHEN NOT away THEN 'holder'
                WHEN lead IS NOT NULL THEN 'lead' ELSE 'supervisors' END AS rung
    FROM whom
), rungs AS (
    INSERT INTO claims_rung (deadline_id, rung, user_id, told_at, next_at)
    SELECT id, rung, CASE rung WHEN 'holder' THEN holder WHEN 'lead' THEN lead END, %(at)s,
           CASE WHEN rung <> 'supervisors' THEN %(at)s END
    FROM first ON CONFLICT DO NOTHING
    RETURNING deadline_id, rung, user_id
), said AS (
    INSERT INTO members_message ("to", user_id, about, template, facts, created_at)
    SELECT CASE WHEN rungs.rung = 'supervisors' THEN 'supervisor' ELSE '' END, rungs.user_id, first.number,
           'deadline_missed', jsonb_build_object('kind', first.kind, 'due_at', first.due_at), %(at)s
    FROM rungs JOIN first ON first.id = rungs.deadline_id
)
SELECT count(*) FROM missed
"""
