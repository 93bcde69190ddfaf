"""Looking at papers one by one: each is accepted, or sent back with what is wrong with it.

Judging writes no letter: the papers sent back are asked for together (`collecting.ask_for_papers`, or the return of the
case to the collection).
"""

from datetime import datetime

from django.utils.translation import gettext as _

from claims import policies
from claims.enums import FAULTS_TO_EXPLAIN, JUDGING, PaperFault, PaperFinding
from claims.gate import moving
from claims.models import Material
from claims.refusals import PaperReplaced
from claims.services.assessing import assess_again
from config.kernel.models import User
from config.kernel.refusals import InvalidInput, WrongState


def judge(
    claim_id: int,
    material_id: int,
    *,
    finding: PaperFinding,
    fault: PaperFault | None = None,
    note: str = "",
    by: User,
    at: datetime,
    version: int | None = None,
) -> Material:
    """Accept a paper or send it back; what was said of it before is taken back, and the rules are asked again.

    A paper sent back counts as missing. `PaperReplaced` for one that is not the newest of its kind.
    """
    with moving(claim_id, "judge", by=by, at=at, version=version) as claim:
        policies.may_judge(claim, by=by, at=at)
        if claim.state not in JUDGING:
            raise WrongState(state=claim.get_state_display())
        paper = claim.materials.filter(pk=material_id, replaced_at__isnull=True).first()
        if paper is None:
            raise PaperReplaced
        paper.finding, paper.fault = finding, _fault(finding, fault, note)
        paper.finding_note = note.strip() if finding is PaperFinding.RETURNED else ""
        paper.judged_by, paper.judged_at = by, at
        paper.save(update_fields=["finding", "fault", "finding_note", "judged_by", "judged_at"])
        claim.because(code=f"{paper.kind}:{paper.fault or finding.value}", reason=paper.finding_note, paper=paper.pk)
        assess_again(claim, at=at)
    return paper


def _fault(finding: PaperFinding, fault: PaperFault | None, note: str) -> str:
    """`InvalidInput` for a paper sent back without a fault, or with one that its note has to explain."""
    if finding is PaperFinding.ACCEPTED:
        return ""
    if fault is None:
        raise InvalidInput(field=_("What is wrong with it"), why=_("choose it, so that the applicant can mend it."))
    if fault in FAULTS_TO_EXPLAIN and not note.strip():
        raise InvalidInput(field=_("Note"), why=_("write down what is wrong with it."))
    return fault.value
