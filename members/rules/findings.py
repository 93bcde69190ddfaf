"""What the rules say: outcomes, codes, and findings with their clause and reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from members.rules.codes import REJECT_CODES, Code, Outcome, Status
from members.rules.terms import Terms

__all__ = ["REJECT_CODES", "Code", "Finding", "Ground", "Outcome", "Params", "Status"]

Params = Mapping[str, str | int]
F = TypeVar("F")

_PLACES = {code: place for place, code in enumerate(Code)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's word on one case.

    `rule` is an id of the rule catalogue ("SR-08"), `clause` the number of the clause in the covenant that was applied,
    `because` an English msgid whose places `params` fill, `until` the day on which a waiting condition can be met.
    """

    rule: str
    status: Status
    code: Code | None
    clause: str
    because: str
    params: Params
    outcome: Outcome
    until: date | None = None

    def text(self, translate: Callable[[str], str] = str) -> str:
        """The reason as a sentence, in the language that `translate` speaks."""
        return translate(self.because) % self.params

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back."""
        return {
            "rule": self.rule,
            "status": self.status.value,
            "code": self.code.value if self.code else None,
            "clause": self.clause,
            "because": self.because,
            "params": dict(self.params),
            "outcome": self.outcome.value,
            "until": self.until.isoformat() if self.until else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Finding":
        """The finding that `to_json` wrote."""
        return cls(
            rule=data["rule"],
            status=Status(data["status"]),
            code=Code(data["code"]) if data["code"] else None,
            clause=data["clause"],
            because=data["because"],
            params=data["params"],
            outcome=Outcome(data["outcome"]),
            until=date.fromisoformat(data["until"]) if data["until"] else None,
        )


def _no_params(facts: Any, terms: Terms) -> Params:
    return {}


def _no_date(facts: Any, terms: Terms) -> date | None:
    return None


@dataclass(frozen=True, eq=False)
class Ground(Generic[F]):
    """A finding before its words are filled in: what a rule returns, and a constant of the module that holds the rule.

    A rule only decides which ground holds; the figures in its sentence are worked out when somebody reads it.
    `place` is where it is listed: grounds with a code in the order of the codes, the others behind.
    """

    rule: str
    term: str
    because: str
    code: Code | None = None
    outcome: Outcome = Outcome.ACCEPT
    status: Status = Status.MET
    params: Callable[[F, Terms], Params] = _no_params
    until: Callable[[F, Terms], date | None] = _no_date
    place: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", len(_PLACES) if self.code is None else _PLACES[self.code])

    def finding(self, facts: F, terms: Terms) -> Finding:
        """The whole finding, with the clause of the version that `terms` came from."""
        return Finding(
            rule=self.rule,
            status=self.status,
            code=self.code,
            clause=terms.clause(self.term),
            because=self.because,
            params=self.params(facts, terms),
            outcome=self.outcome,
            until=self.until(facts, terms),
        )
