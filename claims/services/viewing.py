"""Opening a paper or a letter: who may, and that somebody did."""

from datetime import datetime

from django.db import transaction

from claims.models import Letter, Material, PaperFile
from claims.services.reading import LETTER, PAPER, note_opening
from config.kernel.gate import busy_when_locked
from config.kernel.models import User
from config.kernel.permissions import check_permission


def open_paper(claim_id: int, file_id: int, *, by: User, at: datetime) -> PaperFile:
    """A file of this case, and the note that `by` read of it; PaperFile.DoesNotExist for one of another case."""
    check_permission("claims.view_material", by)
    file = PaperFile.objects.select_related("material", "stored").get(pk=file_id, material__claim_id=claim_id)
    with busy_when_locked(), transaction.atomic():  # the pages of a paper are asked for all at once
        Material.objects.select_for_update(of=("self",), no_key=True).get(pk=file.material_id)
        note_opening(claim_id, PAPER, by=by, at=at, about=file.material.kind)
    return file


def open_letter(claim_id: int, letter_id: int, *, by: User, at: datetime) -> Letter:
    """A printed letter of this case, and the note that `by` read it; Letter.DoesNotExist for any other."""
    check_permission("claims.view_claim", by)
    check_permission("claims.view_letter", by)
    with busy_when_locked(), transaction.atomic():
        letters = Letter.objects.select_for_update(of=("self",), no_key=True).select_related("claim", "printed")
        letter = letters.get(pk=letter_id, claim=claim_id, printed__isnull=False)
        note_opening(claim_id, LETTER, by=by, at=at, about=letter.kind)
    return letter
