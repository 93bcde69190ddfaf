"""What speaks for and against a case, side by side, and the moves that write it down."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from claims import policies
from claims.enums import UNSETTLED, Weighs
from claims.forms.weighing import RecordEvidence, WithdrawEvidence
from claims.models import Claim, Evidence
from claims.services import evidence
from config.kernel.pages import Look, Move, Panel, add_moves, add_panels, in_states, name_verbs


def read(claim: Claim, look: Look, *, until: datetime | None = None) -> dict[str, Any]:
    """What there is, or what there was at an instant: what was taken back after it still stood."""
    rows = list(claim.evidence.select_related("material", "recorded_by", "withdrawn_by"))
    if until is not None:
        rows = [_as_of(until, row) for row in rows if row.recorded_at <= until]
    taken_back = claim.events.filter(verb="withdraw_evidence") if any(row.withdrawn_at for row in rows) else None
    reasons = {} if taken_back is None else dict(taken_back.values_list("data__evidence", "reason"))
    return {"sides": [_side(weighs, rows, reasons) for weighs in Weighs]}


def _as_of(until: datetime, row: Evidence) -> Evidence:
    if row.withdrawn_at is not None and row.withdrawn_at > until:
        row.withdrawn_by, row.withdrawn_at = None, None
    return row


def _side(weighs: Weighs, rows: list[Evidence], reasons: dict[int, str]) -> dict[str, Any]:
    """One column: what stands, and what was taken back with the reason for it."""
    ours = [row for row in rows if row.weighs == weighs]
    return {
        "weighs": weighs,
        "standing": [row for row in ours if row.withdrawn_at is None],
        "withdrawn": [(row, reasons.get(row.pk, "")) for row in ours if row.withdrawn_at is not None],
    }


def has_standing_evidence(claim: Claim) -> bool:
    return claim.state in UNSETTLED and claim.evidence.filter(withdrawn_at__isnull=True).exists()


def record(claim: Claim, said: dict[str, Any], **who: Any) -> Evidence:
    return evidence.record(
        claim.pk,
        fact=said["fact"],
        source=said["source"],
        weighs=Weighs(said["weighs"]),
        material=said["material"],
        **who,
    )


def withdraw(claim: Claim, said: dict[str, Any], **who: Any) -> Evidence:
    return evidence.withdraw_evidence(said["evidence"].pk, reason=said["reason"], **who)


add_panels(
    Claim,
    Panel(
        name="evidence",
        title=_("Evidence for and against"),
        template="desk/case/evidence.html",
        read=read,
        permission="claims.view_evidence",
        place=35,
    ),
)

add_moves(
    Claim,
    Move(
        name="record-evidence",
        label=_("Record evidence"),
        consequence=_("The fact stands on the page of the case beside its source; the rules' assessment stays."),
        form=RecordEvidence,
        perform=record,
        when=in_states(*UNSETTLED),
        checks=(policies.may_record_evidence,),
    ),
    Move(
        name="withdraw-evidence",
        label=_("Take evidence back"),
        consequence=_("The entry stays to be read, struck out, with your reason."),
        form=WithdrawEvidence,
        perform=withdraw,
        when=has_standing_evidence,
        checks=(policies.may_record_evidence,),
    ),
)

name_verbs({"record_evidence": _("Evidence recorded"), "withdraw_evidence": _("Evidence taken back")})
