"""Letters to the applicant, and the short messages that go with each step."""

from datetime import datetime
from typing import Any

from claims.enums import LetterKind, PaperFinding
from claims.models import Claim, Letter
from claims.rules.clauses import TERM_OF_GROUND
from config.kernel.models import User
from members.enums import Recipient
from members.rules.codes import Code
from members.services.messages import post
from members.services.plans import terms_of


def ask_for_papers(claim: Claim, *, by: User, at: datetime) -> Letter | None:
    """One letter names all gaps; nothing is sent where nothing is missing, or where the same was asked last.

    Of a paper that was sent back it says what is wrong: `faults`, by code.
    """
    gaps, last = gaps_of(claim), last_supplement(claim)
    faults = _faults_of(claim, gaps)
    facts: dict[str, Any] = {"codes": gaps, "faults": faults} if faults else {"codes": gaps}
    if not gaps or (last is not None and last.facts == facts):
        return None
    return _write(claim, LetterKind.SUPPLEMENT, facts, by=by, at=at, template="sent_back" if faults else "supplement")


def last_supplement(claim: Claim) -> Letter | None:
    """The letter that asked for papers last."""
    return claim.letters.filter(kind=LetterKind.SUPPLEMENT).last()


def _faults_of(claim: Claim, gaps: list[str]) -> dict[str, str]:
    returned = claim.materials.filter(replaced_at__isnull=True, finding=PaperFinding.RETURNED)
    faults = {kind.upper(): fault for kind, fault in returned.values_list("kind", "fault")}
    return {code: faults[code] for code in gaps if code in faults}


def gaps_of(claim: Claim) -> list[str]:
    """The codes of the papers that the last assessment asks for."""
    if claim.assessment is None:
        return []
    return [finding["code"] for finding in claim.assessment.findings if finding["outcome"] == "need"]


def refuse(claim: Claim, *, by: User, at: datetime) -> None:
    """The ground, its clause in the version that binds the member, and the remedies (SR-26 to SR-28)."""
    clause = terms_of(claim.covenant).clause(TERM_OF_GROUND[Code(claim.ground)])
    _write(claim, LetterKind.REFUSAL, {"ground": claim.ground, "clauses": [clause]}, by=by, at=at)


def approve(claim: Claim, *, by: User, at: datetime) -> None:
    _write(claim, LetterKind.APPROVAL, {"fen": claim.decided_fen}, by=by, at=at)


def objection_result(claim: Claim, kind: str, finding: str, *, by: User, at: datetime) -> None:
    _write(claim, LetterKind.OBJECTION_RESULT, {"kind": kind, "finding": finding}, by=by, at=at)


def appeal_result(claim: Claim, finding: str, *, by: User, at: datetime) -> None:
    _write(claim, LetterKind.APPEAL_RESULT, {"finding": finding}, by=by, at=at)


def tell(claim: Claim, template: str, *, to: Recipient = Recipient.MEMBER, at: datetime, **facts: Any) -> None:
    """A message about the case to its member or to a role."""
    if to is Recipient.MEMBER:
        post(template, member=claim.membership.member, about=claim.number, facts=facts, at=at)
    else:
        post(template, to=to, about=claim.number, facts=facts, at=at)


TEMPLATES = {
    LetterKind.SUPPLEMENT: "supplement",
    LetterKind.REFUSAL: "refusal",
    LetterKind.APPROVAL: "approval",
    LetterKind.OBJECTION_RESULT: "objection_result",
    LetterKind.APPEAL_RESULT: "appeal_decided",
}


def _write(
    claim: Claim, kind: LetterKind, facts: dict[str, Any], *, by: User, at: datetime, template: str = ""
) -> Letter:
    letter = Letter.objects.create(claim=claim, kind=kind, facts=facts, written_at=at, written_by=by)
    tell(claim, template or TEMPLATES[kind], at=at, **facts)
    return letter
