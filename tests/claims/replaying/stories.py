"""Case scripts for tests, put together from short lines, and played as the command plays them."""

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import transaction

from claims.replaying.output import output
from claims.replaying.play import Play
from claims.replaying.script import parse

CERTIFICATE = {
    "kind": "diagnosis_certificate",
    "hospital": {"grade": "3A", "ownership": "public"},
    "sealed": True,
    "signed_by": "specialist",
}
COMMON: list[dict[str, Any]] = [
    CERTIFICATE,
    {"kind": "id_card_front"},
    {"kind": "id_card_back"},
    {"kind": "bank_card"},
    {"kind": "prior_exam_reports", "none_exist": True},
]
TUMOUR = [*COMMON, {"kind": "pathology_report"}, {"kind": "imaging"}]
LUNG = {"site": "lung", "behaviour": "malignant", "symptoms_in_waiting": "none"}


def instant(when: str) -> str:
    """`2025-04-05` (10:00) or `2025-04-05 09:30:00`, Shanghai."""
    day, _space, clock = when.partition(" ")
    return f"{day}T{clock or '10:00:00'}+08:00"


def event(when: str, do: str, **arguments: Any) -> dict[str, Any]:
    return {"at": instant(when), "do": do, **arguments}


def report(
    when: str = "2025-04-05", diagnosed_on: str = "2025-04-01", disease: str = "malignant_tumor", **arguments: Any
) -> dict[str, Any]:
    arguments.setdefault("facts", LUNG)
    return event(when, "report", disease=disease, diagnosed_on=diagnosed_on, **({"cause": "illness"} | arguments))


REVIEWING = [report(), event("2025-04-06", "submit", materials=TUMOUR)]
PASSED = [*REVIEWING, event("2025-04-08", "review", decision="pass")]
INVESTIGATING = [*PASSED, event("2025-04-08 11:00:00", "commission")]
DECIDING = [
    *INVESTIGATING,
    event("2025-04-20", "field_report", conclusion="consistent"),
    event("2025-04-21", "accept_report"),
]
PUBLISHED = [*DECIDING, event("2025-04-22", "publish")]
"""Publicity from 22 April: the last day is 29 April, payable from 30 April."""


def script(
    *events: dict[str, Any],
    plan: str = "qingsong",
    terms: dict[str, Any] | None = None,
    birth_date: str = "1980-05-20",
    joined_at: str = "2024-06-01",
    tier_yuan: int = 100_000,
    unpaid: Sequence[tuple[str, int]] = (),
    until: str | None = None,
    name: str = "story",
    **membership: Any,
) -> dict[str, Any]:
    """A whole script; `membership` takes the rest of its keys."""
    written: dict[str, Any] = {
        "name": name,
        "plan": plan,
        "terms": terms or {},
        "member": {"name": "吴小漫", "sex": "F", "birth_date": birth_date, "region": "湖北"},
        "membership": {"joined_at": instant(joined_at), "tier_yuan": tier_yuan, **membership},
        "unpaid_shares": [{"due_on": due_on, "fen": fen} for due_on, fen in unpaid],
        "events": list(events),
    }
    return written | ({"until": instant(until)} if until else {})


def play(*events: dict[str, Any], **how: Any) -> dict[str, Any]:
    """What the script of these events says; nothing of it stays. `how` is that of `script`."""
    told = parse(script(*events, **how), name="story")
    with transaction.atomic():
        stage = Play(told)
        for _event in stage.run():
            pass
        said = output(stage)
        transaction.set_rollback(True)
    return said


def replay(folder: Path, *contents: Any, keep: bool = False) -> tuple[list[dict[str, Any]], int]:
    """The command's JSON and exit code for files of these contents, a text as it is, anything else as JSON."""
    files = [folder / f"file-{number}.json" for number in range(1, len(contents) + 1)]
    for file, content in zip(files, contents, strict=True):
        file.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), "utf-8")
    printed, code = StringIO(), 0
    try:
        call_command("replay", *map(str, files), json=True, keep=keep, stdout=printed, stderr=StringIO())
    except SystemExit as end:
        code = int(end.code or 0)
    return json.loads(printed.getvalue()), code


def steps(said: dict[str, Any], last: int = 0) -> list[str]:
    """The refusal or the state after each event; `last` many of them, or all."""
    return [entry["refusal"] or entry["state"] for entry in said["events"][-last:]]


def codes(said: dict[str, Any]) -> tuple[str, list[str]]:
    """Outcome and codes of the last assessment."""
    return said["assessment"]["outcome"], said["assessment"]["codes"]


def clocks(said: dict[str, Any], kind: str) -> list[tuple[str | None, str]]:
    """(last day's 24:00, status) of each deadline of a kind."""
    return [(row["due_at"], row["status"]) for row in said["deadlines"] if row["kind"] == kind]


def reminded(said: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    """(civil day, to whom) of each reminder of a kind."""
    return [(row["at"][:10], row["to"]) for row in said["reminders"] if row["kind"] == kind]
