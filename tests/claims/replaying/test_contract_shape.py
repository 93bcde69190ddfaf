"""The contract on shape: what is malformed says so in its place with the path, and holds up no other file."""

import json
from collections.abc import Callable
from copy import deepcopy
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from tests.claims.replaying.stories import REVIEWING, event, play, replay, report, script

pytestmark = pytest.mark.usefixtures("stage")

GOOD = script(*REVIEWING, event("2025-04-07", "object", kind="definition", by="member"))
Change = Callable[[dict[str, Any]], Any]


def without(*path: Any) -> Change:
    def change(story: dict[str, Any]) -> None:
        place: Any = story
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]

    return change


def having(value: Any, *path: Any) -> Change:
    def change(story: dict[str, Any]) -> None:
        place: Any = story
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


MALFORMED: list[tuple[Change, str]] = [
    (without("plan"), "plan"),
    (without("events"), "events"),
    (without("member", "birth_date"), "member.birth_date"),
    (without("membership", "joined_at"), "membership.joined_at"),
    (without("events", 0, "at"), "events[0].at"),
    (without("events", 0, "do"), "events[0].do"),
    (without("events", 0, "disease"), "events[0].disease"),
    (without("events", 1, "materials", 2, "kind"), "events[1].materials[2].kind"),
    (without("events", 2, "kind"), "events[2].kind"),
    (having(5, "name"), "name"),
    (having("nobody", "plan"), "plan"),
    (having([], "terms"), "terms"),
    (having(1, "terms", "waiting.hours"), "terms.waiting.hours"),
    (having(["x"], "terms", "health.questions"), "terms.health.questions"),
    (having("90", "terms", "waiting.days"), "terms.waiting.days"),
    (having(None, "terms", "waiting.days"), "terms.waiting.days"),
    (having(True, "terms", "waiting.days"), "terms.waiting.days"),
    (having("1980-02-30", "member", "birth_date"), "member.birth_date"),
    (having("X", "member", "sex"), "member.sex"),
    (having("2024-06-01T10:00:00", "membership", "joined_at"), "membership.joined_at"),
    (having(70_000, "membership", "tier_yuan"), "membership.tier_yuan"),
    (having({"smoker": True}, "membership", "declared"), "membership.declared.smoker"),
    (having({"hospital_stay_2y": "no"}, "membership", "declared"), "membership.declared.hospital_stay_2y"),
    (having(["passport"], "membership", "documents"), "membership.documents[0]"),
    (having(["covenant"], "membership", "consents"), "membership.consents[0]"),
    (having([{"due_on": "2025-01-14", "fen": "3"}], "unpaid_shares"), "unpaid_shares[0].fen"),
    (having({}, "events"), "events"),
    (having("dance", "events", 0, "do"), "events[0].do"),
    (having("yesterday", "events", 0, "at"), "events[0].at"),
    (having("2025-04-04T10:00:00+08:00", "events", 2, "at"), "events[2].at"),
    (having("1 April", "events", 0, "diagnosed_on"), "events[0].diagnosed_on"),
    (having("2025-W14-2", "events", 0, "diagnosed_on"), "events[0].diagnosed_on"),
    (having(" ", "member", "name"), "member.name"),
    (having(30_000, "terms", "arrears.months"), "terms.arrears.months"),
    (having("fate", "events", 0, "cause"), "events[0].cause"),
    (having("neighbour", "events", 0, "by"), "events[0].by"),
    (having({"tnm": 1}, "events", 0, "facts"), "events[0].facts.tnm"),
    (having({"criteria": ["luck"]}, "events", 0, "facts"), "events[0].facts.criteria"),
    (having("selfie", "events", 1, "materials", 0, "kind"), "events[1].materials[0].kind"),
    (having("4A", "events", 1, "materials", 0, "hospital", "grade"), "events[1].materials[0].hospital.grade"),
    (having("envy", "events", 2, "kind"), "events[2].kind"),
    (having("now", "until"), "until"),
]


@pytest.mark.parametrize(("change", "path"), MALFORMED, ids=[path for _change, path in MALFORMED])
def test_a_malformed_script_names_the_place(tmp_path, change, path):
    story = deepcopy(GOOD)
    change(story)

    told, code = replay(tmp_path, story)

    assert code == 2
    assert set(told[0]) == {"name", "error"}
    assert told[0]["name"] == ("file-1" if path == "name" else "story")
    assert told[0]["error"]["path"] == path
    assert told[0]["error"]["message"]


@pytest.mark.parametrize(
    ("do", "arguments", "path"),
    [
        ("review", {}, "decision"),
        ("review", {"decision": "perhaps"}, "decision"),
        ("correct_joined_at", {"joined_at": "2024-06-01"}, "joined_at"),
        ("breach", {"question": "smoker"}, "question"),
        ("field_report", {"conclusion": "guilty"}, "conclusion"),
        ("object", {"kind": "definition", "by": "press"}, "by"),
        ("resolve", {"kind": "definition", "finding": "moot"}, "finding"),
        ("appeal", {"channel": "prayer"}, "channel"),
        ("appeal", {"channel": "online", "deposit_fen": "500"}, "deposit_fen"),
        ("decide_appeal", {"finding": "dismissed"}, "finding"),
        ("return", {"to": "limbo"}, "to"),
        ("return", {"to": "reviewing", "approvals": "some"}, "approvals"),
        ("lapse", {"reason": 7}, "reason"),
    ],
)
def test_an_event_with_a_value_that_is_not_listed_is_malformed(tmp_path, do, arguments, path):
    told, code = replay(tmp_path, script(report(), event("2025-04-06", do, **arguments)))

    assert (code, told[0]["error"]["path"]) == (2, f"events[1].{path}")


def test_the_others_are_played_each_in_its_place(tmp_path):
    bad = script(name="bad") | {"plan": "x"}
    told, code = replay(tmp_path, script(report(), name="one"), bad, "{", [], script(name="two"), "[" * 100_000)

    assert code == 2
    assert [story["name"] for story in told] == ["one", "bad", "file-3", "file-4", "two", "file-6"]
    assert ["error" in story for story in told] == [False, True, True, True, False, True]
    assert told[0]["state"] == "collecting"


def test_a_file_that_is_not_there_is_told_too(tmp_path):
    printed = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("replay", str(tmp_path / "gone.json"), json=True, stdout=printed, stderr=StringIO())

    assert end.value.code == 2
    assert json.loads(printed.getvalue())[0]["name"] == "gone"


def test_refused_events_leave_the_exit_code_at_0(tmp_path):
    told, code = replay(tmp_path, script(event("2025-04-06", "pay"), report("2025-04-06", "2025-04-07")))

    assert code == 0
    assert [entry["refusal"] for entry in told[0]["events"]] == ["WRONG_STATE", "INVALID_INPUT"]


def test_lists_may_be_empty_and_times_equal(tmp_path):
    nothing = script(documents=[], consents=[], until="2025-01-01")
    at_once = [entry | {"at": "2025-04-05T10:00:00+08:00"} for entry in REVIEWING]
    told, code = replay(tmp_path, nothing, script(*at_once))

    assert code == 0
    assert told[0]["events"] == []
    assert told[0]["admission"] == {"outcome": "accept", "codes": []}
    assert told[1]["state"] == "reviewing"
    assert replay(tmp_path) == ([], 0)


def test_a_disease_outside_the_catalogue_is_not_malformed():
    assert play(report(disease="homesickness"))["assessment"]["codes"] == ["NOT_COVERED"]


def test_the_questions_are_listed():
    printed = StringIO()
    call_command("replay", questions=True, stdout=printed)

    keys = {plan: [question["key"] for question in said] for plan, said in json.loads(printed.getvalue()).items()}
    assert {plan: len(said) for plan, said in keys.items()} == {"qingsong": 12, "xianghu": 9, "meituan": 14}
    assert {"hospital_stay_2y", "pre_existing_condition"} <= set(keys["qingsong"])
