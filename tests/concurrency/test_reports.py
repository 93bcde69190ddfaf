"""Reports for a membership that somebody else holds."""

from datetime import date

from claims.models import Claim
from claims.services import reporting
from tests.concurrency.racing import queue
from tests.factories import at, membership, staff


def test_a_report_that_waits_too_long_is_told_so() -> None:
    member, clerk = membership(), staff("intake")

    outcome = queue(
        member,
        lambda: reporting.report(
            member.pk, disease="cancer", diagnosed_on=date(2025, 4, 1), by=clerk, at=at("2025-04-05 09:30")
        ),
        hold=3.5,
    )

    assert outcome == ["BUSY"]
    assert not Claim.objects.filter(membership=member).exists()
