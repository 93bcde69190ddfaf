"""The example of the contract, verbatim (it is the first shipped script), and the output that it shows."""

import json
from pathlib import Path

import pytest

from tests.claims.replaying.stories import codes, play, replay, report

pytestmark = pytest.mark.usefixtures("stage")

EXAMPLE = Path(__file__).parents[2] / "cases" / "thyroid-early-stage.json"


def test_the_example_says_what_the_contract_says(tmp_path):
    script = json.loads(EXAMPLE.read_text("utf-8"))

    (told,), code = replay(tmp_path, script)

    assert code == 0
    assert list(told) == [
        *("name", "state", "admission", "assessment", "publicity", "payout", "events", "deadlines", "reminders")
    ]
    assert (told["name"], told["state"]) == ("thyroid-early-stage", "paid")
    assert told["admission"] == {"outcome": "accept", "codes": []}
    findings = told["assessment"].pop("findings")
    assert told["assessment"] == {
        "outcome": "accept",
        "codes": [],
        "gross_fen": 3_000_000,
        "arrears_fen": 305,
        "net_fen": 2_999_695,
    }
    thyroid = next(finding for finding in findings if finding["rule"] == "SR-18")
    assert (set(thyroid), thyroid["status"], thyroid["code"]) == (
        {"rule", "status", "code", "clause", "because"},
        "met",
        None,
    )
    assert thyroid["clause"]
    assert thyroid["because"]
    card = told["publicity"].pop("card")
    assert told["publicity"] == {
        "starts_on": "2025-04-22",
        "ends_on": "2025-05-14",
        "payable_from": "2025-05-15",
        "suspended": False,
        "days_left": 0,
    }
    assert card["name"] == "吴*漫"
    assert told["payout"] == {"state": "settled", "net_fen": 2_999_695}
    assert [(entry["at"], entry["do"]) for entry in told["events"]] == [
        (event["at"], event["do"]) for event in script["events"]
    ]
    assert all(entry["ok"] and entry["refusal"] is None for entry in told["events"])
    assert [entry["state"] for entry in told["events"]] == [
        *("collecting", "reviewing", "reviewing", "investigating", "investigating", "deciding"),
        *("publicised", "publicised", "publicised", "paying", "paid"),
    ]
    assert {row["status"] for row in told["deadlines"]} == {"met", "cancelled"}


def test_a_finding_that_waits_says_until_when():
    said = play(report("2025-04-05", "2025-01-10", "end_stage_renal_disease", facts={"dialysis_since": "2025-01-20"}))

    waits = [finding for finding in said["assessment"]["findings"] if finding["code"] == "DIALYSIS_DURATION"]
    assert [finding["until"] for finding in waits] == ["2025-04-20"]


@pytest.mark.parametrize(
    ("since", "transplanted_on", "last_day"),
    [("2025-01-20", None, "2025-04-30"), (None, "2025-04-21", "2025-05-01")],
)
def test_renal_failure_is_in_time_up_to_ten_days_after_its_condition(since, transplanted_on, last_day):
    facts = {name: day for name, day in (("dialysis_since", since), ("transplanted_on", transplanted_on)) if day}

    def asked(at: str) -> list[str]:
        event = report(disease="end_stage_renal_disease", diagnosed_on="2025-01-10", facts=facts)
        return codes(play(event | {"at": at}))[1]

    assert "LATE_REPORT" not in asked(f"{last_day}T15:59:59+00:00")
    assert asked(f"{last_day}T16:00:00+00:00")[0] == "LATE_REPORT"


@pytest.mark.parametrize(
    ("reported_on", "inside", "outside"),
    [
        ("2025-04-05", ["2024-04-05", "2025-04-04"], ["2024-04-04", "2025-04-05"]),
        ("2025-02-28", ["2024-02-28", "2024-02-29"], ["2024-02-27", "2025-02-28"]),
        ("2024-02-29", ["2023-02-28", "2024-02-28"], ["2023-02-27", "2024-02-29"]),
    ],
)
def test_arrears_are_those_of_the_calendar_months_before_the_report(reported_on, inside, outside):
    shares = [(day, 10**place) for place, day in enumerate(inside)] + [(day, 10**6) for day in outside]

    said = play(report(reported_on, reported_on), unpaid=shares, joined_at="2020-01-01")

    assert said["assessment"]["arrears_fen"] == 11
    assert said["assessment"]["net_fen"] == 10_000_000 - 11
