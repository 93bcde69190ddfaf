"""A case script knows no letter: its consent to an investigation has the written authorisation in it."""

from typing import Any

import pytest

from claims.replaying.play import Play
from claims.replaying.registry import after, follows
from claims.replaying.script import parse
from investigations.models import Authorisation, Commission
from tests.claims.replaying.stories import DECIDING, REVIEWING, event, script
from tests.factories import plan

pytestmark = pytest.mark.django_db

BY_AN_HEIR = [REVIEWING[0] | {"by": "heir"}, *DECIDING[1:]]
UNASKED = [
    *REVIEWING,
    event("2025-04-08", "review", decision="pass"),
    event("2025-04-22", "publish"),
    event("2025-04-25", "object", kind="non_disclosure"),
]
"""Of a plan that asks for no investigation: the first one that goes out is the second."""


def played(*events: dict[str, Any], **how: Any) -> None:
    """Played as the command plays it, and kept."""
    plan()
    for _event in Play(parse(script(*events, **how), name="x")).run():
        pass


def test_the_letter_comes_with_the_report_by_whoever_reports() -> None:
    played(*BY_AN_HEIR)

    letter = Authorisation.objects.get()
    assert (letter.signed_as, letter.signed_on.isoformat(), letter.scan) == ("heir", "2025-04-05", None)
    assert Commission.objects.filter(kind="field").exists()


def test_without_the_consent_there_is_no_letter() -> None:
    played(*DECIDING, consents=["publicity"])

    assert not Authorisation.objects.exists()
    assert not Commission.objects.exists()


def test_a_second_investigation_goes_out_though_none_was_commissioned_before() -> None:
    played(*UNASKED, terms={"investigation.required": False})

    assert Commission.objects.get().kind == "second"


def test_what_follows_an_event_is_added_to_what_others_added() -> None:
    known = list(follows["report"])

    try:
        assert after("report")(played) is played  # type: ignore[arg-type]
        assert follows["report"] == [*known, played]
    finally:
        follows["report"][:] = known
