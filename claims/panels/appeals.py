"""An appeal: what the refusal stood on beside what has come in since, and papers that come in with it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from claims.enums import OUTCOMES, State
from claims.forms import words
from claims.forms.papers import Papers
from claims.models import Appeal, Assessment, Claim, ClaimEvent
from claims.panels.disputes import asked, third_parties
from claims.services import collecting
from claims.services.clauses import clause_of_ground
from config.kernel.display import language, yuan, yuan_or_dash
from config.kernel.pages import Look, Move, Panel, add_moves, add_panels, in_states, name_verbs
from config.kernel.permissions import may
from members.rules.codes import REJECT_CODES


def read(claim: Claim, look: Look) -> dict[str, Any]:
    """The last appeal; earlier ones by name."""
    *earlier, appeal = claim.appeals.select_related("filed_by", "decided_by")
    refusal = _refusal_before(claim, appeal.filed_at)
    since = refusal.at if refusal else appeal.filed_at
    papers = list(claim.materials.select_related("received_by").order_by("kind", "id"))
    evidence = list(claim.evidence.select_related("recorded_by", "withdrawn_by", "material"))
    procedures = list(appeal.procedures.all())
    told = third_parties(procedures)
    return {
        "appeal": appeal,
        "earlier": earlier,
        "deposit": yuan(appeal.deposit_fen) if appeal.deposit_fen else "",
        "asked": [asked(procedure, told) for procedure in procedures],
        "reason": _reason_of_the_decision(claim, appeal),
        "refusal": refusal,
        "ground": words.code(refusal.reason_code) if refusal else "",
        "clause": _clause(claim, refusal) if refusal else None,
        "contrary": refusal.data.get("contrary", "") if refusal else "",
        "then": _said(refusal.assessment) if refusal and refusal.assessment else None,
        "papers_then": [paper for paper in papers if paper.received_at <= since and _stood(paper.replaced_at, since)],
        "evidence_then": [row for row in evidence if row.recorded_at <= since and _stood(row.withdrawn_at, since)],
        "now": _said(claim.assessment) if claim.assessment else None,
        "changes": _changes(refusal.assessment if refusal else None, claim.assessment),
        "papers_since": [paper for paper in papers if paper.received_at > since],
        "evidence_since": [row for row in evidence if row.recorded_at > since and row.withdrawn_at is None],
    }


def _stood(ended_at: datetime | None, at: datetime) -> bool:
    """Whether a paper that was replaced, or evidence that was taken back, still stood at `at`."""
    return ended_at is None or ended_at > at


def _refusal_before(claim: Claim, at: datetime) -> ClaimEvent | None:
    """The refusal that is appealed: the last before `at`, not the finding on an earlier appeal."""
    events = claim.events.filter(to_state=State.REJECTED, at__lte=at)
    refusals = events.exclude(from_state__in=(State.REJECTED, State.APPEALING))
    return refusals.select_related("by", "assessment__covenant").order_by("version").last()


def _clause(claim: Claim, refusal: ClaimEvent) -> tuple[str, str] | None:
    """Number and text of the ground's clause, in the version under which aid was refused."""
    if refusal.reason_code not in REJECT_CODES:
        return None
    covenant = refusal.assessment.covenant if refusal.assessment else claim.covenant
    clause = clause_of_ground(covenant, refusal.reason_code)
    return clause.number, clause.texts[language()]


def _reason_of_the_decision(claim: Claim, appeal: Appeal) -> str:
    if appeal.decided_at is None:
        return ""
    decided = claim.events.filter(verb="decide_appeal", at=appeal.decided_at)
    return decided.values_list("reason", flat=True).first() or ""


def _said(said: Assessment) -> dict[str, Any]:
    return {
        "said": said,
        "outcome": OUTCOMES[said.outcome],
        "codes": [words.code(code) for code in said.codes],
        "net": yuan(said.net_fen) if said.net_fen is not None else "",
    }


def _changes(then: Assessment | None, now: Assessment | None) -> list[str]:
    """What the rules say otherwise than when aid was refused, in words; empty where nothing has changed."""
    if then is None or now is None or then.pk == now.pk:
        return []
    found = [
        gettext("no longer found: %(code)s") % {"code": words.code(code)}
        for code in then.codes
        if code not in now.codes
    ]
    found += [
        gettext("newly found: %(code)s") % {"code": words.code(code)} for code in now.codes if code not in then.codes
    ]
    if then.outcome != now.outcome:
        change = {"was": OUTCOMES[then.outcome], "becomes": OUTCOMES[now.outcome]}
        found.append(gettext("instead of “%(was)s” now “%(becomes)s”") % change)
    if then.net_fen != now.net_fen:
        amounts = {"was": yuan_or_dash(then.net_fen), "becomes": yuan_or_dash(now.net_fen)}
        found.append(gettext("the amount changes from %(was)s to %(becomes)s") % amounts)
    return found


def take_in(claim: Claim, said: dict[str, Any], **who: Any) -> Claim:
    return collecting.submit_on_appeal(claim.pk, materials=said["materials"], enclosed=said["enclosed"], **who)


def is_appealed(claim: Claim) -> bool:
    return claim.appeals.exists()


add_panels(
    Claim,
    Panel(
        name="appeal",
        title=pgettext_lazy("panel", "Appeal: before and since"),
        template="desk/case/appeal.html",
        read=read,
        permission="claims.view_appeal",
        place=8,
        when=is_appealed,
    ),
)

add_moves(
    Claim,
    Move(
        name="submit-on-appeal",
        label=_("Take in papers of the appeal"),
        consequence=_("They are evidence in the appeal. The rules are asked again; the case stays where it is."),
        form=Papers,
        perform=take_in,
        when=in_states(State.APPEALING),
        checks=(may("claims.submit_material"),),
    ),
)

name_verbs({"submit_on_appeal": _("Papers of the appeal taken in")})
