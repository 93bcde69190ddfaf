"""The checklist of a case: what its covenant asks for beside what was handed in, with files and verdicts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims import policies
from claims.enums import JUDGING, MaterialKind, PaperFault, PaperFinding
from claims.forms import ReturnPaper, words
from claims.forms.papers import ASKED_AS
from claims.models import Claim, ClaimEvent, Material
from claims.services import judging
from claims.services.letters import gaps_of
from config.kernel import masks
from config.kernel.forms import Blank
from config.kernel.pages import Look, Move, Panel, add_moves, add_panels
from config.kernel.roles import who_has
from members.services.plans import terms_of

STATUSES = {
    "missing": (_("missing"), "warning"),
    "covered": (_("another paper stands in for it"), ""),
    "new": (_("to be looked at"), "info"),
    PaperFinding.ACCEPTED.value: (PaperFinding.ACCEPTED.label, "success"),
    PaperFinding.RETURNED.value: (PaperFinding.RETURNED.label, "danger"),
}
"""What is said of a line of the checklist, and its colour."""


def papers(claim: Claim, look: Look, *, until: datetime | None = None) -> dict[str, Any]:
    """The checklist as it is, or as it was at an instant, with nothing to be done about it."""
    handed_in = claim.materials.select_related("received_by", "judged_by").prefetch_related("files__stored")
    rows: Iterable[Material] = handed_in.order_by("-id")
    if until is not None:
        said = _said_by(until, claim)
        rows = [_as_of(until, paper, said.get(paper.pk)) for paper in rows if paper.received_at <= until]
    current, older = _by_kind(rows)
    terms, gaps = terms_of(claim.covenant).materials, gaps_of(claim)
    asked = {kind: [code for code in gaps if ASKED_AS.get(code) == kind] for kind in map(ASKED_AS.get, gaps) if kind}
    required = dict.fromkeys([*terms.common, *terms.by_disease.get(claim.disease, ()), *asked])
    can_be_judged = until is None and claim.state in JUDGING
    return {
        "claim": claim,
        "gaps": [words.code(code) for code in gaps],
        "lines": [
            _line(kind, current.get(kind), older.get(kind, []), asked.get(kind, []), look, is_required=kind in required)
            for kind in [*required, *(kind for kind in current if kind not in required)]
        ],
        "can_be_judged": can_be_judged,
        "who_judges": who_has("claims.judge_material"),
    }


def _said_by(until: datetime, claim: Claim) -> dict[int, ClaimEvent]:
    """How each paper was last looked at by an instant: its row knows only the last time of all."""
    looked_at = claim.events.filter(verb="judge", at__lte=until).select_related("by").order_by("id")
    return {event.data["paper"]: event for event in looked_at}


def _as_of(until: datetime, paper: Material, said: ClaimEvent | None) -> Material:
    """What was said of it later is taken off, and what had been said before put back; never to be saved."""
    if paper.replaced_at is not None and paper.replaced_at > until:
        paper.replaced_at = None
    if paper.judged_at is not None and paper.judged_at > until:
        paper.finding, paper.fault, paper.finding_note = "", "", ""
        paper.judged_by, paper.judged_at = None, None
        if said is not None:
            _, _, code = said.reason_code.partition(":")
            is_accepted = code == PaperFinding.ACCEPTED
            paper.finding, paper.fault = (code, "") if is_accepted else (PaperFinding.RETURNED, code)
            paper.finding_note, paper.judged_by, paper.judged_at = said.reason, said.by, said.at
    return paper


def _by_kind(handed_in: Iterable[Material]) -> tuple[dict[str, Material], dict[str, list[Material]]]:
    """The paper of each kind that counts, and those that were replaced, newest first."""
    current: dict[str, Material] = {}
    older: dict[str, list[Material]] = {}
    for paper in handed_in:
        if paper.replaced_at is None:
            current[paper.kind] = paper
        else:
            older.setdefault(paper.kind, []).append(paper)
    return current, older


def _line(
    kind: str, paper: Material | None, older: list[Material], asked: list[str], look: Look, *, is_required: bool
) -> dict[str, Any]:
    status = ("missing" if asked else "covered") if paper is None else paper.finding or "new"
    label, colour = STATUSES[status]
    return {
        "kind": kind,
        "label": MaterialKind(kind).label,
        "is_required": is_required,
        "status": label,
        "colour": colour,
        "wanting": [words.code(code) for code in asked] if paper is not None and status != "returned" else [],
        "paper": paper and _shown(paper),
        "is_accepted": status == PaperFinding.ACCEPTED,
        "send_back": ReturnPaper(row=paper, look=look, auto_id=f"paper-{paper.pk}-%s") if paper else None,
        "older": [_shown(one) for one in older],
    }


def _shown(paper: Material) -> dict[str, Any]:
    return {
        "row": paper,
        "details": words.facts(paper.details),
        "record_number": masks.record_number(paper.record_number) if paper.record_number else "",
        "fault": PaperFault(paper.fault).label if paper.fault else "",
        "files": list(paper.files.all()),
    }


def current_papers(claim: Claim) -> list[Material]:
    return list(claim.materials.filter(replaced_at__isnull=True))


def can_be_judged(paper: Material) -> bool:
    return paper.claim.state in JUDGING


def accept(paper: Material, said: Any, **who: Any) -> Material:
    return judging.judge(paper.claim_id, paper.pk, finding=PaperFinding.ACCEPTED, **who)


def send_back(paper: Material, said: dict[str, Any], **who: Any) -> Material:
    fault = PaperFault(said["fault"])
    return judging.judge(paper.claim_id, paper.pk, finding=PaperFinding.RETURNED, fault=fault, note=said["note"], **who)


def checklist_of(paper: Material) -> str:
    """The line of this paper in the checklist on the page of the case."""
    return reverse("admin:claims_claim_change", args=[paper.claim_id]) + f"#paper-{paper.kind}"


add_panels(
    Claim,
    Panel(
        name="papers",
        title=_("Papers"),
        template="desk/case/papers.html",
        read=papers,
        permission="claims.view_material",
        place=30,
    ),
)

add_moves(
    Claim,
    Move(
        name="accept-paper",
        label=pgettext_lazy("paper", "Accept"),
        consequence=_("The paper counts; it can be sent back later on."),
        form=Blank,
        perform=accept,
        rows=current_papers,
        when=can_be_judged,
        checks=(policies.may_judge,),
        arrive=checklist_of,
        in_place=True,
    ),
    Move(
        name="return-paper",
        label=pgettext_lazy("paper", "Send back"),
        consequence=_("The paper counts as missing. No letter is written yet: one letter asks for all of them."),
        form=ReturnPaper,
        perform=send_back,
        rows=current_papers,
        when=can_be_judged,
        checks=(policies.may_judge,),
        arrive=checklist_of,
        in_place=True,
        harsh=True,
    ),
)
