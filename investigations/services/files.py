"""The files of a case that a commission's work needs: read in the field, each opening written down.

Whoever goes to a hospital shows the letter of authorisation there, and gets the papers from the hospital itself.
Experts and arbitrators go nowhere: they read the medical papers, page by page and drawn anew. Nobody reads cards and
proofs of who somebody is, and nobody takes the originals of papers out of the house.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from claims.enums import MaterialKind
from claims.models import Material, PaperFile
from claims.services.reading import PAPER, note_opening
from config.kernel.gate import busy_when_locked
from config.kernel.models import User
from investigations.enums import ON_THE_SPOT
from investigations.models import Authorisation, Commission
from investigations.services.authorising import LETTER
from investigations.services.visiting import hold_at_work

MEDICAL = (
    MaterialKind.DIAGNOSIS_CERTIFICATE,
    MaterialKind.PATHOLOGY_REPORT,
    MaterialKind.IMAGING,
    MaterialKind.SURGERY_RECORD,
    MaterialKind.DISCHARGE_SUMMARY,
    MaterialKind.DIALYSIS_RECORD,
    MaterialKind.TRANSPLANT_RECORD,
    MaterialKind.PRIOR_EXAM_REPORTS,
    MaterialKind.NO_SYMPTOM_EVIDENCE,
)


def letters(commission: Commission) -> QuerySet[Authorisation]:
    """Scanned letters that stand, for a commission that goes to a hospital."""
    rows = Authorisation.objects.filter(claim=commission.claim_id, withdrawn_at__isnull=True, scan__isnull=False)
    return rows.select_related("scan") if commission.kind in ON_THE_SPOT else rows.none()


def papers(commission: Commission) -> QuerySet[PaperFile]:
    """Files of the medical papers that stand, for a commission that is done by reading."""
    rows = PaperFile.objects.filter(
        material__claim=commission.claim_id, material__kind__in=MEDICAL, material__replaced_at__isnull=True
    )
    rows = rows.select_related("material", "stored").order_by("material__kind", "place")
    return rows.none() if commission.kind in ON_THE_SPOT else rows


def open_letter(commission: Commission, letter_id: int, *, by: User, at: datetime) -> Authorisation:
    """One of its letters, and the note that `by` read it; Authorisation.DoesNotExist for any other.

    Refused as `visiting.hold_at_work`.
    """
    with busy_when_locked(), transaction.atomic():
        hold_at_work(commission, by=by, at=at)
        letter = letters(commission).select_for_update(of=("self",), no_key=True).get(pk=letter_id)
        note_opening(commission.claim_id, PAPER, by=by, at=at, about=LETTER)
    return letter


def open_paper(commission: Commission, file_id: int, *, by: User, at: datetime) -> PaperFile:
    """A file of one of its papers, and the note that `by` read of it; PaperFile.DoesNotExist for any other.

    Refused as `visiting.hold_at_work`.
    """
    with busy_when_locked(), transaction.atomic():  # the pages of a paper may be asked for all at once
        hold_at_work(commission, by=by, at=at)
        file = papers(commission).get(pk=file_id)
        Material.objects.select_for_update(of=("self",), no_key=True).get(pk=file.material_id)
        note_opening(commission.claim_id, PAPER, by=by, at=at, about=file.material.kind)
    return file
