"""What the rules know of a case: frozen, without a database, and stored as JSON beside each assessment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from claims.rules.fact_checks import (
    FactsInvalid,
    civil_day,
    fen,
    grade,
    listed,
    listed_many,
    optional,
    switch,
    text,
    texts,
)
from claims.rules.kinds import Approach, Behaviour, Cause, Criterion, Ownership, PaperKind, Signer, SymptomsInWaiting

__all__ = ["Cause", "Facts", "FactsInvalid", "Medical", "Paper", "Unpaid"]


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper on file. `grade` ("3A") and `ownership` are the hospital's, `through` a dialysis record's last day."""

    kind: PaperKind
    grade: str | None = None
    ownership: Ownership | None = None
    sealed: bool = False
    signed_by: Signer | None = None
    through: date | None = None
    none_exist: bool = False

    def to_json(self) -> dict[str, Any]:
        """The paper as a case script writes it."""
        paper: dict[str, Any] = {"kind": self.kind.value, "sealed": self.sealed, "none_exist": self.none_exist}
        if self.grade or self.ownership:
            paper["hospital"] = {"grade": self.grade, "ownership": self.ownership and self.ownership.value}
        return paper | {
            "signed_by": self.signed_by and self.signed_by.value,
            "through": self.through and self.through.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Any, path: str = "") -> "Paper":
        """A paper as a case script writes it; raises FactsInvalid with its path. Unknown keys are let be."""
        read = _Object(data, path)
        hospital = _Object(read.data.get("hospital") or {}, f"{path}.hospital".lstrip("."))
        return cls(
            kind=read("kind", listed(PaperKind)),
            grade=hospital("grade", optional(grade)),
            ownership=hospital("ownership", optional(listed(Ownership))),
            sealed=read("sealed", optional(switch)) or False,
            signed_by=read("signed_by", optional(listed(Signer))),
            through=read("through", optional(civil_day)),
            none_exist=read("none_exist", optional(switch)) or False,
        )


@dataclass(frozen=True, slots=True)
class Medical:
    """The medical facts on which definitions are judged, and nothing else is; each disease reads its own."""

    behaviour: Behaviour | None = None
    site: str | None = None
    tnm: str | None = None
    hiv_related: bool = False
    approach: Approach | None = None
    alcohol_related: bool = False
    dialysis_since: date | None = None
    transplanted_on: date | None = None
    criteria: frozenset[Criterion] = frozenset()
    symptoms_in_waiting: SymptomsInWaiting | None = None

    def to_json(self) -> dict[str, Any]:
        """The facts as a case script writes them."""
        return {
            "behaviour": self.behaviour and self.behaviour.value,
            "site": self.site,
            "tnm": self.tnm,
            "hiv_related": self.hiv_related,
            "approach": self.approach and self.approach.value,
            "alcohol_related": self.alcohol_related,
            "dialysis_since": self.dialysis_since and self.dialysis_since.isoformat(),
            "transplanted_on": self.transplanted_on and self.transplanted_on.isoformat(),
            "criteria": sorted(criterion.value for criterion in self.criteria),
            "symptoms_in_waiting": self.symptoms_in_waiting and self.symptoms_in_waiting.value,
        }

    @classmethod
    def from_json(cls, data: Any, path: str = "") -> "Medical":
        """The `facts` of a case script; raises FactsInvalid with its path. Unknown keys are let be."""
        read = _Object(data, path)
        return cls(
            behaviour=read("behaviour", optional(listed(Behaviour))),
            site=read("site", optional(text)),
            tnm=read("tnm", optional(text)),
            hiv_related=read("hiv_related", optional(switch)) or False,
            approach=read("approach", optional(listed(Approach))),
            alcohol_related=read("alcohol_related", optional(switch)) or False,
            dialysis_since=read("dialysis_since", optional(civil_day)),
            transplanted_on=read("transplanted_on", optional(civil_day)),
            criteria=read("criteria", optional(listed_many(Criterion))) or frozenset(),
            symptoms_in_waiting=read("symptoms_in_waiting", optional(listed(SymptomsInWaiting))),
        )


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A share that is owed: due date and fen."""

    due_on: date
    fen: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that `assess` reads.

    Dates are civil days in Asia/Shanghai, money is fen. `breaches` are the health questions found to be untrue,
    `days_off` the statutory days off on which a reporting window could end (read only where the covenant extends it).
    Of several papers of a kind the last counts.
    """

    disease: str
    cause: Cause
    diagnosed_on: date
    reported_on: date
    joined_on: date
    birth_date: date
    tier_fen: int
    accident_on: date | None = None
    medical: Medical = Medical()
    papers: tuple[Paper, ...] = ()
    unpaid: tuple[Unpaid, ...] = ()
    breaches: tuple[str, ...] = ()
    migrated_unchecked: bool = False
    joining_corrected: bool = False
    late_waived: bool = False
    non_disclosure_upheld: bool = False
    forgery_found: bool = False
    days_off: frozenset[date] = frozenset()
    on_file: Mapping[str, Paper] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "on_file", {paper.kind.value: paper for paper in self.papers})

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `from_json` makes equal facts, so that an assessment can be made again."""
        return {
            "disease": self.disease,
            "cause": self.cause.value,
            "diagnosed_on": self.diagnosed_on.isoformat(),
            "reported_on": self.reported_on.isoformat(),
            "joined_on": self.joined_on.isoformat(),
            "birth_date": self.birth_date.isoformat(),
            "tier_fen": self.tier_fen,
            "accident_on": self.accident_on and self.accident_on.isoformat(),
            "medical": self.medical.to_json(),
            "papers": [paper.to_json() for paper in self.papers],
            "unpaid": [{"due_on": share.due_on.isoformat(), "fen": share.fen} for share in self.unpaid],
            "breaches": list(self.breaches),
            "migrated_unchecked": self.migrated_unchecked,
            "joining_corrected": self.joining_corrected,
            "late_waived": self.late_waived,
            "non_disclosure_upheld": self.non_disclosure_upheld,
            "forgery_found": self.forgery_found,
            "days_off": sorted(day.isoformat() for day in self.days_off),
        }

    @classmethod
    def from_json(cls, data: Any) -> "Facts":
        """The facts that `to_json` wrote; raises FactsInvalid where they are not."""
        read = _Object(data, "")
        shares = [_Object(share, f"unpaid[{index}]") for index, share in enumerate(read.data.get("unpaid", ()))]
        papers = enumerate(read.data.get("papers", ()))
        return cls(
            disease=read("disease", text),
            cause=read("cause", listed(Cause)),
            diagnosed_on=read("diagnosed_on", civil_day),
            reported_on=read("reported_on", civil_day),
            joined_on=read("joined_on", civil_day),
            birth_date=read("birth_date", civil_day),
            tier_fen=read("tier_fen", fen),
            accident_on=read("accident_on", optional(civil_day)),
            medical=Medical.from_json(read.data.get("medical", {}), "medical"),
            papers=tuple(Paper.from_json(paper, f"papers[{index}]") for index, paper in papers),
            unpaid=tuple(Unpaid(share("due_on", civil_day), share("fen", fen)) for share in shares),
            breaches=read("breaches", texts),
            migrated_unchecked=read("migrated_unchecked", switch),
            joining_corrected=read("joining_corrected", switch),
            late_waived=read("late_waived", switch),
            non_disclosure_upheld=read("non_disclosure_upheld", switch),
            forgery_found=read("forgery_found", switch),
            days_off=frozenset(civil_day(day) for day in read("days_off", texts)),
        )


class _Object:
    """A JSON object that is read key by key, every complaint with its path."""

    def __init__(self, data: Any, path: str) -> None:
        if not isinstance(data, dict):
            raise FactsInvalid(path, "must be an object")
        self.data = data
        self.path = path

    def __call__(self, key: str, check: Any) -> Any:
        try:
            return check(self.data.get(key))
        except ValueError as error:
            raise FactsInvalid(f"{self.path}.{key}".lstrip("."), str(error)) from error
