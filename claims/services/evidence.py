"""What speaks for and against a case: recorded with its source, taken back with a reason, never deleted."""

from datetime import datetime

from django.utils.translation import gettext as _

from claims import policies
from claims.enums import Weighs
from claims.gate import moving
from claims.models import Claim, Evidence, Material
from claims.services.reasons import required
from config.kernel.models import User
from config.kernel.refusals import InvalidInput


def record(
    claim_id: int,
    *,
    fact: str,
    source: str,
    weighs: Weighs,
    material: Material | None = None,
    by: User,
    at: datetime,
    version: int | None = None,
) -> Evidence:
    """Write one fact down beside where it comes from; `material` is the paper of the case that shows it.

    Refused: `NotPermitted`, `WrongState` on a settled case, `InvalidInput` without fact or source.
    """
    with moving(claim_id, "record_evidence", by=by, at=at, version=version) as claim:
        _check_open(claim, by=by, at=at)
        for label, said in ((_("Fact"), fact), (_("Source"), source)):
            if not said.strip():
                raise InvalidInput(field=label, why=_("write it down; nobody can weigh what is not said."))
        if material is not None and material.claim_id != claim.pk:
            raise InvalidInput(field=_("Paper"), why=_("choose a paper of this case."))
        evidence = Evidence.objects.create(
            claim=claim,
            fact=fact.strip(),
            source=source.strip(),
            weighs=weighs,
            material=material,
            recorded_by=by,
            recorded_at=at,
        )
        claim.because(code=weighs, evidence=evidence.pk)
    return evidence


def withdraw_evidence(evidence_id: int, *, reason: str, by: User, at: datetime, version: int | None = None) -> Evidence:
    """Take a mistaken entry back; it stays to be read, struck out. The reason stays with the event."""
    claim_id = Evidence.objects.values_list("claim_id", flat=True).get(pk=evidence_id)
    with moving(claim_id, "withdraw_evidence", by=by, at=at, version=version) as claim:
        _check_open(claim, by=by, at=at)
        evidence = claim.evidence.get(pk=evidence_id)
        if evidence.withdrawn_at is not None:
            raise InvalidInput(field=_("Evidence"), why=_("it was taken back already."))
        claim.because(code=evidence.weighs, reason=required(reason), evidence=evidence.pk)
        evidence.withdrawn_by, evidence.withdrawn_at = by, at
        evidence.save(update_fields=["withdrawn_by", "withdrawn_at"])
    return evidence


def _check_open(claim: Claim, *, by: User, at: datetime) -> None:
    policies.may_record_evidence(claim, by=by, at=at)
    policies.check_unsettled(claim, by=by, at=at)
