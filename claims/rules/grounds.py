"""Short ways to write a ground of a case, one for each outcome."""

from collections.abc import Callable
from datetime import date
from typing import Any

from claims.rules.facts import Facts
from members.rules.findings import Code, Ground, Outcome, Params, Status
from members.rules.terms import Terms

ParamsOf = Callable[[Facts, Terms], Params]


def met(rule: str, term: str, because: str, params: ParamsOf | None = None) -> Ground[Facts]:
    """What the clause asks for is there."""
    return Ground(rule, term, because, **_given(params))


def rejects(code: Code, rule: str, term: str, because: str, params: ParamsOf | None = None) -> Ground[Facts]:
    """No aid on this ground."""
    return Ground(rule, term, because, code, Outcome.REJECT, Status.NOT_MET, **_given(params))


def refers(code: Code, rule: str, term: str, because: str, params: ParamsOf | None = None) -> Ground[Facts]:
    """A person must judge."""
    return Ground(rule, term, because, code, Outcome.REFER, Status.UNKNOWN, **_given(params))


def waits(
    code: Code,
    rule: str,
    term: str,
    because: str,
    *,
    params: ParamsOf,
    until: Callable[[Facts, Terms], date | None],
) -> Ground[Facts]:
    """A condition with a date is not met yet."""
    return Ground(rule, term, because, code, Outcome.WAIT, Status.UNKNOWN, params, until)


def needs(code: Code, rule: str, term: str, because: str, params: ParamsOf | None = None) -> Ground[Facts]:
    """A paper is missing or not good enough."""
    return Ground(rule, term, because, code, Outcome.NEED, Status.NOT_MET, **_given(params))


def _given(params: ParamsOf | None) -> dict[str, Any]:
    return {"params": params} if params else {}
