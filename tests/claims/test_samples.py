"""Drawing: which cases, why, once a month, and again from the seed."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections, transaction
from django.db.utils import InternalError, ProgrammingError

from claims.enums import State
from claims.models import Claim, ClaimEvent, Drawing, SecondLook
from claims.services import collecting, sampling
from config.kernel import sweeping
from config.kernel.models import User
from config.kernel.refusals import InvalidInput, NotPermitted
from tests.claims.looks import JUNE, MAY, NOW, PAID, drawing, drawn, paid, refused
from tests.factories import at, case_in, staff

pytestmark = pytest.mark.django_db


def sweep(when: object = NOW) -> int:
    return sweeping.run("claims.draw_samples", at=when)  # type: ignore[arg-type]  # an instant of the tests


def sample() -> dict[int, list[str]]:
    return {look.claim_id: look.reasons for look in SecondLook.objects.all()}


def test_a_month_has_its_paid_cases_and_its_final_refusals_and_no_others() -> None:
    """Not the case that still waits, not the withdrawn one, not the one paid a second before or after the month."""
    aid, refusal = paid(), refused()
    case_in(State.APPROVED)
    withdrawn = case_in(State.COLLECTING)
    collecting.withdraw(withdrawn.pk, reason="x", by=staff("intake"), at=PAID)
    paid(when=at("2025-06-01 00:00"))
    before = paid(when=at("2025-05-01 00:00") - timedelta(seconds=1))

    sweep()

    month = Drawing.objects.get(month=MAY)
    assert month.cases == 2
    assert set(month.looks.values_list("claim", flat=True)) == {aid.pk, refusal.pk}
    assert before.pk not in sample()


def test_a_look_keeps_the_decision_as_it_was() -> None:
    aid, refusal = paid(), refused()
    sweep()

    look = SecondLook.objects.get(claim=aid)
    assert (look.outcome, look.amount_fen, look.ground) == ("aid", 3_000_000, "")
    assert (look.decided_by, look.decided_at) == (aid.published_by, aid.published_at)
    look = SecondLook.objects.get(claim=refusal)
    assert (look.outcome, look.amount_fen, look.ground) == ("refusal", None, "LATE_REPORT")
    assert (look.decided_by, look.decided_at) == (refusal.rejected_by, refusal.rejected_at)


def test_the_large_amount_is_drawn_with_its_figures() -> None:
    """Five of 30,000 yuan and one of 90,000: mean 40,000, deviation 22,360.67, bound 62,360.67."""
    for _ in range(5):
        paid()
    large = paid(tier_yuan=300_000)
    sweep()

    look = SecondLook.objects.get(claim=large)
    assert "high_amount" in look.reasons
    assert look.figures == {
        "high_amount": {"reason": "high_amount", "value": 9_000_000, "mean": 4_000_000, "bound": 6_236_067}
    }
    assert [claim for claim, reasons in sample().items() if "high_amount" in reasons] == [large.pk]
    assert sum("random" in reasons for reasons in sample().values()) == 5


def test_the_seed_and_the_rows_give_the_sample_again() -> None:
    for _ in range(7):
        paid()
    sweep()
    month = Drawing.objects.get(month=MAY)

    assert len(month.seed) == 32
    assert sampling.drawn_again(month) == sample()
    assert sum("random" in reasons for reasons in sample().values()) == 5


def test_a_month_is_drawn_once_however_often_the_bell_rings() -> None:
    paid()
    staff("reviewer")
    assert sweep() == 2  # one drawing, one case given
    assert sweep() == 0
    assert sweep(NOW + timedelta(days=3)) == 0
    assert Drawing.objects.count() == 1


def test_after_an_outage_every_month_that_was_missed_is_drawn() -> None:
    drawing(date(2025, 2, 1), is_monthly=True)
    paid()
    sweep(at("2025-06-30 23:59"))

    months = Drawing.objects.filter(is_monthly=True).order_by("month").values_list("month", "cases")
    assert list(months) == [(date(2025, 2, 1), 0), (date(2025, 3, 1), 0), (date(2025, 4, 1), 0), (MAY, 1)]


def test_a_month_is_drawn_when_it_is_over_in_shanghai() -> None:
    drawing(date(2025, 4, 1), is_monthly=True)
    end = at("2025-06-01 00:00")
    sweep(end - timedelta(microseconds=1))
    assert not Drawing.objects.filter(month=MAY).exists()

    sweep(end)
    assert Drawing.objects.filter(month=MAY, is_monthly=True).exists()


def test_a_sweep_of_one_case_draws_nothing() -> None:
    claim = paid()
    assert sweeping.run("claims.draw_samples", at=NOW, only=claim.pk) == 0
    assert sweeping._sweeps["claims.draw_samples"].next_due(only=claim.pk) is None
    assert not Drawing.objects.exists()


def test_a_supervisor_draws_what_was_not_drawn_yet() -> None:
    for _ in range(7):
        paid()
    sweep()
    first, supervisor = set(sample()), staff("supervisor")

    more = sampling.draw(MAY + timedelta(days=12), by=supervisor, at=NOW)

    assert (more.month, more.cases, more.is_monthly) == (MAY, 2, False)
    assert set(more.looks.values_list("claim", flat=True)) == set(Claim.objects.values_list("pk", flat=True)) - first
    assert sampling.drawn_again(more) == {look.claim_id: ["random"] for look in more.looks.all()}
    with pytest.raises(InvalidInput):
        sampling.draw(MAY, by=supervisor, at=NOW)
    assert Drawing.objects.count() == 2


def test_the_running_month_is_drawn_as_far_as_it_has_run() -> None:
    claim, later = paid(), paid(when=PAID + timedelta(days=9))
    made = sampling.draw(MAY, by=staff("supervisor"), at=PAID + timedelta(days=1))

    assert set(made.looks.values_list("claim", flat=True)) == {claim.pk}
    assert later.pk not in sampling.drawn_again(made)


def test_a_month_that_has_not_come_is_not_drawn() -> None:
    with pytest.raises(InvalidInput):
        sampling.draw(JUNE + timedelta(days=30), by=staff("supervisor"), at=NOW)


@pytest.mark.parametrize("role", ["intake", "reviewer", "finance", "auditor", "administrator"])
def test_nobody_but_a_supervisor_draws(role: str) -> None:
    paid()
    with pytest.raises(NotPermitted):
        sampling.draw(MAY, by=staff(role), at=NOW)


def test_drawing_changes_nothing_of_a_case() -> None:
    claim = paid()
    before, events = Claim.objects.filter(pk=claim.pk).values().get(), ClaimEvent.objects.count()
    sweep()

    assert Claim.objects.filter(pk=claim.pk).values().get() == before
    assert ClaimEvent.objects.count() == events


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE claims_drawing SET seed = 'x'",
        "DELETE FROM claims_drawing",
        "UPDATE claims_secondlook SET amount_fen = 1",
        "UPDATE claims_secondlook SET reasons = '[]'",
        "DELETE FROM claims_secondlook",
    ],
)
def test_what_was_drawn_is_never_rewritten(change: str) -> None:
    drawn(paid())
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_draw_a_month_once() -> None:
    paid()
    User.objects.system()
    start, failures = Barrier(2), list[Exception]()

    def run() -> None:
        start.wait()
        try:
            sampling.draw_due(at=NOW)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert (Drawing.objects.count(), SecondLook.objects.count()) == (1, 1)


def test_the_months_cases_are_found_by_an_index() -> None:
    """However many cases there are: the events with which cases ended have an index of their own."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT claim_id FROM claims_claimevent WHERE at >= %s AND at < %s AND"
            " (from_state = 'paying' AND to_state = 'paid' OR from_state = 'rejected' AND to_state = 'closed')",
            [PAID, NOW],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "event_of_an_end" in plan


@pytest.mark.django_db(transaction=True)
def test_two_supervisors_at_once_draw_no_case_twice() -> None:
    for _ in range(3):
        paid()
    first, second = staff("supervisor"), staff("supervisor")
    failures = list[Exception]()

    def other() -> None:
        try:
            sampling.draw(MAY, by=second, at=NOW)
        except InvalidInput as error:
            failures.append(error)
        finally:
            connections.close_all()

    thread = Thread(target=other)
    with transaction.atomic():
        sampling.draw(MAY, by=first, at=NOW)
        thread.start()
        thread.join(timeout=2)
    thread.join()

    assert len(failures) == 1
    assert SecondLook.objects.count() == 3
