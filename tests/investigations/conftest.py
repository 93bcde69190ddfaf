"""Commissions of every kind, brought about by the case's own moves."""

from pathlib import Path

import pytest

from claims.enums import State
from claims.models import Claim
from investigations.models import Commission
from tests.factories import case_in


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
