"""The contract on deadlines and reminders: last days, statuses, civil days of the reminders and to whom they go."""

import pytest

from tests.claims.replaying.stories import (
    COMMON,
    DECIDING,
    INVESTIGATING,
    PUBLISHED,
    REVIEWING,
    clocks,
    event,
    play,
    reminded,
    report,
)

pytestmark = pytest.mark.usefixtures("stage")

REFUSED = [*DECIDING, event("2025-04-22", "reject", ground="DEFINITION_NOT_MET", reason="x")]
APPEALING = [*REFUSED, event("2025-05-01", "appeal", channel="online")]
FAR = "2025-12-31"


@pytest.mark.parametrize(
    ("events", "kind", "due_on", "reminders"),
    [
        # 5 April + 30 days
        ([report()], "supplement", "2025-05-06", [("2025-04-25", "member"), ("2025-05-02", "member")]),
        # Sunday 6 April, a day off: the five working days are 7 to 11 April
        (REVIEWING, "review", "2025-04-12", [("2025-04-10", "reviewer")]),
        (INVESTIGATING, "investigation", "2025-05-09", [("2025-04-28", "agency"), ("2025-05-05", "agency")]),
        # Monday 21 April + 3 working days
        (DECIDING, "decision", "2025-04-25", [("2025-04-23", "reviewer")]),
        # approved on Wednesday 30 April; 27 April was a working Sunday, 1 to 5 May are days off: 6, 7, 8 May
        (PUBLISHED, "payment", "2025-05-09", [("2025-05-07", "finance")]),
        (APPEALING, "appeal_decision", "2025-06-01", [("2025-05-21", "reviewer"), ("2025-05-28", "reviewer")]),
    ],
)
def test_a_deadline_of_the_desk_reminds_and_is_missed(events, kind, due_on, reminders):
    said = play(*events, until=FAR)

    assert clocks(said, kind) == [(f"{due_on}T00:00:00+08:00", "missed")]
    assert reminded(said, kind) == reminders


def test_the_appeal_window_reminds_and_closes_the_case():
    said = play(*REFUSED, until=FAR)

    assert [due for due, _status in clocks(said, "appeal_window")] == ["2025-05-23T00:00:00+08:00"]
    assert reminded(said, "appeal_window") == [("2025-05-12", "member"), ("2025-05-19", "member")]
    assert said["state"] == "closed"


def test_a_review_that_was_kept_on_a_return_ends_when_somebody_is_sent_to_look():
    said = play(
        *DECIDING,
        event("2025-04-21 15:00:00", "return", to="reviewing", reason="unclear", approvals="keep"),
        event("2025-04-21 16:00:00", "commission"),
        until="2025-05-06",
    )

    assert said["state"] == "investigating"
    assert [status for _due, status in clocks(said, "review")] == ["met", "met"]
    assert reminded(said, "review") == []


def test_what_was_done_in_time_is_met_and_reminds_nobody():
    said = play(*PUBLISHED, until="2025-04-29")

    assert [(row["kind"], row["status"]) for row in said["deadlines"]] == [
        ("supplement", "met"),
        ("review", "met"),
        ("investigation", "met"),
        ("decision", "met"),
        ("publicity", "open"),
    ]
    assert said["reminders"] == []


def test_a_case_that_has_left_waits_for_nothing():
    said = play(report(), event("2025-04-06", "withdraw"), until=FAR)

    assert clocks(said, "supplement") == [("2025-05-06T00:00:00+08:00", "cancelled")]
    assert said["reminders"] == []


def test_a_reminder_goes_out_before_the_event_of_its_instant():
    said = play(report(), event("2025-04-25 09:00:00", "withdraw"))

    assert reminded(said, "supplement") == [("2025-04-25", "member")]
    assert play(report(), event("2025-04-25 08:59:59", "withdraw"), until=FAR)["reminders"] == []


def test_sweeps_run_up_to_the_end_of_the_script():
    assert play(*PUBLISHED, until="2025-04-29 23:59:59")["state"] == "publicised"
    assert play(*PUBLISHED, until="2025-04-30 00:00:00")["state"] == "approved"
    assert play(*PUBLISHED)["state"] == "publicised"


class TestCondition:
    """Dialysis from 20 January: the 90 days are complete on 20 April."""

    waiting = report("2025-04-05", "2025-01-10", "end_stage_renal_disease", facts={"dialysis_since": "2025-01-20"})

    def test_reminds_on_its_day(self):
        said = play(self.waiting, event("2025-04-06", "submit", materials=COMMON), until=FAR)

        assert clocks(said, "condition") == [("2025-04-21T00:00:00+08:00", "missed")]
        assert reminded(said, "condition") == [("2025-04-20", "member")]

    def test_is_met_by_the_record(self):
        record = {"kind": "dialysis_record", "through": "2025-04-20"}
        said = play(self.waiting, event("2025-04-20", "submit", materials=[*COMMON, record]), until=FAR)

        assert clocks(said, "condition") == [("2025-04-21T00:00:00+08:00", "met")]

    def test_that_has_come_already_is_waited_for_no_longer(self):
        late = report("2025-04-25", "2025-01-10", "end_stage_renal_disease", facts={"dialysis_since": "2025-01-20"})
        said = play(late, event("2025-04-26", "submit", materials=COMMON), until=FAR)

        assert clocks(said, "condition") == []
        assert said["assessment"]["outcome"] == "wait"


def test_a_story_may_run_for_years():
    said = play(*PUBLISHED, event("2025-04-30", "pay"), event("2025-05-01", "settle"), until="2035-01-01")

    assert said["state"] == "paid"
