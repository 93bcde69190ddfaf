"""What the rules say: outcomes, codes, and findings with their clause and reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

from members.rules.terms import Terms

Params = Mapping[str, str | int]
F = TypeVar("F")


class Status(StrEnum):
    """Is what the clause asks for there?"""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What a finding leads to; declared strongest first."""

    REJECT = "reject"
    REFER = "refer"
    WAIT = "wait"
    NEED = "need"
    ACCEPT = "accept"


class Code(StrEnum):
    """The stable codes, in the order in which they are listed: by strength, substantive before formal (AMB-18)."""

    AGE_BELOW_MINIMUM = "AGE_BELOW_MINIMUM"
    AGE_ABOVE_MAXIMUM = "AGE_ABOVE_MAXIMUM"
    DECLARATION_NOT_MET = "DECLARATION_NOT_MET"
    BIRTH_CERTIFICATE = "BIRTH_CERTIFICATE"
    EXAM_REPORT = "EXAM_REPORT"

    NOT_COVERED = "NOT_COVERED"
    EXCLUDED_HIV_TUMOUR = "EXCLUDED_HIV_TUMOUR"
    EXCLUDED_NON_OPEN_CHEST = "EXCLUDED_NON_OPEN_CHEST"
    EXCLUDED_ALCOHOL_BRAIN = "EXCLUDED_ALCOHOL_BRAIN"
    WAITING_PERIOD = "WAITING_PERIOD"
    WAITING_PERIOD_SYMPTOM = "WAITING_PERIOD_SYMPTOM"
    DEFINITION_NOT_MET = "DEFINITION_NOT_MET"
    NON_DISCLOSURE = "NON_DISCLOSURE"
    FORGED_MATERIAL = "FORGED_MATERIAL"
    LATE_REPORT = "LATE_REPORT"

    HEALTH_RECHECK = "HEALTH_RECHECK"
    NON_DISCLOSURE_REVIEW = "NON_DISCLOSURE_REVIEW"
    MEDICAL_EXPERT = "MEDICAL_EXPERT"
    IN_SITU_RATIO = "IN_SITU_RATIO"

    DIALYSIS_DURATION = "DIALYSIS_DURATION"

    DIAGNOSIS_CERTIFICATE = "DIAGNOSIS_CERTIFICATE"
    QUALIFYING_HOSPITAL_CERTIFICATE = "QUALIFYING_HOSPITAL_CERTIFICATE"
    RECORDS_OFFICE_SEAL = "RECORDS_OFFICE_SEAL"
    SPECIALIST_CERTIFICATE = "SPECIALIST_CERTIFICATE"
    PATHOLOGY_REPORT = "PATHOLOGY_REPORT"
    IMAGING = "IMAGING"
    SURGERY_RECORD = "SURGERY_RECORD"
    DISCHARGE_SUMMARY = "DISCHARGE_SUMMARY"
    DIALYSIS_RECORD = "DIALYSIS_RECORD"
    ID_CARD_FRONT = "ID_CARD_FRONT"
    ID_CARD_BACK = "ID_CARD_BACK"
    BANK_CARD = "BANK_CARD"
    PRIOR_EXAM_REPORTS = "PRIOR_EXAM_REPORTS"
    NO_SYMPTOM_EVIDENCE = "NO_SYMPTOM_EVIDENCE"


#: The grounds on which a case may be refused, by the rules or by a reviewer.
REJECT_CODES = frozenset(
    {
        Code.NOT_COVERED,
        Code.EXCLUDED_HIV_TUMOUR,
        Code.EXCLUDED_NON_OPEN_CHEST,
        Code.EXCLUDED_ALCOHOL_BRAIN,
        Code.WAITING_PERIOD,
        Code.WAITING_PERIOD_SYMPTOM,
        Code.DEFINITION_NOT_MET,
        Code.NON_DISCLOSURE,
        Code.FORGED_MATERIAL,
        Code.LATE_REPORT,
    }
)


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


@dataclass(frozen=True, slots=True, eq=False)
class Ground(Generic[F]):
    """A finding before its words are filled in: what a rule returns, and a constant of the module that holds the rule.

    A rule only decides which ground holds; the figures in its sentence are worked out when somebody reads it.
    """

    rule: str
    term: str
    because: str
    code: Code | None = None
    outcome: Outcome = Outcome.ACCEPT
    status: Status = Status.MET
    params: Callable[[F, Terms], Params] = _no_params
    until: Callable[[F, Terms], date | None] = _no_date

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
