"""docs/states.md says what the code declares, and the command notices when it does not."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from claims.enums import ENDED, MOVES, State
from claims.management.commands import states


def test_the_page_is_up_to_date() -> None:
    assert states.PAGE.read_text(encoding="utf-8") == states.state_page()


def test_every_pair_that_the_database_lets_pass_is_drawn_and_no_other() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+):", states.state_page(), flags=re.MULTILINE))

    legal = {(str(was.value), str(becomes.value)) for was, becomes in MOVES}
    assert drawn - legal == {("reviewing", "reviewing")}  # a passed review may stay where it is
    assert legal <= drawn


def test_a_move_that_may_end_in_two_steps_is_drawn_to_both() -> None:
    ends = {move.target for move in states.moves() if move.name == "pass_review"}

    assert ends == {"reviewing", "deciding"}


def test_no_move_leads_out_of_an_end() -> None:
    assert not {move.source for move in states.moves()} & {state.value for state in ENDED}
    assert {move.source for move in states.moves()} == set(State.values) - {state.value for state in ENDED}


def test_check_exits_with_1_when_the_page_differs_and_leaves_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "states.md"
    page.write_text(states.state_page().replace("approve", "wave through"), encoding="utf-8")
    monkeypatch.setattr(states, "PAGE", page)
    before = page.read_text(encoding="utf-8")

    with pytest.raises(SystemExit) as ended:
        call_command("states", "--check", stdout=StringIO(), stderr=StringIO())

    assert ended.value.code == 1
    assert page.read_text(encoding="utf-8") == before
    call_command("states", stdout=StringIO())
    call_command("states", "--check", stdout=StringIO())
