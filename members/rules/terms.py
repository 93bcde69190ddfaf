"""The terms of a covenant: from a flat dict of dotted names to frozen, typed sections."""

from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass
from typing import Annotated, Any, TypeGuard, TypeVar, get_args, get_origin, get_type_hints

from members.rules import sections
from members.rules.term_checks import Check, TermsInvalid, Unfit, amounts, codes, names, papers, papers_by_disease
from members.rules.wording import _

__all__ = ["CHECKS", "Terms", "TermsInvalid", "overridable", "parse_override"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Terms:
    """All terms of one covenant version, and the number of the clause behind each."""

    age: sections.Age
    newborn: sections.Newborn
    exam_report: sections.ExamReport
    health: sections.Health
    tiers: sections.Tiers
    diseases: sections.Diseases
    exclusion: sections.Exclusion
    definition: sections.Definition
    thyroid: sections.Thyroid
    waiting: sections.Waiting
    report: sections.Report
    dialysis: sections.Dialysis
    materials: sections.Materials
    certificate: sections.Certificate
    ratio: sections.Ratio
    age_factor: sections.AgeFactor
    arrears: sections.Arrears
    removal: sections.Removal
    authority: sections.Authority
    supplement: sections.Clock
    review: sections.Clock
    investigation: sections.Investigation
    decision: sections.Clock
    condition: sections.Condition
    appeal: sections.Appeal
    appeal_decision: sections.Clock
    payment: sections.Clock
    publicity: sections.Publicity
    objection: sections.Objection
    payout: sections.Payout
    funding: sections.Funding
    clauses: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def parse(cls, flat: Mapping[str, Any], clauses: Mapping[str, str] | None = None) -> "Terms":
        """Typed terms from `{dotted name: JSON value}`; `clauses` is `{dotted name: clause number}`.

        Raises TermsInvalid (`path` is the dotted name) for an unknown or missing name or a value of the wrong kind.
        """
        for name in flat:
            if name not in CHECKS:
                raise TermsInvalid(name, _("there is no such term"))
        return _build(cls, "", flat, {"clauses": dict(clauses or {})})

    def clause(self, name: str) -> str:
        """The number of the clause behind a term, or "" where the terms came without their covenant."""
        return self.clauses.get(name, "")


def overridable() -> frozenset[str]:
    """The dotted names that a case script may set for its own run: all but the lists of codes, names and amounts."""
    return _OPEN


def parse_override(name: str, value: Any) -> Any:
    """The JSON value of one override, checked but not converted, ready to be merged into the flat terms.

    Raises TermsInvalid for a name that a script may not set and for a value of the wrong kind.
    """
    if name not in _OPEN:
        raise TermsInvalid(name, _("there is no such term"))
    _checked(name, value)
    return value


def _build(cls: type[T], prefix: str, flat: Mapping[str, Any], rest: Mapping[str, Any]) -> T:
    values = dict(rest)
    for attribute, hint in _parts(cls).items():
        name = _dotted(prefix, attribute)
        if _is_section(hint):
            values[attribute] = _build(hint, name + ".", flat, {})
        elif name in flat:
            values[attribute] = _checked(name, flat[name])
        else:
            raise TermsInvalid(name, _("is missing"))
    return cls(**values)


def _checked(name: str, value: Any) -> Any:
    try:
        return CHECKS[name](value)
    except Unfit as error:
        raise TermsInvalid(name, error.message, **error.params) from error


def _is_section(hint: Any) -> TypeGuard[type[Any]]:
    return is_dataclass(hint) and isinstance(hint, type)


def _parts(cls: type) -> dict[str, Any]:
    """The fields of `cls` that are sections or terms, with their annotations."""
    hints = get_type_hints(cls, include_extras=True)
    return {name: hint for name, hint in hints.items() if _is_section(hint) or get_origin(hint) is Annotated}


def _dotted(prefix: str, attribute: str) -> str:
    return prefix + attribute.rstrip("_")


def _checks(cls: type, prefix: str = "") -> dict[str, Check]:
    """The check of every term below `cls`, by dotted name."""
    checks: dict[str, Check] = {}
    for attribute, hint in _parts(cls).items():
        name = _dotted(prefix, attribute)
        checks |= _checks(hint, name + ".") if _is_section(hint) else {name: get_args(hint)[1]}
    return checks


#: The check of every term, by dotted name, in the order of the sections.
CHECKS: Mapping[str, Check] = _checks(Terms)

_OPEN = frozenset(
    name for name, check in CHECKS.items() if check not in (amounts, codes, names, papers, papers_by_disease)
)
