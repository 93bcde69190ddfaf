"""The clause behind a ground of refusal, whoever found it."""

from collections.abc import Mapping
from dataclasses import dataclass

from claims.rules.clauses import TERM_OF_GROUND
from members.models import Covenant
from members.rules.codes import Code
from members.services.plans import terms_of


@dataclass(frozen=True, slots=True)
class Clause:
    """Its number, and its wording by language (`zh`, `en`)."""

    number: str
    texts: Mapping[str, str]


def clause_of_ground(covenant: Covenant, ground: str) -> Clause:
    """What a refusal on this ground cites, in this version."""
    number = terms_of(covenant).clause(TERM_OF_GROUND[Code(ground)])
    return Clause(number, {language: covenant.clause_text(number, language) for language in ("zh", "en")})
