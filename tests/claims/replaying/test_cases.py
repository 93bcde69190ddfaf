"""The shipped case scripts, told with the outcomes that the covenant gives: worked out by hand, never copied.

The start day is not counted: publicity from 27 March to 3 April is seven days, and payable is the day after.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from claims.replaying.output import output
from claims.replaying.play import Play
from claims.replaying.script import read
from config.kernel.clock import database_now
from members.services.shipping import load_shipped

CASES = Path(__file__).resolve().parents[2] / "cases"

pytestmark = pytest.mark.django_db


def told(name: str) -> dict[str, Any]:
    """What the script of that name says when it is played."""
    load_shipped(at=database_now())
    play = Play(read(CASES / f"{name}.json"))
    for _event in play.run():
        pass
    return output(play)


def money(case: dict[str, Any]) -> tuple[int, int, int]:
    said = case["assessment"]
    return said["gross_fen"], said["arrears_fen"], said["net_fen"]


def refused(case: dict[str, Any]) -> list[tuple[str, str]]:
    """The events that were refused: what, and with which code."""
    return [(event["do"], event["refusal"]) for event in case["events"] if not event["ok"]]


def days(case: dict[str, Any]) -> tuple[str, str | None, str | None]:
    publicity = case["publicity"]
    return publicity["starts_on"], publicity["ends_on"], publicity["payable_from"]


def due(case: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    """The deadlines of a kind: the first instant after each, and how it ended."""
    return [(row["due_at"], row["status"]) for row in case["deadlines"] if row["kind"] == kind]


def reminded(case: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    return [(row["at"], row["to"]) for row in case["reminders"] if row["kind"] == kind]


@cache
def scripts() -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*.json"))}


def test_each_script_has_its_file_s_name_and_says_what_it_is_about() -> None:
    assert len(scripts()) == 10
    for name, script in scripts().items():
        assert script["name"] == name
        assert len(script["story"]) > 40


def test_lung_cancer_paid() -> None:
    case = told("lung-cancer-paid")

    assert case["state"] == "paid"
    assert refused(case) == []
    # 300,000 yuan x 100 % x 80 % (62 years old) = 240,000 yuan. Of the shares only those due from 10 March 2024 to
    # 9 March 2025 count: 4.15 + 2.90.
    assert money(case) == (24_000_000, 705, 23_999_295)
    assert case["payout"] == {"state": "settled", "net_fen": 23_999_295}
    assert days(case) == ("2025-03-27", "2025-04-03", "2025-04-04")
    # Five working days after Wednesday 12 March: 13, 14, 17, 18, 19. Three after Wednesday 26 March: 27, 28, 31.
    assert due(case, "review") == [("2025-03-20T00:00:00+08:00", "met")]
    assert due(case, "decision") == [("2025-04-01T00:00:00+08:00", "met")]
    # Approved on Friday 4 April, Qingming: the working days are Monday 7, Tuesday 8, Wednesday 9 April.
    assert due(case, "payment") == [("2025-04-10T00:00:00+08:00", "met")]


def test_thyroid_early_stage() -> None:
    case = told("thyroid-early-stage")

    assert case["state"] == "paid"
    # 100,000 yuan x 30 %, less the share of 14 January.
    assert money(case) == (3_000_000, 305, 2_999_695)
    # 22 April + 7 = 29 April; + 15 for the objection, dismissed or not = 14 May.
    assert days(case) == ("2025-04-22", "2025-05-14", "2025-05-15")
    assert case["publicity"]["card"]["name"] == "吴*漫"


def test_waiting_period_refused() -> None:
    case = told("waiting-period-refused")

    # Joined on 10 January: the ninetieth day is 10 April (21 in January, 28, 31, 10), the day of the diagnosis.
    assert (case["assessment"]["outcome"], case["assessment"]["codes"]) == ("reject", ["WAITING_PERIOD"])
    assert [event["state"] for event in case["events"]] == ["collecting", "reviewing", "rejected"]
    # Refused on 17 April: the appeal window ends with 17 May, and with it the case.
    assert due(case, "appeal_window") == [("2025-05-18T00:00:00+08:00", "missed")]
    assert reminded(case, "appeal_window") == [
        ("2025-05-07T09:00:00+08:00", "member"),
        ("2025-05-14T09:00:00+08:00", "member"),
    ]
    assert case["state"] == "closed"
    assert case["publicity"] is None
    assert case["payout"] is None


def test_accident_in_waiting_period() -> None:
    case = told("accident-in-waiting-period")

    assert case["state"] == "paid"
    assert {"SR-09": "met"}.items() <= {row["rule"]: row["status"] for row in case["assessment"]["findings"]}.items()
    assert money(case) == (5_000_000, 0, 5_000_000)
    assert days(case) == ("2025-04-14", "2025-04-21", "2025-04-22")


def test_renal_failure_waits() -> None:
    case = told("renal-failure-waits")

    # 10 February + 90 days: 18 in February, 31, 30, 11 May. The report of 3 March is in time until 21 May.
    assert refused(case) == [("review", "NOT_ACCEPTED")]
    assert [at for at, _status in due(case, "condition")] == ["2025-05-12T00:00:00+08:00"]
    assert reminded(case, "condition") == [("2025-05-11T09:00:00+08:00", "member")]
    assert case["state"] == "paid"
    assert money(case) == (10_000_000, 0, 10_000_000)
    assert days(case) == ("2025-05-28", "2025-06-04", "2025-06-05")


def test_objection_non_disclosure() -> None:
    case = told("objection-non-disclosure")

    # In the last minute of 4 June the publicity goes on to 19 June. The finding is upheld, yet it is a person who
    # refuses, with a reason; nothing is refused by itself.
    assert case["events"][7]["state"] == "publicised"
    assert case["events"][9]["state"] == "deciding"
    assert refused(case) == [("publish", "NOT_ACCEPTED"), ("reject", "INVALID_INPUT")]
    assert (case["assessment"]["outcome"], case["assessment"]["codes"]) == ("refer", ["NON_DISCLOSURE_REVIEW"])
    assert "2025-06-20T00:00:00+08:00" in [at for at, _status in due(case, "publicity")]
    assert case["state"] == "rejected"
    assert case["payout"] is None


def test_objection_definition() -> None:
    case = told("objection-definition")

    assert [event["state"] for event in case["events"]][6:9] == ["publicised", "publicised", "deciding"]
    # 10 June + 7 = 17 June, + 30 = 17 July.
    assert [at for at, _status in due(case, "publicity")] == ["2025-06-18T00:00:00+08:00", "2025-07-18T00:00:00+08:00"]
    assert refused(case) == [("reject", "INVALID_INPUT")]
    assert case["state"] == "rejected"
    # Refused on 1 July: thirty days to appeal.
    assert due(case, "appeal_window") == [("2025-08-01T00:00:00+08:00", "open")]


def test_objection_forgery() -> None:
    case = told("objection-forgery")

    assert [event["state"] for event in case["events"]][6:] == [
        "publicised",
        "suspended",
        "suspended",
        "publicised",
        "paying",
        "paid",
    ]
    assert refused(case) == [("pay", "WRONG_STATE")]
    # The last day was 10 June; four days were left on 6 June; cleared on 20 June: 24 June.
    assert days(case) == ("2025-06-03", "2025-06-24", "2025-06-25")
    assert money(case) == (5_000_000, 0, 5_000_000)
    assert case["payout"]["net_fen"] == 5_000_000


def test_appeal_won() -> None:
    case = told("appeal-won")

    # Diagnosed on 1 February: the last day to report was 11 February.
    assert refused(case) == [("review", "NOT_ACCEPTED")]
    assert [event["state"] for event in case["events"]][7:12] == [
        "rejected",
        "appealing",
        "deciding",
        "deciding",
        "publicised",
    ]
    # Refused on 3 March, appealed within thirty days; the appeal of 10 March is decided within thirty.
    assert due(case, "appeal_window") == [("2025-04-03T00:00:00+08:00", "met")]
    assert due(case, "appeal_decision") == [("2025-04-10T00:00:00+08:00", "met")]
    assert (case["assessment"]["outcome"], case["assessment"]["codes"]) == ("accept", [])
    assert days(case) == ("2025-03-21", "2025-03-28", "2025-03-29")
    assert case["state"] == "paid"
    assert case["payout"]["net_fen"] == 10_000_000


def test_appeal_lost() -> None:
    case = told("appeal-lost")

    assert case["assessment"]["codes"] == ["EXCLUDED_NON_OPEN_CHEST"]
    assert refused(case) == [("appeal", "DEPOSIT_NOT_PAID")]
    assert [event["state"] for event in case["events"]][-2:] == ["appealing", "rejected"]
    # Refused on 12 June: 12 July is the last day to appeal. Refused again on 1 August: 31 August is.
    assert [at for at, _status in due(case, "appeal_window")] == [
        "2025-07-13T00:00:00+08:00",
        "2025-09-01T00:00:00+08:00",
    ]
    assert case["state"] == "closed"


def test_played_twice_in_one_database_it_says_the_same_but_for_the_case_number() -> None:
    first, second = told("objection-forgery"), told("objection-forgery")

    first["publicity"].pop("card")
    second["publicity"].pop("card")
    assert second == first
