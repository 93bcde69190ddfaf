"""A letter's row, written in the move that causes it, and the short message that goes with it.

The row keeps every fact that the letter says, as codes, dates, fen and clause texts: what happens to the case later
does not change what was written.
"""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from claims.enums import FAULTS_TO_EXPLAIN, DeadlineKind, DeadlineStatus, LetterKind, PaperFinding
from claims.models import Appeal, Claim, Letter, Material
from claims.services.assessing import steps_at
from claims.services.clauses import clause_of_ground
from claims.services.letters.composing import faults_in
from claims.services.letters.printing import TOPIC
from config.kernel import outbox
from config.kernel.civil import civil_date, last_day
from config.kernel.models import User
from members.enums import Recipient
from members.services.messages import post
from members.services.plans import terms_of

Facts = dict[str, Any]


def ask_for_papers(claim: Claim, *, by: User, at: datetime) -> Letter | None:
    """One letter names all that is wanted; none is sent where nothing is, or where the same was asked last.

    Of a paper that was sent back it says what is wrong: `faults`, by code, and in `notes` what explains such a fault.
    """
    returned = {paper.kind.upper(): paper for paper in sent_back(claim)}
    codes, last = list(dict.fromkeys([*gaps_of(claim), *returned])), last_supplement(claim)
    asked: Facts = {
        "codes": codes,
        "faults": {code: returned[code].fault for code in codes if code in returned},
        "notes": {code: paper.finding_note for code, paper in returned.items() if paper.fault in FAULTS_TO_EXPLAIN},
    }
    if not codes or (last is not None and all(last.facts.get(name, {}) == asked[name] for name in asked)):
        return None
    asked = {name: said for name, said in asked.items() if said}
    return _write(claim, LetterKind.SUPPLEMENT, asked | {"until": _until(claim, DeadlineKind.SUPPLEMENT)}, by=by, at=at)


def last_supplement(claim: Claim) -> Letter | None:
    """The letter that asked for papers last."""
    return claim.letters.filter(kind=LetterKind.SUPPLEMENT).last()


def sent_back(claim: Claim) -> QuerySet[Material]:
    """The papers that are to be sent again, those that no rule asks for among them."""
    return claim.materials.filter(replaced_at__isnull=True, finding=PaperFinding.RETURNED).order_by("id")


def gaps_of(claim: Claim) -> list[str]:
    """The codes of the papers that the last assessment asks for."""
    if claim.assessment is None:
        return []
    return [finding["code"] for finding in claim.assessment.findings if finding["outcome"] == "need"]


def refuse(claim: Claim, reason: str, *, by: User, at: datetime) -> None:
    """The ground, its clauses in the version that binds the member, what led to it, and the remedies (SR-26 to SR-28).

    A finding's own clause comes before that of its ground. Where the rules do not name the ground themselves, the
    reason of whoever refused is what led to it.
    """
    findings = claim.assessment.findings if claim.assessment else []
    found = [finding for finding in findings if finding["code"] == claim.ground]
    facts = {
        "ground": claim.ground,
        **_clauses(claim, *(finding["clause"] for finding in found)),
        "because": [{"because": finding["because"], "params": finding["params"]} for finding in found],
        "reason": "" if found else reason,
        **_remedies(claim),
    }
    _write(claim, LetterKind.REFUSAL, facts, by=by, at=at)


def approve(claim: Claim, *, by: User, at: datetime) -> None:
    """The amount with the arithmetic of the assessment on which it was put before the members."""
    published = claim.events.filter(verb="publish").select_related("assessment__covenant").last()
    said = published.assessment if published else None
    facts = {
        "fen": claim.decided_fen,
        "steps": steps_at(said, published.data.get("ratio_percent")) if published and said else [],
        "until": _until(claim, DeadlineKind.PAYMENT),
    }
    _write(claim, LetterKind.APPROVAL, facts, by=by, at=at)


def objection_result(claim: Claim, kind: str, finding: str, *, by: User, at: datetime) -> None:
    """What became of it; `state` and `until` say where that leaves the case."""
    facts = {"kind": kind, "finding": finding, "state": claim.state, "until": _until(claim, DeadlineKind.PUBLICITY)}
    _write(claim, LetterKind.OBJECTION_RESULT, facts, by=by, at=at)


def appeal_result(claim: Claim, appeal: Appeal, reason: str, *, by: User, at: datetime) -> None:
    """The finding with its reasons; a refusal that stands can be appealed again."""
    facts: Facts = {
        "finding": appeal.finding,
        "channel": appeal.channel,
        "filed_on": civil_date(appeal.filed_at).isoformat(),
        "paid_fen": appeal.deposit_fen,
        "reason": reason,
    }
    if claim.ground:
        facts |= {"ground": claim.ground, **_clauses(claim), **_remedies(claim)}
    _write(claim, LetterKind.APPEAL_RESULT, facts, by=by, at=at)


def tell(
    claim: Claim,
    template: str,
    *,
    to: Recipient = Recipient.MEMBER,
    user: User | None = None,
    at: datetime,
    **facts: Any,
) -> None:
    """A message about the case to its member, to a role, or to one person of staff."""
    if user is not None:
        post(template, user=user, about=claim.number, facts=facts, at=at)
    elif to is Recipient.MEMBER:
        post(template, member=claim.membership.member, about=claim.number, facts=facts, at=at)
    else:
        post(template, to=to, about=claim.number, facts=facts, at=at)


MESSAGES = {
    LetterKind.SUPPLEMENT: ("supplement", ("codes",)),
    LetterKind.REFUSAL: ("refusal", ("ground", "clauses")),
    LetterKind.APPROVAL: ("approval", ("fen",)),
    LetterKind.OBJECTION_RESULT: ("objection_result", ("kind", "finding")),
    LetterKind.APPEAL_RESULT: ("appeal_decided", ("finding",)),
}
"""The message that goes with each letter, and the facts of the letter that it needs."""


SENT_BACK = ("sent_back", ("codes", "faults"))
"""The message of a letter that says what is wrong with papers that came in."""


def _write(claim: Claim, kind: LetterKind, facts: Facts, *, by: User, at: datetime) -> Letter:
    letter = Letter.objects.create(claim=claim, kind=kind, facts=facts, written_at=at, written_by=by)
    outbox.put(TOPIC, letter.pk, at=at)
    template, told = SENT_BACK if facts.get("faults") else MESSAGES[kind]
    said = facts | {"faults": faults_in(facts)}
    tell(claim, template, at=at, **{name: said[name] for name in told})
    return letter


def _clauses(claim: Claim, *of_findings: str) -> Facts:
    """The clauses of findings, by number, and then the one of the ground."""
    covenant, general = claim.covenant, clause_of_ground(claim.covenant, claim.ground)
    texts = {
        number: {language: covenant.clause_text(number, language) for language in ("zh", "en")}
        for number in of_findings
        if number
    } | {general.number: general.texts}
    return {"covenant": covenant.version, "clauses": list(texts), "texts": texts}


def _remedies(claim: Claim) -> Facts:
    return {
        "until": _until(claim, DeadlineKind.APPEAL_WINDOW),
        "deposit_fen": terms_of(claim.covenant).appeal.deposit_fen,
    }


def _until(claim: Claim, kind: DeadlineKind) -> str | None:
    """The last day of an open deadline as ISO date; None where none runs or it stands still."""
    running = claim.deadlines.filter(kind=kind, status=DeadlineStatus.OPEN, due_at__isnull=False).last()
    if running is None or running.due_at is None:
        return None
    return last_day(running.due_at).isoformat()
