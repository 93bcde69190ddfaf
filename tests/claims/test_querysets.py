"""By when a step has to be through: as the lists ask the database, and as the page of the case says it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from claims.enums import Approvals, State
from claims.models import Claim, Deadline
from claims.panels.clocks import running
from claims.services import reviewing
from claims.sweeps import NoteMissedDeadlines
from investigations.models import Commission
from investigations.services import decline, return_report
from tests.claims.cases import BUILDERS, appealing_, fresh, objected
from tests.factories import ACCEPTED, COMMISSIONED, FILED, at, case_in, investigator_of, reported, staff

LATER = at("2025-09-01")
"""When every clock has run out."""


def filed() -> Claim:
    """The agency reported in time; nobody has accepted it yet."""
    claim = case_in(State.INVESTIGATING)
    reported(Commission.objects.get(claim=claim))
    return claim


def filed_late() -> Claim:
    claim = case_in(State.INVESTIGATING)
    reported(Commission.objects.get(claim=claim), at=LATER)
    return claim


def sent_back() -> Claim:
    """The report was sent back: the agency has a new clock."""
    claim = filed()
    return_report(
        Commission.objects.get(claim=claim).pk, reason="unreadable", by=staff("reviewer"), at=FILED + timedelta(days=1)
    )
    return claim


def declined() -> Claim:
    """The agency will not do it: the next one has the time that is left."""
    claim = case_in(State.INVESTIGATING)
    sent = Commission.objects.get(claim=claim)
    decline(sent.pk, code="other", reason="too far", by=investigator_of(sent), at=COMMISSIONED + timedelta(hours=1))
    return claim


def filed_in_time_at_last() -> Claim:
    """The first report came too late and was sent back, the second came in time."""
    claim = filed_late()
    sent = Commission.objects.get(claim=claim)
    return_report(sent.pk, reason="unreadable", by=staff("reviewer"), at=LATER)
    reported(sent, at=LATER + timedelta(days=1))
    return claim


def missed(build: Callable[[], Claim]) -> Claim:
    claim = build()
    NoteMissedDeadlines().run(at=LATER, only=claim.pk)
    return claim


def passed_late() -> Claim:
    claim = missed(lambda: case_in(State.REVIEWING))
    return reviewing.pass_review(claim.pk, by=staff("reviewer"), at=LATER)


def returned_passed() -> Claim:
    """Back in the first review, which stands, with a clock that was missed since."""
    claim = case_in(State.DECIDING)
    reviewing.return_to(
        claim.pk, to=State.REVIEWING, approvals=Approvals.KEEP, reason="look again", by=staff("reviewer"), at=ACCEPTED
    )
    return missed(lambda: claim)


DUE = {
    "reported": (lambda: BUILDERS[State.REPORTED](), None),
    "collecting": (lambda: case_in(State.COLLECTING), date(2025, 5, 5)),
    "collecting, missed": (lambda: missed(lambda: case_in(State.COLLECTING)), date(2025, 5, 5)),
    "reviewing": (lambda: case_in(State.REVIEWING), date(2025, 4, 11)),
    "reviewing, missed": (lambda: missed(lambda: case_in(State.REVIEWING)), date(2025, 4, 11)),
    "reviewing, passed": (BUILDERS["passed"], None),
    "reviewing, passed late": (passed_late, None),
    "reviewing, returned with what was passed": (returned_passed, date(2025, 4, 27)),
    "investigating": (lambda: case_in(State.INVESTIGATING), date(2025, 5, 8)),
    "investigating, missed": (lambda: missed(lambda: case_in(State.INVESTIGATING)), date(2025, 5, 8)),
    "investigating, filed": (filed, None),
    "investigating, filed late": (filed_late, date(2025, 5, 8)),
    "investigating, sent back": (sent_back, date(2025, 5, 21)),
    "investigating, declined": (declined, date(2025, 5, 8)),
    "investigating, filed in time at last": (filed_in_time_at_last, None),
    "deciding": (lambda: case_in(State.DECIDING), date(2025, 4, 24)),
    "publicised": (lambda: case_in(State.PUBLICISED), date(2025, 4, 29)),
    "objected": (lambda: objected(), date(2025, 4, 29)),
    "suspended": (BUILDERS[State.SUSPENDED], None),
    "approved": (lambda: case_in(State.APPROVED), date(2025, 5, 8)),
    "paying": (BUILDERS[State.PAYING], None),
    "paid": (BUILDERS[State.PAID], None),
    "rejected": (BUILDERS[State.REJECTED], None),
    "appealing": (appealing_, date(2025, 6, 1)),
    "appealing, missed": (lambda: missed(appealing_), date(2025, 6, 1)),
    "withdrawn": (BUILDERS[State.WITHDRAWN], None),
    "closed": (BUILDERS[State.CLOSED], None),
}
"""The last day of each step, by hand; None where nothing has to be done by a day."""

CLOCKS = {
    "collecting": "supplement",
    "reviewing": "review",
    "investigating": "investigation",
    "deciding": "decision",
    "publicised": "publicity",
    "suspended": "publicity",
    "approved": "payment",
    "appealing": "appeal_decision",
}
"""The clock of each step, by hand."""


@pytest.mark.django_db
@pytest.mark.parametrize("name", DUE)
def test_the_lists_say_of_a_step_what_its_page_says(name: str) -> None:
    build, day = DUE[name]
    claim = fresh(build())

    due = Claim.objects.with_due().get(pk=claim.pk).due
    on_page = [clock.last_day for clock in running(claim, at=LATER) if clock.kind == CLOCKS.get(claim.state)]

    assert due == (None if day is None else at(f"{day + timedelta(days=1)}"))
    assert on_page == ([day] if day else [None] if claim.state == State.SUSPENDED else [])


@pytest.mark.django_db
@pytest.mark.parametrize("name", DUE)
def test_what_has_a_day_is_overdue_after_it_unless_its_end_is_no_fault(name: str) -> None:
    build, day = DUE[name]
    claim = fresh(build())
    is_overdue = day is not None and claim.state != "publicised"

    assert list(Claim.objects.overdue(at=LATER)) == ([claim] if is_overdue else [])
    if day is not None:
        last_second = at(f"{day + timedelta(days=1)}") - timedelta(seconds=1)
        assert not Claim.objects.overdue(at=last_second).exists()


@pytest.mark.django_db
def test_a_clock_of_an_earlier_visit_to_the_step_is_not_due() -> None:
    claim = missed(lambda: case_in(State.REVIEWING))
    reviewing.return_to(claim.pk, to=State.COLLECTING, reason="unreadable", by=staff("reviewer"), at=LATER)
    # no service comes back to a step without a new clock: written past the gate, so that only the old one is there
    Claim.objects.filter(pk=claim.pk).update(state=State.REVIEWING, state_since=LATER + timedelta(days=1))

    assert Claim.objects.with_due().get().due is None
    assert not [clock for clock in running(fresh(claim), at=LATER) if clock.kind == "review"]
    assert Deadline.objects.filter(claim=claim, kind="review", status="missed").count() == 1
