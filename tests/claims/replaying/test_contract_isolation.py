"""The contract on what stays: nothing of a refused event, nothing of a run without --keep, nothing between files."""

from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from claims.models import Claim
from claims.replaying.play import Play
from claims.replaying.script import parse
from members.models import Covenant, Member
from tests.claims.replaying.stories import (
    DECIDING,
    INVESTIGATING,
    PUBLISHED,
    REVIEWING,
    event,
    play,
    replay,
    report,
    script,
)

pytestmark = pytest.mark.usefixtures("stage")


def rows() -> dict[str, int]:
    """How many rows each table holds."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize(
    ("before", "refused", "code"),
    [
        ([], report("2025-04-22", "2025-04-23"), "INVALID_INPUT"),
        (REVIEWING, event("2025-04-22", "publish"), "WRONG_STATE"),
        (REVIEWING, event("2025-04-22", "return", to="collecting"), "INVALID_INPUT"),
        (
            [report()],
            event(
                "2025-04-22",
                "submit",
                materials=[{"kind": "imaging"}, {"kind": "dialysis_record", "through": "2026-01-01"}],
            ),
            "INVALID_INPUT",
        ),
        (INVESTIGATING, event("2025-04-22", "accept_report"), "WRONG_STATE"),
        (DECIDING, event("2025-04-22", "correct_joined_at", joined_at="2024-05-01T00:00:00Z"), "INVALID_INPUT"),
        (DECIDING, event("2025-04-22", "reject", ground="DEFINITION_NOT_MET"), "INVALID_INPUT"),
        (PUBLISHED, event("2025-04-22", "object", kind="forgery", by="applicant"), "NOT_PERMITTED"),
        (PUBLISHED, event("2025-04-30", "object", kind="forgery"), "PUBLICITY_ENDED"),
        (PUBLISHED, event("2025-04-22", "resolve", kind="forgery", finding="upheld"), "WRONG_STATE"),
        (PUBLISHED, event("2025-04-22", "pay"), "WRONG_STATE"),
        (
            [*DECIDING, event("2025-04-22", "reject", ground="DEFINITION_NOT_MET", reason="x")],
            event("2025-04-22", "appeal", channel="arbitration"),
            "DEPOSIT_NOT_PAID",
        ),
    ],
)
def test_nothing_is_kept_of_a_refused_event(before, refused, code):
    """The same story without the refused event leaves as many rows."""

    def left(*events: dict[str, Any]) -> dict[str, int]:
        with transaction.atomic():
            stage = Play(parse(script(*events, until="2025-04-30 00:00:00"), name="x"))
            list(stage.run())
            assert [no.code for _event, no, _state in stage.outcomes if no] == (
                [code] if len(events) > len(before) else []
            )
            counted = rows()
            transaction.set_rollback(True)
        return counted

    assert left(*before, refused) == left(*before)


def test_a_refused_event_changes_nothing_that_is_told():
    with_it = play(*REVIEWING, event("2025-04-07", "publish"), *PUBLISHED[2:])
    without = play(*PUBLISHED)

    assert {key: said for key, said in with_it.items() if key not in ("events", "publicity")} == {
        key: said for key, said in without.items() if key not in ("events", "publicity")
    }


def test_a_run_leaves_no_trace(tmp_path):
    replay(tmp_path, script())
    before = rows()

    told, code = replay(tmp_path, script(*PUBLISHED, terms={"publicity.days": 3}), script(report()))

    assert (code, [story["state"] for story in told]) == (0, ["publicised", "collecting"])
    assert rows() == before


def test_files_see_nothing_of_each_other(tmp_path):
    """The same person, disease and term values three times: each is a first case, told alike."""
    story = script(*PUBLISHED, event("2025-04-23", "object", kind="definition"), terms={"publicity.days": 3})

    told, code = replay(tmp_path, story, story, script(*PUBLISHED))

    assert code == 0
    for said in told:
        del said["publicity"]["card"]["number"]
    assert told[0] == told[1]
    assert told[0]["publicity"]["ends_on"] == "2025-05-25"  # 22 April + 3 + 30
    assert told[2]["publicity"]["ends_on"] == "2025-04-29"


def test_keep_commits_and_a_second_run_plays_another_person(tmp_path):
    assert replay(tmp_path, script(report()), script(report()), keep=True)[1] == 0
    told, code = replay(tmp_path, script(report()), keep=True)

    assert (code, told[0]["state"]) == (0, "collecting")
    assert Claim.objects.count() == Member.objects.filter(name="吴小漫").count() == 3


def test_terms_hold_for_their_run_only(tmp_path):
    told, _code = replay(tmp_path, script(report(), terms={"report.days": 1}), script(report()), keep=True)

    assert [said["assessment"]["outcome"] for said in told] == ["reject", "need"]
    assert Covenant.objects.filter(derived_from__isnull=True, terms__contains={"report.days": 1}).count() == 0
