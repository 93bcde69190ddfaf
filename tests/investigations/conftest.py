"""Commissions of every kind, brought about by the case's own moves."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from claims.enums import Channel, ObjectionKind, State
from claims.models import Claim
from claims.services import appealing, deciding, objecting
from config.kernel import sweeping
from investigations.models import Commission
from tests.factories import PUBLISHED, case_in, membership, staff

ASKED = PUBLISHED + timedelta(days=2)
"""When somebody objects to, or appeals against, what was decided."""


@pytest.fixture
def sent(db: None) -> Commission:
    """A field commission that is out."""
    case = case_in(State.INVESTIGATING)
    return Commission.objects.get(claim=case)


@pytest.fixture
def publicised(db: None) -> Claim:
    return case_in(State.PUBLICISED)


@pytest.fixture
def store(settings, tmp_path: Path) -> Path:
    """A file store of this test's own."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def of_kind(db: None) -> Callable[[str], Commission]:
    """A commission of a kind that is out, brought about by what asks for it."""

    def sent_out(kind: str) -> Commission:
        if kind == "field":
            case = case_in(State.INVESTIGATING)
        elif kind == "arbitration":
            case = _appealed()
        else:
            case = case_in(State.PUBLICISED)
            doubt = {"second": "non_disclosure", "expert": "definition", "forensic": "forgery"}[kind]
            objecting.object_to(case.pk, kind=ObjectionKind(doubt), objector=membership(), by=staff("intake"), at=ASKED)
        sweeping.run("investigations.open_commissions", at=ASKED, only=case.pk)
        rows = Commission.objects.select_related("agency", "deadline", "claim__membership__member")
        return rows.get(claim=case, kind=kind)

    return sent_out


def _appealed() -> Claim:
    case = case_in(State.DECIDING)
    deciding.reject(
        case.pk,
        contrary="nothing found",
        ground="DEFINITION_NOT_MET",
        reason="stage",
        by=staff("reviewer"),
        at=PUBLISHED,
    )
    appealing.appeal(case.pk, channel=Channel.ARBITRATION, deposit_fen=50_000, by=staff("intake"), at=ASKED)
    return case
