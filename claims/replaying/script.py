"""Reading a case script: its shape is checked before anything is played (`schema.json`)."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match

from claims.rules.facts import FactsInvalid, Medical, Paper
from members.models import Plan
from members.rules.plan_files import read_plan
from members.rules.terms import TermsInvalid, overridable, parse_override


class Malformed(ValueError):
    """A script of the wrong shape: `path` leads to the place (`events[3].at`), the text says what is wrong there."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the story: what is done, when, with which arguments."""

    at: datetime
    do: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Script:
    """A script that has the right shape."""

    name: str
    plan: str
    terms: dict[str, Any]
    member: dict[str, Any]
    membership: dict[str, Any]
    joined_at: datetime
    unpaid_shares: tuple[tuple[date, int], ...]
    events: tuple[Event, ...]
    until: datetime


formats = FormatChecker(formats=())


@formats.checks("instant", raises=ValueError)
def is_instant(value: object) -> bool:
    """ISO 8601 with an offset."""
    return not isinstance(value, str) or datetime.fromisoformat(value).utcoffset() is not None


@formats.checks("civil-date", raises=ValueError)
def is_civil_date(value: object) -> bool:
    """`2025-04-01`, and none of ISO 8601's other forms."""
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


def read(path: Path) -> Script:
    """The script in a file; raises `Malformed`."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Malformed("", f"The file cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise Malformed("", f"This is not JSON: {error}.") from error
    return parse(data, name=path.stem)


def parse(data: Any, *, name: str) -> Script:
    """The script in parsed JSON; raises `Malformed`."""
    _check_text(data)
    _validate(data, _schema(), "")
    _check_plan(data)
    events = tuple(_event(event, f"events[{index}]", data["plan"]) for index, event in enumerate(data["events"]))
    for index, (earlier, later) in enumerate(pairwise(events), start=1):
        if later.at < earlier.at:
            raise Malformed(f"events[{index}].at", "The times go back: this is before the event above it.")
    joined_at = datetime.fromisoformat(data["membership"]["joined_at"])
    last = events[-1].at if events else joined_at
    return Script(
        name=data.get("name", name),
        plan=data["plan"],
        terms=data.get("terms", {}),
        member=data["member"],
        membership=data["membership"],
        joined_at=joined_at,
        unpaid_shares=tuple((date.fromisoformat(row["due_on"]), row["fen"]) for row in data.get("unpaid_shares", ())),
        events=events,
        until=datetime.fromisoformat(data["until"]) if "until" in data else last,
    )


def _check_text(data: Any) -> None:
    """What no database can keep is no text: NUL, and halves of characters."""
    try:
        text = json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Malformed("", "A text holds half a character.") from error
    if b"\\u0000" in text:
        raise Malformed("", "A text holds the character NUL.")


def _check_plan(data: dict[str, Any]) -> None:
    """Plan, terms, tier and health questions are those that exist."""
    plan = Plan.objects.filter(code=data["plan"]).first()
    if plan is None:
        known = ", ".join(Plan.objects.values_list("code", flat=True))
        raise Malformed("plan", f"There is no plan “{data['plan']}”; there are {known}.")
    for name, value in data.get("terms", {}).items():
        if name not in overridable():
            raise Malformed(f"terms.{name}", "There is no such term.")
        try:
            parse_override(name, value)
        except TermsInvalid as error:
            raise Malformed(f"terms.{name}", error.why) from error
    terms = read_plan(data["plan"]).parsed()
    if data["membership"]["tier_yuan"] * 100 not in terms.tiers.fen:
        offered = ", ".join(str(fen // 100) for fen in sorted(terms.tiers.fen))
        raise Malformed("membership.tier_yuan", f"The plan offers {offered}.")
    for question in data["membership"].get("declared", {}):
        _check_question(question, f"membership.declared.{question}", data["plan"])


def _check_question(question: str, path: str, plan: str) -> None:
    if question not in read_plan(plan).parsed().health.questions:
        raise Malformed(path, f"The plan has no health question “{question}”.")


def _event(data: dict[str, Any], path: str, plan: str) -> Event:
    kinds = _schema()["$defs"]["do"]
    if data["do"] not in kinds:
        raise Malformed(f"{path}.do", f"There is no event “{data['do']}”.")
    _validate(data, {**kinds[data["do"]], "$defs": _schema()["$defs"]}, path)
    try:
        if data["do"] == "report":
            Medical.from_json(data.get("facts", {}), f"{path}.facts")
        for index, material in enumerate(data.get("materials", ()) if data["do"] == "submit" else ()):
            Paper.from_json(material, f"{path}.materials[{index}]")
    except FactsInvalid as error:
        raise Malformed(error.path, error.why) from error
    if data["do"] == "breach":
        _check_question(data["question"], f"{path}.question", plan)
    return Event(at=datetime.fromisoformat(data["at"]), do=data["do"], arguments=data)


def _validate(data: Any, schema: dict[str, Any], path: str) -> None:
    error = best_match(Draft202012Validator(schema, format_checker=formats).iter_errors(data))
    if error is not None:
        raise Malformed(_path_of(error, path), error.message)


def _path_of(error: ValidationError, path: str) -> str:
    """`events[3].at`; a missing key is named itself."""
    keys = list(error.absolute_path)
    if error.validator == "required":
        required, given = cast(list[str], error.validator_value), cast(dict[str, Any], error.instance)
        keys += [key for key in required if key not in given][:1]
    for key in keys:
        path += f"[{key}]" if isinstance(key, int) else f".{key}"
    return path.lstrip(".")


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((Path(__file__).parent / "schema.json").read_text(encoding="utf-8"))
    return schema
