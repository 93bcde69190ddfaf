"""All sweeps rung by two and by four at once, over cases in every kind of need: each effect once, and no deadlock."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from claims.enums import DeadlineKind, DeadlineStatus, ObjectionKind, State
from claims.models import Claim, Deadline, Letter, Reminder
from claims.services import collecting, objecting
from config.kernel import sweeping
from investigations.models import Commission
from members.models import Message
from tests.concurrency.racing import at_once, queue
from tests.factories import PAPERS, PUBLISHED, case_in, membership, staff

PUBLICITY_OVER = PUBLISHED + timedelta(days=11)
"""The publicities are over, and the applicant who owes papers is reminded."""

PAPERS_OVERDUE = PUBLISHED + timedelta(days=20)


@pytest.mark.parametrize("ringers", [2, 4])
def test_sweeps_at_once_do_everything_once(ringers: int) -> None:
    quiet = [case_in(State.PUBLICISED) for _ in range(3)]
    objected, waiting = case_in(State.PUBLICISED), case_in(State.COLLECTING)
    objecting.object_to(
        objected.pk, kind=ObjectionKind.DEFINITION, objector=membership(), by=staff("intake"), at=PUBLISHED
    )

    for at in (PUBLICITY_OVER, PAPERS_OVERDUE):
        assert at_once(*[partial(sweeping.ring, at=at)] * ringers) == ["done"] * ringers
        sweeping.ring(at=at)  # what one left to the other
    said = Counter(Message.objects.values_list("about", "template"))

    for case in quiet:
        assert Claim.objects.get(pk=case.pk).state == State.APPROVED
        assert Counter(case.events.values_list("verb", flat=True))["approve"] == 1
        assert Letter.objects.filter(claim=case, kind="approval").count() == 1
        assert said[case.number, "payment_due"] == 1
    assert Claim.objects.get(pk=objected.pk).state == State.PUBLICISED
    assert Commission.objects.filter(claim=objected, kind="expert").count() == 1
    assert Deadline.objects.filter(claim=objected, kind=DeadlineKind.PUBLICITY).count() == 2
    assert said[waiting.number, "reminder"] == Reminder.objects.filter(deadline__claim=waiting).count() > 0
    assert said[waiting.number, "deadline_missed"] == 1


def test_papers_of_the_last_minute_are_not_told_as_missed() -> None:
    """The sweep of the end itself comes first; what counts is when the papers came."""
    case = case_in(State.COLLECTING)
    clock = Deadline.objects.get(claim=case, kind=DeadlineKind.SUPPLEMENT)
    assert clock.due_at is not None
    end, clerk = clock.due_at, staff("intake")

    outcome = queue(
        case,
        lambda: sweeping.run("claims.note_missed_deadlines", at=end),
        lambda: collecting.submit(case.pk, materials=PAPERS, by=clerk, at=end - timedelta(milliseconds=1)),
    )

    assert outcome == ["done", "done"]
    assert Deadline.objects.get(pk=clock.pk).status == DeadlineStatus.MET
    assert not Message.objects.filter(about=case.number, template="deadline_missed").exists()
