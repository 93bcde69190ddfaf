"""Commissions of every kind, brought about by the case's own moves."""

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
