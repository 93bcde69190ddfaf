"""A move that is refused, and nothing written; one that is not; and why-not beside both."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from claims.enums import ObjectionFinding, ObjectionKind
from claims.gate import moving
from claims.models import Claim
from claims.services import objecting
from config.kernel import gate
from config.kernel.models import User
from config.kernel.refusals import Refusal
from tests.claims.cases import fresh, move, outcome_of, rows

POSSIBLE = {
    "open_collection": "reported",
    "withdraw": "collecting",
    "lapse": "collecting",
    "complete_materials": "complete",
    "pass_review": "reviewing",
    "commission": "passed",
    "conclude_investigation": "investigating",
    "return_to": "deciding",
    "reject": "deciding",
    "publish": "deciding",
    "suspend": "publicised",
    "resume": "suspended",
    "reconsider": "suspended",
    "approve": "publicised",
    "reopen": "approved",
    "start_payment": "approved",
    "confirm_payment": "paying",
    "payment_bounced": "paying",
    "close": "rejected",
    "appeal": "rejected",
    "uphold": "appealing",
    "overturn": "appealing",
}
"""A case on which the move lacks nothing but the right person."""


def refused(claim: Claim, verb: str, code: str, *, by: User, at: datetime, **arguments: Any) -> Refusal:
    """The attempt is refused with this code, why-not says the same before, and nothing is written."""
    why_not = gate.refusals(fresh(claim), verb, by=by, at=at)
    before = rows()

    with pytest.raises(Refusal) as no:
        move(claim, verb, by=by, at=at, **arguments)

    assert no.value.code == code
    assert (type(no.value), no.value.data) == (type(why_not[0]), why_not[0].data)
    assert str(no.value) == str(why_not[0])
    assert rows() == before
    return no.value


def possible(claim: Claim, verb: str, *, by: User, at: datetime) -> None:
    """The negative control of `refused`: why-not has nothing to say and the move is made."""
    assert gate.refusals(fresh(claim), verb, by=by, at=at) == []
    assert outcome_of(lambda: move(claim, verb, by=by, at=at)) == "done"


def service_refused(code: str, attempt: Callable[[], Any]) -> Refusal:
    """A service refuses for what only it can see, and nothing is written."""
    before = rows()
    with pytest.raises(Refusal) as no:
        attempt()
    assert no.value.code == code
    assert str(no.value)
    assert rows() == before
    return no.value


def resolve(
    claim: Claim,
    kind: ObjectionKind,
    finding: ObjectionFinding = ObjectionFinding.DISMISSED,
    *,
    by: User,
    at: datetime,
) -> None:
    with moving(claim.pk, "resolve", by=by, at=at) as row:
        objecting.resolve(row, kind, finding, by=by, at=at)
